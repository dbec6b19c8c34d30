"""What plan against actual reads: engagements of a year by goal, objective, country and partner, and last contacts."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, case, func, literal, select

from engage.extensions import db
from engage.models.engagements import CostLine, Leg, engagement_objective, engagement_partner
from engage.models.matters import PriorityAim
from engage.models.norms import Goal, Objective
from engage.models.partners import Partner
from engage.models.places import Country
from engage.rules.policy import Actor
from engage.rules.priorities import AimKind
from engage.rules.standing import Standing
from engage.rules.workflow import APPROVED
from engage.services.visibility import Scope, scope
from engage.web.awareness.facts_queries import THEN, AsOf, Facts, when
from engage.web.awareness.queries import stands

LOOK_BACK = timedelta(days=730)  # for a last contact

_A, _G, _O, _C, _P = (t.__table__.c for t in (PriorityAim, Goal, Objective, Country, Partner))
_L, _CL, _EO, _EP = Leg.__table__.c, CostLine.__table__.c, engagement_objective.c, engagement_partner.c


@dataclass
class Line:
    """One goal, objective, country or partner: what was planned, and the year's engagements as they stand."""

    kind: AimKind
    of: int | str
    name: str
    priority: bool = False
    planned: int | None = None
    numbers: dict[Standing, int] = field(default_factory=lambda: defaultdict(int))
    cost: Decimal = Decimal(0)
    last_on: date | None = None

    def number(self, *standings: Standing) -> int:
        """How many stand in one of these ways."""
        return sum(self.numbers.get(one, 0) for one in standings)

    @property
    def going(self) -> int:
        """How many are thought of, being decided, agreed or over."""
        return self.number(*(one for one in Standing if one is not Standing.ENDED))


_AIMS = (
    select(
        _A.goal_id, _A.objective_id, _A.country_code, func.coalesce(_P.merged_into_id, _P.id).label("partner_id"),
        _A.planned, _C.name.label("country"), _P.name.label("partner"),
    )
    .select_from(
        PriorityAim.__table__.outerjoin(Country.__table__, _C.code == _A.country_code)
        .outerjoin(Partner.__table__, _P.id == _A.partner_id)
    )
    .where(_A.priorities_id == bindparam("item"))
    .order_by(_A.position)
)  # fmt: skip
_GOALS = select(_G.id, _G.number, _G.title).order_by(_G.number)
_OBJECTIVES = select(_O.id, _O.code, _O.title).order_by(_O.code)


def lines(priorities_id: int | None) -> dict[AimKind, list[Line]]:
    """Every goal and objective, and the countries and partners that a statement names. Three statements at most."""
    found = {
        AimKind.GOAL: [
            Line(AimKind.GOAL, row.id, f"Goal {row.number}: {row.title}") for row in db.session.execute(_GOALS)
        ],
        AimKind.OBJECTIVE: [
            Line(AimKind.OBJECTIVE, row.id, f"{row.code} {row.title}") for row in db.session.execute(_OBJECTIVES)
        ],
        AimKind.COUNTRY: [], AimKind.PARTNER: [],
    }  # fmt: skip
    for row in db.session.execute(_AIMS, {"item": priorities_id}) if priorities_id else ():
        if row.country_code:
            found[AimKind.COUNTRY].append(Line(AimKind.COUNTRY, row.country_code, row.country, True, row.planned))
        elif row.partner_id:
            found[AimKind.PARTNER].append(Line(AimKind.PARTNER, row.partner_id, row.partner, True, row.planned))
        else:
            kind, of = (AimKind.GOAL, row.goal_id) if row.goal_id else (AimKind.OBJECTIVE, row.objective_id)
            for line in found[kind]:
                if line.of == of:
                    line.priority, line.planned = True, row.planned
    return found


def _about(of: Facts, kind: AimKind) -> tuple[Any, Any]:
    """The engagements each beside what it is about, and the column that says about what."""
    if of is THEN:
        if kind in (AimKind.GOAL, AimKind.OBJECTIVE):
            rows = of.rows.join(Objective.__table__, of.objective(_O.id))
            return rows, _O.goal_id if kind is AimKind.GOAL else _O.id
        if kind is AimKind.COUNTRY:
            return of.rows.join(Country.__table__, of.country(_C.code)), _C.code
        return of.rows.join(Partner.__table__, of.partner(_P.id)), _P.id
    if kind in (AimKind.GOAL, AimKind.OBJECTIVE):
        rows = of.rows.join(engagement_objective, _EO.engagement_id == of.id)
        return rows.join(Objective.__table__, _O.id == _EO.objective_id), (
            _O.goal_id if kind is AimKind.GOAL else _O.id
        )
    if kind is AimKind.COUNTRY:
        return of.rows.join(Leg.__table__, and_(_L.engagement_id == of.id, ~_L.transit)), _L.country_code
    return of.rows.join(engagement_partner, _EP.engagement_id == of.id), _EP.partner_id


@cache
def _counts(of: Facts, seen_by: Scope, kind: AimKind) -> Select[Any]:
    rows, about = _about(of, kind)
    standing = case(*((stands(one, of), literal(one.value, String)) for one in Standing), else_=None)
    cost = (
        THEN.cost if of is THEN
        else select(func.coalesce(func.sum(_CL.amount), 0)).where(_CL.engagement_id == of.id).scalar_subquery()
    )  # fmt: skip
    found = (
        select(of.id.label("id"), about.label("about"), standing.label("standing"), cost.label("cost"))
        .select_from(rows)
        .where(
            of.starts_on >= bindparam("first"), of.starts_on <= bindparam("last"),
            about.in_(bindparam("abouts", expanding=True)), of.seen(seen_by),
        )
        .distinct()
        .subquery("found")
    )  # fmt: skip
    return (
        select(found.c.about, found.c.standing, func.count(), func.sum(found.c.cost))
        .where(found.c.standing.is_not(None))
        .group_by(found.c.about, found.c.standing)
    )


def count(who: Actor, seen: AsOf, first: date, last: date, kind: AimKind, lines: Collection[Line]) -> None:
    """Put what begins from `first` to `last` into the lines, as `who` may see it. One statement.

    What does not go ahead costs nothing.
    """
    by_about = {line.of: line for line in lines}
    if not by_about:
        return
    given = _given(who, seen) | {"first": first, "last": last, "abouts": list(by_about)}
    for about, standing, number, cost in db.session.execute(_counts(when(seen.at), scope(who), kind), given):
        line = by_about[about]
        line.numbers[Standing(standing)] = number
        if standing != Standing.ENDED:
            line.cost += Decimal(str(cost or 0))


@cache
def _contacts(of: Facts, seen_by: Scope, kind: AimKind) -> Select[Any]:
    rows, about = _about(of, kind)
    met = func.coalesce(of.ends_on, of.starts_on)
    return (
        select(about, func.max(met))
        .select_from(rows)
        .where(
            of.state.in_(sorted(APPROVED)), of.starts_on >= bindparam("since"), of.starts_on < bindparam("today"),
            met < bindparam("today"), about.in_(bindparam("abouts", expanding=True)), of.seen(seen_by),
        )
        .group_by(about)
    )  # fmt: skip


def contacts(who: Actor, seen: AsOf, kind: AimKind, lines: Collection[Line]) -> None:
    """Put the last day of the last approved engagement that is over into the lines. One statement."""
    by_about = {line.of: line for line in lines}
    if by_about:
        given = _given(who, seen) | {"since": seen.day - LOOK_BACK, "abouts": list(by_about)}
        for about, last_on in db.session.execute(_contacts(when(seen.at), scope(who), kind), given):
            by_about[about].last_on = last_on


def _given(who: Actor, seen: AsOf) -> dict[str, Any]:
    return {"me": who.id, "today": seen.day} | ({"at": seen.at} if seen.at else {})
