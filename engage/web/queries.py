"""What the furniture of every page reads."""

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.outbox import OutboxMessage

_M = OutboxMessage.__table__.c
_UNREAD = select(func.count()).select_from(
    select(_M.id).where(_M.person_id == bindparam("me"), _M.read_at.is_(None)).limit(99).subquery()
)


def unread(person_id: int | None) -> int:
    """How many messages somebody has not read, counted up to 99."""
    return db.session.scalar(_UNREAD, {"me": person_id}) or 0
