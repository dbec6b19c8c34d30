"""The only place for what a person does with their own messages: find, read, put off."""

from datetime import datetime
from typing import cast

from sqlalchemy import Row, Table, bindparam, select, update

from engage.extensions import db
from engage.models.outbox import OutboxMessage
from engage.rules.policy import Actor

_TABLE = cast(Table, OutboxMessage.__table__)
_M = OutboxMessage.__table__.c
_LISTED = (_M.id, _M.subject, _M.posted_at, _M.read_at, _M.delivery)
_INBOX = (
    select(*_LISTED)
    .where(_M.person_id == bindparam("me"), _M.id < bindparam("before"))
    .order_by(_M.id.desc())
    .limit(bindparam("most"))
)
_ONE = select(
    *_LISTED, _M.key, _M.template, _M.about_kind, _M.about_id, _M.facts, _M.sent_at, _M.attempts, _M.last_error
).where(_M.id == bindparam("message"), _M.person_id == bindparam("me"))
_READ = update(_TABLE).where(_M.person_id == bindparam("me"), _M.read_at.is_(None))
LAST = 2**31 - 1  # no message has a higher number: where the inbox begins


def messages(person_id: int, *, before: int = LAST, limit: int) -> list[Row]:
    """A person's messages older than the message `before`, newest first: id, subject, posted_at, read_at, delivery."""
    return list(db.session.execute(_INBOX, {"me": person_id, "before": before, "most": limit}))


def find(message_id: int, *, by: Actor) -> Row | None:
    """A message of the actor's own with everything it says, or None."""
    return db.session.execute(_ONE, {"message": message_id, "me": by.id}).one_or_none()


def mark_read(message_id: int, *, by: Actor, now: datetime) -> None:
    """Remember that the actor has read a message of theirs; a second time changes nothing, nor does another's."""
    db.session.execute(_READ.where(_M.id == message_id).values(read_at=now), {"me": by.id})


def mark_all_read(*, by: Actor, now: datetime, until: int = LAST) -> None:
    """Remember that the actor has read all their messages up to and including the message `until`."""
    db.session.execute(_READ.where(_M.id <= until).values(read_at=now), {"me": by.id})
