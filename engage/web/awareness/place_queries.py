"""What the map and the pages of countries read: how many engagements each country has, counted as its list counts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, String, and_, bindparam, case, func, literal, or_, select

from engage.extensions import db
from engage.models.engagements import Item, Leg
from engage.models.partners import Event, Forum, Partner
from engage.models.places import Country
from engage.reference import countries as reference
from engage.rules.policy import Actor
from engage.rules.standing import QUARTERS, Standing
from engage.rules.workflow import APPROVED
from engage.services.visibility import Scope, scope, visible
from engage.web.awareness.facts_queries import THEN, AsOf, Facts
from engage.web.awareness.facts_queries import when as facts
from engage.web.awareness.queries import LONGEST, stands

YEAR = timedelta(days=365)
SHADES = (1, 4, 8, 20)  # quarters from which a country is drawn in the first, second, third and fourth shade
MOST = 100
LATEST = 20  # of what took place in a country

_I, _L, _C, _P, _F, _V = (t.__table__.c for t in (Item, Leg, Country, Partner, Forum, Event))


class When(StrEnum):
    """Which engagements a map counts, by their first day."""

    AHEAD = "ahead"
    NOW = "now"
    PAST = "past"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {"ahead": "The next 12 months", "now": "Under way today", "past": "The past 12 months"}[self]

    def days(self, today: date) -> tuple[date, date]:
        """The first days that count, both included."""
        return {
            When.AHEAD: (today, today + YEAR), When.NOW: (today - LONGEST, today),
            When.PAST: (today - YEAR, today - timedelta(days=1)),
        }[self]  # fmt: skip

    def standings(self) -> tuple[Standing, ...]:
        """The standings that count."""
        return (Standing.UNDER_WAY,) if self is When.NOW else tuple(s for s in Standing if s is not Standing.ENDED)


@dataclass
class Tally:
    """How many engagements go to one country, by how they stand."""

    code: str
    name: str
    numbers: dict[Standing, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.numbers.values())

    @property
    def shade(self) -> int:
        """From 1, the lightest, to 4: by their weight, in which what is only thought of counts for less."""
        weight = sum(QUARTERS[standing] * number for standing, number in self.numbers.items())
        return max(1, sum(weight >= least for least in SHADES))

    @property
    def in_words(self) -> str:
        """How they stand: "2 approved, 1 being decided"."""
        return ", ".join(f"{number} {standing.label.lower()}" for standing, number in self.numbers.items())


@cache
def _tallies(of: Facts, seen_by: Scope, when: When, by_goal: bool) -> Select[Any]:
    """How many by country and standing; of history by all the countries of one together, as their text has them."""
    standing = case(*((stands(one, of), literal(one.value, String)) for one in when.standings()), else_=None)
    rows = select(of.id.label("id"), standing.label("standing")).where(
        of.starts_on >= bindparam("first"), of.starts_on <= bindparam("last"), of.seen(seen_by)
    )
    if by_goal:
        rows = rows.where(of.goal(bindparam("goal")))
    if of is THEN:
        rows = rows.add_columns(THEN.countries.label("country_code")).select_from(of.rows)
    else:
        stays = of.rows.join(Leg.__table__, and_(_L.engagement_id == of.id, ~_L.transit))
        rows = rows.add_columns(_L.country_code).select_from(stays).distinct()
    found = rows.subquery("found")
    return (
        select(found.c.country_code, found.c.standing, func.count())
        .where(found.c.standing.is_not(None))
        .group_by(found.c.country_code, found.c.standing)
    )


def tallies(who: Actor, seen: AsOf | date, when: When, goal: int | None) -> list[Tally]:
    """Every country to which `who` may see an engagement go, the most first. One statement."""
    seen = seen if isinstance(seen, AsOf) else AsOf(seen)
    first, last = when.days(seen.day)
    given: dict[str, Any] = {"me": who.id, "today": seen.day, "first": first, "last": last}
    given |= ({"goal": goal} if goal else {}) | ({"at": seen.at} if seen.at else {})
    rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    statement = _tallies(facts(seen.at), scope(who), when, goal is not None)
    for codes, standing, number in db.session.execute(statement, given):
        for code in codes.split():
            rows[code][standing] += number
    found = [
        Tally(code, named(code), {one: numbers[one] for one in Standing if one in numbers})
        for code, numbers in rows.items()
    ]
    return sorted(found, key=lambda one: (-one.total, one.name))


def named(code: str) -> str:
    """A country's name."""
    known = reference.country(code)
    return known.name if known else code


def list_url(
    when: When, seen: AsOf | date, code: str, goal: int | None, standing: Standing | None = None, as_of: str = ""
) -> str:
    """The list that a tally counts, or the part of it that stands so; `as_of` is what the page's address names."""
    first, last = when.days(seen.day if isinstance(seen, AsOf) else seen)
    stood = standing or (Standing.UNDER_WAY if when is When.NOW else None)
    query: Mapping[str, Any] = {"country": code, "from": first, "until": last, "standing": stood or "live"}
    extra = ({"goal": goal} if goal else {}) | ({"as_of": as_of} if as_of else {})
    return "/register?" + urlencode({**query, **extra})


_NAME = select(_C.code, _C.name, _C.region, _C.foreign).where(_C.code == bindparam("code"))
_PARTNERS = (
    select(_P.id, _P.name, _P.short_name, _P.kind)
    .where(_P.country_code == bindparam("code"), _P.merged_into_id.is_(None))
    .order_by(_P.name)
    .limit(MOST)
)
_FORUMS = (
    select(_F.id, _F.name, _F.code).where(_F.secretariat_country == bindparam("code")).order_by(_F.name).limit(MOST)
)
_EVENTS = (
    select(_V.name, _V.city, _V.starts_on, _V.ends_on)
    .where(_V.country_code == bindparam("code"), func.coalesce(_V.ends_on, _V.starts_on) >= bindparam("today"))
    .order_by(_V.starts_on, _V.id)
    .limit(20)
)


def country(code: str) -> Any:
    """A country's row, or None."""
    return db.session.execute(_NAME, {"code": code}).one_or_none()


def partners(code: str) -> list[Any]:
    """The partners of a country, by name."""
    return list(db.session.execute(_PARTNERS, {"code": code}))


def forums(code: str) -> list[Any]:
    """The forums whose secretariat sits in a country, by name."""
    return list(db.session.execute(_FORUMS, {"code": code}))


def events(code: str, today: date) -> list[Any]:
    """What others hold there and is not over."""
    return list(db.session.execute(_EVENTS, {"code": code, "today": today}))


@cache
def _last(seen_by: Scope) -> Select[Any]:
    over = or_(_I.ends_on < bindparam("today"), and_(_I.ends_on.is_(None), _I.starts_on < bindparam("today")))
    return (
        select(_I.id, _I.title, _I.state, _I.starts_on, _I.ends_on)
        .join_from(Leg.__table__, Item.__table__, _I.id == _L.engagement_id)
        .where(
            _L.country_code == bindparam("code"), ~_L.transit, _L.arrives_on < bindparam("today"), over,
            _I.state.in_(sorted(APPROVED)), visible(seen_by),
        )
        .order_by(_L.arrives_on.desc(), _L.engagement_id.desc())
        .limit(2 * LATEST)
    )  # fmt: skip


@cache
def _last_then(seen_by: Scope) -> Select[Any]:
    over = or_(THEN.ends_on < bindparam("today"), and_(THEN.ends_on.is_(None), THEN.starts_on < bindparam("today")))
    return (
        select(THEN.id, THEN.title, THEN.state, THEN.starts_on, THEN.ends_on)
        .select_from(THEN.rows)
        .where(THEN.country(bindparam("code")), THEN.state.in_(sorted(APPROVED)), over, THEN.seen(seen_by))
        .order_by(THEN.starts_on.desc(), THEN.id.desc())
        .limit(LATEST)
    )


def past(who: Actor, code: str, seen: AsOf | date) -> list[Any]:
    """The latest engagements there that took place and that `who` may see; the newest is the last contact.

    Read along the stays of the country, so that its history costs nothing; one with two stays is named once.
    """
    seen = seen if isinstance(seen, AsOf) else AsOf(seen)
    given = {"me": who.id, "code": code, "today": seen.day}
    if seen.at is not None:
        return list(db.session.execute(_last_then(scope(who)), {**given, "at": seen.at}))
    rows = {row.id: row for row in db.session.execute(_last(scope(who)), given)}
    return sorted(rows.values(), key=lambda row: (row.starts_on, row.id), reverse=True)[:LATEST]
