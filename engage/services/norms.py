"""The only place that reads the organisation's dated numbers."""

from datetime import date

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.norms import Norm

_IN_FORCE = (
    select(Norm.value)
    .where(Norm.key == bindparam("key"), Norm.starts_on <= bindparam("day"))
    .order_by(Norm.starts_on.desc())
    .limit(1)
)


def norm_on(key: str, day: date) -> int:
    """The number of the norm `key` in force on `day`, in the unit its row names. KeyError when none is."""
    value: int | None = db.session.scalar(_IN_FORCE, {"key": key, "day": day})
    if value is None:
        raise KeyError(f"no norm {key} on {day}")
    return value
