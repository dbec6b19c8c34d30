"""The only writer of Feed: private addresses for calendar programs, and what each brings today.

Who has the address reads it without signing in. So it is long and random, kept as a hash, good for a year at most,
void at once when revoked or when its person is disabled; and it brings titles, days and places of what its person may
see at the moment of reading, and of what is marked beyond GREEN the days alone.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, or_, select, update

from engage.extensions import db
from engage.models.engagements import Engagement, Item, ItemVersion, Leg
from engage.models.feeds import Feed
from engage.models.meetings import Meeting
from engage.models.partners import Forum
from engage.models.people import Person
from engage.models.places import Country
from engage.rules.feeds import Covers
from engage.rules.marking import OPEN_TO_ALL
from engage.rules.policy import Actor, See, may
from engage.rules.refusals import Incomplete
from engage.rules.workflow import APPROVED, FINAL, State
from engage.services import audit, norms, sessions, stays
from engage.services.sessions import hashed
from engage.services.visibility import Scope, called_off, scope, travels, visible

DIALS = {"feed_days": 365}  # how long an address is good, where nothing else is set
MOST = 20  # good addresses of one person
BACK, AHEAD = timedelta(days=90), timedelta(days=550)  # of today: what a feed brings
LONGEST = 2000  # entries of one feed
RESTRICTED = "A restricted engagement"

_F, _I, _L, _M, _C, _V, _B = (t.__table__.c for t in (Feed, Item, Leg, Meeting, Country, ItemVersion, Forum))
_NAMED = Feed.__table__.outerjoin(Country.__table__, _C.code == _F.country_code).outerjoin(
    Forum.__table__, _B.id == _F.forum_id
)
_HELD = (
    select(
        _F.id, _F.person_id, _F.covers, _F.country_code, _F.forum_id, _C.name.label("country"), _B.name.label("forum")
    )
    .select_from(_NAMED)
    .join(Person.__table__, Person.__table__.c.id == _F.person_id)
    .where(
        _F.token_hash == bindparam("hash"), _F.revoked_at.is_(None), _F.expires_at > bindparam("now"),
        Person.__table__.c.disabled_at.is_(None),
    )
)  # fmt: skip
_OF = (
    select(_F.id, _F.covers, _C.name.label("country"), _B.name.label("forum"), _F.created_at, _F.expires_at)
    .select_from(_NAMED)
    .where(_F.person_id == bindparam("me"), _F.revoked_at.is_(None), _F.expires_at > bindparam("now"))
    .order_by(_F.id)
)
_MEETINGS = (
    select(_M.id, _M.title, _M.starts_at, _M.minutes_long, _M.place, _M.sequence, _M.changed_at, _M.cancelled_at)
    .where(_M.starts_at >= bindparam("since"), _M.starts_at <= bindparam("until"))
    .order_by(_M.starts_at, _M.id)
    .limit(LONGEST)
)


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar. Days are both included; moments are aware. `sequence` rises with every change."""

    uid: str
    title: str
    begins: date
    ends: date
    status: str  # as RFC 5545 names it
    sequence: int
    changed_at: datetime
    place: str
    path: str


_TEXT_OF = (  # since when it says what it says: new days are a change too
    select(func.max(_V.valid_from)).where(_V.item_id == _I.id).correlate(Item.__table__).scalar_subquery()
)


@cache
def _engagements(seen_by: Scope, covers: Covers) -> Select[Any]:
    statement = (
        select(
            _I.id, _I.title, _I.state, _I.marking, _I.starts_on, _I.ends_on, _I.version, _I.state_since,
            _TEXT_OF.label("text_since"), visible(seen_by).label("opens"),
        )
        .join(Engagement.__table__, Engagement.__table__.c.id == _I.id)
        .where(
            or_(visible(seen_by), called_off(seen_by)),
            _I.starts_on >= bindparam("since"), _I.starts_on <= bindparam("until"),
        )
        .order_by(_I.starts_on, _I.id)
        .limit(LONGEST)
    )  # fmt: skip
    if covers is Covers.MINE:
        return statement.where(or_(_I.requester_id == bindparam("me"), travels(bindparam("me"))))
    if covers is Covers.COUNTRY:
        return statement.where(
            exists().where(_L.engagement_id == _I.id, _L.country_code == bindparam("country"), ~_L.transit)
        )
    if covers is Covers.FORUM:
        return statement.where(Engagement.__table__.c.forum_id == bindparam("forum"))
    return statement


def create(covers: Covers, country: str | None, forum: str = "", *, by: Actor, now: datetime) -> str:
    """Make an address and give its token, which is told this once. `forum` is a code or a name. Raises Incomplete.

    At "country" or "forum" where it is owed or none, and at "covers" for meetings that one may not see, or for one too
    many.
    """
    assert by.id is not None  # noqa: S101  the room has a door
    wrong: dict[str, str] = {}
    code = country if covers is Covers.COUNTRY else None
    if covers is Covers.COUNTRY and (not code or db.session.get(Country, code) is None):
        wrong["country"] = "Choose the country."
    forum_id = _forum(forum) if covers is Covers.FORUM else None
    if covers is Covers.FORUM and forum_id is None:
        wrong["forum"] = "Name a forum of the register, by its code or its name."
    if covers is Covers.BOARD and not may(by, See.MEETING):
        wrong["covers"] = "Meetings of the board are for those who take part in them."
    if len(of(by.id, now=now)) >= MOST:
        wrong["covers"] = f"You have {MOST} addresses. End one first."
    if wrong:
        raise Incomplete(wrong)
    token = secrets.token_urlsafe(32)
    days = min(max(norms.on(sessions.office_day(now, by.zone), DIALS)["feed_days"], 1), 366)
    made = Feed(
        person_id=by.id, token_hash=hashed(token), covers=covers, country_code=code, forum_id=forum_id,
        created_at=now,        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("create_feed", about=("feed", made.id), by=by, now=now, covers=covers.value, country=code or "",
                 forum=forum_id)  # fmt: skip
    return token


def _forum(typed: str) -> int | None:
    word = typed.strip().lower()
    same = or_(func.lower(_B.code) == word, func.lower(_B.name) == word)
    return db.session.scalar(select(_B.id).where(same).order_by(_B.id).limit(1)) if word else None


def revoke(feed_id: int, *, by: Actor, now: datetime) -> bool:
    """End one of the actor's own addresses; False when there is no such one. It is void at once."""
    mine = update(Feed).where(Feed.id == feed_id, Feed.person_id == by.id, Feed.revoked_at.is_(None))
    if not db.session.execute(mine.values(revoked_at=now)).rowcount:  # type: ignore[attr-defined]
        return False
    audit.record("revoke_feed", about=("feed", feed_id), by=by, now=now)
    return True


def of(person_id: int, *, now: datetime) -> list[Any]:
    """A person's good addresses, without their tokens, in the order in which they were made."""
    return list(db.session.execute(_OF, {"me": person_id, "now": now}))


def read(token: str, *, now: datetime, today: date) -> tuple[str, list[Entry]] | None:
    """The name of a subscription and its entries, as its person may see them now.

    None alike for a token that is wrong, old, revoked, or of somebody who left. At most five statements.
    """
    if not 40 <= len(token) <= 60 or not token.isascii():
        return None
    held = db.session.execute(_HELD, {"hash": hashed(token), "now": now}).one_or_none()
    if held is None:
        return None
    who = sessions.actor_for(held.person_id, today=today)
    name = f"Engage: {held.country or held.forum or held.covers.label}"
    if held.covers is Covers.BOARD:
        return name, _meetings(now) if may(who, See.MEETING) else []
    return name, _of(who, held, today)


def _of(who: Actor, held: Any, today: date) -> list[Entry]:
    given = {"me": who.id, "since": today - BACK, "until": today + AHEAD}
    if held.covers is Covers.COUNTRY:
        given["country"] = held.country_code
    if held.covers is Covers.FORUM:
        given["forum"] = held.forum_id
    rows = db.session.execute(_engagements(scope(who), held.covers), given).all()
    told = [row for row in rows if row.marking in OPEN_TO_ALL]
    places = stays.countries([row.id for row in told])
    return [
        Entry(
            f"engagement-{row.id}", row.title if row.marking in OPEN_TO_ALL else RESTRICTED, row.starts_on,
            row.ends_on or row.starts_on, _status(row.state), row.version,
            max(row.state_since, row.text_since or row.state_since),
            places.get(row.id, "") if row.marking in OPEN_TO_ALL else "", f"/engagements/{row.id}" if row.opens else "",
        )
        for row in rows
    ]  # fmt: skip


def _status(state: State) -> str:
    if state in FINAL and state not in APPROVED:
        return "CANCELLED"
    return "CONFIRMED" if state in APPROVED else "TENTATIVE"


def _meetings(now: datetime) -> list[Entry]:
    rows = db.session.execute(_MEETINGS, {"since": now - BACK, "until": now + AHEAD})
    return [
        Entry(
            f"meeting-{row.id}", row.title, row.starts_at, row.starts_at + timedelta(minutes=row.minutes_long),
            "CANCELLED" if row.cancelled_at else "CONFIRMED", row.sequence, row.changed_at, row.place,
            f"/board/meetings/{row.id}",
        )
        for row in rows
    ]  # fmt: skip
