"""The only writer of Trip and Clearance: opened by the approval, then what outsiders answered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.engagements import Item, Leg, Traveller
from engage.models.guidance import Assistance
from engage.models.people import Person
from engage.models.trips import Clearance, Trip
from engage.rules.passports import looks_like_passport_number
from engage.rules.policy import PROGRAM, Actor, Do, See, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.rules.trip_state import silence_begins
from engage.services import audit, outbox, sessions, watch
from engage.services.norms import norm_on

_T, _I, _P, _L, _TR = (
    Trip.__table__.c,
    Item.__table__.c,
    Person.__table__.c,
    Leg.__table__.c,
    Traveller.__table__.c,
)
_S = Assistance.__table__.c
_DATES = select(func.min(_L.arrives_on), func.max(_L.departs_on)).where(_L.engagement_id == bindparam("engagement"))
_GOING = (
    select(_TR.person_id)
    .where(_TR.engagement_id == bindparam("engagement"), _TR.person_id.is_not(None))
    .order_by(_TR.position)
)
_TITLE = select(_I.title).where(_I.id == bindparam("engagement"))
_SUBJECT = (
    select(_I.state, _I.requester_id, _T.person_id, _P.supervisor_id, _S.assistant_id)
    .select_from(
        Trip.__table__.join(Item.__table__, _I.id == _T.engagement_id)
        .join(Person.__table__, _P.id == _T.person_id)
        .outerjoin(
            Assistance.__table__,
            (_S.person_id == _T.person_id)
            & _S.revoked_at.is_(None)
            & (_S.starts_on <= bindparam("today"))
            & (_S.ends_on >= bindparam("today")),
        )
    )
    .where(_T.id == bindparam("trip"))
)


def open_for(engagement_id: int, *, now: datetime) -> None:
    """Let the trips of an approved engagement follow it: one for each known traveller, first arrival to last departure.

    Twice is the same as once. Where the stays have moved, the dates follow; the trip of who goes no longer is
    cancelled, that of who goes again is taken up. Without stays nobody goes.
    """
    first, last = db.session.execute(_DATES, {"engagement": engagement_id}).one()
    if first is None:
        return
    title = db.session.scalar(_TITLE, {"engagement": engagement_id}) or ""
    silent_from = silence_begins(
        first, ZoneInfo(current_app.config["SETTINGS"].home_zone), norm_on("check_in_hours", first)
    )
    known = {trip.person_id: trip for trip in _of(engagement_id)}
    going = db.session.scalars(_GOING, {"engagement": engagement_id}).all()
    for person_id in going:
        trip = known.get(person_id)
        if trip is None:
            trip = Trip(
                engagement_id=engagement_id,
                person_id=person_id,
                departs_on=first,
                returns_on=last,
                opened_at=now,
                check_in_due_at=silent_from,
            )
            db.session.add(trip)
            db.session.flush()
            audit.record("open_trip", about=("trip", trip.id), by=PROGRAM, now=now, engagement=engagement_id)
            watch.person(person_id, f"The trip “{title}” was added: days abroad add up.", today=first)
            _tell(trip, "trip_opened", f"Get ready to travel: {title}", title, now)
            continue
        if trip.cancelled_at is not None:
            trip.cancelled_at, trip.departs_on, trip.returns_on = None, first, last
            audit.record("reopen_trip", about=("trip", trip.id), by=PROGRAM, now=now, engagement=engagement_id)
            _tell(trip, "trip_opened", f"Get ready to travel: {title}", title, now, again=True)
        elif (trip.departs_on, trip.returns_on) != (first, last):
            before = [trip.departs_on, trip.returns_on]
            trip.departs_on, trip.returns_on = first, last
            trip.check_in_due_at = silent_from
            audit.record("move_trip", about=("trip", trip.id), by=PROGRAM, now=now, before=before, after=[first, last])
            watch.person(person_id, f"The trip “{title}” now lasts from {_day(first)} to {_day(last)}.", today=first)
    for person_id in sorted(known.keys() - set(going)):
        _cancel(known[person_id], title, now, reason="You are no longer named to travel on it.")
    db.session.flush()


def cancel_for(engagement_id: int, *, reason: str = "", now: datetime) -> None:
    """Cancel the trips of an engagement that will not take place, or of which `reason` says more. Twice is once."""
    title = db.session.scalar(_TITLE, {"engagement": engagement_id}) or ""
    for trip in _of(engagement_id):
        _cancel(trip, title, now, reason=reason)
    db.session.flush()


def _cancel(trip: Trip, title: str, now: datetime, *, reason: str) -> None:
    if trip.cancelled_at is None:
        trip.cancelled_at = now
        audit.record("cancel_trip", about=("trip", trip.id), by=PROGRAM, now=now, engagement=trip.engagement_id)
        said = f"Do not travel: {title}" + ("" if reason else " was cancelled")
        _tell(trip, "trip_cancelled", said, title, now, again=True, reason=reason)


def _of(engagement_id: int) -> list[Trip]:
    return list(
        db.session.scalars(select(Trip).where(Trip.engagement_id == engagement_id).order_by(Trip.id).with_for_update())
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _tell(
    trip: Trip, template: str, subject: str, title: str, now: datetime, *, again: bool = False, **facts: Any
) -> None:
    """One message to the traveller; `again` where it may be told of this trip more than once."""
    outbox.post(
        outbox.message(
            f"{template}:{trip.id}" + (f":{now.isoformat()}" if again else ""),
            to=trip.person_id,
            template=template,
            subject=subject,
            about=("trip", trip.id),
            now=now,
            title=title,
            event={"begins": str(trip.departs_on), "ends": str(trip.returns_on)} if not trip.cancelled_at else None,
            departs_on=f"{trip.departs_on.day} {trip.departs_on:%B %Y}",
            returns_on=f"{trip.returns_on.day} {trip.returns_on:%B %Y}",
            **facts,
        )
    )


def subject(trip_id: int, today: date) -> Subject | None:
    """The trip as the policy sees it on `today`: its traveller, their assistants and supervisor, and who asked.

    One statement.
    """
    rows = db.session.execute(_SUBJECT, {"trip": trip_id, "today": today}).all()
    if not rows:
        return None
    row = rows[0]
    return Subject(
        assistant_ids=frozenset(one.assistant_id for one in rows if one.assistant_id),
        state=row.state,
        requester_id=row.requester_id,
        traveller_ids=frozenset({row.person_id}),
        supervisor_id=row.supervisor_id,
    )


def find(trip_id: int, *, by: Actor, today: date = date.max) -> tuple[Trip, Subject] | None:
    """The trip and its subject, or None when there is none whose readiness `by` may see.

    `today` is the day on which an assistant is asked for; without it no assistant counts.
    """
    found = subject(trip_id, today)
    if found is None or not may(by, See.READINESS, found):
        return None
    trip = db.session.get(Trip, trip_id)
    return None if trip is None else (trip, found)


def look(trip: Trip, *, by: Actor, now: datetime) -> None:
    """Leave the line that a look at somebody else's readiness leaves; one's own leaves none."""
    if trip.person_id != by.id:
        audit.record("look", about=("trip", trip.id), by=by, now=now)


def record_debrief(trip_id: int, done_on: date, *, by: Actor, now: datetime) -> None:
    """Note that the traveller was debriefed on a day: that it was done, never what was said.

    Raises NotAllowed, NotOpen for a cancelled trip, or Incomplete at "done_on".
    """
    today = sessions.office_day(now, by.zone)
    what = subject(trip_id, today=today)
    trip = db.session.get(Trip, trip_id, with_for_update=True)
    if trip is None or what is None or not may(by, Do.DEBRIEF, what):
        raise NotAllowed("A debrief is recorded by the secretariat, a reviewer or a training owner, never one's own.")
    if trip.cancelled_at is not None:
        raise NotOpen("This trip was cancelled: there is nothing to debrief.")
    if not trip.departs_on <= done_on <= today:
        raise Incomplete({"done_on": "Give a day from the departure to today."})
    before, trip.debriefed_on, trip.debriefed_by_id = trip.debriefed_on, done_on, by.id
    db.session.flush()
    audit.record("record_debrief", about=("trip", trip_id), by=by, now=now, before=before, after=done_on)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An outside clearance as somebody writes it down; `valid_until` None: without end."""

    kind: ClearanceKind
    country_code: str
    status: ClearanceStatus
    reference: str = ""
    decided_on: date | None = None
    valid_until: date | None = None
    restriction: str = ""


def record_clearance(trip: Trip, answer: Recorded, *, by: Actor, now: datetime) -> Clearance:
    """Write down how an outside clearance stands; a later record replaces it, and the trail keeps both.

    Raises NotAllowed, NotOpen for a cancelled trip, Incomplete with a sentence for each field that is wrong.
    """
    what = subject(trip.id, sessions.office_day(now, by.zone))
    if what is None or not may(by, Do.RECORD_CLEARANCE, what):
        raise NotAllowed("Only the traveller and the secretariat record the clearances of a trip.")
    if trip.cancelled_at is not None:
        raise NotOpen("This trip was cancelled: nothing more is recorded for it.")
    if wrong := _wrong(trip, answer, sessions.office_day(now, by.zone)):
        raise Incomplete(wrong)
    clearance = db.session.scalar(
        select(Clearance)
        .where(
            Clearance.trip_id == trip.id,
            Clearance.kind == answer.kind,
            Clearance.country_code == answer.country_code,
        )
        .with_for_update()
    )
    before = None if clearance is None else clearance.status
    if clearance is None:
        clearance = Clearance(trip_id=trip.id, kind=answer.kind, country_code=answer.country_code)
        db.session.add(clearance)
    clearance.status = answer.status
    clearance.reference = answer.reference
    clearance.decided_on = answer.decided_on
    clearance.valid_until = answer.valid_until
    clearance.restriction = answer.restriction
    clearance.recorded_at, clearance.recorded_by_id = now, by.id  # type: ignore[assignment]
    db.session.flush()
    audit.record(
        "record_clearance",
        about=("trip", trip.id),
        by=by,
        now=now,
        before=before,
        after=answer.status,
        kind=answer.kind,
        country=answer.country_code,
        reference=answer.reference,
        valid_until=answer.valid_until,
    )
    watch.trip(trip.id, f"The {answer.kind} clearance is recorded as {answer.status}.")
    return clearance


def _wrong(trip: Trip, answer: Recorded, today: date) -> dict[str, str]:
    """Field -> sentence, for each field that cannot stand as it is."""
    wrong: dict[str, str] = {}
    decided = answer.status is not ClearanceStatus.REQUESTED
    if answer.country_code not in countries_of(trip.engagement_id):
        wrong["country_code"] = "Choose a country of this trip."
    if looks_like_passport_number(answer.reference):
        wrong["reference"] = NO_PASSPORTS
    elif answer.status in ClearanceStatus.good() and not answer.reference:
        wrong["reference"] = "Give the reference of the answer: the number of the cable, letter or request."
    if looks_like_passport_number(answer.restriction):
        wrong["restriction"] = NO_PASSPORTS
    elif answer.status is ClearanceStatus.RESTRICTED and not answer.restriction:
        wrong["restriction"] = "Say what the restriction is."
    if decided and answer.decided_on is None:
        wrong["decided_on"] = "Give the day of the answer."
    elif answer.decided_on and answer.decided_on > today:
        wrong["decided_on"] = "This day is still to come. Give the day on which the answer came."
    if answer.valid_until and answer.valid_until < (answer.decided_on or today):
        wrong["valid_until"] = "This is before the day of the answer."
    return wrong


NO_PASSPORTS = (
    "This looks like a passport number, which is never kept here. If it is the clearance's own number, "
    "write what it is in front of it, with a hyphen: CABLE-1234567."
)


def countries_of(engagement_id: int) -> tuple[str, ...]:
    """The countries of the engagement's legs, each once, in the order of the journey."""
    codes = db.session.scalars(select(_L.country_code).where(_L.engagement_id == engagement_id).order_by(_L.position))
    return tuple(dict.fromkeys(codes))
