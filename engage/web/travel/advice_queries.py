"""What the pages of advisories read: the level of each country today, and countries that have none."""

from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.places import Advisory, Country
from engage.models.trips import Trip

_AD, _C, _L, _T = Advisory.__table__.c, Country.__table__.c, Leg.__table__.c, Trip.__table__.c
_newest = select(func.max(_AD.as_of)).where(_AD.country_code == _C.code, _AD.as_of <= bindparam("today"))
_LEVELS = (
    select(_C.code, _C.name, _AD.level, _AD.as_of, _AD.source)
    .join_from(Country.__table__, Advisory.__table__, _AD.country_code == _C.code)
    .where(_AD.as_of == _newest.correlate(Country.__table__).scalar_subquery())
    .order_by(_AD.level.desc(), _C.name)
)
# Countries of trips not yet over for which no advisory is recorded.
_LACKING = (
    select(_C.code, _C.name, func.count(_T.id.distinct()).label("trips"))
    .join_from(Country.__table__, Leg.__table__, _L.country_code == _C.code)
    .join(Trip.__table__, _T.engagement_id == _L.engagement_id)
    .where(
        _C.foreign,
        _T.cancelled_at.is_(None),
        _T.returns_on >= bindparam("today"),
        ~exists().where(_AD.country_code == _C.code).correlate(Country.__table__),
    )
    .group_by(_C.code, _C.name)
    .order_by(_C.name)
)
_FOREIGN = select(_C.code, _C.name).where(_C.foreign).order_by(_C.name)


def advisories(today: date) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """The newest advisory of each country, the highest level first; and countries of trips ahead that have none."""
    given = {"today": today}
    return list(db.session.execute(_LEVELS, given)), list(db.session.execute(_LACKING, given))


def foreign_countries() -> list[tuple[str, str]]:
    """Code and name of every foreign country, by name."""
    return [(row.code, row.name) for row in db.session.execute(_FOREIGN)]
