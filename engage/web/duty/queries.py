"""What the duty officer reads: who is abroad on a day, by country."""

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from engage.extensions import db
from engage.models.engagements import Item, Leg
from engage.models.people import Person
from engage.models.places import Country
from engage.models.trips import Trip

MOST = 1000  # people shown at once

_T, _L, _P, _C, _I = Trip.__table__.c, Leg.__table__.c, Person.__table__.c, Country.__table__.c, Item.__table__.c
_DAY: BindParameter[Any] = bindparam("day")
_ABROAD = (
    select(
        _C.name.label("country"),
        _L.city,
        _L.zone,
        _P.name,
        _T.id.label("trip_id"),
        _I.title,
        _T.departs_on,
        _T.returns_on,
    )
    .select_from(
        Trip.__table__.join(Leg.__table__, _L.engagement_id == _T.engagement_id)
        .join(Person.__table__, _P.id == _T.person_id)
        .join(Country.__table__, _C.code == _L.country_code)
        .join(Item.__table__, _I.id == _T.engagement_id)
    )
    .where(
        _T.cancelled_at.is_(None),
        _T.departs_on <= _DAY,
        _T.departs_on >= bindparam("early"),
        _T.returns_on >= _DAY,
        _L.arrives_on <= _DAY,
        _L.departs_on >= _DAY,
    )
    .order_by(_C.name, _L.city, _P.name, _T.id)
    .limit(MOST)
)


def abroad(day: date, early: date) -> list[Any]:
    """Everybody whose trip and leg cover `day`, among trips that began since `early`. One statement."""
    return list(db.session.execute(_ABROAD, {"day": day, "early": early}))
