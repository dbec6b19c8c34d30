"""The only place that says which states an item passes through, and by which acts."""

from dataclasses import dataclass
from enum import StrEnum

from engage.rules.refusals import NotOpen
from engage.rules.voting import Outcome


class State(StrEnum):
    """The stored state of an item before the board (domain glossary)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned_for_information"
    UNDER_REVIEW = "under_review"
    SCHEDULED = "scheduled"
    UNDER_SILENCE = "under_silence"
    DEFERRED = "deferred"
    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    DISAPPROVED = "disapproved"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The state in words, as every page shows it."""
        return self.value.replace("_", " ").capitalize()


class Action(StrEnum):
    """An act of a person that may move an item. Deciding is no such act: it follows from the tally."""

    SUBMIT = "submit"
    RETURN = "return"
    PLACE = "place"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"

    @property
    def label(self) -> str:
        """The act in words, as its button shows it."""
        return LABELS[self]


LABELS = {
    Action.SUBMIT: "Submit to the secretariat",
    Action.RETURN: "Return with questions",
    Action.PLACE: "Place on the docket",
    Action.WITHDRAW: "Withdraw",
    Action.CANCEL: "Cancel the engagement",
}


@dataclass(frozen=True)
class Transition:
    """One arrow: the act, where it may start, where it leads, and whether it must say why."""

    action: Action | Outcome
    sources: frozenset[State]
    target: State
    reason: bool = False


S, A = State, Action

TRANSITIONS = (
    Transition(A.SUBMIT, frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED),
    Transition(A.PLACE, frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.DEFERRED}), S.SCHEDULED),
    Transition(A.RETURN, frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.SCHEDULED, S.DEFERRED}), S.RETURNED, reason=True),
    Transition(
        A.WITHDRAW,
        frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED, S.UNDER_REVIEW, S.SCHEDULED, S.DEFERRED}),
        S.WITHDRAWN,
    ),
    Transition(A.CANCEL, frozenset({S.APPROVED, S.APPROVED_WITH_CONDITIONS}), S.CANCELLED, reason=True),
    Transition(Outcome.APPROVE, frozenset({S.SCHEDULED}), S.APPROVED),
    Transition(Outcome.APPROVE_WITH_CONDITIONS, frozenset({S.SCHEDULED}), S.APPROVED_WITH_CONDITIONS, reason=True),
    Transition(Outcome.DEFER, frozenset({S.SCHEDULED}), S.DEFERRED, reason=True),
    Transition(Outcome.RETURN, frozenset({S.SCHEDULED}), S.RETURNED, reason=True),
    Transition(Outcome.DISAPPROVE, frozenset({S.SCHEDULED}), S.DISAPPROVED, reason=True),
)
# One table for acts and outcomes. An Outcome row is taken by closing a vote alone; StrEnum members of the two
# vocabularies may share a value ("return"), so the key carries the vocabulary too.
BY_ACTION = {(type(t.action), t.action): t for t in TRANSITIONS}

APPROVED = frozenset({S.APPROVED, S.APPROVED_WITH_CONDITIONS})
DECIDED = APPROVED | {S.DISAPPROVED}
FINAL = frozenset({S.DISAPPROVED, S.WITHDRAWN, S.CANCELLED})
OPEN = frozenset(S) - FINAL - APPROVED
WITH_THE_SECRETARIAT = frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.DEFERRED})
WITH_THE_BOARD = frozenset({S.SCHEDULED, S.UNDER_SILENCE})
WITH_THE_REQUESTER = frozenset({S.DRAFT, S.RETURNED})
EDITABLE = WITH_THE_REQUESTER


def holder(state: State) -> str:
    """Who has an item in this state and must act next, in words."""
    if state in WITH_THE_REQUESTER:
        return "The requester"
    if state in WITH_THE_SECRETARIAT:
        return "The secretariat"
    if state in WITH_THE_BOARD:
        return "The board"
    return "Nobody"


def step(state: State, action: Action | Outcome) -> Transition:
    """The transition `action` takes from `state`. Raises NotOpen when it is not open there."""
    transition = BY_ACTION[type(action), action]
    if state not in transition.sources:
        raise NotOpen(f"{action.label} is not open: this is {state.label.lower()}.")
    return transition


def open_actions(state: State) -> tuple[Action, ...]:
    """The acts that lead somewhere from `state`, in the order of the table."""
    return tuple(t.action for t in TRANSITIONS if isinstance(t.action, Action) and state in t.sources)
