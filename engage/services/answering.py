"""The only place where answers to an item's questions submit it again."""

from collections.abc import Mapping
from datetime import datetime

from engage.models.engagements import Item
from engage.rules.policy import Actor, Subject, may
from engage.rules.refusals import NotAllowed, NotOpen
from engage.rules.workflow import Action, State
from engage.services import items, questions, states


def answer(item: Item, subject: Subject, answers: Mapping[int, str], *, by: Actor, now: datetime) -> None:
    """Answer every open question by its number, and submit the item again: one act.

    Raises NotAllowed, NotOpen, or Incomplete: at "answer-N", or with what keeps it from being submitted.
    """
    if not may(by, Action.SUBMIT, subject):
        raise NotAllowed("Only the requester answers the questions about a request.")
    states.hold(item)
    if item.state is not State.RETURNED:
        raise NotOpen(f"There is nothing to answer: it is {item.state.label.lower()}.")
    questions.answer(item.id, answers, by=by, now=now)
    items.act(item, subject, Action.SUBMIT, by=by, now=now)
