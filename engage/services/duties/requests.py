"""The only place that knows what requesters, the secretariat and reviewers have yet to do about a request."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, bindparam, or_, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.people import Person, RoleGrant
from engage.models.reviews import Review
from engage.rules.policy import Action, Actor, Do, Role, may
from engage.rules.workflow import State
from engage.services import endorsements, visibility
from engage.services.duties.declared import OpenDuty, Subjects, holding

_I, _W, _G, _P = (t.__table__.c for t in (Item, Review, RoleGrant, Person))
_ITEMS = select(_I.id, _I.title, _I.state_since, _I.requester_id).order_by(_I.state_since, _I.id)
_RETURNED = _ITEMS.where(_I.state == State.RETURNED, _I.requester_id.is_not(None))
_SUBMITTED = _ITEMS.where(_I.state == State.SUBMITTED)
_REVIEWS = (
    select(_W.id, _W.item_id, _W.kind, _W.due_on, _W.owner_id, _I.title)
    .join_from(Review.__table__, Item.__table__, _I.id == _W.item_id)
    .where(_W.done_at.is_(None), _W.due_on.is_not(None))
    .order_by(_W.due_on, _W.id)
)
_REVIEWERS = (
    select(_G.person_id, _G.review_kind)
    .join_from(RoleGrant.__table__, Person.__table__, _P.id == _G.person_id)
    .where(
        _G.role == Role.REVIEWER, _G.starts_on <= bindparam("today"), _P.disabled_at.is_(None),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
    )
    .distinct()
    .order_by(_G.person_id)
)  # fmt: skip


def _to_answer(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A returned request waits for its requester."""
    for row in db.session.execute(_RETURNED.where(which)):
        yield OpenDuty(
            "answer", "item", row.id, row.requester_id, row.state_since,
            f"Answer the questions on “{row.title}” and submit it again",
            title=row.title, path=f"/engagements/{row.id}",
        )  # fmt: skip


def _to_screen(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """Everybody of the secretariat owes it who may place the item: nobody screens a journey of their own."""
    rows = db.session.execute(_SUBMITTED.where(which)).all()
    screeners = holding(Role.SECRETARIAT, today) if rows else []
    subjects = visibility.subjects({row.id for row in rows}) if screeners else {}
    for row in rows:
        for id_ in screeners:
            if may(Actor(id=id_, roles=frozenset({Role.SECRETARIAT})), Action.PLACE, subjects[row.id]):
                yield OpenDuty(
                    "screen", "item", row.id, id_, row.state_since, f"Screen “{row.title}”",
                    title=row.title, path=f"/screening/{row.id}",
                )  # fmt: skip


def _to_endorse(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """Where the charter asks for it, the requester's supervisor owes a word before the screening."""
    for row in endorsements.waiting(which):
        yield OpenDuty(
            "endorse", "item", row.id, row.supervisor_id, row.submitted_at, f"Endorse “{row.title}”, or send it back",
            title=row.title, path=f"/engagements/{row.id}/endorse",
        )  # fmt: skip


def _to_review(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """Whoever took it owes it; before that every reviewer of the kind does, but for journeys of their own."""
    rows = db.session.execute(_REVIEWS.where(which)).all()
    held = db.session.execute(_REVIEWERS, {"today": today}).all() if rows else []
    subjects = visibility.subjects({row.item_id for row in rows}) if held else {}
    for row in rows:
        for id_, kind in held:
            if kind is not row.kind or row.owner_id not in (None, id_):
                continue
            if may(Actor(id=id_, roles=frozenset({Role.REVIEWER})), Do.REVIEW, subjects[row.item_id]):
                yield OpenDuty(
                    "give_review", "review", row.id, id_, row.due_on,
                    f"Give the {row.kind.label.lower()} review of “{row.title}”", title=row.title,
                    path=f"/reviews/{row.id}",
                )  # fmt: skip


ANSWER = Subjects(
    kind="answer", label="Requests returned with questions", counted_from="The day it came back",
    anchor_name="item.state_since", anchor=_I.state_since, by_day=False, about_kind="item", about=_I.id,
    open=_to_answer, changes={"item": _I.id},
)  # fmt: skip
SCREEN = Subjects(
    kind="screen", label="Requests that wait for screening", counted_from="The day it was submitted",
    anchor_name="item.state_since", anchor=_I.state_since, by_day=False, about_kind="item", about=_I.id,
    open=_to_screen, changes={"item": _I.id},
)  # fmt: skip
ENDORSE = Subjects(
    kind="endorse", label="Requests that wait for the supervisor’s word", counted_from="The day it was submitted",
    anchor_name="item.submitted_at", anchor=_I.submitted_at, by_day=False, about_kind="item", about=_I.id,
    open=_to_endorse, changes={"item": _I.id},
)  # fmt: skip
REVIEW = Subjects(
    kind="give_review", label="Further reviews of a request", counted_from="The day the review is due",
    anchor_name="review.due_on", anchor=_W.due_on, by_day=True, about_kind="review", about=_W.id,
    open=_to_review, changes={"item": _W.item_id},
)  # fmt: skip
