"""The only writer of Course and CourseValidity: how long each course is good, what stands for it, what comes before."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select

from engage.extensions import db
from engage.models.training import Completion, Course, CourseValidity, course_requires, course_satisfies
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, Stale
from engage.services import audit, sessions, watch

CODE = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
MOST_MONTHS = 600

_V, _R, _C = CourseValidity.__table__.c, course_requires.c, Course.__table__.c
_MONTHS = (
    select(_V.valid_months)
    .where(_V.course_id == bindparam("course"), _V.starts_on <= bindparam("day"))
    .order_by(_V.starts_on.desc())
    .limit(1)
)
_M = Completion.__table__.c
_DONE = (
    select(_M.id)
    .where(
        _M.person_id == bindparam("person"),
        _M.verified_at.is_not(None),
        _M.completed_on <= bindparam("day"),
        (_M.course_id == _C.id)
        | _M.course_id.in_(select(course_satisfies.c.course_id).where(course_satisfies.c.satisfies_id == _C.id)),
    )
    .correlate(Course.__table__)
)
_LACKING = (
    select(_C.name)
    .join(course_requires, _R.requires_id == _C.id)
    .where(_R.course_id == bindparam("course"), ~_DONE.exists())
    .order_by(_C.name)
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A course as somebody writes it down. `valid_months` None: for ever; from `starts_on`, where it is new or changed.

    `satisfied_by` are the ids of courses that stand for it, `requires` of those to be completed before it.
    """

    code: str
    name: str
    hours: int | None
    source: str
    valid_months: int | None
    starts_on: date
    satisfied_by: frozenset[int] = field(default=frozenset())
    requires: frozenset[int] = field(default=frozenset())
    retired_on: date | None = None


def valid_months(course_id: int, completed_on: date) -> int | None:
    """For how many months a completion of that day is good; None: for ever."""
    return db.session.scalar(_MONTHS, {"course": course_id, "day": completed_on})


def lacking(person_id: int, course_id: int, day: date) -> list[str]:
    """The names of courses that had to be completed before this one and were not, verified, by that day."""
    return list(db.session.scalars(_LACKING, {"person": person_id, "course": course_id, "day": day}))


def find(course_id: int) -> Course | None:
    """A course."""
    return db.session.get(Course, course_id)


def validities(course_id: int) -> list[Row]:
    """How long the course was, is and will be good, the newest first."""
    return list(db.session.execute(select(*_V).where(_V.course_id == course_id).order_by(_V.starts_on.desc())))


def related(course_id: int) -> tuple[set[int], set[int]]:
    """The ids of the courses that stand for this one, and of those that come before it."""
    s = course_satisfies.c
    stand = set(db.session.scalars(select(s.course_id).where(s.satisfies_id == course_id)))
    return stand, set(db.session.scalars(select(_R.requires_id).where(_R.course_id == course_id)))


def save(course: Course | None, wanted: Wanted, *, version: int | None = None, by: Actor, now: datetime) -> Course:
    """Write a new course, or change one that is still at `version`. What was completed keeps its own last day.

    Raises NotAllowed, Stale when somebody else changed it, or Incomplete with a sentence for each field.
    """
    if not may(by, Do.EDIT_COURSES):
        raise NotAllowed("Only training owners and administrators change courses.")
    today = sessions.office_day(now, by.zone)
    if wrong := _wrong(course, wanted, today):
        raise Incomplete(wrong)
    before: dict[str, Any] = {}
    if course is None:
        course = Course(code=wanted.code)
        db.session.add(course)
    else:
        before = {name: getattr(course, name) for name in ("name", "hours", "source", "retired_on")}
        if course.version != version:
            raise Stale("Somebody else changed this course since you opened it.")
    course.name, course.hours, course.source, course.retired_on = (
        wanted.name, wanted.hours, wanted.source, wanted.retired_on,
    )  # fmt: skip
    db.session.flush()
    _set_validity(course.id, wanted)
    _set_related(course.id, wanted)
    audit.record(
        "save_course", about=("course", course.id), by=by, now=now, before=before or None, code=course.code,
        after={"name": wanted.name, "hours": wanted.hours, "source": wanted.source, "retired_on": wanted.retired_on},
        valid_months=wanted.valid_months, starts_on=wanted.starts_on, satisfied_by=sorted(wanted.satisfied_by),
        requires=sorted(wanted.requires),
    )  # fmt: skip
    watch.everybody(f"The course {wanted.name} was changed: what stands for it, or how long it is good.", today=today)
    return course


def _set_validity(course_id: int, wanted: Wanted) -> None:
    """A row from its day on, where it differs from what holds then."""
    rows = validities(course_id)
    if rows and rows[0].valid_months == wanted.valid_months:
        return
    if any(row.starts_on == wanted.starts_on for row in rows):
        raise Incomplete({"starts_on": "How long it is good changes on that day already. Choose another."})
    db.session.add(
        CourseValidity(
            course_id=course_id, valid_months=wanted.valid_months, starts_on=wanted.starts_on, source=wanted.source
        )
    )
    db.session.flush()


def _set_related(course_id: int, wanted: Wanted) -> None:
    s = course_satisfies.c
    db.session.execute(delete(course_satisfies).where(s.satisfies_id == course_id))
    db.session.execute(delete(course_requires).where(_R.course_id == course_id))
    stand = [{"course_id": other, "satisfies_id": course_id} for other in sorted(wanted.satisfied_by)]
    before = [{"course_id": course_id, "requires_id": other} for other in sorted(wanted.requires)]
    for table, rows in ((course_satisfies, stand), (course_requires, before)):
        if rows:
            db.session.execute(insert(table), rows)


def _wrong(course: Course | None, wanted: Wanted, today: date) -> dict[str, str]:
    wrong = {}
    if course is None and not CODE.fullmatch(wanted.code):
        wrong["code"] = "Use 2 to 20 capital letters, digits and hyphens, beginning with a letter."
    elif course is None and db.session.scalar(select(_C.id).where(_C.code == wanted.code)):
        wrong["code"] = "There is a course with this code already."
    if not wanted.name:
        wrong["name"] = "Name the course."
    if not wanted.source:
        wrong["source"] = "Say who decided it, and where that is written."
    if wanted.valid_months is not None and not 1 <= wanted.valid_months <= MOST_MONTHS:
        wrong["valid_months"] = f"Give 1 to {MOST_MONTHS} months, or nothing where it is good for ever."
    if wanted.hours is not None and not 0 < wanted.hours <= 1000:
        wrong["hours"] = "Give 1 to 1,000 hours, or nothing."
    own = course.id if course else None
    if own in wanted.satisfied_by:
        wrong["satisfied_by"] = "A course stands for itself in any case."
    if own is not None and any(_leads(other, own) for other in wanted.requires):
        wrong["requires"] = "These courses would each have to come before the other."
    ends = wanted.retired_on
    if ends is not None and ends < today and (course is None or course.retired_on != ends):
        wrong["retired_on"] = "This day is past."
    return wrong


def _leads(start: int, goal: int) -> bool:
    """Whether what comes before `start`, and before that, is `goal` somewhere."""
    pairs = list(db.session.execute(select(_R.course_id, _R.requires_id)).all())
    ahead, seen = [start], set[int]()
    while ahead:
        here = ahead.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            ahead += [requires for course, requires in pairs if course == here]
    return False
