"""The only place where the board is asked to waive a condition, and where its yes ends one."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from engage.extensions import db
from engage.models.board import Condition, Decision, Recusal
from engage.models.engagements import Item
from engage.models.matters import Matter
from engage.rules import workflow
from engage.rules.asking import Asks
from engage.rules.policy import PROGRAM, Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.search_words import Kind
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, OPEN, Action
from engage.services import audit, conditions, kinds, motions, search_index, states, versions, visibility

_M, _I = Matter.__table__.c, Item.__table__.c
_ASKED = (
    select(_I.id)
    .join_from(Matter.__table__, Item.__table__, _I.id == _M.id)
    .where(_M.waives_id == bindparam("condition"), _I.state.in_(sorted(OPEN)))
    .order_by(_I.id)
    .limit(1)
)
_WAIVES = select(_M.waives_id).where(_M.id == bindparam("item"))


def asked(condition_id: int) -> int | None:
    """The open matter that asks the board to waive a condition, or None."""
    return db.session.scalar(_ASKED, {"condition": condition_id})


def ask(condition: Condition, *, reason: str, by: Actor, now: datetime) -> Matter:
    """Put before the board that a condition be waived: a matter, on the docket at once.

    Whoever asked for the engagement, travels on it or owns the condition stands aside from it, whatever their seat.
    Raises NotAllowed, NotOpen (settled, asked already, no approval stands) or Incomplete at "reason".
    """
    db.session.refresh(condition, with_for_update=True)
    subject = visibility.subject(condition.item_id)
    if subject is None or by.id is None or not may(by, Do.MEET_CONDITION, subject) or by.id == condition.owner_id:
        raise NotAllowed("Only the secretariat or the chair, with no interest in the item, asks that it be waived.")
    if condition.met_at is not None or condition.waived_at is not None:
        raise NotOpen("This condition is settled already.")
    if subject.state not in APPROVED:
        raise NotOpen(f"No approval stands any more: this is {subject.state.label.lower()}.")
    if asked(condition.id) is not None:
        raise NotOpen("The board is asked to waive this condition already.")
    if not reason or len(reason) > conditions.LONGEST:
        said = "Say why the board should waive it."
        raise Incomplete({"reason": f"Use at most {conditions.LONGEST:,} characters." if reason else said})
    title = visibility.name_of(condition.item_id).title
    matter = Matter(
        title=f"Waive a condition: {title}"[:200], asks=Asks.DECISION, requester_id=by.id, waives_id=condition.id,
        text=f"“{title}” was approved on this condition: {condition.text}\n\nWhy it should be waived: {reason}",
        question="Does the board waive this condition?",
    )  # fmt: skip
    states.begin(matter, by=by, now=now, kind=matter.kind, title=matter.title, waives=condition.id)
    search_index.note(Kind.MATTER, [matter.id])
    versions.freeze(matter.id, kinds.content_of(matter.id, matter.kind), by=by, now=now)
    for action in (Action.SUBMIT, Action.PLACE):
        states.move(matter, workflow.step(matter.state, action, matter.kind), by=PROGRAM, now=now)
    aside = sorted({*motions.own(subject), condition.owner_id, *subject.recused_ids} - {by.id})
    why = "The condition is on an engagement that they asked for, travel on or stepped aside from, or is theirs."
    db.session.execute(
        insert(Recusal), [{"item_id": matter.id, "person_id": who, "reason": why, "at": now} for who in aside]
    )
    audit.record("ask_to_waive", about=("item", condition.item_id), by=by, now=now, condition=condition.id,
                 matter=matter.id, reason=reason, aside=aside)  # fmt: skip
    return matter


def settle(decision: Decision, *, by: Actor, now: datetime) -> None:
    """End the condition that a decided matter asked to waive, if it is such a matter and the board said yes."""
    if decision.outcome is not Outcome.APPROVE:
        return
    waives = db.session.scalar(_WAIVES, {"item": decision.item_id})
    if waives is not None:
        conditions.waive(db.session.get_one(Condition, waives), decision, by=by, now=now)
