"""The only place that says which states an item passes through, and by which acts."""

from dataclasses import dataclass
from enum import StrEnum

from engage.rules.items import EVERY_KIND, PARTY, ItemKind
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
    REVIEW = "review"
    RETURN = "return"
    PLACE = "place"
    RESUME = "resume"
    CIRCULATE = "circulate"
    BREAK_SILENCE = "break_silence"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    RECONSIDER = "reconsider"

    @property
    def label(self) -> str:
        """The act in words, as its button shows it."""
        return LABELS[self]


LABELS = {
    Action.SUBMIT: "Submit to the secretariat",
    Action.REVIEW: "Take under review",
    Action.RETURN: "Return with questions",
    Action.PLACE: "Place on the docket",
    Action.RESUME: "Come back from a deferral",
    Action.CIRCULATE: "Circulate under silence",
    Action.BREAK_SILENCE: "Come back from a silence",
    Action.WITHDRAW: "Withdraw",
    Action.CANCEL: "Cancel the engagement",
    Action.RECONSIDER: "Ask to reconsider",
}


@dataclass(frozen=True)
class Transition:
    """One arrow: the act, where it may start, where it leads, whether it must say why, and which kinds take it."""

    action: Action | Outcome
    sources: frozenset[State]
    target: State
    reason: bool = False
    kinds: frozenset[ItemKind] = EVERY_KIND


S, A = State, Action
_ENGAGEMENTS = frozenset({ItemKind.ENGAGEMENT})

# One table for acts and outcomes, and for every kind of item. An Outcome row is taken by closing a vote alone.
TRANSITIONS = (
    Transition(A.SUBMIT, frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED),
    Transition(A.REVIEW, frozenset({S.SUBMITTED}), S.UNDER_REVIEW),
    Transition(A.PLACE, frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.DEFERRED}), S.SCHEDULED),
    Transition(A.RESUME, frozenset({S.DEFERRED}), S.SCHEDULED),
    Transition(A.CIRCULATE, frozenset({S.SCHEDULED}), S.UNDER_SILENCE),
    Transition(A.BREAK_SILENCE, frozenset({S.UNDER_SILENCE}), S.SCHEDULED),
    Transition(
        A.RETURN, frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.SCHEDULED, S.UNDER_SILENCE, S.DEFERRED}), S.RETURNED,
        reason=True,
    ),
    Transition(
        A.WITHDRAW,
        frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED, S.UNDER_REVIEW, S.SCHEDULED, S.UNDER_SILENCE, S.DEFERRED}),
        S.WITHDRAWN,
    ),
    Transition(
        A.CANCEL, frozenset({S.APPROVED, S.APPROVED_WITH_CONDITIONS}), S.CANCELLED, reason=True, kinds=_ENGAGEMENTS
    ),
    # What an approval has brought about for other kinds (a guide is published, a change made) is not undone by asking.
    Transition(A.RECONSIDER, frozenset({S.DISAPPROVED}), S.UNDER_REVIEW, reason=True),
    Transition(
        A.RECONSIDER, frozenset({S.APPROVED, S.APPROVED_WITH_CONDITIONS}), S.UNDER_REVIEW, reason=True,
        kinds=_ENGAGEMENTS,
    ),
    Transition(Outcome.APPROVE, frozenset({S.SCHEDULED, S.UNDER_SILENCE}), S.APPROVED),
    Transition(
        Outcome.APPROVE_WITH_CONDITIONS, frozenset({S.SCHEDULED}), S.APPROVED_WITH_CONDITIONS, reason=True, kinds=PARTY
    ),
    Transition(Outcome.DEFER, frozenset({S.SCHEDULED}), S.DEFERRED, reason=True),
    Transition(Outcome.RETURN, frozenset({S.SCHEDULED}), S.RETURNED, reason=True),
    Transition(Outcome.DISAPPROVE, frozenset({S.SCHEDULED}), S.DISAPPROVED, reason=True),
)  # fmt: skip
# An item begins as a draft; the part that a split decision puts off begins deferred, for it was before the board.
BEGINNINGS = frozenset({S.DRAFT, S.DEFERRED})

APPROVED = frozenset({S.APPROVED, S.APPROVED_WITH_CONDITIONS})
DECIDED = APPROVED | {S.DISAPPROVED}
FINAL = frozenset({S.DISAPPROVED, S.WITHDRAWN, S.CANCELLED})
OPEN = frozenset(S) - FINAL - APPROVED
WITH_THE_SECRETARIAT = frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.DEFERRED})
WITH_THE_BOARD = frozenset({S.SCHEDULED, S.UNDER_SILENCE})
WITH_THE_REQUESTER = frozenset({S.DRAFT, S.RETURNED})
EDITABLE = WITH_THE_REQUESTER
# Out of the requester's hands a change is judged: a minor one is made at once, a material one has consequences.
CHANGEABLE = APPROVED | WITH_THE_SECRETARIAT | WITH_THE_BOARD
DEFERRALS_FLAGGED = 3  # from this deferral of one item on, the chair is told


def holder(state: State) -> str:
    """Who has an item in this state and must act next, in words."""
    if state in WITH_THE_REQUESTER:
        return "The requester"
    if state in WITH_THE_SECRETARIAT:
        return "The secretariat"
    if state in WITH_THE_BOARD:
        return "The board"
    return "Nobody"


def step(state: State, action: Action | Outcome, kind: ItemKind = ItemKind.ENGAGEMENT) -> Transition:
    """The transition `action` takes an item of `kind` from `state`. Raises NotOpen when it is not open there."""
    known = [t for t in TRANSITIONS if type(t.action) is type(action) and t.action is action and kind in t.kinds]
    for transition in known:
        if state in transition.sources:
            return transition
    if not known:
        raise NotOpen(f"{action.label} is not open for this kind of item: {kind.label.lower()}.")
    raise NotOpen(f"{action.label} is not open: this is {state.label.lower()}.")


def open_actions(state: State, kind: ItemKind = ItemKind.ENGAGEMENT) -> tuple[Action, ...]:
    """The acts that lead somewhere from `state`, in the order of the table."""
    return tuple(
        t.action for t in TRANSITIONS if isinstance(t.action, Action) and state in t.sources and kind in t.kinds
    )


def outcomes(kind: ItemKind) -> tuple[Outcome, ...]:
    """What a motion on an item of `kind` may propose, in the order of the table."""
    return tuple(t.action for t in TRANSITIONS if isinstance(t.action, Outcome) and kind in t.kinds)
