"""The only place that gathers what rules.completeness must know: levels, norms, accounts."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, union_all

from engage.extensions import db
from engage.models.people import Person
from engage.models.places import Advisory
from engage.rules import completeness
from engage.rules.asking import Content, Direction
from engage.services import norms

_A, _P = Advisory.__table__.c, Person.__table__.c
_newer = Advisory.__table__.alias("newer")
_LEVEL: Any = select(literal_column("'level'").label("what"), func.max(_A.level).label("number")).where(
    _A.country_code.in_(bindparam("countries", expanding=True)),
    _A.as_of
    == select(func.max(_newer.c.as_of))
    .where(_newer.c.country_code == _A.country_code, _newer.c.as_of <= bindparam("day"))
    .correlate(Advisory.__table__)
    .scalar_subquery(),
)
_NOT_ENABLED = select(literal_column("'not enabled'"), _P.id).where(
    _P.id.in_(bindparam("people", expanding=True)), _P.disabled_at.is_not(None)
)
_LEAD_DAYS, _LEAD_DAYS_HIGH = "lead_days_level_1_2", "lead_days_level_3_4"
_FACTS = union_all(_LEVEL, _NOT_ENABLED, norms.numbers(_LEAD_DAYS, _LEAD_DAYS_HIGH))


def judge(content: Content, *, today: date) -> tuple[dict[str, str], bool]:
    """What stands between `content` and its submission on `today`, a sentence per field; and whether it is late.

    Whoever goes abroad asks as many calendar days ahead as the norm for the highest advisory level of their stays
    says. The newest advisory on or before `today` counts; a country nobody has rated counts as level 1 or 2.
    """
    countries = sorted({leg.country_code for leg in content.legs})
    people = [t.person_id for t in content.travellers if t.person_id is not None]
    given = {"countries": countries, "people": people, "day": today}
    found = [(what, number) for what, number in db.session.execute(_FACTS, given)]
    not_enabled = frozenset(number for what, number in found if what == "not enabled")
    known = dict(found)
    high = (known["level"] or 0) >= completeness.HIGH_LEVEL
    days = known[_LEAD_DAYS_HIGH if high else _LEAD_DAYS] if content.direction is Direction.OUTBOUND else 0
    return (
        completeness.lacking(content, today=today, lead_days=days, not_enabled=not_enabled),
        completeness.is_late(content, today=today, lead_days=days),
    )
