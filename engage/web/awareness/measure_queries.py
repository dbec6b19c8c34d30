"""What the quarterly measures read: counts and durations, each narrowed by what its reader may see."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, case, func, literal, or_, select

from engage.extensions import db
from engage.models.engagements import CostLine, Engagement, Item, Leg, StateSpan, engagement_objective
from engage.models.norms import Goal, Objective
from engage.models.partners import Partner
from engage.models.places import Country
from engage.rules.policy import Actor
from engage.rules.quarters import Quarter, at_share
from engage.rules.standing import Standing
from engage.rules.workflow import APPROVED, FINAL, State
from engage.services import norms
from engage.services.visibility import Scope, scope, visible
from engage.web.awareness.queries import stands

DIALS = {"contact_months": 6}  # without contact before a country of partners is named, where nothing else is set
LOOK_BACK = timedelta(days=730)  # for a last contact
MOST_SPANS = 50_000

_I, _E, _S, _L = (t.__table__.c for t in (Item, Engagement, StateSpan, Leg))
_G, _O, _P, _C, _CL = (t.__table__.c for t in (Goal, Objective, Partner, Country, CostLine))
_EO = engagement_objective.c


@dataclass(frozen=True)
class Flow:
    """What came in and went out in a quarter."""

    submitted: int
    late: int
    returned: int
    approved: int
    disapproved: int
    called_off: int


@dataclass(frozen=True)
class Stage:
    """How long items stood in a state that they left in the quarter, in days."""

    state: State
    number: int
    median: float
    slow: float  # nine of ten took no longer


@dataclass(frozen=True)
class Aim:
    """What was planned and what came of it under a goal or objective, by first day in the quarter."""

    id: int
    goal_id: int
    label: str
    numbers: dict[Standing, int]
    cost: Decimal

    def of(self, *standings: Standing) -> int:
        """How many stand in one of these ways."""
        return sum(self.numbers.get(one, 0) for one in standings)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.numbers.values())


def bounds(quarter: Quarter, zone: str) -> tuple[datetime, datetime]:
    """The moments at which the quarter begins and ends, by the clock of `zone`."""
    clock = ZoneInfo(zone)
    return datetime.combine(quarter.first, time(), clock), datetime.combine(quarter.after.first, time(), clock)


def _within(moment: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(moment >= bindparam("begins"), moment < bindparam("ends"))


@cache
def _flow(seen_by: Scope) -> Select[Any]:
    """Six counts, each along the index of its own moment, so that what was before the quarter costs nothing."""
    engagements = Item.__table__.join(Engagement.__table__, _E.id == _I.id)
    spans = StateSpan.__table__.join(Item.__table__, _I.id == _S.item_id)

    def number(of: Any, *where: ColumnElement[bool]) -> Any:
        return select(func.count()).select_from(of).where(visible(seen_by), *where).scalar_subquery()

    submitted, decided, ended = _within(_I.submitted_at), _within(_I.decided_at), _within(_I.state_since)
    return select(
        number(engagements, submitted),
        number(engagements, submitted, _E.late_reason != ""),
        number(spans, _S.state == State.RETURNED, _within(_S.started_at)),
        number(engagements, decided, _I.state.in_(sorted(APPROVED))),
        number(engagements, decided, _I.state == State.DISAPPROVED),
        number(engagements, ended, _I.state.in_(sorted(FINAL - APPROVED - {State.DISAPPROVED}))),
    )


def flow(who: Actor, quarter: Quarter, zone: str) -> Flow:
    """The quarter's coming and going. One statement."""
    begins, ends = bounds(quarter, zone)
    return Flow(*db.session.execute(_flow(scope(who)), {"me": who.id, "begins": begins, "ends": ends}).one())


@cache
def _stages(seen_by: Scope) -> Select[Any]:
    return (
        select(_S.state, _S.started_at, _S.ended_at)
        .join_from(StateSpan.__table__, Item.__table__, _I.id == _S.item_id)
        .where(_S.ended_at >= bindparam("begins"), _S.ended_at < bindparam("ends"), visible(seen_by))
        .limit(MOST_SPANS)
    )


def stages(who: Actor, quarter: Quarter, zone: str) -> list[Stage]:
    """How long each state lasted that was left in the quarter, in the order of the way. One statement."""
    begins, ends = bounds(quarter, zone)
    found: dict[State, list[float]] = defaultdict(list)
    for state, started, ended in db.session.execute(
        _stages(scope(who)), {"me": who.id, "begins": begins, "ends": ends}
    ):
        found[state].append((ended - started) / timedelta(days=1))
    return [
        Stage(state, len(found[state]), round(at_share(found[state], 0.5), 1), round(at_share(found[state], 0.9), 1))
        for state in State if state in found and state is not State.DRAFT
    ]  # fmt: skip


@cache
def _aims(seen_by: Scope, by_goal: bool) -> Select[Any]:
    about = _G.id if by_goal else _O.id
    standing = case(*((stands(one), literal(one.value, String)) for one in Standing), else_=None)
    cost = select(func.coalesce(func.sum(_CL.amount), 0)).where(_CL.engagement_id == _I.id).scalar_subquery()
    rows = (
        select(_I.id, about.label("about"), standing.label("standing"), cost.label("cost"))
        .join_from(Item.__table__, engagement_objective, _EO.engagement_id == _I.id)
        .join(Objective.__table__, _O.id == _EO.objective_id)
        .join(Goal.__table__, _G.id == _O.goal_id)
        .where(_I.starts_on >= bindparam("first"), _I.starts_on <= bindparam("last"), visible(seen_by))
        .distinct()
        .subquery("found")
    )
    return (
        select(rows.c.about, rows.c.standing, func.count(), func.sum(rows.c.cost))
        .where(rows.c.standing.is_not(None))
        .group_by(rows.c.about, rows.c.standing)
    )


_GOALS = select(_G.id, _G.id.label("goal_id"), _G.number, _G.title).order_by(_G.number)
_OBJECTIVES = select(_O.id, _O.goal_id, _O.code, _O.title).order_by(_O.code)


def aims(who: Actor, quarter: Quarter, today: date, *, by_goal: bool) -> list[Aim]:
    """Every goal, or every objective, with what begins in the quarter. Two statements.

    One that serves two counts in both. What does not go ahead costs nothing.
    """
    given = {"me": who.id, "today": today, "first": quarter.first, "last": quarter.last}
    numbers: dict[int, dict[Standing, int]] = defaultdict(dict)
    costs: dict[int, Decimal] = defaultdict(Decimal)
    for about, standing, number, cost in db.session.execute(_aims(scope(who), by_goal), given):
        numbers[about][Standing(standing)] = number
        if standing != Standing.ENDED:
            costs[about] += Decimal(str(cost or 0))
    rows = db.session.execute(_GOALS if by_goal else _OBJECTIVES)
    return [
        Aim(
            row[0], row[1], f"Goal {row[2]}: {row[3]}" if by_goal else f"{row[2]} {row[3]}", numbers[row[0]],
            costs[row[0]],
        )
        for row in rows
    ]


@cache
def _gaps(seen_by: Scope) -> Select[Any]:
    met = func.coalesce(_I.ends_on, _I.starts_on)
    contacts = (
        select(_L.country_code, func.max(met).label("last_on"))
        .join_from(Item.__table__, Leg.__table__, and_(_L.engagement_id == _I.id, ~_L.transit))
        .where(
            visible(seen_by), _I.state.in_(sorted(APPROVED)), met < bindparam("today"),
            _I.starts_on >= bindparam("since"),
        )
        .group_by(_L.country_code)
        .subquery("contacts")
    )
    return (
        select(_C.code, _C.name, func.count(_P.id.distinct()).label("partners"), contacts.c.last_on)
        .join_from(Partner.__table__, Country.__table__, _C.code == _P.country_code)
        .outerjoin(contacts, contacts.c.country_code == _C.code)
        .where(_C.foreign, or_(contacts.c.last_on.is_(None), contacts.c.last_on < bindparam("before")))
        .group_by(_C.code, _C.name, contacts.c.last_on)
        .order_by(contacts.c.last_on.is_not(None), contacts.c.last_on, _C.name)
    )  # fmt: skip


def gaps(who: Actor, today: date) -> tuple[list[Any], int]:
    """The countries of partners without contact for so many months that `who` could see, and that number.

    The longest without first. A contact is an approved engagement there that is over. Two statements.
    """
    months = max(1, norms.on(today, DIALS)["contact_months"])
    given = {
        "me": who.id, "today": today, "since": today - LOOK_BACK, "before": today - timedelta(days=months * 365 // 12),
    }  # fmt: skip
    return list(db.session.execute(_gaps(scope(who)), given)), months
