"""The only writer of motions: put, held while somebody acts on one, and closed with or without a count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, or_, select

from engage.extensions import db
from engage.models.board import Board, Charter, Motion, motion_put_off
from engage.models.engagements import Item
from engage.models.partners import Event
from engage.models.people import Person
from engage.rules.authority import BETWEEN_MEETINGS, Method
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.voting import Seat
from engage.rules.workflow import Action, State, step
from engage.services import audit, outbox, seats, states, versions, visibility

BROKEN = "The silence procedure ended without an approval."  # what the requester reads: why is the board's to know
LONGEST_REASON = 5000  # characters

_I, _M, _P, _E = (t.__table__.c for t in (Item, Motion, Person, Event))
_amended = select(_I.amends_id).where(_I.id == bindparam("item")).scalar_subquery()
_LOCK_ITEM = (  # an amendment with the engagement that it changes, which was there first: locks are taken by number
    select(_I.id, _I.state, _I.title, _I.asks, _I.submitted_at)
    .where(or_(_I.id == bindparam("item"), _I.id == _amended))
    .order_by(_I.id)
    .with_for_update()
)
_PUT_OFF = select(motion_put_off.c.person_id).where(motion_put_off.c.motion_id == bindparam("motion")).order_by(
    motion_put_off.c.person_id
)
_PUT_OFF_NAMES = (
    select(_P.name)
    .join_from(motion_put_off, Person.__table__, _P.id == motion_put_off.c.person_id)
    .where(motion_put_off.c.motion_id == bindparam("motion"))
    .order_by(_P.name)
)
_OPEN = select(Motion).where(Motion.item_id == bindparam("item"), Motion.closed_at.is_(None))
_ONE = select(Motion).where(Motion.item_id == bindparam("item"), Motion.id == bindparam("motion"))
_OPEN_IN = select(Motion).where(
    Motion.meeting_id == bindparam("meeting"), Motion.id == bindparam("motion"), Motion.closed_at.is_(None)
)
_HOLD = (
    select(Motion, Board, Charter)
    .join(Board, Board.id == Motion.board_id)
    .join(Charter, Charter.id == Motion.charter_id)
    .where(Motion.id == bindparam("motion"))
    .with_for_update(of=Motion)
    .execution_options(populate_existing=True)
)

_HOLD_ON = _HOLD.where(Motion.item_id == bindparam("item"))


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
    row = next((row for row in db.session.execute(_LOCK_ITEM, {"item": item_id}) if row.id == item_id), None)
    version = versions.in_force(item_id)
    if row is None or version is None or row.submitted_at is None:
        raise NotOpen("This was not submitted, so there is no version that the board could judge.")
    return Standing(
        item_id, row.state, row.title, row.asks, row.submitted_at, version.id, version.number, version.sha256,
        version.judged_id,
    )  # fmt: skip


def hold(motion: Motion) -> tuple[Board, Charter]:
    """Lock the motion's row until the commit and read it afresh: ballots, recusals and close take turns.

    Gives the board that votes on it, and the charter under which it was put.
    """
    _, board, charter = db.session.execute(_HOLD, {"motion": motion.id}).one()
    return board, charter


def hold_on(item_id: int, motion_id: int) -> tuple[Motion, Board, Charter] | None:
    """The same of the motion of this number, where it is one of the item: found and locked in one statement."""
    row = db.session.execute(_HOLD_ON, {"item": item_id, "motion": motion_id}).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def open_on(item_id: int) -> Motion | None:
    """The motion open on an item, or None."""
    return db.session.scalar(_OPEN, {"item": item_id})


def find(item_id: int, motion_id: int) -> Motion | None:
    """A motion of the item, open or closed, or None."""
    return db.session.scalar(_ONE, {"item": item_id, "motion": motion_id})


def open_in(meeting_id: int, motion_id: int) -> Motion | None:
    """The open motion of this id that was put in the meeting, or None."""
    return db.session.scalar(_OPEN_IN, {"meeting": meeting_id, "motion": motion_id})


def must_be_open(motion: Motion) -> None:
    """Raises NotOpen when the vote on `motion` is over."""
    if motion.closed_at is not None:
        raise NotOpen("The vote on this motion is closed.")


def must_be_voted_on(motion: Motion) -> None:
    """Raises NotOpen unless ballots are asked for on `motion`: it is open, and no silence procedure."""
    must_be_open(motion)
    if motion.method is Method.SILENCE:
        raise NotOpen("This is a silence procedure: nobody votes. Whoever is against it objects, and that breaks it.")


def must_judge_current(motion: Motion, state: State, version: Any) -> None:
    """Raises NotOpen or Stale when the item left the docket, or its text changed, since the motion was put.

    `state` and `version` (as versions.in_force gives it, or a Standing) are those of the item now. A minor change
    leaves a motion in a meeting and its votes standing; outside meetings the text judged is frozen, word for word.
    """
    if state is not State.SCHEDULED:
        raise NotOpen(f"This is no longer on the docket: it is {state.label.lower()}.")
    frozen = motion.method in BETWEEN_MEETINGS
    if version is None or motion.item_version_id < (_in_force(version) if frozen else version.judged_id):
        raise Stale("The text changed after this motion was put, so nothing can be decided on it.")


def _in_force(version: Any) -> int:
    number: int = version.version_id if isinstance(version, Standing) else version.id
    return number


def setting_of(motion: Motion) -> tuple[Board, Charter]:
    """The board that votes on the motion, and the charter under which it was put."""
    board = db.session.get_one(Board, motion.board_id)
    return board, db.session.get_one(Charter, motion.charter_id)


def same_time_on(day: date, board: Board, now: datetime) -> datetime:
    """`day` at the present time of day where the board sits, as aware UTC."""
    zone = ZoneInfo(board.zone)
    return datetime.combine(day, now.astimezone(zone).time(), zone).astimezone(now.tzinfo)


def put_off_by(motion_id: int) -> list[int]:
    """Whom a split motion puts off, by id; empty for any other."""
    return list(db.session.scalars(_PUT_OFF, {"motion": motion_id}))


def names_put_off(motion_id: int) -> list[str]:
    """The names of whom a split motion puts off."""
    return list(db.session.scalars(_PUT_OFF_NAMES, {"motion": motion_id}))


def withdraw(motion: Motion, *, reason: str, by: Actor, now: datetime) -> None:
    """Take back a motion before its vote is closed, which its mover alone may; votes cast on it are void.

    Raises NotAllowed, NotOpen, or Incomplete at "reason".
    """
    hold_item(motion.item_id)
    _, charter = hold(motion)
    subject = visibility.subject(motion.item_id)
    if subject is None or not may(by, Do.WITHDRAW_MOTION, subject):
        raise NotAllowed("You may not withdraw this motion.")
    if motion.moved_by_id != by.id:
        raise NotAllowed("Only whoever put a motion withdraws it.")
    must_be_open(motion)
    if not reason or len(reason) > LONGEST_REASON:
        raise Incomplete({
            "reason": f"Use at most {LONGEST_REASON:,} characters." if reason else "Say why you withdraw the motion."
        })
    settle(motion, carried=False, sums=[f"Not counted: withdrawn by its mover. {reason}"], by=by, now=now)
    audit.record("withdraw_motion", about=("item", motion.item_id), by=by, now=now, motion=motion.id, reason=reason)
    _tell_void(motion, charter, subject, f"It was withdrawn by its mover. {reason}", now=now)


def _tell_void(motion: Motion, charter: Charter, subject: Subject, why: str, *, now: datetime) -> None:
    title = db.session.scalar(select(_I.title).where(_I.id == motion.item_id)) or ""
    tell_voters(
        "vote_void", motion, charter, subject, now=now, subject_line=f"Vote void: {title}", title=title, why=why
    )


def settle(motion: Motion, *, carried: bool, sums: Iterable[str], by: Actor, now: datetime) -> None:
    """Close the motion with its result; the caller holds it and its item, and knows the count.

    What was under silence and is not approved by it is on the docket again.
    """
    motion.closed_at, motion.carried, motion.arithmetic = now, carried, canonical_json(list(sums))
    motion.closed_by_id = by.id or motion.moved_by_id  # what the program closes is its mover's to answer for
    db.session.flush()
    if motion.method is Method.SILENCE and not carried:
        item = states.get(motion.item_id)
        if item.state is State.UNDER_SILENCE:
            states.move(item, step(item.state, Action.BREAK_SILENCE, item.kind), by=by, now=now, reason=BROKEN)


def void_open_motion(item_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Close the motion open on an item that leaves the docket in another way: no count, no decision."""
    motion = open_on(item_id)
    if motion is None:
        return
    _, charter = hold(motion)
    if motion.closed_at is not None:
        return
    settle(motion, carried=False, sums=[f"Not counted: {reason}"], by=by, now=now)
    audit.record("void_motion", about=("item", item_id), by=by, now=now, motion=motion.id, reason=reason)
    if (subject := visibility.subject(item_id)) is not None:
        _tell_void(motion, charter, subject, f"It is not counted: {reason}", now=now)


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
            for person in voters(held, subject, chair_votes=seats.chair_is_asked(charter))
        )
    )
