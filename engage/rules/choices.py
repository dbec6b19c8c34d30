"""The only place for the words of a vote: what a motion proposes, and what a seat says to it."""

from enum import StrEnum


class Outcome(StrEnum):
    """What a motion proposes, and what the board has decided once the motion carries."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    DEFER = "defer"
    RETURN = "return"
    DISAPPROVE = "disapprove"

    @property
    def label(self) -> str:
        """The outcome in words, as every page shows it."""
        return self.value.replace("_", " ").capitalize()


class Choice(StrEnum):
    """What one seat says to a motion. To abstain is to be present without voting."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"

    @property
    def label(self) -> str:
        """The choice in words, as every page shows it."""
        return self.value.capitalize()
