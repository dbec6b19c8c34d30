"""What the steps of a request offer to choose from: countries, cities, partners, forums, events, people."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select

from engage.extensions import db
from engage.models.partners import Event, Forum, Partner
from engage.models.people import Person
from engage.reference.countries import countries as all_countries
from engage.web.requests import queries

MOST = 1_000  # of a register in one list; beyond, names are typed on the page with everything
FOUND = 8  # people at once
LEAST = 2  # letters before people are looked for

_PA, _F, _E, _P = (t.__table__.c for t in (Partner, Forum, Event, Person))
_PARTNERS = (
    select(_PA.name, _PA.short_name, _PA.country_code)
    .where(_PA.merged_into_id.is_(None))
    .order_by(_PA.name, _PA.id)
    .limit(MOST)
)
_FORUMS = select(_F.code, _F.name).order_by(_F.name, _F.id).limit(MOST)
_EVENTS = (
    select(_E.id, _E.name, _E.starts_on, _E.city)
    .where(_E.starts_on >= bindparam("since"))
    .order_by(_E.starts_on, _E.id)
    .limit(MOST)
)
_CITIES = select(_E.city).where(_E.city != "").distinct().order_by(_E.city).limit(MOST)


@cache
def countries() -> Sequence[str]:
    """The names of all countries."""
    return tuple(sorted(known.name for known in all_countries()))


def cities() -> list[str]:
    """The cities in which events of the register take place."""
    return list(db.session.scalars(_CITIES))


def partners() -> list[tuple[str, str]]:
    """Every partner: as the form takes it, and as it is read."""
    rows = db.session.execute(_PARTNERS)
    return [(f"{r.name} ({r.country_code})" if r.country_code else r.name, _read(r)) for r in rows]


def _read(row: Any) -> str:
    name = f"{row.name} ({row.country_code})" if row.country_code else row.name
    return name if row.short_name in ("", row.name) else f"{name}, {row.short_name}"


def forums() -> list[tuple[str, str]]:
    """Every forum: its code, and its name."""
    return [(row.code, f"{row.name} ({row.code})") for row in db.session.execute(_FORUMS)]


def events(since: date) -> list[tuple[str, str]]:
    """The events from a day on: as the form takes them, and as they are read."""
    rows = db.session.execute(_EVENTS, {"since": since})
    return [(f"{r.name} ({r.starts_on})", f"{r.name}, {r.city or 'no city'}, {r.starts_on:%d %b %Y}") for r in rows]


def event_ids(since: date) -> list[tuple[int, str]]:
    """The events from a day on, by number."""
    rows = db.session.execute(_EVENTS, {"since": since})
    return [(r.id, f"{r.name}, {r.city or 'no city'}, {r.starts_on:%d %b %Y}") for r in rows]


def people(typed: str) -> list[Row[Any]]:
    """A few people whose name or address holds what was typed, by name; none for too little."""
    text = " ".join(typed.split()).casefold()[:100]
    if len(text) < LEAST:
        return []
    held = or_(func.lower(_P.name).contains(text, autoescape=True), _P.email.startswith(text, autoescape=True))
    found = select(_P.id, _P.name, _P.email).where(held, _P.disabled_at.is_(None)).order_by(_P.name, _P.id).limit(FOUND)
    return list(db.session.execute(found))


def named(names: Sequence[str]) -> list[tuple[str, str]]:
    """Travellers as they were typed, with the name of the account where there is one."""
    known = queries.people_called(names) if names else []
    by_word = {row.email: row.name for row in known} | {row.name: row.name for row in known}
    return [(name, by_word.get(name) or by_word.get(name.lower()) or "") for name in names]
