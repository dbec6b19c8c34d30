"""What the awareness pages read: Core rows, statements built once per set of filters, all narrowed by visibility."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
)

from engage.extensions import db
from engage.models.asking import Blackout
from engage.models.engagements import Engagement, Firmness, Item, Leg, engagement_objective
from engage.models.meetings import Meeting
from engage.models.norms import Goal, Objective
from engage.models.partners import Forum
from engage.models.people import Person
from engage.rules.marking import Marking
from engage.rules.policy import Actor
from engage.rules.standing import Standing, standing
from engage.rules.workflow import APPROVED, FINAL, State
from engage.services.visibility import Scope, scope, visible

PAGE = 50
MONTH_MOST = 400  # entries of a month's calendar; the register holds the rest
LONGEST = timedelta(days=120)  # an engagement that began earlier than this before a month is in the register only

_I, _E, _L, _P = Item.__table__.c, Engagement.__table__.c, Leg.__table__.c, Person.__table__.c
_EO, _O = engagement_objective.c, Objective.__table__.c
_TODAY: BindParameter[Any] = bindparam("today")
_IN_PROGRESS = sorted(set(State) - APPROVED - FINAL - {State.DRAFT})


class Row(NamedTuple):
    """One engagement as a line of the register or an entry of the calendar; the register's page unpacks it."""

    id: int
    title: str
    state: State
    standing: Standing
    starts_on: date
    ends_on: date | None
    leader: str
    places: list[str]  # of its stays, each once
    direction: str
    marking: Marking


def stands(standing: Standing) -> ColumnElement[bool]:
    """The WHERE clause for one standing; the mirror of rules.standing, held to it by a test."""
    draft, going = _I.state == State.DRAFT, _I.state.in_(sorted(APPROVED))
    return {
        Standing.IDEA: and_(draft, _I.firmness == Firmness.IDEA),
        Standing.TENTATIVE: and_(draft, _I.firmness == Firmness.TENTATIVE),
        Standing.DRAFT: and_(draft, _I.firmness == Firmness.FIRM),
        Standing.IN_PROGRESS: _I.state.in_(_IN_PROGRESS),
        Standing.APPROVED: and_(going, _I.starts_on > _TODAY),
        Standing.UNDER_WAY: and_(going, _I.starts_on <= _TODAY, or_(_I.ends_on.is_(None), _I.ends_on >= _TODAY)),
        Standing.COMPLETE: and_(going, _I.ends_on < _TODAY),
        Standing.ENDED: _I.state.in_(sorted(FINAL)),
    }[standing]


def _filters(name: str) -> ColumnElement[bool]:
    if name == "country":
        return exists().where(_L.engagement_id == _I.id, _L.country_code == bindparam("country"), ~_L.transit)
    if name == "forum":
        return _E.forum_id == bindparam("forum")
    if name == "goal":
        return exists().where(_EO.engagement_id == _I.id, _EO.objective_id == _O.id, _O.goal_id == bindparam("goal"))
    if name == "until":
        return _I.starts_on <= bindparam("until")
    if name == "ahead":
        return _I.state.not_in(sorted(FINAL))
    if name == "since":
        return _I.ends_on >= bindparam("since")
    return stands(Standing(name.removeprefix("standing:")))


_COLUMNS = (
    _I.id, _I.title, _I.state, type_coerce(_I.firmness, String).label("firmness"), _I.starts_on, _I.ends_on,
    _P.name.label("leader"), type_coerce(_E.direction, String).label("direction"), _I.marking,
)  # fmt: skip


@cache
def _listing(scope: Scope, names: frozenset[str], later: bool, most: int) -> Select[Any]:
    """Up to `most` engagements and one more, by first day; each as many times as it has stays, in their order."""
    statement = (
        select(*_COLUMNS)
        .select_from(
            Item.__table__.join(Engagement.__table__, _E.id == _I.id).outerjoin(
                Person.__table__, _P.id == _I.requester_id
            )
        )
        .where(_I.starts_on >= bindparam("from_day"), *map(_filters, sorted(names)), visible(scope))
        .order_by(_I.starts_on, _I.id)
        .limit(most + 1)
    )
    if later:
        at = tuple_(bindparam("after_day", type_=_I.starts_on.type), bindparam("after_id", type_=_I.id.type))
        statement = statement.where(tuple_(_I.starts_on, _I.id) > at)
    page = statement.subquery("page")
    return (
        select(*page.c, _L.city, _L.country_code)
        .select_from(page.outerjoin(Leg.__table__, _L.engagement_id == page.c.id))
        .order_by(page.c.starts_on, page.c.id, _L.position)
    )


def _rows(statement: Select[Any], given: Mapping[str, Any], today: date) -> list[Row]:
    """The engagements of a listing, each once, with its places. One statement."""
    rows: list[Row] = []
    places: list[str] = []
    last = None
    for id_, title, state, firmness, starts_on, ends_on, leader, direction, marking, city, code in db.session.execute(
        statement, given
    ):
        if id_ != last:
            last, places = id_, []
            stands = standing(state, firmness, starts_on, ends_on, today)
            leader = leader or "Unclaimed"
            rows.append(Row(id_, title, state, stands, starts_on, ends_on, leader, places, direction, marking))
        if code and (place := f"{city}, {code}" if city else code) not in places:
            places.append(place)
    return rows


def register(
    who: Actor, today: date, from_day: date, filters: Mapping[str, Any], after: tuple[date, int] | None
) -> tuple[list[Row], tuple[date, int] | None]:
    """A page of engagements from `from_day` on, by first day; and where the next page begins, or None.

    `filters`: country (code), forum (id), goal (id), since and until (days), standing, ahead (all but what does not
    go ahead). A stop on the way is no engagement with a country. One statement.
    """
    names = frozenset(f"standing:{value}" if name == "standing" else name for name, value in filters.items())
    given = {**filters, "me": who.id, "today": today, "from_day": from_day}
    if after:
        given |= {"after_day": after[0], "after_id": after[1]}
    found = _rows(_listing(scope(who), names, after is not None, PAGE), given, today)
    more = (found[PAGE - 1].starts_on, found[PAGE - 1].id) if len(found) > PAGE else None
    return found[:PAGE], more


def month(who: Actor, today: date, first: date, last: date, filters: Mapping[str, Any]) -> tuple[list[Row], bool]:
    """What is on from `first` to `last`, and whether there is more than the calendar shows. One statement.

    What does not go ahead stays out unless it is asked for.
    """
    given = {**filters, "until": last, "since": first}
    if "standing" not in given:
        given["ahead"] = True
    names = frozenset(f"standing:{value}" if name == "standing" else name for name, value in given.items())
    statement = _listing(scope(who), names, False, MONTH_MOST)
    found = _rows(statement, {**given, "me": who.id, "today": today, "from_day": first - LONGEST}, today)
    return found[:MONTH_MOST], len(found) > MONTH_MOST


_G = Goal.__table__.c
_GOALS = select(_G.id, _G.number, _G.title).order_by(_G.number)


def goals() -> list[tuple[int, str]]:
    """The goals as choices."""
    return [(id_, f"Goal {number}: {title}") for id_, number, title in db.session.execute(_GOALS)]


def forum_named(text: str) -> int | None:
    """The forum of that code or name, whatever its letter case; None when there is no such forum."""
    return db.session.scalar(
        select(Forum.id)
        .where(or_(func.lower(Forum.code) == text.lower(), func.lower(Forum.name) == text.lower()))
        .order_by(Forum.id)
        .limit(1)
    )


_M = Meeting.__table__.c
_MEETINGS = (
    select(_M.id, _M.title, _M.starts_at)
    .where(_M.starts_at >= bindparam("first"), _M.starts_at < bindparam("last"), _M.cancelled_at.is_(None))
    .order_by(_M.starts_at, _M.id)
    .limit(MONTH_MOST)
)


class BoardMeeting(NamedTuple):
    """A meeting of the board, on its day by the reader's clock."""

    id: int
    title: str
    day: date


def meetings(first: date, last: date, zone: str) -> list[BoardMeeting]:
    """The board's meetings from `first` to `last`, both included, as the clock of `zone` has them. One statement."""
    clock = ZoneInfo(zone)
    given = {
        "first": datetime.combine(first, time(), clock),
        "last": datetime.combine(last + timedelta(days=1), time(), clock),
    }  # fmt: skip
    rows = db.session.execute(_MEETINGS, given)
    return [BoardMeeting(row.id, row.title, row.starts_at.astimezone(clock).date()) for row in rows]


_B = Blackout.__table__.c
_BLACKOUTS = (
    select(_B.country_code, _B.starts_on, _B.ends_on, _B.why)
    .where(_B.ends_on >= bindparam("first"), _B.starts_on <= bindparam("last"))
    .order_by(_B.starts_on, _B.id)
    .limit(MONTH_MOST)
)


def blackouts(first: date, last: date) -> list[Any]:
    """Days between `first` and `last` on which a post receives nobody. One statement."""
    return list(db.session.execute(_BLACKOUTS, {"first": first, "last": last}))
