"""What the quarterly measures read: counts and durations, each narrowed by what its reader may see."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, case, func, literal, or_, select

from engage.extensions import db
from engage.models.engagements import CostLine, Item, Leg, engagement_objective
from engage.models.norms import Goal, Objective
from engage.models.partners import Partner
from engage.models.places import Country
from engage.rules.policy import Actor
from engage.rules.quarters import Quarter
from engage.rules.standing import Standing
from engage.rules.workflow import APPROVED
from engage.services import norms
from engage.services.visibility import Scope, scope, visible
from engage.web.awareness.queries import stands

DIALS = {"contact_months": 6}  # without contact before a country of partners is named, where nothing else is set
LOOK_BACK = timedelta(days=730)  # for a last contact

_I, _L = Item.__table__.c, Leg.__table__.c
_G, _O, _P, _C, _CL = (t.__table__.c for t in (Goal, Objective, Partner, Country, CostLine))
_EO = engagement_objective.c


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
        .where(
            _C.foreign, _P.merged_into_id.is_(None),
            or_(contacts.c.last_on.is_(None), contacts.c.last_on < bindparam("before")),
        )
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
