"""The only place that tells people the news of what they follow: each once, and nothing that they may not see.

A sweep reads which items the trail names since the last one, and what is new of them; who follows is asked the same
question as everywhere, whether they may see it, by the policy itself. Before a message leaves it is asked once more.
The requester and the party are told by other messages, so they are left out.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, insert, select, union_all, update

from engage.extensions import db
from engage.models.engagements import (
    Engagement,
    Item,
    ItemVersion,
    Leg,
    StateSpan,
    engagement_objective,
    engagement_partner,
)
from engage.models.follows import Follow, FollowMark
from engage.models.people import Person
from engage.rules.follows import Event, News, Stay, Text, of_stays, of_texts
from engage.rules.policy import Actor, See, Subject, may
from engage.rules.workflow import APPROVED, State
from engage.services import duties, outbox, sessions, states, visibility

TEMPLATE = "followed"
FIRST_LOOK_BACK = 10_000  # lines of the trail, where nothing was read yet
AT_ONCE = 500

_F, _I, _E, _L, _S, _V, _P = (
    t.__table__.c for t in (Follow, Item, Engagement, Leg, StateSpan, ItemVersion, Person)
)
_MARK = select(FollowMark.trail_until, FollowMark.started_on).where(FollowMark.id == 1).with_for_update()
_items: Any = bindparam("items", expanding=True)


def _who(column: Any, key: Any, table: Any, item: Any) -> Select[Any]:
    """Who follows what `column` names, by the rows of `table` whose `key` names the same for an item."""
    found = select(item.label("item_id"), _F.person_id, _F.since)
    return found.join_from(table, Follow.__table__, column == key).where(item.in_(_items))


_EP, _EO = engagement_partner.c, engagement_objective.c
_all = union_all(
    _who(_F.country_code, _L.country_code, Leg.__table__, _L.engagement_id).where(~_L.transit),
    _who(_F.partner_id, _EP.partner_id, engagement_partner, _EP.engagement_id),
    _who(_F.forum_id, _E.forum_id, Engagement.__table__, _E.id),
    _who(_F.objective_id, _EO.objective_id, engagement_objective, _EO.engagement_id),
).subquery("followed")
_FOLLOWERS = (
    select(_all.c.item_id, _all.c.person_id, func.min(_all.c.since).label("since"))
    .join(Person.__table__, and_(_P.id == _all.c.person_id, _P.disabled_at.is_(None)))
    .group_by(_all.c.item_id, _all.c.person_id)
    .order_by(_all.c.item_id, _all.c.person_id)
)
_STAYS = select(_S.item_id, _S.id, _S.state, _S.started_at).where(_S.item_id.in_(_items)).order_by(_S.id)
_TEXTS = select(_V.item_id, _V.id, _V.content, _V.valid_from).where(_V.item_id.in_(_items)).order_by(_V.id)
_TITLES = select(_I.id, _I.title, _I.kind, _I.starts_on, _I.ends_on).where(_I.id.in_(_items))
_STARTING = select(_I.id, _I.starts_on).where(
    _I.state.in_(sorted(APPROVED)), _I.starts_on > bindparam("after"), _I.starts_on <= bindparam("today")
)


def sweep(now: datetime) -> int:
    """Post the news since the last sweep to those who follow it; gives how many messages. Flushes, never commits."""
    today, head = states.office_day(now), duties.trail_head()
    mark = db.session.execute(_MARK).one_or_none()
    read_until = mark.trail_until if mark else max(0, head - FIRST_LOOK_BACK)
    started_on = mark.started_on if mark else today - timedelta(days=1)
    if mark and read_until >= head and started_on >= today:
        return 0
    changed = duties.changed(read_until, head).get("item", [])
    begun = {}
    if started_on < today:
        rows = db.session.execute(_STARTING, {"after": max(started_on, today - timedelta(days=7)), "today": today})
        begun = {row.id: row.starts_on for row in rows}
    posted = 0
    ids = sorted({*changed, *begun})
    for start in range(0, len(ids), AT_ONCE):
        posted += _tell(ids[start : start + AT_ONCE], begun, now, today)
    if mark:
        db.session.execute(update(FollowMark).values(trail_until=head, started_on=today))
    else:
        db.session.execute(insert(FollowMark).values(id=1, trail_until=head, started_on=today))
    return posted


def _tell(ids: list[int], begun: dict[int, date], now: datetime, today: date) -> int:
    followers: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(_FOLLOWERS, {"items": ids}):
        followers[row.item_id].append(row)
    if not followers:
        return 0
    wanted = sorted(followers)
    events = _events(wanted, begun, now)
    subjects = visibility.subjects(wanted)
    titles = {row.id: row for row in db.session.execute(_TITLES, {"items": wanted})}
    actors: dict[int, Actor] = {}
    messages = []
    for item_id, found in events.items():
        for row in followers[item_id]:
            news = [event for event in found if event.at >= row.since]
            if not news:
                continue
            if row.person_id not in actors:
                actors[row.person_id] = sessions.actor_for(row.person_id, today=today)
            who, what = actors[row.person_id], subjects[item_id]
            told = [event for event in news if _may_be_told(who, what, event.seen_as)]
            messages += [_message(event, titles[item_id], who, what, now) for event in told]
    had = outbox.known([message["key"] for message in messages])
    posted = [message for message in messages if message["key"] not in had]
    outbox.post(*posted)
    return len(posted)


def _events(ids: list[int], begun: dict[int, date], now: datetime) -> dict[int, list[Event]]:
    stays: dict[int, list[Stay]] = defaultdict(list)
    texts: dict[int, list[Text]] = defaultdict(list)
    for row in db.session.execute(_STAYS, {"items": ids}):
        stays[row.item_id].append(Stay(row.id, row.state, row.started_at))
    for row in db.session.execute(_TEXTS, {"items": ids}):
        said = json.loads(row.content)
        texts[row.item_id].append(Text(row.id, (said.get("starts_on"), said.get("ends_on")), row.valid_from))
    found = {id_: [*of_stays(stays[id_]), *of_texts(texts[id_])] for id_ in ids}
    for id_, day in begun.items():
        if id_ in found:
            found[id_].append(Event(News.STARTED, f"start:{id_}:{day.isoformat()}", now))
    return found


def _may_be_told(who: Actor, what: Subject, seen_as: State | None) -> bool:
    """Whether somebody may see it, or could until it ended; the requester and the party hear of it otherwise."""
    if who.id == what.requester_id or who.id in what.traveller_ids:
        return False
    return may(who, See.ENGAGEMENT, replace(what, state=seen_as) if seen_as else what)


def _message(event: Event, row: Any, who: Actor, what: Subject, now: datetime) -> dict[str, Any]:
    opens = may(who, See.ENGAGEMENT, what)
    last = row.ends_on if row.ends_on and row.ends_on != row.starts_on else None
    return outbox.message(
        f"follow:{event.key}:{who.id}", to=who.id or 0, template=TEMPLATE, about=("item", row.id), now=now,
        subject=f"{event.news.label}: {row.title}", news=event.news.label, title=row.title,
        dates=_day(row.starts_on) + (f" to {_day(last)}" if last else ""), follow=True,
        seen_as=event.seen_as.value if event.seen_as else None,
        path=row.kind.path(row.id) if opens else "/account/follows",
    )  # fmt: skip


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "no dates yet"


def hidden(messages: Iterable[Any], *, now: datetime) -> set[int]:
    """The ids of those news whose reader may see what they tell of no longer: they do not leave."""
    news = [message for message in messages if message.facts.get("follow")]
    if not news:
        return set()
    today = states.office_day(now)
    subjects = visibility.subjects([message.about_id for message in news])
    actors = {id_: sessions.actor_for(id_, today=today) for id_ in _people(news)}
    return {
        message.id
        for message in news
        if message.about_id not in subjects
        or not _may_be_told(actors[message.person_id], subjects[message.about_id], _state(message.facts.get("seen_as")))
    }


def _people(news: Collection[Any]) -> set[int]:
    return {message.person_id for message in news}


def _state(word: str | None) -> State | None:
    return State(word) if word else None
