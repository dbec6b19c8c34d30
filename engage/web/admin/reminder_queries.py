"""What the pages about reminders read: Core rows, statements built once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select

from engage.extensions import db
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderLedger, ReminderMute, ReminderRule, ReminderSweep, Standing
from engage.services.ledger import HISTORY

PAGE = 50
LAST = 2**31 - 1
_L, _M, _P, _R = (t.__table__.c for t in (ReminderLedger, OutboxMessage, Person, ReminderRule))
_ROWS = select(*_R).where(_R.code == bindparam("code")).order_by(_R.starts_on.desc())
_CODES = select(_R.code, func.max(_R.label).label("label")).group_by(_R.code).order_by("label")
_MUTES = (
    select(ReminderMute.rule_code, ReminderMute.reason, ReminderMute.muted_at, _P.name.label("by"))
    .join(Person.__table__, _P.id == ReminderMute.muted_by_id)
    .where(ReminderMute.ended_at.is_(None))
)
_SWEEP = select(ReminderSweep.swept_at, ReminderSweep.posted, ReminderSweep.held).where(ReminderSweep.id == 1)
_STATUS: dict[str, ColumnElement[bool]] = {
    "queued": _M.delivery.in_([Delivery.QUEUED, Delivery.CLAIMED, Delivery.FOR_DIGEST]),
    "sent": _M.delivery == Delivery.SENT,
    "digested": _M.delivery == Delivery.DIGESTED,
    "refused": _M.delivery.in_([Delivery.REFUSED, Delivery.PARKED]),
    "suppressed": or_(_L.standing == Standing.SUPPRESSED, _M.delivery == Delivery.SUPPRESSED),
    "held": _L.standing == Standing.HELD,
    "inbox_only": _M.delivery == Delivery.INBOX_ONLY,
}


@dataclass(frozen=True)
class Sought:
    """What of the ledger is wanted; "" is anything."""

    rule: str = ""
    status: str = ""
    reader: str = ""


def rows_of(code: str) -> list[Row[Any]]:
    """Every row of a rule, the newest first."""
    return list(db.session.execute(_ROWS, {"code": code}))


def codes() -> list[tuple[str, str]]:
    """Every rule there ever was, by its name."""
    return [(row.code, row.label) for row in db.session.execute(_CODES)]


def mutes() -> dict[str, Row[Any]]:
    """Who muted which rule, when and why."""
    return {row.rule_code: row for row in db.session.execute(_MUTES)}


def last_sweep() -> Any:
    """When reminders were last worked out, and how many were posted and held."""
    return db.session.execute(_SWEEP).one_or_none()


def ledger(sought: Sought, before: int = LAST) -> tuple[list[Any], int | None]:
    """A page of the ledger, newest first, and where the next begins."""
    conditions: list[ColumnElement[bool]] = [_L.id < before]
    if sought.rule:
        conditions.append(_L.rule_code == sought.rule)
    if sought.status in _STATUS:
        conditions.append(_STATUS[sought.status])
    if sought.reader:
        person = select(_P.id).where(_P.email == sought.reader.lower()).scalar_subquery()
        conditions.append(_L.person_id == person)
    rows = list(db.session.execute(HISTORY.where(and_(*conditions)), {"most": PAGE + 1}))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None
