"""The only place for an administrator's look at the mail: what stands where, and another try for what was given up."""

from datetime import datetime
from typing import cast

from sqlalchemy import Row, Table, bindparam, func, or_, select, text, update

from engage.extensions import db
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import NotAllowed, NotOpen
from engage.services import audit
from engage.services.handling import shown_subject

MOST_COUNTED = 1000  # of each status; beyond it a number says no more
TROUBLED = "troubled"
LABELS = {
    TROUBLED: "Parked or refused",
    "waiting": "Waiting for the mail server",
    "for_digest": "Waiting for a daily message",
}
_TABLE = cast(Table, OutboxMessage.__table__)
_M, _P = _TABLE.c, Person.__table__.c
_WHERE = {  # as the partial indexes say it, not as parameters
    TROUBLED: text("delivery IN ('refused', 'parked')"),
    "waiting": text("delivery IN ('queued', 'claimed')"),
    "for_digest": text("delivery = 'for_digest'"),
}
_COUNTS = select(
    *(
        select(func.count())
        .select_from(select(_M.id).where(where).limit(MOST_COUNTED).subquery())
        .scalar_subquery()
        .label(status)
        for status, where in _WHERE.items()
    )
)
_PAGES = {
    status: select(
        _M.id, shown_subject(_M), _M.template, _M.delivery, _M.posted_at, _M.due_at, _M.attempts, _M.last_error,
        _P.id.label("person_id"), _P.name.label("person"),
    )
    .join_from(_TABLE, Person.__table__, _P.id == _M.person_id)
    .where(where, _M.id < bindparam("before"))
    .order_by(_M.id.desc())
    .limit(bindparam("most"))
    for status, where in _WHERE.items()
}  # fmt: skip
_AGAIN = (
    update(_TABLE)
    .where(_M.id == bindparam("message"), or_(_M.delivery == Delivery.REFUSED, _M.delivery == Delivery.PARKED))
    .values(delivery=Delivery.QUEUED, attempts=0, due_at=bindparam("due"))
)


def counts() -> dict[str, int]:
    """How many messages stand in each status, counted up to MOST_COUNTED. One statement."""
    return dict(db.session.execute(_COUNTS).one()._mapping)


def page(status: str, *, before: int, limit: int) -> list[Row]:
    """The messages of one of LABELS older than the message `before`, the newest first, with their readers."""
    return list(db.session.execute(_PAGES[status], {"before": before, "most": limit}))


def try_again(message_id: int, *, by: Actor, now: datetime) -> None:
    """Queue a message anew that was parked or refused, under the same Message-ID. Raises NotAllowed or NotOpen."""
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may have a message sent again.")
    before = db.session.execute(
        select(_M.delivery, _M.last_error).where(_M.id == message_id)
    ).one_or_none()
    if before is None or not db.session.execute(_AGAIN, {"message": message_id, "due": now}).rowcount:  # type: ignore[attr-defined]
        raise NotOpen("This message was neither parked nor refused, so there is nothing to try again.")
    audit.record(
        "try_message_again", about=("message", message_id), by=by, now=now,
        before={"delivery": str(before.delivery), "why": before.last_error}, after={"delivery": "queued"},
    )  # fmt: skip
