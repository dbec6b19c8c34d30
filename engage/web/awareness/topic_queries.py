"""What the pages of topics read: the objectives of the plan, and the engagements that serve one."""

from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, func, or_, select

from engage.extensions import db
from engage.models.engagements import Item, engagement_objective
from engage.models.norms import Goal, Objective
from engage.rules.policy import Actor
from engage.rules.workflow import APPROVED
from engage.services.visibility import Scope, scope, visible

MOST = 20

_O, _G, _I, _EO = Objective.__table__.c, Goal.__table__.c, Item.__table__.c, engagement_objective.c
_TOPICS = (
    select(_O.id, _O.code, _O.title, _O.text, _G.number, _G.title.label("goal"))
    .join_from(Objective.__table__, Goal.__table__, _G.id == _O.goal_id)
    .order_by(_G.number, _O.code)
    .limit(500)
)
_ONE = _TOPICS.where(_O.id == bindparam("id"))
_OVER = func.coalesce(_I.ends_on, _I.starts_on) < bindparam("today")


def topics() -> list[Row[Any]]:
    """Every objective, by goal."""
    return list(db.session.execute(_TOPICS))


def topic(topic_id: int) -> Any:
    """One objective with its goal, or None."""
    return db.session.execute(_ONE, {"id": topic_id}).one_or_none()


@cache
def _serving(seen_by: Scope, past: bool) -> Select[Any]:
    serves = exists().where(_EO.engagement_id == _I.id, _EO.objective_id == bindparam("id"))
    when = and_(_OVER, _I.state.in_(sorted(APPROVED))) if past else or_(~_OVER, _I.starts_on.is_(None))
    order = (_I.starts_on.desc(), _I.id.desc()) if past else (_I.starts_on, _I.id)
    return (
        select(_I.id, _I.title, _I.state, _I.starts_on, _I.ends_on)
        .where(serves.correlate(Item.__table__), when, visible(seen_by))
        .order_by(*order)
        .limit(MOST)
    )


def serving(who: Actor, topic_id: int, today: Any, *, past: bool) -> list[Row[Any]]:
    """The engagements for an objective that `who` may see: those that are over, or all others. One statement."""
    given = {"me": who.id, "id": topic_id, "today": today}
    return list(db.session.execute(_serving(scope(who), past), given))
