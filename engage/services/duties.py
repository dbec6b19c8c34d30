"""The only place that reads from the facts what somebody has yet to do. Nothing is stored: a duty done is gone."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select

from engage.extensions import db
from engage.models.board import Ballot, Charter, Motion
from engage.models.engagements import Item
from engage.models.people import Person, RoleGrant
from engage.models.training import Completion, Course, course_satisfies
from engage.models.trips import Trip
from engage.rules.policy import Action, Actor, Role, may
from engage.rules.schedule import Duty, MomentWindow, Window
from engage.rules.workflow import APPROVED, State
from engage.services import motions, readiness, seats, visibility

_B, _C, _I, _M, _P, _T = (
    model.__table__.c for model in (Ballot, Charter, Item, Motion, Person, Trip)
)
_D, _G, _O = Completion.__table__.c, RoleGrant.__table__.c, Course.__table__.c


@dataclass(frozen=True)
class OpenDuty(Duty):
    """A duty with what a reader wants to know of it: the record's title, where it leads, and what is missing."""

    title: str = ""
    path: str = ""
    missing: tuple[str, ...] = ()


class Subjects(NamedTuple):
    """Where the duties of one kind come from: which column they count from, and who owes what."""

    anchor: ColumnElement[Any]
    by_day: bool  # the anchor is a calendar day, else a moment
    about: ColumnElement[Any]
    open: Callable[[ColumnElement[bool], date], Iterable[OpenDuty]]


def in_windows(kind: str, windows: Collection[Window] | Collection[MomentWindow], today: date) -> list[OpenDuty]:
    """The open duties of `kind` whose anchor lies in any of the windows; `today` is the office's day."""
    if not windows:
        return []
    of = SUBJECTS[kind]
    return list(of.open(or_(*(_within(of.anchor, window) for window in windows)), today))


def still_open(kind: str, about_ids: Collection[int], today: date) -> list[OpenDuty]:
    """The open duties of `kind` that are about these records."""
    of = SUBJECTS[kind]
    return list(of.open(of.about.in_(sorted(about_ids)), today)) if about_ids else []


def holding(role: Role, today: date) -> list[int]:
    """The people who hold `role` on the office's day and may sign in, by id."""
    return list(db.session.scalars(_HOLDING, {"role": role, "today": today}))


def _within(anchor: ColumnElement[Any], window: Window | MomentWindow) -> ColumnElement[bool]:
    if isinstance(window, MomentWindow):
        return and_(anchor > window.after, anchor <= window.until)
    return anchor.between(window.first_on, window.last_on)


# A vote that is open: the members who may vote on it and have not.

_VOTES = (
    select(_M.id, _M.item_id, _M.board_id, _M.closes_at, _I.title, _C.chair_votes)
    .join_from(Motion.__table__, Item.__table__, _I.id == _M.item_id)
    .join(Charter.__table__, _C.id == _M.charter_id)
    .where(_M.closed_at.is_(None), _I.state == State.SCHEDULED)
    .order_by(_M.closes_at, _M.id)
)


def _to_vote(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    rows = db.session.execute(_VOTES.where(which)).all()
    if not rows:
        return
    voted = _pairs(select(_B.motion_id, _B.person_id).where(_B.motion_id.in_([row.id for row in rows])))
    held = {board_id: seats.seats_on(board_id, today) for board_id in {row.board_id for row in rows}}
    for row in rows:
        subject = visibility.subject(row.item_id)
        asked = motions.voters(held[row.board_id], subject, chair_votes=row.chair_votes) if subject else ()
        for person_id in asked:
            if (row.id, person_id) not in voted:
                yield OpenDuty(
                    "vote", "motion", row.id, person_id, row.closes_at, f"Vote on “{row.title}”", row.title,
                    f"/board/items/{row.item_id}",
                )  # fmt: skip


# Items that wait for somebody: the requester after a return, the secretariat after a submission.

_ITEMS = select(_I.id, _I.title, _I.state_since, _I.requester_id).order_by(_I.state_since, _I.id)
_RETURNED = _ITEMS.where(_I.state == State.RETURNED, _I.requester_id.is_not(None))
_SUBMITTED = _ITEMS.where(_I.state == State.SUBMITTED)


def _to_answer(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    for row in db.session.execute(_RETURNED.where(which)):
        yield OpenDuty(
            "answer", "item", row.id, row.requester_id, row.state_since,
            f"Answer the questions on “{row.title}” and submit it again", row.title, f"/engagements/{row.id}",
        )  # fmt: skip


def _to_screen(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """Everybody of the secretariat owes it who may place the item: nobody screens a journey of their own."""
    rows = db.session.execute(_SUBMITTED.where(which)).all()
    screeners = holding(Role.SECRETARIAT, today) if rows else []
    for row in rows:
        subject = visibility.subject(row.id)
        for id_ in screeners:
            if may(Actor(id=id_, roles=frozenset({Role.SECRETARIAT})), Action.PLACE, subject):
                yield OpenDuty(
                    "screen", "item", row.id, id_, row.state_since, f"Screen “{row.title}”", row.title,
                    f"/engagements/{row.id}",
                )  # fmt: skip


# A trip for which something is missing; the verdict is asked, never stored.

_TRIPS = (
    select(_T.id, _T.person_id, _T.departs_on, _I.title)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .where(_T.cancelled_at.is_(None), _I.state.in_(sorted(APPROVED)))
    .order_by(_T.departs_on, _T.id)
)


def _to_prepare(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    rows = db.session.execute(_TRIPS.where(which)).all()
    verdicts = readiness.verdicts([row.id for row in rows], today)
    for row in rows:
        missing = [f"{item.why} {item.action}".strip() for item in verdicts[row.id].missing]
        if missing:
            yield OpenDuty(
                "prepare", "trip", row.id, row.person_id, row.departs_on, f"Get ready for “{row.title}”",
                row.title, f"/trips/{row.id}", tuple(missing),
            )  # fmt: skip


# Training that lapses, unless a later completion of the course, or of one that stands for it, is verified.

_later, _stands = Completion.__table__.alias("later"), course_satisfies.alias("stands")
_standing_for = (
    select(_stands.c.course_id).where(_stands.c.satisfies_id == _D.course_id).correlate(Completion.__table__)
)
_LAPSING = (
    select(_D.id, _D.person_id, _D.valid_until, _O.name)
    .join_from(Completion.__table__, Course.__table__, _O.id == _D.course_id)
    .where(
        _D.verified_at.is_not(None),
        ~exists()
        .where(
            _later.c.person_id == _D.person_id,
            _later.c.verified_at.is_not(None),
            or_(_later.c.valid_until.is_(None), _later.c.valid_until > _D.valid_until),
            or_(
                _later.c.course_id == _D.course_id,
                _later.c.course_id.in_(_standing_for),
            ),
        )
        .correlate(Completion.__table__),
    )
    .order_by(_D.valid_until, _D.id)
)


def _to_renew(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    for row in db.session.execute(_LAPSING.where(which)):
        yield OpenDuty(
            "renew", "completion", row.id, row.person_id, row.valid_until, f"Renew your training: {row.name}", row.name,
            "/training",
        )  # fmt: skip


SUBJECTS: Mapping[str, Subjects] = {
    "vote": Subjects(_M.closes_at, False, _M.id, _to_vote),
    "answer": Subjects(_I.state_since, False, _I.id, _to_answer),
    "screen": Subjects(_I.state_since, False, _I.id, _to_screen),
    "prepare": Subjects(_T.departs_on, True, _T.id, _to_prepare),
    "renew": Subjects(_D.valid_until, True, _D.id, _to_renew),
}

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


def _pairs(statement: Select[Any]) -> set[tuple[int, int]]:
    return {(one, other) for one, other in db.session.execute(statement)}
