"""The only writer of the reminder ledger: a row for each reminder that was owed to somebody, and its history."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from sqlalchemy import BindParameter, Row, Table, and_, bindparam, func, insert, or_, select, update

from engage.extensions import db
from engage.models.board import Condition, Motion
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderLedger, Standing
from engage.models.reviews import Review
from engage.services.handling import shown_subject

_TABLE = cast(Table, ReminderLedger.__table__)
_L, _M, _P = _TABLE.c, OutboxMessage.__table__.c, Person.__table__.c
_BATCH = 500
MOST_COUNTED = 10_000  # beyond it a number says no more
_KNOWN = select(_L.key).where(_L.key.in_(bindparam("keys", expanding=True)))
_HELD = select(*_L).where(_L.standing == Standing.HELD).order_by(_L.id).limit(bindparam("most"))
_HELD_COUNT = select(func.count()).select_from(
    select(_L.id).where(_L.standing == Standing.HELD).limit(MOST_COUNTED).subquery()
)
_SETTLE = update(_TABLE).where(_L.id.in_(bindparam("ids", expanding=True)), _L.standing == Standing.HELD)
_reader = Person.__table__.alias("reader")
HISTORY = (
    select(
        _L.id, _L.key, _L.rule_code, _L.kind, _L.about_kind, _L.about_id, shown_subject(_L), _L.step, _L.anchor_on,
        _L.noted_at, _L.reached_at, _L.standing, _L.why, _L.person_id, _P.name.label("reader"),
        _M.id.label("message_id"), _M.delivery, _M.due_at, _M.sent_at, _M.last_error, _M.read_at, _M.digest_id,
    )
    .join_from(_TABLE, Person.__table__, _P.id == _L.person_id)
    .outerjoin(OutboxMessage.__table__, _M.key == _L.key)
    .order_by(_L.id.desc())
    .limit(bindparam("most"))
)  # fmt: skip
_item: BindParameter[int] = bindparam("item")
_OF_TRIP = HISTORY.where(_L.about_kind == "trip", _L.about_id == bindparam("trip"))
_OWN = (
    and_(_L.about_kind == "item", _L.about_id == _item),
    and_(_L.about_kind == "review", _L.about_id.in_(select(Review.id).where(Review.item_id == _item))),
    and_(_L.about_kind == "condition", _L.about_id.in_(select(Condition.id).where(Condition.item_id == _item))),
)
_VOTES = and_(_L.about_kind == "motion", _L.about_id.in_(select(Motion.id).where(Motion.item_id == _item)))
_OF_ITEM = {False: HISTORY.where(or_(*_OWN)), True: HISTORY.where(or_(*_OWN, _VOTES))}


def known(keys: Collection[str]) -> set[str]:
    """Those of `keys` that have a row. One statement for each 500."""
    ordered, found = sorted(keys), set[str]()
    for start in range(0, len(ordered), _BATCH):
        found.update(db.session.scalars(_KNOWN, {"keys": ordered[start : start + _BATCH]}))
    return found


def note(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a row for each reminder. The caller holds the sweep's lock, and knows that none of the keys is there."""
    kept = list(rows)
    for start in range(0, len(kept), _BATCH):
        db.session.execute(insert(_TABLE), [dict(row) for row in kept[start : start + _BATCH]])


def held(most: int) -> list[Row]:
    """The first reminders that the cap held back and nobody has decided on."""
    return list(db.session.execute(_HELD, {"most": most}))


def held_count() -> int:
    """How many reminders the cap holds back, counted up to MOST_COUNTED. Zero is calm."""
    return db.session.scalar(_HELD_COUNT) or 0


def settle_held(ids: Collection[int], standing: Standing, *, why: str = "") -> int:
    """Say what became of held reminders; gives how many were still held."""
    ordered, changed = sorted(ids), 0
    for start in range(0, len(ordered), _BATCH):
        done = db.session.execute(
            _SETTLE.values(standing=standing, why=why[:500]), {"ids": ordered[start : start + _BATCH]}
        )
        changed += done.rowcount  # type: ignore[attr-defined]
    return changed


def of_item(item_id: int, *, votes: bool, most: int) -> list[Row]:
    """The reminders about an item and its conditions, with `votes` those to vote on it too; newest first."""
    return list(db.session.execute(_OF_ITEM[votes], {"item": item_id, "most": most}))


def of_trip(trip_id: int, *, most: int) -> list[Row]:
    """The reminders about a trip, newest first, each with what became of its message."""
    return list(db.session.execute(_OF_TRIP, {"trip": trip_id, "most": most}))
