"""The only place where a motion is put to the vote: one of the five outcomes, for an item or for part of its party."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import bindparam, func, insert, select

from engage.extensions import db
from engage.models.board import Board, Motion, motion_put_off
from engage.models.engagements import Item
from engage.models.partners import Event
from engage.reference.calendars import calendar_of
from engage.rules import material, workflow
from engage.rules.authority import Method
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Outcome
from engage.rules.working_time import add_business_days
from engage.services import audit, calendared, contents, motions, routing, seats, versions
from engage.services.norms import norm_on

MOST_CONDITIONS = 20
PUTS_OFF = (Outcome.DEFER, Outcome.RETURN)  # these decide nothing, so they may be put on paper whatever the way
LONGEST_CONDITION = 500  # characters

_M, _E = Motion.__table__.c, Event.__table__.c
_LAST_ROUND = select(func.coalesce(func.max(_M.round), 0)).where(_M.item_id == bindparam("item"))
_EVENT_DAY = select(func.coalesce(_E.ends_on, _E.starts_on)).where(_E.id == bindparam("event"))


def put_motion(
    item: Item, subject: Subject, outcome: Outcome, *, reason: str = "", conditions: str = "", terms: str = "[]",
    defer_until: date | None = None, defer_event_id: int | None = None, put_off: Collection[int] = (),
    closes_at: datetime | None = None, meeting_id: int | None = None, by: Actor, now: datetime,
) -> Motion:  # fmt: skip
    """Put `outcome` to the vote on the version of the item in force, and ask every member who may vote.

    `conditions` are lines of text, and `terms` says of each what services.conditions wrote; `closes_at` (aware) is
    when votes are asked for, by default the norm's business days from `now`. A deferral names a day or an event of
    the register. `put_off` are travellers whom an approval leaves out for now: a split decision, and they come back
    on the deferral's day. With `meeting_id` it is put in that meeting, and those present vote. The motion keeps the
    charter that was in force when the item was submitted.

    Raises NotAllowed, NotOpen (not on the docket, or a motion is open already) or Incomplete with the field.
    """
    if not may(by, Do.PUT_MOTION, subject):
        raise NotAllowed("You may not put a motion on this item.")
    standing = motions.hold_item(item.id)
    step = workflow.step(standing.state, outcome, item.kind)
    if motions.open_on(item.id) is not None:
        raise NotOpen("A motion is open on this item already. Close that vote first.")
    if meeting_id is None:
        calendared.must_not_wait(item.id)
    board = seats.the_board()
    asked = conditions_of(conditions) if outcome is Outcome.APPROVE_WITH_CONDITIONS else []
    others = sorted(set(put_off)) if outcome in (Outcome.APPROVE, Outcome.APPROVE_WITH_CONDITIONS) else []
    event_id = defer_event_id if others or outcome is Outcome.DEFER else None
    until = (defer_until or day_of_event(event_id)) if others or outcome is Outcome.DEFER else None
    today = seats.board_day(board, now)
    wrong = _split(standing.item_id, item.kind, others) if others else {}
    _refuse_incomplete(
        outcome, step.reason or bool(others), reason, asked, until, closes_at, today, now, also=wrong,
        comes_back=bool(others),
    )  # fmt: skip

    charter = seats.charter_on(board.id, seats.board_day(board, standing.submitted_at))
    if outcome not in PUTS_OFF and meeting_id is None:
        routing.must_allow(item.id, Method.NOTATIONAL, item.kind, charter)
    motion = Motion(
        board_id=board.id, charter_id=charter.id, item_id=item.id, item_version_id=standing.version_id,
        round=(db.session.scalar(_LAST_ROUND, {"item": item.id}) or 0) + 1, outcome=outcome, reason=reason,
        conditions="\n".join(asked), terms=terms if asked else "[]", defer_until=until,
        defer_event_id=event_id, moved_by_id=by.id, moved_at=now, meeting_id=meeting_id,
        closes_at=closes_at or closing_moment(board, now),
    )  # fmt: skip
    db.session.add(motion)
    db.session.flush()
    if others:
        db.session.execute(insert(motion_put_off), [{"motion_id": motion.id, "person_id": p} for p in others])
    audit.record(
        "put_motion", about=("item", item.id), by=by, now=now, motion=motion.id, round=motion.round,
        proposes=outcome, version=standing.version_number, reason=reason, conditions=asked, defer_until=until,
        closes_at=motion.closes_at, put_off=others or None, meeting=meeting_id,
    )  # fmt: skip
    if meeting_id is not None:
        return motion  # who votes is in the room
    motions.tell_voters(
        "vote_open", motion, charter, subject, now=now, subject_line=f"Your vote is asked: {standing.title}",
        event={"begins": motion.closes_at.isoformat(), "title": f"Vote by now: {standing.title}"},
        title=standing.title, vote_by=_in_words(motion.closes_at, board), moved_by=by.name, reason=reason,
        conditions=asked, defer_until=until and f"{until.day} {until:%B %Y}", put_off=motions.names_put_off(motion.id),
    )  # fmt: skip
    return motion


def _split(item_id: int, kind: ItemKind, people: Collection[int]) -> dict[str, str]:
    """Why these travellers cannot be put off, at the field; empty when they can."""
    if kind is not ItemKind.ENGAGEMENT:
        return {"put_off": "Only an engagement can be approved for some of its travellers."}
    version = versions.current(item_id)
    said = material.cannot_put_off(contents.asked_by(version.content), people) if version else ""
    return {"put_off": said} if said else {}


def conditions_of(text: str) -> list[str]:
    """The conditions in `text`, a line each; blank lines are none."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def day_of_event(event_id: int | None) -> date | None:
    """The day on which what is deferred until an event comes back: its last; None for none in the register."""
    day: date | None = db.session.scalar(_EVENT_DAY, {"event": event_id}) if event_id else None
    return day


def closing_moment(board: Board, now: datetime) -> datetime:
    """When votes are asked for unless the mover says otherwise: the norm's business days from `now`."""
    today = seats.board_day(board, now)
    days = norm_on("vote_days", today)
    home = current_app.config["SETTINGS"].home_country
    until = min(today + timedelta(days=60 + 2 * days), date(today.year + 9, 12, 31))
    return motions.same_time_on(add_business_days(today, days, [calendar_of(home, today, until)]), board, now)


def _in_words(moment: datetime, board: Board) -> str:
    local = moment.astimezone(ZoneInfo(board.zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} {local:%Z}"


def _refuse_incomplete(
    outcome: Outcome, reason_needed: bool, reason: str, conditions: list[str], until: date | None,
    closes_at: datetime | None, today: date, now: datetime, *, also: dict[str, str], comes_back: bool,
) -> None:  # fmt: skip
    at = dict(also)
    if reason_needed and not reason:
        at["reason"] = f"Say why the board should {outcome.label.lower()}."
    if len(reason) > motions.LONGEST_REASON:
        at["reason"] = f"Use at most {motions.LONGEST_REASON:,} characters."
    if outcome is Outcome.APPROVE_WITH_CONDITIONS and not conditions:
        at["conditions"] = "Write at least one condition, each on a line of its own."
    if len(conditions) > MOST_CONDITIONS or any(len(line) > LONGEST_CONDITION for line in conditions):
        at["conditions"] = (
            f"Write at most {MOST_CONDITIONS} conditions, each of at most {LONGEST_CONDITION} characters."
        )
    if (comes_back or outcome is Outcome.DEFER) and (until is None or until <= today):
        at["defer_until"] = "Name the day to defer to, or an event: a day after today."
    if closes_at is not None and closes_at <= now:
        at["closes_on"] = "Name a day after today, so that members have time to vote."
    if at:
        raise Incomplete(at)
