"""The only writer of EmergencyContact: whom to call, seen by duty officers with a line in the trail, gone in time."""

from datetime import date, datetime, timedelta

import phonenumbers
from sqlalchemy import bindparam, or_, select

from engage.extensions import db
from engage.models.away import EmergencyContact
from engage.models.trips import Trip
from engage.rules.passports import looks_like_passport_number
from engage.rules.policy import PROGRAM, Actor, Do, See, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, trips
from engage.services.norms import norm_on

_X, _T = EmergencyContact.__table__.c, Trip.__table__.c
_OF = select(EmergencyContact).where(_X.trip_id == bindparam("trip"))
_OVER = (
    select(EmergencyContact)
    .join(Trip, _T.id == _X.trip_id)
    .where(or_(_T.returns_on < bindparam("before"), _T.cancelled_at.is_not(None)))
    .order_by(_X.id)
    .limit(500)
)


def keep(
    trip: Trip, *, name: str, phone: str, relation: str = "", by: Actor, now: datetime, today: date
) -> EmergencyContact:
    """Write down whom to call for the traveller; a later word replaces the earlier one.

    `phone` is international, with a plus. Raises NotAllowed, NotOpen for a trip that is over, or Incomplete.
    """
    subject = trips.subject(trip.id, today)
    if subject is None or not may(by, Do.KEEP_CONTACT, subject):
        raise NotAllowed("Only the traveller says whom to call.")
    if trip.cancelled_at is not None or trip.returns_on < today:
        raise NotOpen("This trip is over: nobody needs to be called.")
    wrong = {} if name else {"name": "Give the name of the person to call."}
    number = _number(phone)
    if number is None:
        wrong["phone"] = "Give a phone number with its country code, such as +1 202 555 0100."
    wrong |= {
        field: "This looks like a passport number, which is never kept here."
        for field, said in (("name", name), ("relation", relation))
        if looks_like_passport_number(said)
    }
    if wrong or number is None:
        raise Incomplete(wrong)
    contact = db.session.scalar(_OF.with_for_update(), {"trip": trip.id}) or EmergencyContact(trip_id=trip.id)
    contact.name, contact.phone, contact.relation, contact.recorded_at = name, number, relation, now
    db.session.add(contact)
    db.session.flush()
    audit.record("keep_emergency_contact", about=("trip", trip.id), by=by, now=now)  # never what it says
    return contact


def find(trip_id: int, *, by: Actor, now: datetime, today: date) -> EmergencyContact | None:
    """Whom to call; None when nobody was named, or it is not `by`'s to see. Another's look leaves a line."""
    subject = trips.subject(trip_id, today)
    if subject is None or not may(by, See.EMERGENCY_CONTACT, subject):
        return None
    contact = db.session.scalar(_OF, {"trip": trip_id})
    if contact is not None and by.id not in subject.traveller_ids:
        audit.record("look_emergency_contact", about=("trip", trip_id), by=by, now=now)
    return contact


def purge(today: date, *, now: datetime) -> int:
    """Delete the contacts of trips that are over for the norm's days, or cancelled; gives how many. Flushes."""
    before = today - timedelta(days=norm_on("emergency_contact_days", today))
    over = list(db.session.scalars(_OVER, {"before": before}))
    for contact in over:
        audit.record("purge_emergency_contact", about=("trip", contact.trip_id), by=PROGRAM, now=now)
        db.session.delete(contact)
    db.session.flush()
    return len(over)


def _number(phone: str) -> str | None:
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
