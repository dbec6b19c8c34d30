"""The only writer of Attendance: who came to a meeting, in which seat and how, and when they left."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from engage.extensions import db
from engage.models.board import Ballot, Board, Motion
from engage.models.meetings import Attendance, ConsentBallot, ConsentVote, Meeting
from engage.models.people import Person
from engage.rules import attendance, voting
from engage.rules.agenda import Attends
from engage.rules.attendance import Stay
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, meetings, seats, sessions

_T, _P = Attendance.__table__.c, Person.__table__.c
_HERE = select(_T.seat_id, _T.person_id).where(
    _T.meeting_id == bindparam("meeting"), _T.left_at.is_(None), _T.seat_id.is_not(None)
)
_STAYS = (
    select(
        _T.id, _T.seat_id, _T.person_id, _T.came_at, _T.left_at, _T.for_id, _T.attends, _P.name.label("person"),
    )
    .join_from(Attendance.__table__, Person.__table__, _P.id == _T.person_id)
    .where(_T.meeting_id == bindparam("meeting"))
    .order_by(_T.came_at, _T.id)
)  # fmt: skip
_PRESENT = select(Attendance).where(
    Attendance.meeting_id == bindparam("meeting"), Attendance.person_id == bindparam("person"),
    Attendance.left_at.is_(None),
).execution_options(populate_existing=True)  # fmt: skip
_IN_SEAT = select(Attendance).where(
    Attendance.meeting_id == bindparam("meeting"), Attendance.seat_id == bindparam("seat"),
    Attendance.left_at.is_(None),
)  # fmt: skip
_OPEN_MOTIONS = (
    select(Motion.id)
    .where(Motion.meeting_id == bindparam("meeting"), Motion.closed_at.is_(None))
    .order_by(Motion.id)
    .with_for_update()
)
_OPEN_CONSENT = (
    select(ConsentVote.id)
    .where(ConsentVote.meeting_id == bindparam("meeting"), ConsentVote.closed_at.is_(None))
    .with_for_update()
)


def here(meeting_id: int) -> dict[int, int]:
    """Who sits in each seat now: seat -> person. One statement."""
    return {row.seat_id: row.person_id for row in db.session.execute(_HERE, {"meeting": meeting_id})}


def stays(meeting_id: int) -> list[Any]:
    """Every stay in the meeting as rows, the earliest first. One statement."""
    return list(db.session.execute(_STAYS, {"meeting": meeting_id}))


def as_stays(rows: Iterable[Any]) -> list[Stay]:
    """The rows of `stays` as the rules take them."""
    return [Stay(row.seat_id, row.person_id, row.came_at, row.left_at, row.for_id) for row in rows]


def counted(
    motion: Any, held: Collection[voting.Seat], cast: Collection[voting.Ballot], aside: Collection[int]
) -> tuple[tuple[voting.Seat, ...], list[voting.Ballot]]:
    """Seats and ballots as the count of `motion` takes them: on paper as they are, in a meeting of those present."""
    if motion.meeting_id is None:
        return tuple(held), list(cast)
    sitting = here(motion.meeting_id)
    at_table = attendance.seated(held, sitting, aside)
    return at_table, attendance.with_the_silent(at_table, sitting, cast)


def voting_seats(
    motion: Motion, held: Collection[voting.Seat], aside: Collection[int], person_id: int | None
) -> tuple[voting.Seat, ...]:
    """The seats for which ballots on `motion` may be cast. Raises NotAllowed for who is not at its meeting."""
    if motion.meeting_id is None:
        return tuple(held)
    sitting = here(motion.meeting_id)
    if person_id not in sitting.values():
        raise NotAllowed("This vote is taken in a meeting. You are not recorded as present there, so you may not vote.")
    return attendance.seated(held, sitting, aside)


def come(
    meeting: Meeting, person_id: int, *, seat_id: int | None, attends: Attends, by: Actor, now: datetime
) -> Attendance:
    """Record that somebody is present from now on, in a seat or as a guest. Twice is once.

    A member may record themselves. In the seat of another sits whoever stands in for them: a member of the board
    without a seat of their own here. Raises NotAllowed, NotOpen (not in session) or Incomplete.
    """
    if not may(by, Do.RUN_MEETING) and not (by.id == person_id and may(by, Do.PULL_ITEM)):
        raise NotAllowed("Only the chair and the secretariat record who is present, and members themselves.")
    meetings.hold(meeting.id)
    meetings.must_be_in_session(meeting)
    given = {"meeting": meeting.id, "person": person_id}
    if (known := db.session.scalar(_PRESENT, given)) is not None:
        if known.seat_id == seat_id and known.attends is attends:
            return known
        raise Incomplete({"person": "They are recorded as present already. Record first that they left."})
    for_id = _stands_in_for(meeting, person_id, seat_id, now)
    if seat_id is not None and db.session.scalar(_IN_SEAT, {"meeting": meeting.id, "seat": seat_id}) is not None:
        raise Incomplete({"seat": "Somebody sits in this seat already."})
    row = Attendance(
        meeting_id=meeting.id, person_id=person_id, seat_id=seat_id, for_id=for_id, attends=attends, came_at=now
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "come_to_meeting", about=("meeting", meeting.id), by=by, now=now, person=person_id, seat=seat_id,
        stands_in_for=for_id, attends=attends,
    )  # fmt: skip
    return row


def go(meeting: Meeting, person_id: int, *, by: Actor, now: datetime) -> None:
    """Record that somebody left. What their seat said on a vote that is still open is taken out; the trail keeps it.

    Raises NotAllowed, or NotOpen (not in session, or they were not there).
    """
    if not may(by, Do.RUN_MEETING) and not (by.id == person_id and may(by, Do.PULL_ITEM)):
        raise NotAllowed("Only the chair and the secretariat record who left, and members themselves.")
    meetings.hold(meeting.id)
    meetings.must_be_in_session(meeting)
    row = db.session.scalar(_PRESENT, {"meeting": meeting.id, "person": person_id})
    if row is None:
        raise NotOpen("They are not recorded as present.")
    row.left_at = now
    open_motions = list(db.session.scalars(_OPEN_MOTIONS, {"meeting": meeting.id}))
    consent = list(db.session.scalars(_OPEN_CONSENT, {"meeting": meeting.id}))
    db.session.flush()
    taken = db.session.execute(
        delete(Ballot).where(Ballot.motion_id.in_(open_motions), Ballot.person_id == person_id).returning(
            Ballot.motion_id, Ballot.choice
        )
    ).all() if open_motions else []  # fmt: skip
    if consent:
        db.session.execute(
            delete(ConsentBallot).where(ConsentBallot.vote_id.in_(consent), ConsentBallot.person_id == person_id)
        )
    audit.record(
        "leave_meeting", about=("meeting", meeting.id), by=by, now=now, person=person_id, seat=row.seat_id,
        ballots_taken_out=[{"motion": one.motion_id, "choice": one.choice} for one in taken] or None,
    )  # fmt: skip


def all_go(meeting: Meeting, *, now: datetime) -> None:
    """End every stay, as the meeting ends. The caller holds the meeting."""
    for row in db.session.scalars(
        select(Attendance).where(Attendance.meeting_id == meeting.id, Attendance.left_at.is_(None))
    ):
        row.left_at = now
    db.session.flush()


def _stands_in_for(meeting: Meeting, person_id: int, seat_id: int | None, now: datetime) -> int | None:
    """Whom a person in this seat stands in for: None in their own. Raises Incomplete where they may not sit there."""
    board = db.session.get_one(Board, meeting.board_id)
    day = seats.board_day(board, now)
    held = seats.seats_on(board.id, day)
    own = next((seat for seat in held if seat.holder_id == person_id), None)
    if seat_id is None:
        if own is not None:
            raise Incomplete({"seat": f"They hold the seat “{own.name}”: they attend in it."})
        if db.session.scalar(select(_P.id).where(_P.id == person_id, _P.disabled_at.is_(None))) is None:
            raise Incomplete({"person": "Choose a person of the list."})
        return None
    seat = next((seat for seat in held if seat.id == seat_id), None)
    if seat is None or seat.holder_id is None:
        raise Incomplete({"seat": "Nobody holds this seat, so nobody sits in it."})
    if seat.holder_id == person_id:
        return None
    if own is not None:
        raise Incomplete({"seat": "One person sits in one seat: they have a seat of their own."})
    roles = sessions.actor_for(person_id, today=day).roles
    if not roles & {Role.MEMBER, Role.CHAIR} or Role.ADMINISTRATOR in roles:
        raise Incomplete({"person": "Only somebody with the role of a board member stands in for one."})
    return seat.holder_id
