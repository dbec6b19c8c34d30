"""The only reader of which items wait for a meeting, and the writer of when they no longer do."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from engage.extensions import db
from engage.models.authority import Calendared
from engage.rules.refusals import NotOpen

_C = Calendared.__table__.c
_WAITS = select(Calendared).where(_C.item_id == bindparam("item"), _C.settled_at.is_(None))
_IS_WAITING = select(_C.id).where(_C.item_id == bindparam("item"), _C.settled_at.is_(None))


def waiting(item_id: int) -> Calendared | None:
    """The member's wish that holds an item for a meeting, or None."""
    return db.session.scalar(_WAITS, {"item": item_id})


def must_not_wait(item_id: int) -> None:
    """Raises NotOpen while an item waits for a meeting: it is decided there and in no other way."""
    if db.session.scalar(_IS_WAITING, {"item": item_id}) is not None:
        raise NotOpen("A member calendared this item: it is decided in a meeting, and in no other way.")


def settle(item_id: int, now: datetime) -> None:
    """Note that an item waits for no meeting any more: it was decided, or it left the docket."""
    db.session.execute(
        update(Calendared).where(_C.item_id == item_id, _C.settled_at.is_(None)).values(settled_at=now),
        execution_options={"synchronize_session": False},
    )
