"""The only place that says how an engagement is shown to those who look ahead: its state, and what its dates add."""

from datetime import date
from enum import StrEnum

from engage.rules.workflow import APPROVED, State


class Standing(StrEnum):
    """What the register, the calendar and the map call an engagement on a day."""

    IDEA = "idea"
    TENTATIVE = "tentative"
    DRAFT = "draft"
    IN_PROGRESS = "in_progress"
    APPROVED = "approved"
    UNDER_WAY = "under_way"
    COMPLETE = "complete"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The standing in words."""
        return _LABELS[self]


_LABELS = {
    Standing.IDEA: "Idea",
    Standing.TENTATIVE: "Tentative",
    Standing.DRAFT: "Draft",
    Standing.IN_PROGRESS: "Being decided",
    Standing.APPROVED: "Approved",
    Standing.UNDER_WAY: "Under way",
    Standing.COMPLETE: "Complete",
    Standing.ENDED: "Not going ahead",
}
_ENDED = frozenset({State.DISAPPROVED, State.WITHDRAWN, State.CANCELLED})


# How much a map or a total makes of one, in quarters: what is only thought of weighs less than what is agreed.
QUARTERS = {
    Standing.IDEA: 1, Standing.TENTATIVE: 2, Standing.DRAFT: 2, Standing.IN_PROGRESS: 3,
    Standing.APPROVED: 4, Standing.UNDER_WAY: 4, Standing.COMPLETE: 4, Standing.ENDED: 0,
}  # fmt: skip


def standing(state: State, firmness: str, starts_on: date | None, ends_on: date | None, today: date) -> Standing:
    """How an engagement stands on `today`. Days are compared as calendar days, both ends included."""
    if state is State.DRAFT:
        return Standing(firmness) if firmness in (Standing.IDEA, Standing.TENTATIVE) else Standing.DRAFT
    if state in _ENDED:
        return Standing.ENDED
    if state not in APPROVED:
        return Standing.IN_PROGRESS
    if starts_on is None or today < starts_on:
        return Standing.APPROVED
    return Standing.UNDER_WAY if ends_on is None or today <= ends_on else Standing.COMPLETE
