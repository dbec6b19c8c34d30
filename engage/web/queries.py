"""What the furniture of every page reads."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.outbox import OutboxMessage
from engage.services import inbox

_M = OutboxMessage.__table__.c
_UNREAD = select(func.count()).select_from(
    select(_M.id)
    .where(_M.person_id == bindparam("me"), _M.read_at.is_(None), inbox.AWAKE, inbox.ITSELF)
    .limit(99)
    .subquery()
)


def unread(person_id: int | None, now: datetime) -> int:
    """How many messages somebody has not read and not put off, counted up to 99."""
    return db.session.scalar(_UNREAD, {"me": person_id, "now": now}) or 0
