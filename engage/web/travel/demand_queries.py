"""What the pages of rules read: the newest rows that are in force or to come."""

from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from engage.extensions import db
from engage.models.norms import RequirementRule

_N = RequirementRule.__table__.c
_RULES = (
    select(*_N)
    .where(or_(_N.ends_on.is_(None), _N.ends_on >= bindparam("today")))
    .order_by(_N.kind, _N.code, _N.starts_on)
)
_LATEST = select(*_N).where(_N.code == bindparam("code")).order_by(_N.starts_on.desc()).limit(1)


def rules(today: date) -> list[Row[Any]]:
    """Every row in force or to come, by kind and code, the earliest first."""
    return list(db.session.execute(_RULES, {"today": today}))


def latest(code: str) -> Row[Any] | None:
    """The newest row of a rule; None when there is no such rule."""
    return db.session.execute(_LATEST, {"code": code}).one_or_none()
