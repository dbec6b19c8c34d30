"""The only writer of ReadinessWatch: asks verdicts again, and tells a traveller who was cleared and is so no more.

The verdict itself is never stored. What is kept is what the traveller was last told, so that nothing is told twice.
"""

from datetime import date, datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy import Row, Table, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.clearing import ReadinessWatch
from engage.models.engagements import Item
from engage.models.trips import Trip
from engage.rules.readiness import Verdict
from engage.services import outbox, readiness, sessions

BATCH = 500  # trips asked about in one statement each way
MOST = 5_000  # in one sweep; the rest waits for the next

_W, _T, _I = ReadinessWatch.__table__.c, Trip.__table__.c, Item.__table__.c
_TABLE = cast(Table, ReadinessWatch.__table__)
_BEGIN = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(index_elements=["trip_id"]),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(index_elements=["trip_id"]),
}
_TO_ASK = (
    select(_T.id, _T.person_id, _T.departs_on, _I.title)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .outerjoin(ReadinessWatch.__table__, _W.trip_id == _T.id)
    .where(
        _T.cancelled_at.is_(None),
        _T.returns_on >= bindparam("today"),
        or_(_W.trip_id.is_(None), _W.ask_again, _W.asked_on.is_(None), _W.asked_on < bindparam("today")),
    )
    .order_by(_T.departs_on, _T.id)
    .limit(BATCH)
)
_TOLD = (
    select(_W.trip_id, _W.cleared, _W.causes, _W.serial)
    .where(_W.trip_id.in_(bindparam("ids", expanding=True)))
    .with_for_update()
)
_ASKED = (
    update(_TABLE)
    .where(_W.trip_id == bindparam("trip"))
    .values(
        cleared=bindparam("is_cleared"),
        missing=bindparam("lacks"),
        serial=bindparam("number"),
        asked_on=bindparam("day"),
        causes=[],
        ask_again=False,
    )
)


def sweep(now: datetime) -> int:
    """Ask again about every trip a fact of which changed, and about each of the rest once a day.

    Gives how many travellers were told something: that they are cleared, or that they no longer are, and why.
    Flushes, never commits.
    """
    today = sessions.office_day(now, current_app.config["SETTINGS"].home_zone)
    told = 0
    for _ in range(MOST // BATCH):
        trips = db.session.execute(_TO_ASK, {"today": today}).all()
        if not trips:
            break
        told += _ask(trips, today, now)
        if len(trips) < BATCH:
            break
    return told


def _ask(trips: list[Row] | Any, today: date, now: datetime) -> int:
    ids = [trip.id for trip in trips]
    fresh = {"ask_again": True, "serial": 0, "missing": [], "causes": []}
    db.session.execute(_BEGIN[db.engine.dialect.name], [{"trip_id": id_, **fresh} for id_ in ids])
    known = {row.trip_id: row for row in db.session.execute(_TOLD, {"ids": ids})}
    verdicts = readiness.verdicts(ids, today)
    messages, asked = [], []
    for trip in trips:
        verdict, before = verdicts[trip.id], known[trip.id]
        serial = before.serial
        if verdict.cleared != bool(before.cleared):
            serial += 1
            messages.append(_message(trip, verdict, before.causes, serial, now))
        asked.append(
            {
                "trip": trip.id,
                "is_cleared": verdict.cleared,
                "lacks": [item.requirement.key for item in verdict.missing],
                "number": serial,
                "day": today,
            }
        )
    outbox.post(*messages)
    db.session.execute(_ASKED, asked)
    return len(messages)


def _message(trip: Any, verdict: Verdict, causes: list[str], serial: int, now: datetime) -> dict[str, Any]:
    cleared = verdict.cleared
    word = "Cleared to travel" if cleared else "No longer cleared to travel"
    return outbox.message(
        f"readiness:{trip.id}:{serial}",
        to=trip.person_id,
        template="trip_cleared" if cleared else "trip_uncleared",
        subject=f"{word}: {trip.title}",
        about=("trip", trip.id),
        now=now,
        title=trip.title,
        departs_on=f"{trip.departs_on.day} {trip.departs_on:%B %Y}",
        causes=causes,
        missing=[f"{item.why} {item.action}".strip() for item in verdict.missing],
        waived=[f"{item.requirement.title}: {item.why}" for item in verdict.waived],
    )
