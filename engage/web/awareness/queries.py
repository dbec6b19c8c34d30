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
    null,
    or_,
    select,
    tuple_,
    type_coerce,
)

from engage.extensions import db
from engage.models.asking import Blackout
from engage.models.engagements import Firmness, Item, Leg
from engage.models.meetings import Meeting
from engage.models.people import Person
from engage.rules.marking import Marking
from engage.rules.policy import Actor
from engage.rules.standing import Standing, standing
from engage.rules.workflow import APPROVED, FINAL, State
from engage.services.visibility import Scope, scope
from engage.web.awareness.facts_queries import NOW, THEN, AsOf, Facts, when

PAGE = 50
MONTH_MOST = 400  # entries of a month's calendar; the register holds the rest
BEFORE = timedelta(days=366)  # by which no stay begins before its engagement: older ones are not looked through
LONGEST = timedelta(days=120)  # an engagement that began earlier than this before a month is in the register only

_I, _L, _P = Item.__table__.c, Leg.__table__.c, Person.__table__.c
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


def stands(standing: Standing, of: Facts = NOW) -> ColumnElement[bool]:
    """The WHERE clause for one standing; the mirror of rules.standing, held to it by a test."""
    draft, going = of.state == State.DRAFT, of.state.in_(sorted(APPROVED))
    return {
        Standing.IDEA: and_(draft, of.firmness == Firmness.IDEA),
        Standing.TENTATIVE: and_(draft, of.firmness == Firmness.TENTATIVE),
        Standing.DRAFT: and_(draft, of.firmness == Firmness.FIRM),
        Standing.IN_PROGRESS: of.state.in_(_IN_PROGRESS),
        Standing.APPROVED: and_(going, of.starts_on > _TODAY),
        Standing.UNDER_WAY: and_(going, of.starts_on <= _TODAY, or_(of.ends_on.is_(None), of.ends_on >= _TODAY)),
        Standing.COMPLETE: and_(going, of.ends_on < _TODAY),
        Standing.ENDED: of.state.in_(sorted(FINAL)),
    }[standing]


def _filter(of: Facts, name: str) -> ColumnElement[bool]:
    if name in ("country", "goal", "objective", "partner"):
        clause: ColumnElement[bool] = getattr(of, name)(bindparam(name))
        return clause
    if name == "forum":
        return of.forum_id == bindparam("forum")
    if name == "leader":
        return of.requester_id.in_(bindparam("leader", expanding=True))
    if name == "until":
        return of.starts_on <= bindparam("until")
    if name == "ahead":
        return of.state.not_in(sorted(FINAL))
    if name == "drafts":
        return of.state == State.DRAFT
    if name == "done":
        return and_(of.state.in_(sorted(APPROVED)), of.starts_on <= _TODAY)
    if name == "since":
        return or_(of.ends_on >= bindparam("since"), and_(of.ends_on.is_(None), of.starts_on >= bindparam("since")))
    return stands(Standing(name.removeprefix("standing:")), of)


@cache
def _listing(of: Facts, scope: Scope, names: frozenset[str], later: bool, most: int) -> Select[Any]:
    """Up to `most` engagements and one more, by first day; each as many times as it has stays, in their order.

    One that is history knows its places itself, a line each, and comes once.
    """
    starts, number = of.starts_on.label("starts_on"), of.id.label("id")
    statement = (
        select(
            number, of.title, of.state, type_coerce(of.firmness, String).label("firmness"), starts, of.ends_on,
            _P.name.label("leader"), type_coerce(of.direction, String).label("direction"), of.marking,
        )
        .select_from(of.rows.outerjoin(Person.__table__, _P.id == of.requester_id))
        .where(of.starts_on >= bindparam("from_day"), *(_filter(of, name) for name in sorted(names)), of.seen(scope))
        .order_by(of.starts_on, of.id)
        .limit(most + 1)
    )  # fmt: skip
    if later:
        at = tuple_(bindparam("after_day", type_=_I.starts_on.type), bindparam("after_id", type_=_I.id.type))
        statement = statement.where(tuple_(of.starts_on, of.id) > at)
    if of is THEN:
        return statement.add_columns(THEN.places, null())
    page = statement.subquery("page")
    return (
        select(*page.c, _L.city, _L.country_code)
        .select_from(page.outerjoin(Leg.__table__, _L.engagement_id == page.c.id))
        .order_by(page.c.starts_on, page.c.id, _L.position)
    )


def _rows(statement: Select[Any], given: Mapping[str, Any], day: date) -> list[Row]:
    """The engagements of a listing, each once, with its places. One statement."""
    rows: list[Row] = []
    places: list[str] = []
    last = None
    for id_, title, state, firmness, starts_on, ends_on, leader, direction, marking, city, code in db.session.execute(
        statement, given
    ):
        if id_ != last:
            last, places = id_, []
            stands = standing(state, firmness, starts_on, ends_on, day)
            leader = leader or "Unclaimed"
            rows.append(Row(id_, title, state, stands, starts_on, ends_on, leader, places, direction, marking))
        if "at" in given:
            places.extend(city.splitlines())
        elif code and (place := f"{city}, {code}" if city else code) not in places:
            places.append(place)
    return rows


def _found(
    who: Actor, seen: AsOf, filters: Mapping[str, Any], most: int, after: tuple[date, int] | None = None, **days: date
) -> list[Row]:
    names = frozenset(f"standing:{value}" if name == "standing" else name for name, value in filters.items())
    near = date.fromordinal(max(1, days["from_day"].toordinal() - BEFORE.days))
    given = {**filters, **days, "near": near, "me": who.id, "today": seen.day}
    if seen.at is not None:
        given["at"] = seen.at
    if after:
        given |= {"after_day": after[0], "after_id": after[1]}
    return _rows(_listing(when(seen.at), scope(who), names, after is not None, most), given, seen.day)


def register(
    who: Actor, seen: AsOf | date, from_day: date, filters: Mapping[str, Any], after: tuple[date, int] | None
) -> tuple[list[Row], tuple[date, int] | None]:
    """A page of engagements from `from_day` on, by first day; and where the next page begins, or None.

    `filters`: country (code), forum, goal, objective and partner (ids), leader (ids of people), since and until
    (days), standing, ahead (all but what does not go ahead), done (begun or over), drafts. A stop on the way is no
    engagement with a country. One statement.
    """
    found = _found(who, _as_of(seen), filters, PAGE, after, from_day=from_day)
    more = (found[PAGE - 1].starts_on, found[PAGE - 1].id) if len(found) > PAGE else None
    return found[:PAGE], more


def month(
    who: Actor, seen: AsOf | date, first: date, last: date, filters: Mapping[str, Any]
) -> tuple[list[Row], bool]:
    """What is on from `first` to `last`, and whether there is more than the calendar shows. One statement.

    What does not go ahead stays out unless it is asked for.
    """
    given = {**filters, "until": last, "since": first}
    if "standing" not in given:
        given["ahead"] = True
    found = _found(who, _as_of(seen), given, MONTH_MOST, from_day=first - LONGEST)
    return found[:MONTH_MOST], len(found) > MONTH_MOST


def _as_of(seen: AsOf | date) -> AsOf:
    return seen if isinstance(seen, AsOf) else AsOf(seen)


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
