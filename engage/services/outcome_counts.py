"""The only reader of the outcome counts, by goal, country, forum and quarter: from small tables kept beside them."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, bindparam, cast, func, or_, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.norms import Goal, Objective
from engage.models.partners import Forum, Partner
from engage.models.places import Country
from engage.models.reports import Outcome, OutcomeCount, OutcomeSum, TripReport
from engage.rules.policy import Actor
from engage.services.visibility import Scope, scope, visible

PAGE = 50

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


def by(what: str, first: date, last: date, **chosen: Any) -> list[Row[Any]]:
    """The sums by "kind", "quarter", "goal", "country" or "forum", in quarters from `first` to `last`.

    `chosen` narrows: goal (id), country (code), forum (id). One statement over the counts, never the outcomes.
    """
    if not chosen:
        return list(db.session.execute(_alone(what), {"first": first, "last": last}))
    return list(db.session.execute(_by(what, frozenset(chosen)), {"first": first, "last": last, **chosen}))


_LISTED: Mapping[str, ColumnElement[bool]] = {
    "goal": _J.goal_id == bindparam("goal"),
    "country": _O.country_code == bindparam("country"),
    "forum": _O.forum_id == bindparam("forum"),
    "kind": _O.kind == bindparam("kind"),
    "partner": _O.partner_id == bindparam("partner"),
}


@cache
def _list(seen_by: Scope, names: frozenset[str]) -> Select[Any]:
    return (
        select(
            _O.id, _O.engagement_id, _O.kind, _O.summary, _O.counted_on, _O.number, _O.nations, _O.people,
            _J.code, _PA.name.label("partner"), _C.name.label("country"), _I.title,
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
