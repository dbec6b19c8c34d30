"""The only place for what a person does with their own messages: find, read, put off."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import Row, Select, Table, bindparam, or_, select, update

from engage.extensions import db
from engage.models.outbox import OutboxMessage
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services.handling import hidden_from
from engage.services.visibility import Scope, scope

LONGEST_SNOOZE = timedelta(days=366)
_TABLE = cast(Table, OutboxMessage.__table__)
_M = OutboxMessage.__table__.c
_digest = _TABLE.alias("digest")
_LISTED = (_M.id, _M.subject, _M.topic, _M.posted_at, _M.read_at, _M.delivery, _M.snoozed_until)
_ONE = select(
    *_LISTED, _M.key, _M.template, _M.about_kind, _M.about_id, _M.facts, _M.sent_at, _M.attempts, _M.last_error,
    _M.person_id,
    select(_digest.c.sent_at).where(_digest.c.id == _M.digest_id).scalar_subquery().label("digest_sent_at"),
).where(_M.id == bindparam("message"), _M.person_id == bindparam("me"))  # fmt: skip
_READ = update(_TABLE).where(_M.person_id == bindparam("me"), _M.read_at.is_(None))
_OWN = update(_TABLE).where(_M.id == bindparam("message"), _M.person_id == bindparam("me"))
# A daily message only carries others: the inbox has those themselves.
ITSELF = _M.template != "digest"
AWAKE = or_(_M.snoozed_until.is_(None), _M.snoozed_until <= bindparam("now"))
LAST = 2**31 - 1  # no message has a higher number: where the inbox begins


class Shown(StrEnum):
    """Which messages a list shows."""

    ALL = "all"
    UNREAD = "unread"
    SNOOZED = "snoozed"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {"all": "Everything", "unread": "Not read", "snoozed": "Put off"}[self]


@cache
def _one(seen_by: Scope) -> Select[Any]:
    return _ONE.add_columns(hidden_from(seen_by, _M))


@cache
def _inbox(shown: Shown, of_topic: bool, seen_by: Scope) -> Select[Any]:
    kept = [_M.person_id == bindparam("me"), _M.id < bindparam("before"), ITSELF]
    kept.append(_M.snoozed_until > bindparam("now") if shown is Shown.SNOOZED else AWAKE)
    if shown is Shown.UNREAD:
        kept.append(_M.read_at.is_(None))
    if of_topic:
        kept.append(_M.topic == bindparam("topic"))
    return select(*_LISTED, hidden_from(seen_by, _M)).where(*kept).order_by(_M.id.desc()).limit(bindparam("most"))


def messages(
    by: Actor, *, now: datetime, before: int = LAST, limit: int, shown: Shown = Shown.ALL, topic: str = ""
) -> list[Row]:
    """The actor's own messages older than the message `before`, newest first, those `shown`, of one topic or of all."""
    given = {"me": by.id, "before": before, "most": limit, "now": now}
    return list(db.session.execute(_inbox(shown, bool(topic), scope(by)), given | ({"topic": topic} if topic else {})))


def find(message_id: int, *, by: Actor) -> Row | None:
    """A message of the actor's own with everything it says, or None."""
    return db.session.execute(_one(scope(by)), {"message": message_id, "me": by.id}).one_or_none()


def mark_read(message_id: int, *, by: Actor, now: datetime) -> None:
    """Remember that the actor has read a message of theirs; a second time changes nothing, nor does another's."""
    db.session.execute(_READ.where(_M.id == message_id).values(read_at=now), {"me": by.id})


def mark_all_read(*, by: Actor, now: datetime, until: int = LAST) -> None:
    """Remember that the actor has read all their messages up to the message `until`, but what they put off."""
    awake = or_(_M.snoozed_until.is_(None), _M.snoozed_until <= now)
    db.session.execute(_READ.where(_M.id <= until, awake).values(read_at=now), {"me": by.id})


def snooze(message_id: int, until: datetime, *, by: Actor, now: datetime) -> None:
    """Put a message of the actor's own off until a moment (aware); then it is new again. Raises Incomplete at "until".

    It changes nothing of what is due: reminders go on.
    """
    if until <= now:
        raise Incomplete({"until": "Choose a day that is still to come."})
    if until > now + LONGEST_SNOOZE:
        raise Incomplete({"until": "Choose a day within a year."})
    db.session.execute(_OWN.values(snoozed_until=until, read_at=None), {"message": message_id, "me": by.id})


def wake(message_id: int, *, by: Actor) -> None:
    """Bring a message of the actor's own back at once."""
    db.session.execute(_OWN.values(snoozed_until=None), {"message": message_id, "me": by.id})
