"""What the duty officer reads: who is abroad on a day, by country."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from engage.extensions import db
from engage.models.away import CheckIn
from engage.models.engagements import Item, Leg
from engage.models.people import Person
from engage.models.places import Country
from engage.models.trips import Trip
from engage.rules.away import Word, ago, word

MOST = 1000  # people shown at once

_T, _L, _P, _C, _I = Trip.__table__.c, Leg.__table__.c, Person.__table__.c, Country.__table__.c, Item.__table__.c
_K = CheckIn.__table__.c
_DAY: BindParameter[Any] = bindparam("day")
_k = CheckIn.__table__.alias("any_check_in")
_newest = select(func.max(_k.c.id)).where(_k.c.trip_id == _T.id).correlate(Trip.__table__).scalar_subquery()
_ABROAD = (
    select(
        _C.name.label("country"),
        _L.city,
        _L.zone,
        _P.name,
        _T.id.label("trip_id"),
        _I.title,
        _I.marking,
        _T.departs_on,
        _T.returns_on,
        _T.check_in_due_at,
        _K.id.label("check_in_id"),
        _K.at.label("heard_at"),
        _K.well,
        _K.note,
        _K.answered_at,
    )
    .select_from(
        Trip.__table__.join(Leg.__table__, _L.engagement_id == _T.engagement_id)
        .join(Person.__table__, _P.id == _T.person_id)
        .join(Country.__table__, _C.code == _L.country_code)
        .join(Item.__table__, _I.id == _T.engagement_id)
        .outerjoin(CheckIn.__table__, _K.id == _newest)
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


@dataclass(frozen=True)
class Here:
    """Somebody abroad: where, and what is known of them."""

    row: Any
    word: Word
    heard: str


def abroad(day: date, early: date, now: datetime) -> list[Here]:
    """Everybody whose trip and leg cover `day`, among trips that began since `early`. One statement."""
    return [
        Here(
            row,
            word(row.heard_at, row.well, row.answered_at is not None, row.check_in_due_at, now),
            ago(row.heard_at, now) if row.heard_at else "",
        )
        for row in db.session.execute(_ABROAD, {"day": day, "early": early})
    ]
