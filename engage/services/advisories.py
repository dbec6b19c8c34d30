"""The only writer of Advisory, and the reader of a country's level on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.places import Advisory
from engage.rules.policy import Actor
from engage.services import audit

MEANINGS = {
    1: "Exercise normal precautions",
    2: "Exercise increased caution",
    3: "Reconsider travel",
    4: "Do not travel",
}  # the four levels as the Department of State names them
_A = Advisory.__table__.c
_newest = (
    select(_A.country_code, func.max(_A.as_of).label("as_of"))
    .where(_A.country_code.in_(bindparam("countries", expanding=True)), _A.as_of <= bindparam("day"))
    .group_by(_A.country_code)
    .subquery()
)
_ON = select(_A.country_code, _A.level, _A.as_of, _A.source).join(
    _newest, (_newest.c.country_code == _A.country_code) & (_newest.c.as_of == _A.as_of)
)


@dataclass(frozen=True)
class Level:
    """A travel advisory as it stood on a day."""

    level: int
    as_of: date
    source: str

    @property
    def meaning(self) -> str:
        """The level in words."""
        return MEANINGS[self.level]


def on(day: date, countries: Iterable[str]) -> dict[str, Level]:
    """The level of each country on `day`; a country without one on record is left out. One statement."""
    rows = db.session.execute(_ON, {"countries": sorted(set(countries)), "day": day})
    return {row.country_code: Level(row.level, row.as_of, row.source) for row in rows}


def record(country_code: str, level: int, as_of: date, source: str, *, by: Actor, now: datetime) -> bool:
    """Write down an advisory as published on `as_of`; gives whether it is new. Twice is as once."""
    known = db.session.scalar(
        select(Advisory.id).where(Advisory.country_code == country_code, Advisory.as_of == as_of)
    )
    if known is not None:
        return False
    db.session.add(Advisory(country_code=country_code, level=level, as_of=as_of, source=source))
    db.session.flush()
    audit.record(
        "record_advisory",
        about=("country", None),
        by=by,
        now=now,
        country=country_code,
        level=level,
        as_of=as_of,
    )
    return True
