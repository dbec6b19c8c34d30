"""The only place that knows what requesters and the secretariat have yet to do about a request."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.rules.policy import Action, Actor, Role, may
from engage.rules.workflow import State
from engage.services import visibility
from engage.services.duties.declared import OpenDuty, Subjects, holding

_I = Item.__table__.c
_ITEMS = select(_I.id, _I.title, _I.state_since, _I.requester_id).order_by(_I.state_since, _I.id)
_RETURNED = _ITEMS.where(_I.state == State.RETURNED, _I.requester_id.is_not(None))
_SUBMITTED = _ITEMS.where(_I.state == State.SUBMITTED)


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
