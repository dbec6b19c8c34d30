"""The only place that gathers what rules.completeness must know: levels, norms, accounts."""

from datetime import date

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.people import Person
from engage.models.places import Advisory
from engage.rules import completeness
from engage.rules.asking import Content, Direction
from engage.services.norms import norm_on

_A, _P = Advisory.__table__.c, Person.__table__.c
_newer = Advisory.__table__.alias("newer")
_LEVEL = select(func.max(_A.level)).where(
    _A.country_code.in_(bindparam("countries", expanding=True)),
    _A.as_of
    == select(func.max(_newer.c.as_of))
    .where(_newer.c.country_code == _A.country_code, _newer.c.as_of <= bindparam("day"))
    .correlate(Advisory.__table__)
    .scalar_subquery(),
)
_NOT_ENABLED = select(_P.id).where(_P.id.in_(bindparam("people", expanding=True)), _P.disabled_at.is_not(None))


def lead_days(content: Content, *, today: date) -> int:
    """How many calendar days ahead this must be asked for: the norm for the highest advisory level of its stays.

    The newest advisory on or before `today` counts; a country nobody has rated counts as level 1 or 2.
    """
    countries = sorted({leg.country_code for leg in content.legs})
    level = db.session.scalar(_LEVEL, {"countries": countries, "day": today}) if countries else None
    high = level is not None and level >= completeness.HIGH_LEVEL
    return norm_on("lead_days_level_3_4" if high else "lead_days_level_1_2", today)


def judge(content: Content, *, today: date) -> tuple[dict[str, str], bool]:
    """What stands between `content` and its submission on `today`, a sentence per field; and whether it is late."""
    days = lead_days(content, today=today) if content.direction is Direction.OUTBOUND else 0
    people = [t.person_id for t in content.travellers if t.person_id is not None]
    not_enabled = frozenset(db.session.scalars(_NOT_ENABLED, {"people": people})) if people else frozenset()
    return (
        completeness.lacking(content, today=today, lead_days=days, not_enabled=not_enabled),
        completeness.is_late(content, today=today, lead_days=days),
    )
