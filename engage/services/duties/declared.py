"""The only place for what a kind of duty declares of itself: one `Subjects`, and everything else follows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from engage.extensions import db
from engage.models.people import Person, RoleGrant
from engage.rules.policy import Role
from engage.rules.schedule import Duty

_P, _G = Person.__table__.c, RoleGrant.__table__.c


@dataclass(frozen=True)
class OpenDuty(Duty):
    """A duty with what a reader wants to know of it: the record's title, where it leads, and what is missing."""

    title: str = ""
    path: str = ""
    missing: tuple[str, ...] = ()


Opens = Callable[[ColumnElement[bool], date], Iterable[OpenDuty]]


@dataclass(frozen=True)
class Subjects:
    """Where the duties of one kind come from: which column they count from, and who owes what.

    `anchor_name` is the column as rules store it, `counted_from` the same in words. `changes` says by which
    column the trail names a record of this kind: what happened to it is how a moved day is noticed. `open` gives
    the open duties among the records that a condition keeps, on the office's day.
    """

    kind: str
    label: str
    counted_from: str
    anchor_name: str
    anchor: ColumnElement[Any]
    by_day: bool  # the anchor is a calendar day, else a moment
    about_kind: str
    about: ColumnElement[Any]
    open: Opens
    changes: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    moves: bool = False  # whether its day moves with the trip or the engagement


_HOLDING = (
    select(_P.id)
    .where(
        _P.disabled_at.is_(None),
        exists().where(
            _G.person_id == _P.id,
            _G.role == bindparam("role"),
            _G.starts_on <= bindparam("today"),
            or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        ),
    )
    .order_by(_P.id)
)


def holding(role: Role, today: date) -> list[int]:
    """The people who hold `role` on the office's day and may sign in, by id."""
    return list(db.session.scalars(_HOLDING, {"role": role, "today": today}))
