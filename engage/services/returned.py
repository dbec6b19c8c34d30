"""The only writer of Itinerary, its stays and Claim: how a trip was in the end, told by its traveller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.places import Country
from engage.models.returned import Claim, Itinerary, TravelledLeg
from engage.models.trips import Trip
from engage.rules.claims import looks_like_bank_data
from engage.rules.passports import looks_like_passport_number
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, trips

LONGEST, LONGEST_LINE, MOST_STAYS = 2_000, 100, 30
ONLY_REFERENCES = "Only the finance system's reference belongs here: no account, card or document number."

_J, _K, _W, _L, _C = (t.__table__.c for t in (Itinerary, Claim, TravelledLeg, Leg, Country))
_ITINERARY = select(Itinerary).where(_J.trip_id == bindparam("trip"))
_CLAIM = select(Claim).where(_K.trip_id == bindparam("trip"))
_STAYS = (
    select(_W.country_code, _C.name.label("country"), _W.city, _W.arrives_on, _W.departs_on)
    .join_from(TravelledLeg.__table__, Country.__table__, _C.code == _W.country_code)
    .where(_W.itinerary_id == bindparam("itinerary"))
    .order_by(_W.position)
)
_APPROVED = (
    select(_L.country_code, _C.name.label("country"), _L.city, _L.arrives_on, _L.departs_on)
    .join_from(Leg.__table__, Country.__table__, _C.code == _L.country_code)
    .where(_L.engagement_id == bindparam("engagement"))
    .order_by(_L.position)
)


@dataclass(frozen=True)
class Stay:
    """One stay as it was."""

    country_code: str
    city: str
    arrives_on: date | None
    departs_on: date | None


def itinerary(trip_id: int) -> Itinerary | None:
    """What the traveller said of the journey, if anything."""
    return db.session.scalar(_ITINERARY, {"trip": trip_id})


def travelled(itinerary_id: int) -> list[Row[Any]]:
    """The stays as travelled, where they differ from those approved."""
    return list(db.session.execute(_STAYS, {"itinerary": itinerary_id}))


def approved(engagement_id: int) -> list[Row[Any]]:
    """The stays as approved."""
    return list(db.session.execute(_APPROVED, {"engagement": engagement_id}))


def claim_of(trip_id: int) -> Claim | None:
    """The claim of a trip, if one was handed in."""
    return db.session.scalar(_CLAIM, {"trip": trip_id})


def state_journey(
    trip: Trip, *, as_approved: bool, stays: Sequence[Stay] = (), why: str = "", by: Actor, now: datetime, today: date
) -> Itinerary:
    """Say that the journey went as approved, or how it really was and why; said again, the last word holds.

    Raises NotAllowed, NotOpen before the return, or Incomplete; a stay's faults stand at "stays-<place>".
    """
    _may_state(trip, by, today)
    at = {} if as_approved else _wrong(stays, why, today)
    if at:
        raise Incomplete(at)
    said = itinerary(trip.id)
    if said is None:
        said = Itinerary(trip_id=trip.id)
        db.session.add(said)
    before = None if said.id is None else {"as_approved": said.as_approved, "why": said.why}
    said.as_approved, said.why = as_approved, "" if as_approved else why
    said.stated_at, said.stated_by_id = now, by.id  # type: ignore[assignment]
    db.session.flush()
    db.session.execute(delete(TravelledLeg).where(_W.itinerary_id == said.id))
    if not as_approved:
        db.session.add_all(
            TravelledLeg(itinerary_id=said.id, position=place, **vars(stay)) for place, stay in enumerate(stays)
        )
        db.session.flush()
    after = {"as_approved": as_approved, "why": said.why, "stays": [] if as_approved else [vars(s) for s in stays]}
    audit.record("state_journey", about=("trip", trip.id), by=by, now=now, before=before, after=after)
    return said


def _wrong(stays: Sequence[Stay], why: str, today: date) -> dict[str, str]:
    at = {}
    if not why or len(why) > LONGEST:
        at["why"] = f"Use at most {LONGEST:,} characters." if why else "Say why the journey was another."
    if not stays or len(stays) > MOST_STAYS:
        at["stays"] = "Write down the stays as they were." if not stays else f"At most {MOST_STAYS} stays."
    last = None
    for place, stay in enumerate(stays):
        name = f"stays-{place}"
        if db.session.get(Country, stay.country_code or "") is None:
            at[name] = "Choose the country of this stay."
        elif not stay.city or len(stay.city) > LONGEST_LINE:
            at[name] = "Name the city."
        elif stay.arrives_on is None or stay.departs_on is None:
            at[name] = "Give the days of arrival and departure."
        elif stay.departs_on < stay.arrives_on:
            at[name] = "The departure is before the arrival."
        elif stay.departs_on > today:
            at[name] = "That day is still to come."
        elif last and stay.arrives_on < last:
            at[name] = "This stay begins before the one above it ends."
        else:
            last = stay.departs_on
    return at


def hand_in(
    trip: Trip, *, reference: str, handed_in_on: date | None, settled_on: date | None = None, by: Actor, now: datetime,
    today: date,
) -> Claim:  # fmt: skip
    """Write down that the claim was handed in, and when it was settled: never an amount, an account or a card.

    Raises NotAllowed, NotOpen before the return, or Incomplete.
    """
    _may_state(trip, by, today)
    at = {}
    if not reference or len(reference) > LONGEST_LINE:
        long = f"Use at most {LONGEST_LINE} characters."
        at["reference"] = long if reference else "Give the reference that the finance system shows."
    elif looks_like_bank_data(reference) or looks_like_passport_number(reference):
        at["reference"] = ONLY_REFERENCES
    if handed_in_on is None or not trip.departs_on <= handed_in_on <= today:
        at["handed_in_on"] = "Give a day from the departure to today."
    if settled_on is not None and not (handed_in_on or settled_on) <= settled_on <= today:
        at["settled_on"] = "Give a day from that of the claim to today."
    if at or handed_in_on is None:
        raise Incomplete(at)
    claim = claim_of(trip.id)
    before = claim and {name: getattr(claim, name) for name in ("reference", "handed_in_on", "settled_on")}
    if claim is None:
        claim = Claim(trip_id=trip.id)
        db.session.add(claim)
    claim.reference, claim.handed_in_on, claim.settled_on = reference, handed_in_on, settled_on
    claim.recorded_at, claim.recorded_by_id = now, by.id  # type: ignore[assignment]
    db.session.flush()
    audit.record(
        "hand_in_claim", about=("trip", trip.id), by=by, now=now, before=before,
        after={"reference": reference, "handed_in_on": handed_in_on, "settled_on": settled_on},
    )  # fmt: skip
    return claim


def _may_state(trip: Trip, by: Actor, today: date) -> None:
    subject = trips.subject(trip.id, today)
    if subject is None or not may(by, Do.STATE_JOURNEY, subject) or by.id is None:
        raise NotAllowed("Only the traveller says how the journey was.")
    if trip.cancelled_at is not None:
        raise NotOpen("This trip was cancelled.")
    if trip.returns_on > today:
        raise NotOpen("You are not back yet: say it from the day of your return on.")
