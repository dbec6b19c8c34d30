"""What the training pages read: somebody's completions, what their trips ask for, and the queue to verify."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.files import StoredFile
from engage.models.people import Person
from engage.models.training import Completion, Course, CourseValidity, course_requires, course_satisfies
from engage.models.trips import Trip
from engage.rules.readiness import Item as Owed
from engage.rules.requirements import Kind
from engage.services import readiness

PAGE = 50
RECORD = 100  # completions of one person on their page
TRIPS = 25  # trips ahead whose needs are shown

_F, _W, _M, _O, _P, _T, _I = (
    StoredFile.__table__.c,
    CourseValidity.__table__.c,
    Completion.__table__.c,
    Course.__table__.c,
    Person.__table__.c,
    Trip.__table__.c,
    Item.__table__.c,
)
_now = (
    select(_W.valid_months)
    .where(_W.course_id == _O.id, _W.starts_on <= bindparam("today"))
    .order_by(_W.starts_on.desc())
    .limit(1)
    .correlate(Course.__table__)
    .scalar_subquery()
)
_COURSES = (
    select(_O.id, _O.code, _O.name, _now.label("valid_months"), _O.hours, _O.source, _O.retired_on)
    .where(or_(_O.retired_on.is_(None), _O.retired_on > bindparam("today")))
    .order_by(_O.name)
)


def _names(table: Any, mine: Any, theirs: Any) -> Any:
    """The names of related courses, as one value."""
    other = Course.__table__.alias()
    found = select(func.aggregate_strings(other.c.name, "; ")).select_from(table.join(other, other.c.id == theirs))
    return found.where(mine == _O.id).correlate(Course.__table__).scalar_subquery()


_CATALOGUE = select(
    _O.id, _O.code, _O.name, _now.label("valid_months"), _O.hours, _O.source, _O.retired_on,
    _names(course_satisfies, course_satisfies.c.satisfies_id, course_satisfies.c.course_id).label("satisfied_by"),
    _names(course_requires, course_requires.c.course_id, course_requires.c.requires_id).label("requires"),
).order_by(_O.name)  # fmt: skip


def _file(column: Any) -> Any:
    """Of the newest certificate kept with a completion."""
    about = (_F.about_kind == "completion") & (_F.about_id == _M.id) & _F.removed_at.is_(None)
    newest = select(column).where(about).order_by(_F.id.desc()).limit(1)
    return newest.correlate(Completion.__table__).scalar_subquery()


_MINE = (
    select(
        _M.id, _O.name, _O.code, _M.completed_on, _M.valid_until, _M.evidence, _M.verified_at, _M.declined_at,
        _M.decline_reason, _file(_F.id).label("file_id"), _file(_F.name).label("file_name"),
    )
    .select_from(Completion.__table__.join(Course.__table__, _O.id == _M.course_id))
    .where(_M.person_id == bindparam("me"))
    .order_by(_M.completed_on.desc(), _M.id.desc())
    .limit(RECORD)
)  # fmt: skip
_AHEAD = (
    select(_T.id, _I.title, _T.returns_on)
    .select_from(Trip.__table__.join(Item.__table__, _I.id == _T.engagement_id))
    .where(_T.person_id == bindparam("me"), _T.returns_on >= bindparam("today"), _T.cancelled_at.is_(None))
    .order_by(_T.departs_on, _T.id)
    .limit(TRIPS)
)
_CLAIM = select(
    _M.id, _M.person_id, _P.name.label("person"), _P.email, _O.name.label("course"), _M.completed_on,
    _M.valid_until, _M.evidence, _M.recorded_at, _M.verified_at, _M.declined_at,
).select_from(
    Completion.__table__.join(Course.__table__, _O.id == _M.course_id).join(Person.__table__, _P.id == _M.person_id)
)  # fmt: skip
_ONE = _CLAIM.where(_M.id == bindparam("claim"))
_QUEUE = (
    _CLAIM.where(_M.verified_at.is_(None), _M.declined_at.is_(None), _M.id > bindparam("after"))
    .order_by(_M.id)
    .limit(PAGE + 1)
)


def courses(today: date) -> list[Any]:
    """Every course that can be taken, by name, with how long it is good when completed today."""
    return list(db.session.execute(_COURSES, {"today": today}))


def catalogue(today: date) -> list[Any]:
    """Every course, retired ones as well, by name, with the names of what stands for it and comes before."""
    return list(db.session.execute(_CATALOGUE, {"today": today}))


def mine(person_id: int) -> list[Any]:
    """Somebody's completions, the latest first; the last hundred."""
    return list(db.session.execute(_MINE, {"me": person_id}))


def needed(person_id: int, today: date) -> list[tuple[Any, Owed]]:
    """What the person's trips ask for in training: the trip, and how it stands. Eight statements."""
    ahead = {row.id: row for row in db.session.execute(_AHEAD, {"me": person_id, "today": today})}
    verdicts = readiness.verdicts(ahead, today)
    return [
        (trip, item)
        for id_, trip in ahead.items()
        for item in verdicts[id_].items
        if item.requirement.kind == Kind.TRAINING
    ]


def queue(after: int) -> tuple[list[Any], int | None]:
    """A page of claims nobody has decided on, the oldest first; and after which the next page begins."""
    found = list(db.session.execute(_QUEUE, {"after": after}))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def claim(claim_id: int) -> Any:
    """One claim with its person and course; None when there is none."""
    return db.session.execute(_ONE, {"claim": claim_id}).one_or_none()
