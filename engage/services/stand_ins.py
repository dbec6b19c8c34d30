"""The only place where somebody votes for a seat that is not their own, until its holder does."""

from datetime import date, datetime

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Ballot, Board, Motion
from engage.rules import voting
from engage.rules.authority import Power
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Choice
from engage.services import audit, authority, deciding, motions, recusals, seats, versions, visibility

_B = Ballot.__table__.c
_OF_SEAT = (
    select(Ballot)
    .where(Ballot.motion_id == bindparam("motion"), Ballot.seat_id == bindparam("seat"))
    .execution_options(populate_existing=True)
)
_HELD = select(Delegation).where(Delegation.id == bindparam("delegation")).with_for_update(read=True)


def seats_open_to(
    by: Actor, item_id: int, subject: Subject, board: Board, day: date
) -> list[tuple[voting.Seat, Delegation]]:
    """For which seats `by` may vote on the item as a stand-in on `day`, each with the delegation."""
    if not may(by, Do.VOTE, subject):
        return []
    rows = authority.usable(by, Power.VOTE, deciding.case_of(item_id, subject), board, day)
    held = {seat.holder_id: seat for seat in seats.seats_on(board.id, day) if seat.holder_id} if rows else {}
    return [(held[row.principal_id], row) for row in rows if row.principal_id in held]


def cast_for(
    motion: Motion, seat_id: int, choice: Choice, *, reason: str = "", by: Actor, now: datetime
) -> Ballot:
    """Vote for the seat of somebody who delegated it. Once they voted themselves, or another stand-in did, it is over.

    Raises NotAllowed, NotOpen, Stale, or Incomplete (a "no" must say why).
    """
    board, charter = motions.hold(motion)
    subject = visibility.subject(motion.item_id)
    day = seats.board_day(board, now)
    open_to = seats_open_to(by, motion.item_id, subject, board, day) if subject else []
    found = next(((seat, row) for seat, row in open_to if seat.id == seat_id), None)
    if subject is None or found is None:
        raise NotAllowed("You hold no delegation under which you may vote for this seat on this item today.")
    seat, row = found
    if db.session.scalar(_HELD, {"delegation": row.id}) is None or row.revoked_at is not None:
        raise NotAllowed("This delegation was revoked.")
    if seat.is_chair and not charter.chair_votes:
        raise NotAllowed("Under this board's charter the chair does not vote, so nobody votes for that seat.")
    if motion.meeting_id is not None:
        raise NotAllowed("In a meeting those vote who are there.")
    motions.must_be_voted_on(motion)
    recusals.must_have_answered(motion.item_id, subject, by=by, now=now)
    version = versions.in_force(motion.item_id)
    motions.must_judge_current(motion, subject.state, version)
    if choice is Choice.NO and not reason:
        raise Incomplete({"reason": "Say why you vote no."})
    if len(reason) > motions.LONGEST_REASON:
        raise Incomplete({"reason": f"Use at most {motions.LONGEST_REASON:,} characters."})

    ballot = db.session.scalar(_OF_SEAT, {"motion": motion.id, "seat": seat.id})
    before = None
    if ballot is None:
        ballot = Ballot(motion_id=motion.id, seat_id=seat.id)
        db.session.add(ballot)
    elif ballot.delegation_id is None:
        raise NotOpen("The seat's own holder has voted, and that vote stands. A stand-in cannot change it.")
    elif ballot.person_id != by.id:
        raise NotOpen("Another stand-in has voted for this seat: one seat has one vote.")
    else:
        before = {"choice": ballot.choice, "reason": ballot.reason}
    ballot.person_id, ballot.choice, ballot.reason, ballot.cast_at = by.id or 0, choice, reason, now
    ballot.item_version_id, ballot.delegation_id = version.id, row.id
    db.session.flush()
    audit.record(
        "vote", about=("item", motion.item_id), by=by, now=now, motion=motion.id, seat=seat.name, before=before,
        after={"person": by.id, "choice": choice, "reason": reason}, standing_in_for=row.principal_id,
        delegation=row.id,
    )  # fmt: skip
    return ballot
