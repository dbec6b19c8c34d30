"""The only reader of the outcome counts, by quarter, goal, kind, country and forum: no more than a reader may see.

Small tables kept beside the outcomes have the sums; what of them a reader may not see is counted and left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, bindparam, cast, func, literal_column, or_, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.norms import Goal, Objective
from engage.models.partners import Forum, Partner
from engage.models.places import Country
from engage.models.reports import Outcome, OutcomeCount, OutcomeSum, TripReport
from engage.rules.marking import OPEN_TO_ALL
from engage.rules.outcomes import quarter_of
from engage.rules.policy import Actor
from engage.rules.workflow import APPROVED
from engage.services.visibility import Scope, scope, visible

PAGE = 50
WAYS = ("quarter", "goal", "kind", "country", "forum")

_N, _G, _J, _F, _C, _O, _I, _R, _PA = (
    t.__table__.c for t in (OutcomeCount, Goal, Objective, Forum, Country, Outcome, Item, TripReport, Partner)
)
_SUMS = (
    func.sum(_N.outcomes).label("outcomes"), func.sum(_N.number).label("number"),
    func.sum(_N.nations).label("nations"), func.sum(_N.people).label("people"),
)  # fmt: skip
_WITHIN = (_N.quarter_on >= bindparam("first"), _N.quarter_on <= bindparam("last"), _N.outcomes > 0)
# What the table may be narrowed by.
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "goal": _N.goal_id == bindparam("goal"),
    "country": _N.country_code == bindparam("country"),
    "forum": _N.forum_id == bindparam("forum"),
}


_S = OutcomeSum.__table__.c


@cache
def _alone(what: str) -> Select[Any]:
    """The sums by one thing and no other: from the table that has them so, whose size follows what there is to name."""
    way = "kind" if what == "quarter" else what  # whatever it is counted by, a quarter comes to the same
    columns: dict[str, tuple[Any, ...]] = {
        "kind": (_S.key,), "quarter": (_S.quarter_on.label("key"),),
        "goal": (_G.id.label("key"), _G.number.label("place"), _G.title), "country": (_S.key, _C.name),
        "forum": (_S.key, _F.name),
    }  # fmt: skip
    source: Any = OutcomeSum.__table__
    if what == "goal":
        source = source.join(Goal.__table__, cast(_G.id, String) == _S.key)
    elif what == "country":
        source = source.outerjoin(Country.__table__, _C.code == _S.key)
    elif what == "forum":
        source = source.outerjoin(Forum.__table__, cast(_F.id, String) == _S.key)
    sums = [func.sum(_S[name]).label(name) for name in ("outcomes", "number", "nations", "people")]
    return (
        select(*columns[what], *sums)
        .select_from(source)
        .where(_S.way == way, _S.quarter_on.between(bindparam("first"), bindparam("last")), _S.outcomes > 0)
        .group_by(*columns[what])
        .order_by(_S.quarter_on if what == "quarter" else func.sum(_S.outcomes).desc(), columns[what][0])
    )


@cache
def _by(what: str, names: frozenset[str]) -> Select[Any]:
    columns: dict[str, tuple[Any, ...]] = {
        "kind": (_N.kind.label("key"),),
        "quarter": (_N.quarter_on.label("key"),),
        "goal": (_G.id.label("key"), _G.number.label("place"), _G.title),
        "country": (_N.country_code.label("key"), _C.name),
        "forum": (_N.forum_id.label("key"), _F.name),
    }
    source: Any = OutcomeCount.__table__
    if what == "goal":
        source = source.join(Goal.__table__, _G.id == _N.goal_id)
    elif what == "country":
        source = source.outerjoin(Country.__table__, _C.code == _N.country_code)
    elif what == "forum":
        source = source.outerjoin(Forum.__table__, _F.id == _N.forum_id)
    return (
        select(*columns[what], *_SUMS)
        .select_from(source)
        .where(*_WITHIN, *(FILTERS[name] for name in sorted(names)))
        .group_by(*columns[what])
        .order_by(_N.quarter_on if what == "quarter" else func.sum(_N.outcomes).desc(), columns[what][0])
    )


@dataclass
class Count:
    """So many outcomes under one heading. `key` names it, `place` is a goal's number, `name` "" stands for none."""

    key: Any
    name: str
    place: int = 0
    outcomes: int = 0
    number: int = 0
    nations: int = 0
    people: int = 0

    def take_out(self, row: Any) -> None:
        """Leave out what a row counts."""
        self.outcomes -= row.outcomes
        self.number -= row.number
        self.nations -= row.nations
        self.people -= row.people


def counts(
    who: Actor, first: date, last: date, ways: Collection[str] = WAYS, **chosen: Any
) -> dict[str, list[Count]]:  # fmt: skip
    """The sums that `who` may know, by each of `ways`, in the quarters that begin from `first` to `last`.

    `chosen` narrows: goal (id), country (code), forum (id). A statement for each of `ways`, and one more.
    """
    seen, names = scope(who), frozenset(chosen)
    found: dict[str, dict[Any, Count]] = {what: {} for what in ways}
    for what in ways:
        statement = _by(what, names) if names else _alone(what)
        for row in db.session.execute(statement, {"first": first, "last": last, **chosen}):
            key = row.key if what == "quarter" else str(row.key)
            name = getattr(row, "title" if what == "goal" else "name", None)
            found[what][key] = Count(key, name or "", getattr(row, "place", 0), *row[-4:])
    if not seen.handles:
        given = {**chosen, "since": first, "until": last_day(last), "me": who.id}
        for row in db.session.execute(_hidden(seen, names), given):
            keys = {
                "quarter": quarter_of(row.counted_on), "goal": str(row.goal_id), "kind": str(row.kind),
                "country": row.country_code or "", "forum": str(row.forum_id or 0),
            }  # fmt: skip
            for what in ways:
                found[what][keys[what]].take_out(row)
    there = {what: [count for count in by.values() if count.outcomes > 0] for what, by in found.items()}
    return {
        what: sorted(rows, key=lambda count: count.key if what == "quarter" else (-count.outcomes, count.key))
        for what, rows in there.items()
    }


def last_day(quarter_on: date) -> date:
    """The last day of the quarter that begins on a day."""
    after = date(quarter_on.year + (quarter_on.month == 10), (quarter_on.month + 2) % 12 + 1, 1)
    return after - timedelta(days=1)


_LISTED: Mapping[str, ColumnElement[bool]] = {
    "goal": _J.goal_id == bindparam("goal"),
    "country": _O.country_code == bindparam("country"),
    "forum": _O.forum_id == bindparam("forum"),
    "kind": _O.kind == bindparam("kind"),
    "partner": _O.partner_id == bindparam("partner"),
}


_red = Item.__table__.alias("red_item")
# Written out, so that the index of the few that are RED serves.
_RED = select(_red.c.id).where(literal_column("red_item.marking = 'red'"))


@cache
def _hidden(seen_by: Scope, names: frozenset[str]) -> Select[Any]:
    """What is counted and may not be seen: by who governs RED alone; by others what is not open to all, or approved."""
    closed = or_(_I.marking.not_in(sorted(OPEN_TO_ALL)), _I.state.not_in(sorted(APPROVED)))
    columns = (_O.counted_on, _O.kind, _J.goal_id, _O.country_code, _O.forum_id)
    return (
        select(
            *columns, func.count().label("outcomes"), func.sum(_O.number).label("number"),
            func.sum(func.coalesce(_O.nations, 0)).label("nations"),
            func.sum(func.coalesce(_O.people, 0)).label("people"),
        )
        .select_from(
            Outcome.__table__.join(Item.__table__, _I.id == _O.engagement_id)
            .join(TripReport.__table__, _R.engagement_id == _O.engagement_id)
            .join(Objective.__table__, _J.id == _O.objective_id)
        )
        .where(
            _O.engagement_id.in_(_RED) if seen_by.governs else closed, ~visible(seen_by), _R.filed_at.is_not(None),
            _O.counted_on.between(bindparam("since"), bindparam("until")),
            *(_LISTED[name] for name in sorted(names)),
        )
        .group_by(*columns)
    )  # fmt: skip


@cache
def _list(seen_by: Scope, names: frozenset[str]) -> Select[Any]:
    return (
        select(
            _O.id, _O.engagement_id, _O.kind, _O.summary, _O.counted_on, _O.number, _O.nations, _O.people,
            _J.code, _PA.name.label("partner"), _C.name.label("country"), _I.title, _I.marking,
        )
        .select_from(
            Outcome.__table__.join(Item.__table__, _I.id == _O.engagement_id)
            .join(TripReport.__table__, _R.engagement_id == _O.engagement_id)
            .join(Objective.__table__, _J.id == _O.objective_id)
            .outerjoin(Partner.__table__, _PA.id == _O.partner_id)
            .outerjoin(Country.__table__, _C.code == _O.country_code)
        )
        .where(
            visible(seen_by), _R.filed_at.is_not(None), _O.counted_on >= bindparam("since"),
            _O.counted_on <= bindparam("until"),
            or_(_O.counted_on < bindparam("until"), _O.id < bindparam("before")),
            *(_LISTED[name] for name in sorted(names)),
        )
        .order_by(_O.counted_on.desc(), _O.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip


def listed(
    who: Actor, since: date, until: date, after: tuple[date, int] | None = None, **chosen: Any
) -> tuple[list[Row[Any]], Row[Any] | None]:
    """A page of the outcomes behind the counts that `who` may see, the newest first, and its last row if more follow.

    `after` is the day and id of the last row of the page before. One statement.
    """
    day, before = after or (until, 2**31 - 1)
    given = {**chosen, "since": since, "until": min(day, until), "before": before, "me": who.id}
    rows = list(db.session.execute(_list(scope(who), frozenset(chosen)), given))
    return rows[:PAGE], rows[PAGE - 1] if len(rows) > PAGE else None


def with_partner(who: Actor, partner_id: int) -> list[Row[Any]]:
    """The newest outcomes with a partner, for its page. One statement."""
    return listed(who, date(2000, 1, 1), date(2100, 12, 31), partner=partner_id)[0][:10]
