"""The only writer of BriefingSession and SignUp: seats, a waiting list that moves up by itself, and who came."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from engage.extensions import db
from engage.models.people import Person
from engage.models.training import BriefingSession, Course, SignUp
from engage.rules.passports import looks_like_passport_number
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.services import audit, courses, outbox, sessions, training

EARLY = timedelta(hours=1)  # people are checked in from an hour before it begins
MOST_SEATS = 1_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A session as somebody plans it; moments are aware UTC, `zone` is the place's."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    seats: int
    note: str = ""


def hold(course_id: int, plan: Plan, *, by: Actor, now: datetime) -> BriefingSession:
    """Announce a session of a course. Raises NotAllowed or Incomplete with a sentence for each field."""
    _allowed(by)
    wrong = _wrong(plan, now)
    if db.session.get(Course, course_id) is None:
        wrong["course_id"] = "Choose a course of the list."
    if wrong:
        raise Incomplete(wrong)
    made = BriefingSession(course_id=course_id, created_by_id=by.id, created_at=now, **vars(plan))
    db.session.add(made)
    db.session.flush()
    audit.record(
        "hold_session", about=("session", made.id), by=by, now=now, course=course_id, starts_at=plan.starts_at,
        seats=plan.seats, place=plan.place,
    )  # fmt: skip
    return made


def move(session_id: int, plan: Plan, *, version: int, by: Actor, now: datetime) -> BriefingSession:
    """Change a session: whoever signed up is told where time or place moved, and more seats move the list up.

    Raises NotAllowed, NotOpen, Stale or Incomplete.
    """
    _allowed(by)
    session = _held(session_id)
    if session.version != version:
        raise Stale("Somebody else changed this session since you opened it.")
    _must_be_ahead(session, now)
    wrong = _wrong(plan, now)
    seated = len(_here(session_id, seated=True))
    if plan.seats < seated:
        wrong["seats"] = f"{seated} people have a seat already."
    if wrong:
        raise Incomplete(wrong)
    moved = (session.starts_at, session.ends_at, session.place) != (plan.starts_at, plan.ends_at, plan.place)
    before = {"starts_at": session.starts_at, "place": session.place, "seats": session.seats}
    for name, value in vars(plan).items():
        setattr(session, name, value)
    db.session.flush()
    audit.record(
        "move_session", about=("session", session.id), by=by, now=now, before=before,
        after={"starts_at": plan.starts_at, "place": plan.place, "seats": plan.seats},
    )  # fmt: skip
    if moved:
        _tell_all(session, "Moved", "has a new time or place", now)
    _move_up(session, now)
    return session


def cancel(session_id: int, *, by: Actor, now: datetime) -> None:
    """Cancel a session that has not begun; whoever signed up is told. Raises NotAllowed, NotOpen."""
    _allowed(by)
    session = _held(session_id)
    _must_be_ahead(session, now)
    session.cancelled_at = now
    db.session.flush()
    audit.record("cancel_session", about=("session", session.id), by=by, now=now)
    _tell_all(session, "Cancelled", "was cancelled", now)


def sign_up(session_id: int, *, by: Actor, now: datetime) -> SignUp:
    """Take a seat, or a place on the waiting list where none is free. A second time is as once.

    Raises NotAllowed, or NotOpen when it has begun, was cancelled, or another course has to come first.
    """
    if by.id is None:
        raise NotAllowed("Sign in to sign up.")
    session = _held(session_id)
    _must_be_ahead(session, now)
    mine = _mine(session_id, by.id)
    if mine is not None:
        return mine
    day = session.starts_at.astimezone(ZoneInfo(session.zone)).date()
    if missing := courses.lacking(by.id, session.course_id, day):
        raise NotOpen(f"Before it comes {' and '.join(missing)}, verified.")
    free = session.seats > len(_here(session_id, seated=True))
    made = SignUp(session_id=session_id, person_id=by.id, asked_at=now, seated_at=now if free else None)
    db.session.add(made)
    db.session.flush()
    audit.record("sign_up", about=("session", session_id), by=by, now=now, seated=free)
    return made


def leave(session_id: int, *, by: Actor, now: datetime) -> None:
    """Give a seat back; the first of the waiting list has it, and is told. Raises NotOpen."""
    session = _held(session_id)
    mine = _mine(session_id, by.id or 0)
    if mine is None or mine.checked_in_at is not None:
        raise NotOpen("You are not signed up for this session, or were there already.")
    _must_be_ahead(session, now)
    mine.left_at = now
    db.session.flush()
    audit.record("leave_session", about=("session", session_id), by=by, now=now)
    _move_up(session, now)


def check_in(sign_up_id: int, *, by: Actor, now: datetime) -> SignUp:
    """Note that somebody with a seat came: it records the completion, verified. Twice is as once.

    Raises NotAllowed (one's own as well), or NotOpen.
    """
    entry = db.session.scalar(select(SignUp).where(SignUp.id == sign_up_id).with_for_update())
    if entry is None or not may(by, Do.VERIFY_COMPLETION, entry.person_id):
        raise NotAllowed("A training owner checks people in, and never themselves.")
    if entry.checked_in_at is not None:
        return entry
    session = db.session.get_one(BriefingSession, entry.session_id)
    if session.cancelled_at is not None or now < session.starts_at - EARLY:
        raise NotOpen("This session has not begun, or was cancelled.")
    if entry.left_at is not None or entry.seated_at is None:
        raise NotOpen("This person has no seat at this session.")
    entry.checked_in_at, entry.checked_in_by_id = now, by.id
    db.session.flush()
    audit.record("check_in", about=("session", session.id), by=by, now=now, person=entry.person_id)
    day = min(session.starts_at.astimezone(ZoneInfo(session.zone)).date(), sessions.office_day(now, by.zone))
    seen = f"Session of {day.day} {day:%B %Y}, {session.place}"[:200]
    training.attended(entry.person_id, session.course_id, day, seen, by=by, now=now)
    return entry


def _allowed(by: Actor) -> None:
    if not may(by, Do.EDIT_COURSES):
        raise NotAllowed("Only training owners and administrators hold sessions.")


def _held(session_id: int) -> BriefingSession:
    """The session, locked, so that two never take its last seat."""
    found = db.session.scalar(select(BriefingSession).where(BriefingSession.id == session_id).with_for_update())
    if found is None:
        raise NotOpen("There is no such session.")
    return found


def _must_be_ahead(session: BriefingSession, now: datetime) -> None:
    if session.cancelled_at is not None:
        raise NotOpen("This session was cancelled.")
    if session.starts_at <= now:
        raise NotOpen("This session has begun.")


def _here(session_id: int, *, seated: bool) -> list[SignUp]:
    """Who has a seat, or who waits for one, in the order in which they asked."""
    return list(
        db.session.scalars(
            select(SignUp)
            .where(
                SignUp.session_id == session_id,
                SignUp.left_at.is_(None),
                SignUp.seated_at.is_not(None) if seated else SignUp.seated_at.is_(None),
            )
            .order_by(SignUp.id)
        )
    )


def _mine(session_id: int, person_id: int) -> SignUp | None:
    return db.session.scalar(
        select(SignUp).where(SignUp.session_id == session_id, SignUp.person_id == person_id, SignUp.left_at.is_(None))
    )


def _move_up(session: BriefingSession, now: datetime) -> None:
    """Seat as many of the waiting list as there are free seats, in its order, and tell them."""
    free = session.seats - len(_here(session.id, seated=True))
    for entry in _here(session.id, seated=False)[: max(free, 0)]:
        entry.seated_at = now
        outbox.post(_message(session, "session_seated", f"seated:{entry.id}", entry.person_id, "You have a seat", now))
    db.session.flush()


def _tell_all(session: BriefingSession, word: str, said: str, now: datetime) -> None:
    for entry in [*_here(session.id, seated=True), *_here(session.id, seated=False)]:
        key = f"session:{session.id}:{session.version}:{entry.id}"
        outbox.post(_message(session, "session_moved", key, entry.person_id, word, now, said=said))


def _message(
    session: BriefingSession, template: str, key: str, to: int, word: str, now: datetime, **facts: Any
) -> dict[str, Any]:
    course = db.session.get_one(Course, session.course_id).name
    starts = session.starts_at.astimezone(ZoneInfo(session.zone))
    return outbox.message(
        key, to=to, template=template, subject=f"{word}: {course}", about=("session", session.id), now=now,
        path=f"/training/sessions/{session.id}", course=course, place=session.place,
        starts=f"{starts:%A} {starts.day} {starts:%B %Y, %H:%M} ({session.zone.replace('_', ' ')})", **facts,
    )  # fmt: skip


def _wrong(plan: Plan, now: datetime) -> dict[str, str]:
    wrong = {}
    if plan.starts_at <= now:
        wrong["starts_at"] = "This is past. Choose a time to come."
    if plan.ends_at <= plan.starts_at:
        wrong["ends_at"] = "It ends before it begins."
    elif plan.ends_at - plan.starts_at > timedelta(days=14):
        wrong["ends_at"] = "A session lasts two weeks at most."
    if not plan.place:
        wrong["place"] = "Say where it is held, or how to join it."
    elif looks_like_passport_number(plan.place):
        wrong["place"] = "This holds a number like a passport's. Put a letter and a hyphen before a room's number."
    if not 1 <= plan.seats <= MOST_SEATS:
        wrong["seats"] = f"Give 1 to {MOST_SEATS:,} seats."
    return wrong


def names(session_id: int) -> list[Any]:
    """Everybody signed up, the seated first and then those who wait, each in the order they came in."""
    rank = func.coalesce(SignUp.seated_at, SignUp.asked_at)
    return list(
        db.session.execute(
            select(SignUp.id, SignUp.person_id, SignUp.seated_at, SignUp.asked_at, SignUp.checked_in_at, Person.name)
            .join(Person, Person.id == SignUp.person_id)
            .where(SignUp.session_id == session_id, SignUp.left_at.is_(None))
            .order_by(SignUp.seated_at.is_(None), rank, SignUp.id)
        )
    )
