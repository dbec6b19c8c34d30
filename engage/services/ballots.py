"""The only writer of ballots and recusals, and the one that reads them for the count."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, or_, select

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Ballot, Board, Charter, Motion, Recusal
from engage.rules import voting
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Choice
from engage.rules.workflow import OPEN, State
from engage.services import (
    attendance,
    audit,
    authority,
    deciding,
    motions,
    recusals,
    seats,
    sessions,
    versions,
    visibility,
)

_B = Ballot.__table__.c
_D = Delegation.__table__.c
# What a stand-in cast counts for whom they stood in for, as long as that person holds the seat.
_CAST = (
    select(
        _B.seat_id, func.coalesce(_D.principal_id, _B.person_id).label("for_id"), _B.choice, _B.delegation_id,
        _B.person_id,
    )
    .join_from(Ballot.__table__, Delegation.__table__, _D.id == _B.delegation_id, isouter=True)
    .where(_B.motion_id == bindparam("motion"))
)  # fmt: skip
_OF_SEAT = (
    select(Ballot)
    .where(Ballot.motion_id == bindparam("motion"), Ballot.seat_id == bindparam("seat"))
    .execution_options(populate_existing=True)
)
_OF_PERSON = (
    select(Ballot)
    .join(Delegation, Delegation.id == Ballot.delegation_id, isouter=True)
    .where(
        Ballot.motion_id == bindparam("motion"),
        or_(Ballot.person_id == bindparam("person"), Delegation.principal_id == bindparam("person")),
    )
    .execution_options(populate_existing=True)
)
_RECUSED = select(Recusal).where(Recusal.item_id == bindparam("item"), Recusal.person_id == bindparam("person"))


def standing(motion: Motion, subject: Subject, day: date) -> list[voting.Ballot]:
    """The ballots on a motion that count on `day`, each for the person whose seat it is.

    What a stand-in cast counts while their delegation is in force and reaches the item, and no longer.
    """
    rows = db.session.execute(_CAST, {"motion": motion.id}).all()
    under = authority.held({row.delegation_id for row in rows if row.delegation_id})
    case = deciding.case_of(motion.item_id, subject) if under else None
    return [
        voting.Ballot(row.seat_id, row.for_id, row.choice)
        for row in rows
        if case is None
        or row.delegation_id is None
        or authority.still_stands(under[row.delegation_id], row.person_id, case, day)
    ]


def count(
    motion: Motion, charter: Charter, subject: Subject, held: Collection[voting.Seat], day: date
) -> voting.Tally:
    """The tally of a motion as it stands on `day`, over the seats `held`; in a meeting, of those present there."""
    at_table, cast = attendance.counted(motion, subject, held, standing(motion, subject, day), day)
    return voting.tally(at_table, motions.aside(subject), cast, seats.rules_of(charter, subject.kind))


def settled(
    motion: Motion, charter: Charter, subject: Subject, held: Collection[voting.Seat], day: date
) -> bool:
    """Whether no ballot still to come could change the outcome."""
    cast = standing(motion, subject, day)
    return voting.settled_early(held, motions.aside(subject), cast, seats.rules_of(charter, subject.kind))


def seat_for(by: Actor, subject: Subject, held: Collection[voting.Seat], charter: Charter) -> voting.Seat:
    """The seat for which `by` may vote on the item. Raises NotAllowed with the reason, which a page shows."""
    of_nobody = replace(subject, requester_id=None, traveller_ids=frozenset(), recused_ids=frozenset())
    if not may(by, Do.VOTE, of_nobody):
        raise NotAllowed("Only members of the board vote, and administrators never do.")
    seat = voting.may_cast(by.id, held, subject.recused_ids, motions.own(subject), seats.rules_of(charter))
    if not may(by, Do.VOTE, subject):
        raise NotAllowed("You may not vote on this item.")
    return seat


def cast(motion: Motion, choice: Choice, *, reason: str = "", by: Actor, now: datetime) -> Ballot:
    """Vote for the seat `by` holds today. Until the close a vote may change, and each change is in the trail.

    The motion's row is held, so of two clicks at once the second changes nothing. On a motion put in a meeting only
    those vote who are present there. Raises NotAllowed, NotOpen or Stale (closed, off the docket, text changed) or
    Incomplete (a "no" must say why).
    """
    return _cast((motion, *motions.hold(motion)), by, choice, reason, by=by, now=now)


def cast_on(
    item_id: int, motion_id: int, choice: Choice, *, reason: str = "", by: Actor, now: datetime
) -> Ballot | None:
    """Vote on the motion of this number; None where the item has none such. Raises what `cast` raises."""
    held = motions.hold_on(item_id, motion_id)
    return None if held is None else _cast(held, by, choice, reason, by=by, now=now)


def enter(motion: Motion, seat_id: int, choice: Choice, *, by: Actor, now: datetime) -> Ballot:
    """Record what the seat said aloud in a roll call; the ballot names its voter, and `by` as who entered it.

    Raises what `cast` raises for whoever sits in the seat; NotAllowed where nobody does, or outside a meeting.
    """
    if not may(by, Do.RUN_MEETING) or motion.meeting_id is None:
        raise NotAllowed("Only the chair and the secretariat record a roll call, and only in a meeting.")
    held = (motion, *motions.hold(motion))
    sitter = attendance.here(motion.meeting_id).get(seat_id)
    if sitter is None:
        raise NotAllowed("Nobody is recorded as present in this seat, so it is not called.")
    voter = sessions.actor_for(sitter, today=seats.board_day(held[1], now))
    return _cast(held, voter, choice, "", by=by, now=now)


def _cast(
    on: tuple[Motion, Board, Charter], voter: Actor, choice: Choice, reason: str, *, by: Actor, now: datetime
) -> Ballot:
    motion, board, charter = on
    subject = visibility.subject(motion.item_id)
    if subject is None:
        raise NotOpen("This item is gone.")
    day = seats.board_day(board, now)
    held = attendance.voting_seats(motion, subject, seats.seats_on(board.id, day), voter.id, day)
    seat = seat_for(voter, subject, held, charter)
    recusals.must_have_answered(motion.item_id, subject, by=voter, now=now)
    person_id = voter.id or 0  # somebody: nobody holds no seat
    motions.must_be_voted_on(motion)
    version = versions.in_force(motion.item_id)
    motions.must_judge_current(motion, subject.state, version)
    entered_by = None if by is voter else by.id
    if choice is Choice.NO and not reason and entered_by is None:
        raise Incomplete({"reason": "Say why you vote no."})
    if len(reason) > motions.LONGEST_REASON:
        raise Incomplete({"reason": f"Use at most {motions.LONGEST_REASON:,} characters."})

    ballot = db.session.scalar(_OF_SEAT, {"motion": motion.id, "seat": seat.id})
    before = None if ballot is None else _said(ballot)
    if ballot is None:
        ballot = Ballot(motion_id=motion.id, seat_id=seat.id)
        db.session.add(ballot)
    elif (ballot.person_id, ballot.choice, ballot.reason, ballot.delegation_id) == (person_id, choice, reason, None):
        return ballot
    ballot.person_id, ballot.choice, ballot.reason, ballot.cast_at = person_id, choice, reason, now
    ballot.item_version_id, ballot.entered_by_id = version.id, entered_by
    ballot.delegation_id = None  # the holder's own vote wins
    db.session.flush()
    audit.record(
        "vote", about=("item", motion.item_id), by=by, now=now, motion=motion.id, seat=seat.name,
        before=before, after=_said(ballot),
    )  # fmt: skip
    return ballot


def recuse(item_id: int, *, reason: str, by: Actor, now: datetime) -> Recusal:
    """Step aside from an item, for good. A ballot on its open motion is taken out; the trail keeps it.

    A second recusal changes nothing. Raises NotAllowed, NotOpen (not before the board now) or Incomplete.
    """
    standing = motions.hold_item(item_id)
    motion = motions.open_on(item_id)
    if motion is not None:
        motions.hold(motion)
    subject = visibility.subject(item_id)
    if subject is None or by.id is None or not may(by, Do.RECUSE, subject):
        raise NotAllowed("Only members of the board may step aside from an item.")
    known = db.session.scalar(_RECUSED, {"item": item_id, "person": by.id})
    if known is not None:
        return known
    if standing.state not in OPEN - {State.DRAFT}:
        raise NotOpen(f"There is nothing to step aside from: this is {standing.state.label.lower()}.")
    if not reason:
        raise Incomplete({"reason": "Say why you step aside."})
    if len(reason) > motions.LONGEST_REASON:
        raise Incomplete({"reason": f"Use at most {motions.LONGEST_REASON:,} characters."})

    recusal = Recusal(item_id=item_id, person_id=by.id, reason=reason, at=now)
    db.session.add(recusal)
    taken_out = _take_out(motion, by) if motion is not None and motion.closed_at is None else None
    db.session.flush()
    audit.record("recuse", about=("item", item_id), by=by, now=now, reason=reason, ballot_taken_out=taken_out)
    return recusal


def _take_out(motion: Motion, by: Actor) -> dict[str, object] | None:
    found = db.session.scalars(_OF_PERSON, {"motion": motion.id, "person": by.id}).all()
    was = None
    for ballot in found:  # their own, what they cast for another, and what another cast for them
        was = _said(ballot) | {"motion": motion.id}
        db.session.execute(delete(Ballot).where(Ballot.id == ballot.id))
    return was


def _said(ballot: Ballot) -> dict[str, object]:
    more = {"entered_by": ballot.entered_by_id, "delegation": ballot.delegation_id}
    said = {"person": ballot.person_id, "choice": ballot.choice, "reason": ballot.reason}
    return said | {name: number for name, number in more.items() if number}
