"""The only reader of what lies ahead in numbers: within 30, 60 and 90 days, by week, by country and by goal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select

from engage.extensions import db
from engage.models.engagements import CostLine, Item, Leg, engagement_objective
from engage.models.norms import Goal, Objective
from engage.models.places import Country
from engage.models.trips import Trip
from engage.rules.items import ItemKind
from engage.rules.workflow import APPROVED, FINAL, State
from engage.services.visibility import Scope, visible

HORIZONS = (30, 60, 90)  # days; what is further away changes too often to be counted on
A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)

_I, _L, _C, _G, _O, _T, _CL = (
    t.__table__.c for t in (Item, Leg, Country, Goal, Objective, Trip, CostLine)
)
_EO = engagement_objective.c
_GOING = _I.state.in_(sorted(APPROVED))
_DECIDING = _I.state.in_(sorted(set(State) - APPROVED - FINAL - {State.DRAFT}))


@dataclass(frozen=True)
class Ahead:
    """How many engagements begin: `agreed` are approved, `deciding` asked for; with travellers and estimates."""

    agreed: int = 0
    deciding: int = 0
    travellers: int = 0  # of what is agreed
    cost: Decimal = Decimal(0)  # estimated, of both, in US dollars

    @property
    def total(self) -> int:
        """Both."""
        return self.agreed + self.deciding


@dataclass(frozen=True)
class Week:
    """Seven days from a Monday, or what is left of them: the first begins today, the last ends with the horizon."""

    first: date
    last: date
    ahead: Ahead


@dataclass(frozen=True)
class Share:
    """What of it has to do with one country or goal: its key in an address, and its name."""

    key: str
    name: str
    ahead: Ahead


@dataclass(frozen=True)
class Outlook:
    """What lies ahead, as far as its reader may see it: the sums of each horizon, and the weeks of the longest."""

    until: dict[int, date]
    sums: dict[int, Ahead]
    weeks: tuple[Week, ...]


def _window() -> ColumnElement[bool]:
    """What begins after today and is approved, or begins from today on and is being decided; as the register has it."""
    return and_(
        _I.kind == ItemKind.ENGAGEMENT, _I.starts_on >= bindparam("today"), _I.starts_on <= bindparam("until"),
        or_(_DECIDING, and_(_GOING, _I.starts_on > bindparam("today"))),
    )  # fmt: skip


@cache
def _by_day(seen_by: Scope) -> Select[Any]:
    cost = select(func.sum(_CL.amount)).where(_CL.engagement_id == _I.id).correlate(Item.__table__).scalar_subquery()
    travellers = (
        select(func.count())
        .where(_T.engagement_id == _I.id, _T.cancelled_at.is_(None))
        .correlate(Item.__table__)
        .scalar_subquery()
    )
    return (
        select(
            _I.starts_on, func.count().filter(_GOING), func.count().filter(_DECIDING),
            func.coalesce(func.sum(case((_GOING, travellers), else_=0)), 0), func.coalesce(func.sum(cost), 0),
        )
        .where(visible(seen_by), _window())
        .group_by(_I.starts_on)
    )  # fmt: skip


def _sum(days: Iterable[tuple[date, Ahead]], first: date, last: date) -> Ahead:
    counted = [one for day, one in days if first <= day <= last]
    return Ahead(
        sum(one.agreed for one in counted), sum(one.deciding for one in counted),
        sum(one.travellers for one in counted), sum((one.cost for one in counted), Decimal(0)),
    )  # fmt: skip


def of(seen_by: Scope, me: int | None, today: date, days: int = HORIZONS[-1]) -> Outlook:
    """The sums of every horizon, and the weeks of `days`. One statement, whatever lies ahead."""
    until = {horizon: today + timedelta(days=horizon) for horizon in HORIZONS}
    rows = db.session.execute(_by_day(seen_by), {"me": me, "today": today, "until": until[HORIZONS[-1]]})
    found = [
        (day, Ahead(agreed, deciding, travellers, Decimal(str(cost)).quantize(Decimal("0.01"))))
        for day, agreed, deciding, travellers, cost in rows
    ]
    weeks, first, end = [], today, today + timedelta(days=days)
    while first <= end:
        last = min(first + timedelta(days=6 - first.weekday()), end)
        weeks.append(Week(first, last, _sum(found, first, last)))
        first = last + A_DAY
    return Outlook(until, {one: _sum(found, today, day) for one, day in until.items()}, tuple(weeks))


@cache
def _shares(seen_by: Scope, by_goal: bool) -> Select[Any]:
    agreed = func.count(_I.id.distinct()).filter(_GOING)
    deciding = func.count(_I.id.distinct()).filter(_DECIDING)
    if by_goal:
        statement = (
            select(_G.id, _G.number, _G.title, agreed, deciding)
            .join_from(Item.__table__, engagement_objective, _EO.engagement_id == _I.id)
            .join(Objective.__table__, _O.id == _EO.objective_id)
            .join(Goal.__table__, _G.id == _O.goal_id)
            .group_by(_G.id, _G.number, _G.title)
            .order_by(_G.number)
        )
    else:
        statement = (
            select(_C.code, _C.code, _C.name, agreed, deciding)
            .join_from(Item.__table__, Leg.__table__, and_(_L.engagement_id == _I.id, ~_L.transit))
            .join(Country.__table__, _C.code == _L.country_code)
            .group_by(_C.code, _C.name)
            .order_by(func.count(_I.id.distinct()).desc(), _C.name)
        )
    return statement.where(visible(seen_by), _window())


def countries(seen_by: Scope, me: int | None, today: date, days: int) -> Sequence[Share]:
    """Where it goes, the most first; one that goes to two countries counts in both. One statement."""
    given = {"me": me, "today": today, "until": today + timedelta(days=days)}
    rows = db.session.execute(_shares(seen_by, False), given)
    return [Share(code, name, Ahead(agreed, deciding)) for code, _, name, agreed, deciding in rows]


def goals(seen_by: Scope, me: int | None, today: date, days: int) -> Sequence[Share]:
    """What it serves, by goal; one that serves two counts in both. One statement."""
    given = {"me": me, "today": today, "until": today + timedelta(days=days)}
    rows = db.session.execute(_shares(seen_by, True), given)
    return [
        Share(str(id_), f"Goal {number}: {title}", Ahead(agreed, deciding))
        for id_, number, title, agreed, deciding in rows
    ]
