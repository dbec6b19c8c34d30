"""The only place that gathers what a traveller takes along: one trip's verdict, journey, countries, guides, contacts.

The brief is facts alone, in words and plain types, with a digest; documents/trip_brief.py prints them. Nothing is
stored: a brief has gone stale when today's facts have another digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_name
from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import selectinload

from engage.extensions import db
from engage.models.engagements import Engagement, Leg, Traveller
from engage.models.people import Person, RoleGrant
from engage.models.trips import Clearance, Trip
from engage.reference.countries import Country, country
from engage.reference.holidays import ESTIMATED, holidays_in, weekend_of
from engage.reference.phones import emergency_numbers
from engage.rules.canonical import canonical_json, digest
from engage.rules.guide_text import SECTIONS
from engage.rules.policy import Role
from engage.services import acknowledgements, advisories, readiness

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_CONTACTS = 10

_E, _P, _G, _X = Engagement.__table__.c, Person.__table__.c, RoleGrant.__table__.c, Clearance.__table__.c
_ENGAGEMENT = (
    select(Engagement)
    .where(Engagement.id == bindparam("engagement"))
    .options(
        selectinload(Engagement.legs), selectinload(Engagement.partners), selectinload(Engagement.objectives),
        selectinload(Engagement.costs), selectinload(Engagement.forum), selectinload(Engagement.event),
        selectinload(Engagement.requester), selectinload(Engagement.travellers).selectinload(Traveller.person),
    )
)  # fmt: skip
_ON_DUTY = (
    select(_G.role, _P.name, _P.email)
    .join(Person.__table__, _P.id == _G.person_id)
    .where(
        _G.role.in_([Role.SECRETARIAT, Role.DUTY_OFFICER]),
        _G.starts_on <= bindparam("today"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        _P.disabled_at.is_(None),
    )
    .order_by(_G.role, _P.name, _P.id)
    .limit(MOST_CONTACTS)
)
_CLEARANCES = select(_X.kind, _X.country_code, _X.status, _X.reference, _X.valid_until, _X.restriction).where(
    _X.trip_id == bindparam("trip")
)


@dataclass(frozen=True)
class Brief:
    """What one traveller takes along, as of a day of the office; `facts` are JSON, `digest` their SHA-256."""

    title: str
    traveller: str
    as_of: date
    facts: dict[str, Any]
    digest: str
    made_at: datetime  # the beginning of that day: the same facts on the same day make the same bytes


def of(trip: Trip, *, today: date, home_zone: str) -> Brief:
    """The brief of a trip on the office's day `today`; times are told from `home_zone`."""
    engagement = db.session.scalars(_ENGAGEMENT, {"engagement": trip.engagement_id}).one()
    traveller = db.session.get_one(Person, trip.person_id)
    levels = advisories.on(today, {leg.country_code for leg in engagement.legs})
    facts = {
        "title": engagement.title,
        "traveller": traveller.name,
        "days": _span(trip.departs_on, trip.returns_on),
        "cancelled": trip.cancelled_at is not None,
        "verdict": _verdict(trip.id, today),
        "journey": [_stay(leg, home_zone) for leg in engagement.legs],
        "countries": [_country(code, engagement.legs, levels) for code in _codes(engagement.legs)],
        "guides": [_guide(version) for version in acknowledgements.owed(trip)],
        "contacts": _contacts(engagement, today),
        "clearances": _clearances(trip.id),
        "field_sheet": _field_sheet(engagement, traveller, trip),
    }
    made_at = datetime(today.year, today.month, today.day, tzinfo=ZoneInfo(home_zone))
    return Brief(engagement.title, traveller.name, today, facts, digest(canonical_json(facts)), made_at)


def _verdict(trip_id: int, today: date) -> dict[str, Any]:
    verdict = readiness.verdict(trip_id, today)
    return {
        "cleared": verdict.cleared,
        "sentence": "Cleared to travel." if verdict.cleared else verdict.sentence,
        "missing": [item.why for item in verdict.missing],
    }


def _stay(leg: Leg, home_zone: str) -> dict[str, str]:
    known = country(leg.country_code)
    return {
        "place": ", ".join(dict.fromkeys(part for part in (leg.city, known.name if known else "") if part)),
        "days": _span(leg.arrives_on, leg.departs_on),
        "clock": _difference(leg, home_zone),
        "purpose": "Stop on the way" if leg.transit else "Stay",
    }


def _difference(leg: Leg, home_zone: str) -> str:
    """How the clocks of a stay stand to those at home, at noon of the day of arrival."""
    if not leg.zone:
        return "Time zone not known"
    noon = datetime(leg.arrives_on.year, leg.arrives_on.month, leg.arrives_on.day, 12, tzinfo=ZoneInfo(leg.zone))
    ahead = (noon.utcoffset() or timedelta()) - (noon.astimezone(ZoneInfo(home_zone)).utcoffset() or timedelta())
    hours = f"{abs(ahead) / timedelta(hours=1):g}"
    side = "ahead of" if ahead > timedelta() else "behind"
    words = f"{hours} hours {side} home" if ahead else "the same time as at home"
    return f"{leg.zone.replace('_', ' ')}: {words}"


def _codes(legs: Iterable[Leg]) -> list[str]:
    return list(dict.fromkeys(leg.country_code for leg in legs))


def _country(code: str, legs: Iterable[Leg], levels: dict[str, advisories.Level]) -> dict[str, Any]:
    stays = [leg for leg in legs if leg.country_code == code]
    known: Country | None = country(code)
    days: dict[date, str] = {}
    for leg in stays:
        days |= holidays_in(code, leg.arrives_on, leg.departs_on)
    level = levels.get(code)
    return {
        "name": known.name if known else code,
        "advisory": f"Level {level.level}: {level.meaning.lower()}, as of {_day(level.as_of)}. Source: {level.source}"
        if level
        else "No advisory is recorded. Ask the secretariat before you go.",
        "holidays": [f"{_day(day)}: {name}" for day, name in sorted(days.items())],
        "holidays_caution": ESTIMATED,
        "facts": [
            [label, said]
            for label, said in (
                ("Weekend", " and ".join(WEEKDAYS[day] for day in sorted(weekend_of(code)))),
                ("Languages", ", ".join(known.languages) if known else ""),
                ("Currency", ", ".join(_currency(c) for c in known.currencies) if known else ""),
                ("Calling code", ", ".join(known.calling_codes) if known else ""),
                ("Emergency", ", ".join(emergency_numbers(code))),
            )
            if said
        ],
    }


def _currency(code: str) -> str:
    return f"{get_currency_name(code, locale='en')} ({code})"


def _guide(version: Any) -> dict[str, Any]:
    return {
        "title": version.title,
        "version": f"Version {version.number}, reviewed {_day(version.reviewed_on)}"
        + (", starter text not yet reviewed by the protocol office" if version.starter else ""),
        "summary": version.content["summary"],
        "must_know": version.content["must_know"],
        "sections": [
            {"heading": heading, "text": version.content["sections"][slug]}
            for slug, heading in SECTIONS.items()
            if version.content["sections"].get(slug)
        ],
    }


def _contacts(engagement: Engagement, today: date) -> list[list[str]]:
    lead = next((t.person for t in engagement.travellers if t.is_lead and t.person), None)
    named = [["Lead traveller", lead.name, lead.email]] if lead else []
    if engagement.requester:
        named.append(["Asked for it", engagement.requester.name, engagement.requester.email])
    on_duty = db.session.execute(_ON_DUTY, {"today": today})
    return named + [[row.role.label, row.name, row.email] for row in on_duty]


def _clearances(trip_id: int) -> list[list[str]]:
    rows = db.session.execute(_CLEARANCES, {"trip": trip_id}).all()
    return sorted(
        [
            f"{row.kind.value.capitalize()} clearance, {_name(row.country_code)}",
            row.status.value.capitalize() + (f": {row.restriction}" if row.restriction else ""),
            row.reference or "no reference yet",
        ]
        for row in rows
    )


def _name(code: str) -> str:
    known = country(code)
    return known.name if known else code


def _field_sheet(engagement: Engagement, traveller: Person, trip: Trip) -> list[list[str]]:
    """In the order in which clearance and booking systems ask: who, when, where, whom, why, who pays."""
    total = sum((line.amount for line in engagement.costs), start=0)
    outside = sorted({line.funder for line in engagement.costs if line.non_federal})
    said = [
        ("Traveller", traveller.name),
        ("E-mail address", traveller.email),
        ("Party", ", ".join(t.person.name if t.person else t.name_given for t in engagement.travellers)),
        ("Departs", _day(trip.departs_on)),
        ("Returns", _day(trip.returns_on)),
        ("Itinerary", "; ".join(map(_stop, engagement.legs))),
        ("Hosts", ", ".join(partner.name for partner in engagement.partners)),
        ("Forum or event", ", ".join(one.name for one in (engagement.forum, engagement.event) if one)),
        ("Purpose", engagement.purpose),
        ("Outcome sought", engagement.outcome_sought),
        ("Objectives", ", ".join(f"{objective.code} {objective.title}" for objective in engagement.objectives)),
        ("Estimated cost of the party", f"${total:,.2f}"),
        ("Funders", ", ".join(sorted({line.funder for line in engagement.costs}))),
        ("Paid by a non-federal source", ", ".join(outside) or "Nothing"),
        ("State of the request", f"{engagement.state.label}, engagement {engagement.id}"),
    ]  # fmt: skip
    return [[label, value] for label, value in said if value]


def _stop(leg: Leg) -> str:
    return f"{leg.city}, {_name(leg.country_code)} {_span(leg.arrives_on, leg.departs_on)}"


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def _span(first: date, last: date) -> str:
    return _day(first) if first == last else f"{_day(first)} to {_day(last)}"
