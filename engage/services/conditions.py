"""The only writer of conditions: made by a decision, met by evidence that somebody else verified, or waived."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.importing.attachments import Checked
from engage.models.board import Condition, ConditionStep, Decision, Motion
from engage.models.engagements import Item
from engage.models.people import Person
from engage.rules import conditions as rules
from engage.rules.canonical import canonical_json
from engage.rules.conditions import Standing, Step, Term
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.workflow import APPROVED
from engage.services import audit, files, motions, new_motions, notices_of_conditions, visibility, watch

LONGEST = 5000  # characters of evidence, or of a reason
FURTHEST_DAYS_BEFORE = 365



def written(terms: Sequence[Term]) -> str:
    """The terms of a motion's conditions as its row keeps them."""
    return canonical_json([asdict(term) for term in terms])


def read(kept: str) -> list[Term]:
    """The terms that `written` kept."""
    return [
        Term(**{**one, "due_on": date.fromisoformat(one["due_on"]) if one["due_on"] else None})
        for one in json.loads(kept)
    ]


def refuse_terms(terms: Sequence[Term], today: date) -> str:
    """Why a motion may not set these terms, in a sentence; "" where it may."""
    for number, term in enumerate(terms, 1):
        if term.due_on is not None and term.due_days_before is not None:
            return f"Condition {number}: give a day, or days before departure, not both."
        if term.due_on is not None and term.due_on <= today:
            return f"Condition {number}: name a day after today."
        if term.due_days_before is not None and not 0 <= term.due_days_before <= FURTHEST_DAYS_BEFORE:
            return f"Condition {number}: between 0 and {FURTHEST_DAYS_BEFORE} days before departure."
        if term.owner_id is not None:
            owner = db.session.get(Person, term.owner_id)
            if owner is None or owner.disabled_at is not None:
                return f"Condition {number}: its owner must be somebody who has an account."
    return ""


def make(decision: Decision, motion: Motion, item: Item, *, by: Actor, now: datetime) -> None:
    """Write down what a decision on `item` demands, and tell each owner. Called by services.board.close alone.

    What is demanded of an amendment holds the clearance of those who travel on the engagement that it changes.
    """
    lines, terms = new_motions.conditions_of(motion.conditions), read(motion.terms)
    terms += [Term()] * (len(lines) - len(terms))
    made = [
        Condition(
            decision_id=decision.id, item_id=item.amends_id or item.id, text=line,
            owner_id=term.owner_id or item.requester_id or 0,
            due_on=term.due_on, due_days_before=term.due_days_before, blocking=term.blocking,
        )
        for line, term in zip(lines, terms, strict=False)
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    for condition in made:
        notices_of_conditions.owed(condition, item.title, by=by, now=now)


def told(motion: Motion) -> list[tuple[str, str]]:
    """Each condition of a motion with what the vote is also about: whose it is, by when, and its weight."""
    lines, terms = new_motions.conditions_of(motion.conditions), read(motion.terms)
    terms += [Term()] * (len(lines) - len(terms))
    ids = sorted({term.owner_id for term in terms if term.owner_id})
    asked = select(Person.id, Person.name).where(Person.id.in_(ids))
    names = {row.id: row.name for row in db.session.execute(asked)} if ids else {}
    said = []
    for line, term in zip(lines, terms, strict=False):
        due = "by departure"
        if term.due_on:
            due = f"by {term.due_on.day} {term.due_on:%B %Y}"
        elif term.due_days_before:
            due = f"{term.due_days_before} days before departure"
        weight = "" if term.blocking else "; departure does not wait for it"
        said.append((line, f"{names.get(term.owner_id or 0, 'The requester')}, {due}{weight}"))
    return said


def give(
    condition: Condition, evidence: str, *, by: Actor, now: datetime, file: Checked | None = None
) -> None:
    """Say what shows that the condition is met. Until somebody else verified it, nothing is satisfied.

    The owner gives it; the secretariat may for them. Raises NotAllowed, NotOpen or Incomplete.
    """
    subject = _hold(condition)
    if by.id != condition.owner_id and not may(by, Do.MEET_CONDITION, subject):
        raise NotAllowed("Only the owner of the condition, or the secretariat for them, gives evidence.")
    _must_be_owed(condition, subject)
    _put_down(condition, evidence, by=by, now=now)
    if file is not None:
        files.keep(file, about=("condition", condition.id), by=by, now=now)
    notices_of_conditions.given(condition, _title(condition), by=by, now=now)


def verify(condition: Condition, *, by: Actor, now: datetime, evidence: str = "") -> None:
    """Judge that the evidence shows the condition met. `evidence` adds what the owner did not write down.

    Raises NotAllowed (the owner, somebody with an interest, or without the office), NotOpen or Incomplete.
    """
    subject = _hold(condition)
    _must_judge(condition, subject, by)
    _must_be_owed(condition, subject)
    if evidence or condition.given_at is None:
        _put_down(condition, evidence, by=by, now=now)
    condition.met_at, condition.met_by_id = now, by.id
    watch.engagement(condition.item_id, "A condition of the approval was met.")
    _step(condition, Step.VERIFIED, by=by, now=now)
    notices_of_conditions.settled(condition, _title(condition), "Verified", "", by=by, now=now)


def refuse(condition: Condition, reason: str, *, by: Actor, now: datetime) -> None:
    """Judge that the evidence does not show it: the condition is open again, and its owner is told why.

    Raises NotAllowed, NotOpen (no evidence to judge) or Incomplete.
    """
    subject = _hold(condition)
    _must_judge(condition, subject, by)
    _must_be_owed(condition, subject)
    if condition.given_at is None:
        raise NotOpen("No evidence was given yet, so there is nothing to refuse.")
    _must_say(reason, "reason", "Say what the evidence does not show.")
    condition.given_at = condition.given_by_id = None
    condition.evidence = ""
    _step(condition, Step.REFUSED, reason, by=by, now=now)
    notices_of_conditions.settled(condition, _title(condition), "Open again", reason, by=by, now=now)


def hand_on(condition: Condition, owner_id: int, *, by: Actor, now: datetime) -> None:
    """Give the condition to another owner; what was given as evidence is to be given anew.

    Raises NotAllowed, NotOpen or Incomplete at "owner".
    """
    subject = _hold(condition)
    if not may(by, Do.MEET_CONDITION, subject):
        raise NotAllowed("Only the secretariat or the chair, with no interest in the item, hands a condition on.")
    _must_be_owed(condition, subject)
    owner = db.session.get(Person, owner_id)
    if owner is None or owner.disabled_at is not None:
        raise Incomplete({"owner": "Choose somebody who has an account."})
    if owner.id == condition.owner_id:
        return
    condition.owner_id, condition.evidence = owner.id, ""
    condition.given_at = condition.given_by_id = None
    _step(condition, Step.HANDED_ON, f"to {owner.name}", by=by, now=now)
    notices_of_conditions.owed(condition, _title(condition), by=by, now=now)


def waive(condition: Condition, decision: Decision, *, by: Actor, now: datetime) -> None:
    """End a condition by a later decision of the board. Called where a motion carried, never by a person alone."""
    _hold(condition)
    if condition.met_at is not None or condition.waived_at is not None:
        return
    condition.waived_at, condition.waived_by_id = now, decision.id
    watch.engagement(condition.item_id, "A condition of the approval was waived by the board.")
    _step(condition, Step.WAIVED, f"Decision {decision.id}", by=by, now=now)
    notices_of_conditions.settled(condition, _title(condition), "Waived by the board", "", by=by, now=now)


def standing(row: Any) -> Standing:
    """Where a condition, or a row with its columns, stands."""
    return rules.standing(
        given=row.given_at is not None, verified=row.met_at is not None, waived=row.waived_at is not None
    )


def may_judge(by: Actor, owner_id: int, subject: Subject) -> bool:
    """Whether `by` may verify or refuse the evidence of a condition of this item."""
    return may(by, Do.MEET_CONDITION, subject) and rules.may_verify(by.id, owner_id, motions.aside(subject))


def _hold(condition: Condition) -> Subject:
    db.session.refresh(condition, with_for_update=True)
    subject = visibility.subject(condition.item_id)
    if subject is None:
        raise NotOpen("This item is gone.")
    return subject


def _must_judge(condition: Condition, subject: Subject, by: Actor) -> None:
    if not may(by, Do.MEET_CONDITION, subject):
        raise NotAllowed("Only the secretariat or the chair, with no interest in the item, verifies a condition.")
    if not may_judge(by, condition.owner_id, subject):
        raise NotAllowed("You own this condition, so somebody else must verify it.")


def _must_be_owed(condition: Condition, subject: Subject) -> None:
    if condition.met_at is not None:
        raise NotOpen("This condition was recorded as met already.")
    if condition.waived_at is not None:
        raise NotOpen("The board waived this condition.")
    if subject.state not in APPROVED:
        raise NotOpen(f"No approval stands any more: this is {subject.state.label.lower()}.")


def _must_say(text: str, field: str, lacking: str) -> None:
    if not text:
        raise Incomplete({field: lacking})
    if len(text) > LONGEST:
        raise Incomplete({field: f"Use at most {LONGEST:,} characters."})


def _put_down(condition: Condition, evidence: str, *, by: Actor, now: datetime) -> None:
    _must_say(evidence, "evidence", "Say what shows that the condition is met.")
    condition.given_at, condition.given_by_id, condition.evidence = now, by.id, evidence
    _step(condition, Step.GIVEN, evidence, by=by, now=now)


def _step(condition: Condition, step: Step, said: str = "", *, by: Actor, now: datetime) -> None:
    line = ConditionStep(condition_id=condition.id, step=step, said=said, by_id=by.id, at=now)
    db.session.add(line)
    db.session.flush()
    audit.record(
        f"condition_{step}", about=("item", condition.item_id), by=by, now=now, condition=condition.id, said=said,
        owner=condition.owner_id,
    )  # fmt: skip


def _title(condition: Condition) -> str:
    return db.session.scalar(select(Item.__table__.c.title).where(Item.__table__.c.id == condition.item_id)) or ""
