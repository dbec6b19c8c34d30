"""The only writer of Attendance: who came to a meeting, in which seat and how, and when they left."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Ballot, Board, Motion
from engage.models.meetings import Attendance, ConsentBallot, ConsentVote, Meeting
from engage.models.people import Person
from engage.rules import attendance, voting
from engage.rules.agenda import Attends
from engage.rules.attendance import Stay
from engage.rules.policy import PROGRAM, Actor, Do, Role, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, authority, deciding, meetings, motions, seats, sessions

_T, _P = Attendance.__table__.c, Person.__table__.c
_HERE = select(_T.seat_id, _T.person_id, _T.for_id, _T.delegation_id).where(
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


def here_for(meeting_id: int, item_id: int | None, subject: Subject | None, day: date) -> dict[int, int]:
    """Who sits in each seat now and counts there on an item: a stand-in only where their delegation reaches it.

    One statement, and two more where somebody stands in.
    """
    rows = db.session.execute(_HERE, {"meeting": meeting_id}).all()
    under = authority.held({row.delegation_id for row in rows if row.delegation_id})
    case = deciding.case_of(item_id, subject) if under and item_id and subject else None
    return {
        row.seat_id: row.person_id for row in rows
        if row.for_id is None or (
            row.delegation_id is not None
            and (case is None or authority.still_stands(under[row.delegation_id], row.person_id, case, day))
        )
    }  # fmt: skip


def counted(
    motion: Any, subject: Subject, held: Collection[voting.Seat], cast: Collection[voting.Ballot], day: date
) -> tuple[tuple[voting.Seat, ...], list[voting.Ballot]]:
    """Seats and ballots as the count of `motion` takes them: on paper as they are, in a meeting of those present."""
    if motion.meeting_id is None:
        return tuple(held), list(cast)
    sitting = here_for(motion.meeting_id, motion.item_id, subject, day)
    at_table = attendance.seated(held, sitting, motions.aside(subject))
    return at_table, attendance.with_the_silent(at_table, sitting, cast)


def voting_seats(
    motion: Motion, subject: Subject, held: Collection[voting.Seat], person_id: int | None, day: date
) -> tuple[voting.Seat, ...]:
    """The seats for which ballots on `motion` may be cast. Raises NotAllowed for who is not at its meeting."""
    if motion.meeting_id is None:
        return tuple(held)
    if person_id not in here(motion.meeting_id).values():
        raise NotAllowed("This vote is taken in a meeting. You are not recorded as present there, so you may not vote.")
    sitting = here_for(motion.meeting_id, motion.item_id, subject, day)
    return attendance.seated(held, sitting, motions.aside(subject))


def may_stand_in(meeting: Meeting, now: datetime) -> dict[int, list[int]]:
    """Who may sit in whose place today: of each principal, the stand-in and then the alternate. One statement."""
    board = db.session.get_one(Board, meeting.board_id)
    found: dict[int, list[int]] = {}
    for row in authority.for_seats_on(board, seats.board_day(board, now)):
        found[row.principal_id] = [row.holder_id, *([row.alternate_id] if row.alternate_id else [])]
    return found


def come(
    meeting: Meeting, person_id: int, *, seat_id: int | None, attends: Attends, by: Actor, now: datetime
) -> Attendance:
    """Record that somebody is present from now on, in a seat or as a guest. Twice is once.

    A member may record themselves. In the seat of another sits whom a delegation in force names, as stand-in or as
    alternate, and who has no seat of their own. When the holder comes, whoever stood in for them has left. Raises
    NotAllowed, NotOpen (not in session) or Incomplete.
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
    under = _stands_in_under(meeting, person_id, seat_id, now)
    for_id = under and under.principal_id
    sits = db.session.scalar(_IN_SEAT, {"meeting": meeting.id, "seat": seat_id}) if seat_id is not None else None
    if sits is not None and sits.for_id != person_id:
        raise Incomplete({"seat": "Somebody sits in this seat already."})
    if sits is not None:
        go(meeting, sits.person_id, by=PROGRAM, now=now)
    row = Attendance(
        meeting_id=meeting.id, person_id=person_id, seat_id=seat_id, for_id=for_id, attends=attends, came_at=now,
        delegation_id=under and under.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(
        "come_to_meeting", about=("meeting", meeting.id), by=by, now=now, person=person_id, seat=seat_id,
        stands_in_for=for_id, delegation=under and under.id, attends=attends,
    )  # fmt: skip
    return row


def go(meeting: Meeting, person_id: int, *, by: Actor, now: datetime) -> None:
    """Record that somebody left. What their seat said on a vote that is still open is taken out; the trail keeps it.

    Raises NotAllowed, or NotOpen (not in session, or they were not there).
    """
    if by is not PROGRAM and not may(by, Do.RUN_MEETING) and not (by.id == person_id and may(by, Do.PULL_ITEM)):
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


def _stands_in_under(meeting: Meeting, person_id: int, seat_id: int | None, now: datetime) -> Delegation | None:
    """Under which delegation a person sits in this seat: None in their own. Raises Incomplete where they may not."""
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
    if not roles & {Role.MEMBER, Role.CHAIR} or roles & {Role.ADMINISTRATOR, Role.SECRETARIAT}:
        raise Incomplete({"person": "Only somebody with the role of a board member stands in for one."})
    for row in authority.for_seats_on(board, day):
        if row.principal_id == seat.holder_id and person_id in (row.holder_id, row.alternate_id):
            return row
    raise Incomplete({"person": "No delegation in force today lets them sit there. The holder, or the secretariat for "
                                "them, records one under “Who may act for whom”."})  # fmt: skip
