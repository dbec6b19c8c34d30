"""The only writer of motions: put, held while somebody acts on one, and closed with or without a count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.board import Board, Charter, Motion
from engage.models.engagements import Item, ItemVersion
from engage.reference.calendars import calendar_of
from engage.rules import workflow
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.voting import Outcome, Seat
from engage.rules.workflow import State
from engage.rules.working_time import add_business_days
from engage.services import audit, outbox, seats
from engage.services.norms import norm_on

MOST_CONDITIONS = 20
LONGEST_CONDITION = 500  # characters
LONGEST_REASON = 5000  # characters

_I, _M, _V = Item.__table__.c, Motion.__table__.c, ItemVersion.__table__.c
_LOCK_ITEM = (
    select(_I.id, _I.state, _I.title, _I.asks, _I.submitted_at).where(_I.id == bindparam("item")).with_for_update()
)
_OLDER = ItemVersion.__table__.alias("older")
# With the newest version that changed anything material: votes on it, or on a minor one after it, judge this text.
_JUDGED = select(func.max(_OLDER.c.id)).where(_OLDER.c.item_id == _V.item_id, _OLDER.c.minor.is_(False))
_CURRENT = select(
    _V.id, _V.number, _V.sha256, _JUDGED.correlate(ItemVersion.__table__).scalar_subquery().label("judged_id")
).where(_V.item_id == bindparam("item"), _V.valid_to.is_(None))
_OPEN = select(Motion).where(Motion.item_id == bindparam("item"), Motion.closed_at.is_(None))
_ONE = select(Motion).where(Motion.item_id == bindparam("item"), Motion.id == bindparam("motion"))
_HOLD = (
    select(Motion, Board, Charter)
    .join(Board, Board.id == Motion.board_id)
    .join(Charter, Charter.id == Motion.charter_id)
    .where(Motion.id == bindparam("motion"))
    .with_for_update(of=Motion)
    .execution_options(populate_existing=True)
)
_LAST_ROUND = select(func.coalesce(func.max(_M.round), 0)).where(_M.item_id == bindparam("item"))


@dataclass(frozen=True)
class Standing:
    """An item as it stands while its row is held, with the version in force."""

    item_id: int
    state: State
    title: str
    asks: str
    submitted_at: datetime
    version_id: int
    version_number: int
    sha256: str
    judged_id: int  # the newest version that changed anything material


def hold_item(item_id: int) -> Standing:
    """Lock the item's row until the commit and read it afresh. Hold the item before its motion.

    Raises NotOpen for an item that was never submitted: it has no version that could be judged.
    """
    row = db.session.execute(_LOCK_ITEM, {"item": item_id}).one_or_none()
    version = version_in_force(item_id)
    if row is None or version is None or row.submitted_at is None:
        raise NotOpen("This was not submitted, so there is no version that the board could judge.")
    return Standing(
        item_id, row.state, row.title, row.asks, row.submitted_at, version.id, version.number, version.sha256,
        version.judged_id,
    )  # fmt: skip


def version_in_force(item_id: int) -> Any:
    """The version of an item in force: id, number, sha256 and judged_id; None for what was never submitted.

    `judged_id` is the newest version that changed anything material: a motion put on it or later judges this text.
    """
    return db.session.execute(_CURRENT, {"item": item_id}).one_or_none()


def hold(motion: Motion) -> tuple[Board, Charter]:
    """Lock the motion's row until the commit and read it afresh: ballots, recusals and close take turns.

    Gives the board that votes on it, and the charter under which it was put.
    """
    _, board, charter = db.session.execute(_HOLD, {"motion": motion.id}).one()
    return board, charter


def open_on(item_id: int) -> Motion | None:
    """The motion open on an item, or None."""
    return db.session.scalar(_OPEN, {"item": item_id})


def find(item_id: int, motion_id: int) -> Motion | None:
    """A motion of the item, open or closed, or None."""
    return db.session.scalar(_ONE, {"item": item_id, "motion": motion_id})


def must_be_open(motion: Motion) -> None:
    """Raises NotOpen when the vote on `motion` is over."""
    if motion.closed_at is not None:
        raise NotOpen("The vote on this motion is closed.")


def must_judge_current(motion: Motion, state: State, version: Any) -> None:
    """Raises NotOpen or Stale when the item left the docket, or its text changed, since the motion was put.

    `state` and `version` (as `version_in_force` gives it, or a Standing) are those of the item now. A minor change
    leaves the motion and its votes standing.
    """
    if state is not State.SCHEDULED:
        raise NotOpen(f"This is no longer on the docket: it is {state.label.lower()}.")
    if version is None or motion.item_version_id < version.judged_id:
        raise Stale("The text changed after this motion was put, so nothing can be decided on it.")


def conditions_of(text: str) -> list[str]:
    """The conditions in `text`, a line each; blank lines are none."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def setting_of(motion: Motion) -> tuple[Board, Charter]:
    """The board that votes on the motion, and the charter under which it was put."""
    board = db.session.get_one(Board, motion.board_id)
    return board, db.session.get_one(Charter, motion.charter_id)


def same_time_on(day: date, board: Board, now: datetime) -> datetime:
    """`day` at the present time of day where the board sits, as aware UTC."""
    zone = ZoneInfo(board.zone)
    return datetime.combine(day, now.astimezone(zone).time(), zone).astimezone(now.tzinfo)


def closing_moment(board: Board, now: datetime) -> datetime:
    """When votes are asked for unless the mover says otherwise: the norm's business days from `now`."""
    today = seats.board_day(board, now)
    days = norm_on("vote_days", today)
    home = current_app.config["SETTINGS"].home_country
    until = min(today + timedelta(days=60 + 2 * days), date(today.year + 9, 12, 31))
    return same_time_on(add_business_days(today, days, [calendar_of(home, today, until)]), board, now)


def put_motion(
    item: Item, subject: Subject, outcome: Outcome, *, reason: str = "", conditions: str = "", terms: str = "[]",
    defer_until: date | None = None, closes_at: datetime | None = None, by: Actor, now: datetime,
) -> Motion:  # fmt: skip
    """Put `outcome` to the vote on the version of the item in force, and ask every member who may vote.

    `conditions` are lines of text, and `terms` says of each what services.conditions wrote; `closes_at` (aware) is
    when votes are asked for, by default the norm's business days from `now`. The motion keeps the charter that was
    in force when the item was submitted.

    Raises NotAllowed, NotOpen (not on the docket, or a motion is open already) or Incomplete with the field.
    """
    if not may(by, Do.PUT_MOTION, subject):
        raise NotAllowed("You may not put a motion on this item.")
    standing = hold_item(item.id)
    step = workflow.step(standing.state, outcome)
    if open_on(item.id) is not None:
        raise NotOpen("A motion is open on this item already. Close that vote first.")
    board = seats.the_board()
    asked = conditions_of(conditions) if outcome is Outcome.APPROVE_WITH_CONDITIONS else []
    until = defer_until if outcome is Outcome.DEFER else None
    today = seats.board_day(board, now)
    _refuse_incomplete(outcome, step.reason, reason, asked, until, closes_at, today, now)

    charter = seats.charter_on(board.id, seats.board_day(board, standing.submitted_at))
    motion = Motion(
        board_id=board.id, charter_id=charter.id, item_id=item.id, item_version_id=standing.version_id,
        round=(db.session.scalar(_LAST_ROUND, {"item": item.id}) or 0) + 1, outcome=outcome, reason=reason,
        conditions="\n".join(asked), terms=terms if asked else "[]", defer_until=until, moved_by_id=by.id, moved_at=now,
        closes_at=closes_at or closing_moment(board, now),
    )  # fmt: skip
    db.session.add(motion)
    db.session.flush()
    audit.record(
        "put_motion", about=("item", item.id), by=by, now=now, motion=motion.id, round=motion.round,
        proposes=outcome, version=standing.version_number, reason=reason, conditions=asked, defer_until=until,
        closes_at=motion.closes_at,
    )  # fmt: skip
    tell_voters(
        "vote_open", motion, charter, subject, now=now, subject_line=f"Your vote is asked: {standing.title}",
        title=standing.title, vote_by=_in_words(motion.closes_at, board), moved_by=by.name, reason=reason,
        conditions=asked, defer_until=until and f"{until.day} {until:%B %Y}",
    )  # fmt: skip
    return motion


def settle(motion: Motion, *, carried: bool, sums: Iterable[str], by: Actor, now: datetime) -> None:
    """Close the motion with its result; the caller holds it and knows the count."""
    motion.closed_at, motion.carried, motion.arithmetic = now, carried, canonical_json(list(sums))
    motion.closed_by_id = by.id or motion.moved_by_id  # what the program closes is its mover's to answer for
    db.session.flush()


def void_open_motion(item_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Close the motion open on an item that leaves the docket in another way: no count, no decision."""
    motion = open_on(item_id)
    if motion is None:
        return
    hold(motion)
    if motion.closed_at is not None:
        return
    settle(motion, carried=False, sums=[f"Not counted: {reason}"], by=by, now=now)
    audit.record("void_motion", about=("item", item_id), by=by, now=now, motion=motion.id, reason=reason)


def aside(subject: Subject) -> frozenset[int]:
    """Everybody who stands aside from the item: recused, or because it is their own."""
    return subject.recused_ids | own(subject)


def own(subject: Subject) -> frozenset[int]:
    """Whose item it is: who asked for it, and who travels on it."""
    return subject.traveller_ids | ({subject.requester_id} if subject.requester_id else frozenset())


def voters(held: Iterable[Seat], subject: Subject, *, chair_votes: bool) -> list[int]:
    """Who of those that hold these seats may vote on the item, by id."""
    return [
        seat.holder_id
        for seat in held
        if seat.holder_id and seat.holder_id not in aside(subject) and (chair_votes or not seat.is_chair)
    ]


def tell_voters(
    template: str, motion: Motion, charter: Charter, subject: Subject, *, now: datetime, subject_line: str,
    **facts: Any,
) -> None:  # fmt: skip
    """One message to each member who may vote on the motion today."""
    board = db.session.get_one(Board, motion.board_id)
    held = seats.seats_on(board.id, seats.board_day(board, now))
    outbox.post(
        *(
            outbox.message(
                f"{template}:{motion.id}:{person}",
                to=person,
                template=template,
                subject=subject_line,
                about=("item", motion.item_id),
                now=now,
                path=f"/board/items/{motion.item_id}",
                motion=motion.id,
                outcome=motion.outcome.label,
                **facts,
            )
            for person in voters(held, subject, chair_votes=charter.chair_votes)
        )
    )


def _in_words(moment: datetime, board: Board) -> str:
    local = moment.astimezone(ZoneInfo(board.zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} {local:%Z}"


def _refuse_incomplete(
    outcome: Outcome, reason_needed: bool, reason: str, conditions: list[str], until: date | None,
    closes_at: datetime | None, today: date, now: datetime,
) -> None:  # fmt: skip
    at = {}
    if reason_needed and not reason:
        at["reason"] = f"Say why the board should {outcome.label.lower()}."
    if len(reason) > LONGEST_REASON:
        at["reason"] = f"Use at most {LONGEST_REASON:,} characters."
    if outcome is Outcome.APPROVE_WITH_CONDITIONS and not conditions:
        at["conditions"] = "Write at least one condition, each on a line of its own."
    if len(conditions) > MOST_CONDITIONS or any(len(line) > LONGEST_CONDITION for line in conditions):
        at["conditions"] = (
            f"Write at most {MOST_CONDITIONS} conditions, each of at most {LONGEST_CONDITION} characters."
        )
    if outcome is Outcome.DEFER and (until is None or until <= today):
        at["defer_until"] = "Name the day to defer to: a day after today."
    if closes_at is not None and closes_at <= now:
        at["closes_on"] = "Name a day after today, so that members have time to vote."
    if at:
        raise Incomplete(at)
