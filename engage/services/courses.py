"""The only writer of Course and CourseValidity: how long each course is good, and what stands for what."""

from datetime import date

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.training import CourseValidity

_V = CourseValidity.__table__.c
_MONTHS = (
    select(_V.valid_months)
    .where(_V.course_id == bindparam("course"), _V.starts_on <= bindparam("day"))
    .order_by(_V.starts_on.desc())
    .limit(1)
)


def valid_months(course_id: int, completed_on: date) -> int | None:
    """For how many months a completion of that day is good; None: for ever."""
    return db.session.scalar(_MONTHS, {"course": course_id, "day": completed_on})  # type: ignore[no-any-return]
