"""What the register pages read: forums and events, a page at a time, and the engagements of a partner or a forum."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import FromClause, Select, bindparam, exists, func, select, tuple_

from engage.extensions import db
from engage.models.engagements import Engagement, Item, engagement_partner
from engage.models.partners import Event, Forum
from engage.models.places import Country
from engage.rules.policy import Actor
from engage.services.visibility import Scope, scope, visible

PAGE = 50
_F, _E, _C = Forum.__table__.c, Event.__table__.c, Country.__table__.c
_I, _EN, _EP = Item.__table__.c, Engagement.__table__.c, engagement_partner.c


def _register(table: FromClause, country: Any, sort: Any) -> Callable[[bool, bool], Select[Any]]:
    """The list of one register, ordered by `sort`; searched by the beginning of a word of its name."""

    @cache
    def statement(searched: bool, later: bool) -> Select[Any]:
        wanted = (
            select(table, _C.name.label("country"))
            .outerjoin(Country.__table__, _C.code == country)
            .order_by(sort, table.c.id)
            .limit(PAGE + 1)
        )
        if searched:
            words = func.lower(table.c.name)
            wanted = wanted.where(
                words.like(bindparam("prefix"), escape="\\") | words.like(bindparam("inside"), escape="\\")
            )
        if later:
            at = tuple_(bindparam("after", type_=sort.type), bindparam("after_id", type_=table.c.id.type))
            wanted = wanted.where(tuple_(sort, table.c.id) > at)
        return wanted

    return statement


_forums = _register(Forum.__table__, _F.secretariat_country, _F.name)
_events = _register(Event.__table__, _E.country_code, _E.starts_on)


def _page(
    statement: Callable[[bool, bool], Select[Any]], search: str, after: tuple[Any, int] | None, sort: str
) -> tuple[list[Any], tuple[Any, int] | None]:
    plain = search.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    given: dict[str, Any] = {"prefix": f"{plain}%", "inside": f"% {plain}%"} if search else {}
    if after:
        given |= {"after": after[0], "after_id": after[1]}
    rows = list(db.session.execute(statement(bool(search), after is not None), given))
    more = (getattr(rows[PAGE - 1], sort), rows[PAGE - 1].id) if len(rows) > PAGE else None
    return rows[:PAGE], more


def forums(search: str, after: tuple[str, int] | None) -> tuple[list[Any], tuple[str, int] | None]:
    """A page of forums by name. One statement."""
    return _page(_forums, search, after, "name")


def events(search: str, after: tuple[date, int] | None) -> tuple[list[Any], tuple[date, int] | None]:
    """A page of events by first day. One statement."""
    return _page(_events, search, after, "starts_on")


_ONE_FORUM = (
    select(Forum.__table__, _C.name.label("country"))
    .outerjoin(Country.__table__, _C.code == _F.secretariat_country)
    .where(_F.id == bindparam("id"))
)


def forum(forum_id: int) -> Any:
    """One forum, or None."""
    return db.session.execute(_ONE_FORUM, {"id": forum_id}).one_or_none()


@cache
def _engagements(scope: Scope, of_forum: bool) -> Select[Any]:
    if of_forum:
        about = exists().where(_EN.id == _I.id, _EN.forum_id == bindparam("id"))
    else:
        about = exists().where(_EP.engagement_id == _I.id, _EP.partner_id == bindparam("id"))
    return (
        select(_I.id, _I.title, _I.state, _I.starts_on, _I.ends_on)
        .where(about.correlate(Item.__table__), visible(scope))
        .order_by(_I.starts_on.desc(), _I.id.desc())
        .limit(PAGE)
    )


def engagements_with(who: Actor, record_id: int, *, of_forum: bool = False) -> list[Any]:
    """The latest engagements with a partner, or in a forum, that `who` may see. One statement."""
    return list(db.session.execute(_engagements(scope(who), of_forum), {"id": record_id, "me": who.id}))
