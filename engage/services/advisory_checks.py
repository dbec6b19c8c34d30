"""The only writer of AdvisoryCheck: a trip's advisories are looked at again at approval and as departure comes near."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, exists, insert, select

from engage.extensions import db
from engage.models.clearing import AdvisoryCheck
from engage.models.engagements import Item, Leg
from engage.models.places import Country
from engage.models.trips import Trip
from engage.rules.workflow import APPROVED
from engage.services import advisories, norms, outbox, sessions

AT_APPROVAL = "approval"
STEPS = ("advisory_recheck_first", "advisory_recheck_second")  # norms: days before departure
MOST = 2_000  # trips of one sweep and step

_K, _T, _L, _C, _I = (t.__table__.c for t in (AdvisoryCheck, Trip, Leg, Country, Item))
_DUE = (
    select(_T.id, _T.person_id, _T.engagement_id, _I.title)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .where(
        _T.cancelled_at.is_(None),
        _I.state.in_(sorted(APPROVED)),
        _T.departs_on >= bindparam("today"),
        _T.departs_on <= bindparam("until"),
        ~exists().where(_K.trip_id == _T.id, _K.step == bindparam("step")).correlate(Trip.__table__),
    )
    .order_by(_T.departs_on, _T.id)
    .limit(MOST)
)
_PLACES = (
    select(_L.engagement_id, _L.country_code, _C.name)
    .join_from(Leg.__table__, Country.__table__, _C.code == _L.country_code)
    .where(_L.engagement_id.in_(bindparam("ids", expanding=True)), _C.foreign)
)
_BEFORE = (
    select(_K.trip_id, _K.levels)
    .where(_K.trip_id.in_(bindparam("ids", expanding=True)))
    .order_by(_K.trip_id, _K.id)
)
_OF_TRIP = select(_K.step, _K.checked_on, _K.levels, _K.risen).where(_K.trip_id == bindparam("trip")).order_by(_K.id)


def of_trip(trip_id: int) -> list[Any]:
    """The re-checks of a trip, the oldest first."""
    return list(db.session.execute(_OF_TRIP, {"trip": trip_id}))


def sweep(now: datetime) -> int:
    """Make every re-check that is due, each once for a trip; a level that rose since the last is told its traveller.

    Gives how many were made. Flushes, never commits.
    """
    today = sessions.office_day(now, current_app.config["SETTINGS"].home_zone)
    made = _check(AT_APPROVAL, date.max, today, now)
    for key in STEPS:
        days = norms.norm_on(key, today)
        made += _check(str(days), today + timedelta(days=days), today, now)
    return made


def _check(step: str, until: date, today: date, now: datetime) -> int:
    trips = db.session.execute(_DUE, {"today": today, "until": until, "step": step}).all()
    if not trips:
        return 0
    places: dict[int, dict[str, str]] = defaultdict(dict)
    for row in db.session.execute(_PLACES, {"ids": sorted({trip.engagement_id for trip in trips})}):
        places[row.engagement_id][row.country_code] = row.name
    levels = advisories.on(today, {code for named in places.values() for code in named})
    before = {row.trip_id: row.levels for row in db.session.execute(_BEFORE, {"ids": [trip.id for trip in trips]})}
    rows, messages = [], []
    for trip in trips:
        here = {code: levels[code].level if code in levels else None for code in places[trip.engagement_id]}
        earlier = before.get(trip.id, {})
        risen = [code for code, level in here.items() if level and (earlier.get(code) or level) < level]
        rows.append({"trip_id": trip.id, "step": step, "checked_on": today, "levels": here, "risen": bool(risen)})
        for code in risen:
            name, level = places[trip.engagement_id][code], levels[code]
            messages.append(
                outbox.message(
                    f"advisory-check:{trip.id}:{step}:{code}",
                    to=trip.person_id,
                    template="advisory_risen",
                    subject=f"Advisory for {name}: now level {level.level}",
                    about=("trip", trip.id),
                    now=now,
                    country=name,
                    before=earlier[code],
                    level=level.level,
                    meaning=level.meaning,
                    as_of=f"{level.as_of.day} {level.as_of:%B %Y}",
                    source=level.source,
                    abroad=f"Your trip “{trip.title}” leads there.",
                )
            )
    db.session.execute(insert(AdvisoryCheck), rows)
    outbox.post(*messages)
    return len(rows)
