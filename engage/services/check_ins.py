"""The only writer of CheckIn: one tap says that a traveller is well, and silence has a moment at which it begins."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.away import CheckIn
from engage.models.people import Person
from engage.models.trips import Trip
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, duties, outbox, sessions, trips
from engage.services.norms import norm_on

LONGEST_NOTE = 200  # characters
SAME_TAP = timedelta(minutes=5)  # a line that broke off makes people tap again

_C = CheckIn.__table__.c
_LAST = select(CheckIn).where(_C.trip_id == bindparam("trip")).order_by(_C.id.desc()).limit(5)
_CALL = select(CheckIn).where(_C.id == bindparam("call")).with_for_update()


def last(trip_id: int) -> list[CheckIn]:
    """The last five check-ins of a trip, the newest first."""
    return list(db.session.scalars(_LAST, {"trip": trip_id}))


def check_in(trip: Trip, *, well: bool, note: str = "", by: Actor, now: datetime) -> CheckIn:
    """Note that the traveller is well, or needs help; a call for help goes to every duty officer at once.

    The same tap within five minutes is the same check-in. Raises NotAllowed; NotOpen when the trip was cancelled
    or nobody is away; Incomplete at "note".
    """
    today = sessions.office_day(now, _home_zone())
    subject = trips.subject(trip.id, today)
    if subject is None or not may(by, Do.CHECK_IN, subject):
        raise NotAllowed("Only the traveller checks in.")
    db.session.refresh(trip, with_for_update=True)
    if trip.cancelled_at is not None:
        raise NotOpen("This trip was cancelled: nobody is away.")
    if not trip.departs_on - timedelta(days=1) <= today <= trip.returns_on + timedelta(days=1):
        raise NotOpen("Check in from the day before departure to the day after the return.")
    if len(note) > LONGEST_NOTE:
        raise Incomplete({"note": f"Use at most {LONGEST_NOTE} characters."})
    newest = next(iter(last(trip.id)), None)
    if newest and (newest.well, newest.note) == (well, note) and now - newest.at < SAME_TAP:
        return newest
    made = CheckIn(trip_id=trip.id, by_id=by.id, well=well, note=note, at=now)
    db.session.add(made)
    trip.check_in_due_at = now + timedelta(hours=norm_on("check_in_hours", today))
    db.session.flush()
    audit.record("check_in", about=("trip", trip.id), by=by, now=now, well=well)
    if not well:
        _call_for_help(trip, made, by, now, today)
    return made


def _call_for_help(trip: Trip, call: CheckIn, by: Actor, now: datetime, today: date) -> None:
    supervisor = db.session.get_one(Person, trip.person_id).supervisor_id
    hearing = dict.fromkeys([*duties.holding(Role.DUTY_OFFICER, today), *([supervisor] if supervisor else [])])
    outbox.post(
        *(
            outbox.message(
                f"help:{call.id}:{person_id}", to=person_id, template="help_asked", about=("trip", trip.id), now=now,
                subject=f"Help is asked: {by.name}", path=f"/trips/{trip.id}", traveller=by.name, note=call.note,
            )
            for person_id in hearing
        )
    )  # fmt: skip


def answer(call_id: int, *, by: Actor, now: datetime) -> None:
    """Say that one has taken up a call for help. Raises NotAllowed, or NotOpen when somebody has already."""
    if not may(by, Do.ANSWER_CALL):
        raise NotAllowed("Only duty officers take up a call for help.")
    call = db.session.scalar(_CALL, {"call": call_id})
    if call is None or call.well:
        raise NotOpen("Nobody calls for help here.")
    if call.answered_at is not None:
        raise NotOpen("Somebody has taken up this call already.")
    call.answered_at, call.answered_by_id = now, by.id
    db.session.flush()
    audit.record("answer_call", about=("trip", call.trip_id), by=by, now=now, call=call.id)


def _home_zone() -> str:
    zone: Any = current_app.config["SETTINGS"].home_zone
    return str(zone)
