"""The only reader of a quarter's coming and going: what was asked and decided, and how long it stood where."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from engage.extensions import db
from engage.models.engagements import Engagement, Item, StateSpan
from engage.rules.policy import Actor
from engage.rules.quarters import Quarter, at_share
from engage.rules.workflow import APPROVED, FINAL, State
from engage.services.visibility import Scope, scope, visible

MOST_SPANS = 50_000

_I, _E, _S = (t.__table__.c for t in (Item, Engagement, StateSpan))


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
