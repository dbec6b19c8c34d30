"""The only reader of how duties were kept in a quarter: training and guides of who travelled, reports, promises."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import Select, bindparam, func, select

from engage.extensions import db
from engage.models.commitments import Commitment
from engage.models.engagements import Item
from engage.models.reports import TripReport
from engage.models.trips import Trip
from engage.rules.commitments import Settled
from engage.rules.quarters import Quarter
from engage.rules.readiness import Standing
from engage.rules.requirements import Kind
from engage.rules.workflow import APPROVED
from engage.services import norms, readiness, sessions
from engage.services.report_facts import DUE, days_of
from engage.services.visibility import Scope, visible

MOST_TRIPS = 3_000  # of one quarter, whose checklists are looked at

_I, _T, _R, _C = (t.__table__.c for t in (Item, Trip, TripReport, Commitment))


@dataclass(frozen=True)
class Duty:
    """A kind of duty in a quarter: how many were owed, and what became of them. The four add up to `owed`."""

    name: str
    kept: int
    late: int = 0  # done after its day
    let_off: int = 0  # waived, or released by the other side
    open: int = 0  # not done, and its day has not passed
    overdue: int = 0  # not done, and its day has passed

    @property
    def owed(self) -> int:
        """All of them."""
        return self.kept + self.late + self.let_off + self.open + self.overdue

    @property
    def share(self) -> int | None:
        """How many of a hundred whose day has passed were kept in time, or let off; None of none."""
        due = self.owed - self.open
        return round(100 * (self.kept + self.let_off) / due) if due else None


@cache
def _trips(seen_by: Scope) -> Select[Any]:
    return (
        select(_T.id)
        .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
        .where(
            visible(seen_by), _T.cancelled_at.is_(None), _I.state.in_(sorted(APPROVED)),
            _T.departs_on >= bindparam("first"), _T.departs_on <= bindparam("last"),
        )
        .order_by(_T.departs_on, _T.id)
        .limit(MOST_TRIPS)
    )  # fmt: skip


def preparation(seen_by: Scope, me: int | None, quarter: Quarter, today: date) -> list[Duty]:
    """Training completed and guides acknowledged, of those who left in the quarter; with its end, or today.

    Eight statements whatever the number of trips.
    """
    last = min(quarter.last, today)
    ids = db.session.scalars(_trips(seen_by), {"me": me, "first": quarter.first, "last": last}).all()
    found: Counter[tuple[Kind, str]] = Counter()
    for verdict in readiness.verdicts(ids, last).values():
        for item in verdict.items:
            state = item.state
            found[item.requirement.kind, state if state in (Standing.MET, Standing.WAIVED) else "overdue"] += 1
    return [
        Duty(name, found[kind, Standing.MET], let_off=found[kind, Standing.WAIVED], overdue=found[kind, "overdue"])
        for kind, name in ((Kind.TRAINING, "Training of travellers"), (Kind.GUIDANCE, "Guides acknowledged"))
    ]


@cache
def _reports(seen_by: Scope) -> Select[Any]:
    ended = func.max(_T.returns_on)
    return (
        select(ended, func.max(_R.first_filed_at))
        .select_from(
            Trip.__table__.join(Item.__table__, _I.id == _T.engagement_id).outerjoin(
                TripReport.__table__, _R.engagement_id == _T.engagement_id
            )
        )
        .where(
            visible(seen_by), _T.cancelled_at.is_(None), _I.state.in_(sorted(APPROVED)),
            _T.returns_on >= bindparam("first"), _T.returns_on <= bindparam("last"),
            _T.returns_on < bindparam("today"),
        )
        .group_by(_T.engagement_id)
    )  # fmt: skip


def reports(seen_by: Scope, me: int | None, quarter: Quarter, today: date) -> Duty:
    """The reports on what ended in the quarter: filed in time, late, not yet, overdue. Two statements."""
    given = {"me": me, "first": quarter.first, "last": quarter.last, "today": today}
    dials, zone = norms.on(min(quarter.last, today), DUE), current_app.config["SETTINGS"].home_zone
    last_day: dict[date, date] = {}
    found: Counter[str] = Counter()
    for ended_on, filed_at in db.session.execute(_reports(seen_by), given):
        if ended_on not in last_day:
            last_day[ended_on] = days_of(ended_on, today, dials)[1]
        found[_standing(last_day[ended_on], filed_at, today, zone)] += 1
    return Duty("Reports", found["kept"], found["late"], open=found["open"], overdue=found["overdue"])


def _standing(due_on: date, filed_at: datetime | None, today: date, zone: str) -> str:
    if filed_at is None:
        return "open" if today <= due_on else "overdue"
    return "kept" if sessions.office_day(filed_at, zone) <= due_on else "late"


@cache
def _promises(seen_by: Scope) -> Select[Any]:
    kept = _C.settled_as == Settled.KEPT
    counts: tuple[Any, ...] = (
        func.count().filter(kept, _C.settled_on <= _C.due_on),
        func.count().filter(kept, _C.settled_on > _C.due_on),
        func.count().filter(_C.settled_as == Settled.RELEASED),
        func.count().filter(_C.settled_on.is_(None), _C.due_on >= bindparam("today")),
        func.count().filter(_C.settled_on.is_(None), _C.due_on < bindparam("today")),
    )
    return (
        select(*counts)
        .join_from(Commitment.__table__, Item.__table__, _I.id == _C.engagement_id)
        .where(visible(seen_by), _C.due_on >= bindparam("first"), _C.due_on <= bindparam("last"))
    )


def promises(seen_by: Scope, me: int | None, quarter: Quarter, today: date) -> Duty:
    """The promises of either side that fell due in the quarter. One statement."""
    given = {"me": me, "first": quarter.first, "last": quarter.last, "today": today}
    return Duty("Promises, ours and theirs", *db.session.execute(_promises(seen_by), given).one())


def of(seen_by: Scope, me: int | None, quarter: Quarter, today: date, *, people: bool) -> list[Duty]:
    """Every kind of duty. Checklists and overdue reports only with `people`: for who follows up on others' duties."""
    mine = [promises(seen_by, me, quarter, today)]
    if not people:
        return mine
    return [*preparation(seen_by, me, quarter, today), reports(seen_by, me, quarter, today), *mine]
