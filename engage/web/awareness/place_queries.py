"""What the map and the pages of countries read: how many engagements each country has, counted as its list counts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, String, and_, bindparam, case, exists, func, literal, or_, select

from engage.extensions import db
from engage.models.engagements import Engagement, Item, Leg, engagement_objective
from engage.models.norms import Objective
from engage.models.partners import Event, Forum, Partner
from engage.models.places import Country
from engage.rules.policy import Actor
from engage.rules.standing import QUARTERS, Standing
from engage.rules.workflow import APPROVED
from engage.services.visibility import Scope, scope, visible
from engage.web.awareness.queries import LONGEST, stands

YEAR = timedelta(days=365)
SHADES = (1, 4, 8, 20)  # quarters from which a country is drawn in the first, second, third and fourth shade
MOST = 100
LATEST = 20  # of what took place in a country

_I, _L, _C, _P, _F, _V = (t.__table__.c for t in (Item, Leg, Country, Partner, Forum, Event))
_EO, _O = engagement_objective.c, Objective.__table__.c


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
def _tallies(seen_by: Scope, when: When, by_goal: bool) -> Select[Any]:
    standing = case(*((stands(one), literal(one.value, String)) for one in when.standings()), else_=None)
    rows = (
        select(_I.id, _L.country_code, standing.label("standing"))
        .join_from(Item.__table__, Leg.__table__, and_(_L.engagement_id == _I.id, ~_L.transit))
        .join(Engagement.__table__, Engagement.__table__.c.id == _I.id)
        .where(_I.starts_on >= bindparam("first"), _I.starts_on <= bindparam("last"), visible(seen_by))
        .distinct()
    )
    if by_goal:
        rows = rows.where(
            exists().where(_EO.engagement_id == _I.id, _EO.objective_id == _O.id, _O.goal_id == bindparam("goal"))
        )
    found = rows.subquery("found")
    return (
        select(found.c.country_code, _C.name, found.c.standing, func.count())
        .join_from(found, Country.__table__, _C.code == found.c.country_code)
        .where(found.c.standing.is_not(None))
        .group_by(found.c.country_code, _C.name, found.c.standing)
    )


def tallies(who: Actor, today: date, when: When, goal: int | None) -> list[Tally]:
    """Every country to which `who` may see an engagement go, the most first. One statement."""
    first, last = when.days(today)
    given = {"me": who.id, "today": today, "first": first, "last": last} | ({"goal": goal} if goal else {})
    found: dict[str, Tally] = {}
    rows: dict[str, dict[str, int]] = defaultdict(dict)
    for code, name, standing, number in db.session.execute(_tallies(scope(who), when, goal is not None), given):
        found.setdefault(code, Tally(code, name))
        rows[code][standing] = number
    for code, tally in found.items():
        tally.numbers = {one: rows[code][one] for one in Standing if one in rows[code]}
    return sorted(found.values(), key=lambda one: (-one.total, one.name))


def list_url(when: When, today: date, code: str, goal: int | None, standing: Standing | None = None) -> str:
    """The list that a tally counts, or the part of it that stands so."""
    first, last = when.days(today)
    stood = standing or (Standing.UNDER_WAY if when is When.NOW else None)
    query: Mapping[str, Any] = {"country": code, "from": first, "until": last, "standing": stood or "live"}
    return "/register?" + urlencode({**query, **({"goal": goal} if goal else {})})


_NAME = select(_C.code, _C.name, _C.region, _C.foreign).where(_C.code == bindparam("code"))
_PARTNERS = (
    select(_P.id, _P.name, _P.short_name, _P.kind)
    .where(_P.country_code == bindparam("code"))
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


def past(who: Actor, code: str, today: date) -> list[Any]:
    """The latest engagements there that took place and that `who` may see; the newest is the last contact.

    Read along the stays of the country, so that its history costs nothing; one with two stays is named once.
    """
    rows = {row.id: row for row in db.session.execute(_last(scope(who)), {"me": who.id, "code": code, "today": today})}
    return sorted(rows.values(), key=lambda row: (row.starts_on, row.id), reverse=True)[:LATEST]
