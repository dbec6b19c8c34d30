"""The only place that says where a condition stands, by when it is owed, and who may verify it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Step(StrEnum):
    """What can happen to a condition."""

    GIVEN = "given"
    REFUSED = "refused"
    VERIFIED = "verified"
    WAIVED = "waived"
    HANDED_ON = "handed_on"

    @property
    def label(self) -> str:
        """The step in words."""
        return _STEPS[self]


_STEPS = {
    Step.GIVEN: "Evidence given",
    Step.REFUSED: "Evidence refused",
    Step.VERIFIED: "Verified",
    Step.WAIVED: "Waived by the board",
    Step.HANDED_ON: "Handed on",
}


class Standing(StrEnum):
    """Where a condition stands. Only a verified or waived one is settled: evidence alone satisfies nothing."""

    OPEN = "open"
    GIVEN = "given"
    VERIFIED = "verified"
    WAIVED = "waived"

    @property
    def label(self) -> str:
        """The standing in words, as every page shows it."""
        return _STANDINGS[self]

    @property
    def settled(self) -> bool:
        """Whether nothing is owed any more."""
        return self in (Standing.VERIFIED, Standing.WAIVED)


_STANDINGS = {
    Standing.OPEN: "Not yet",
    Standing.GIVEN: "Evidence given, not verified",
    Standing.VERIFIED: "Verified",
    Standing.WAIVED: "Waived by the board",
}


@dataclass(frozen=True)
class Term:
    """What a motion says of one of its conditions beside its text.

    `owner_id` None: the requester. Due `due_days_before` departure, or on `due_on`; neither: by departure. One that
    does not block is shown and reminded of, and holds nobody's clearance.
    """

    owner_id: int | None = None
    due_days_before: int | None = None
    due_on: date | None = None
    blocking: bool = True


def standing(*, given: bool, verified: bool, waived: bool) -> Standing:
    """Where a condition stands by these facts."""
    if waived:
        return Standing.WAIVED
    if verified:
        return Standing.VERIFIED
    return Standing.GIVEN if given else Standing.OPEN


def due_day(departs_on: date | None, due_days_before: int | None, due_on: date | None) -> date | None:
    """The day by which a condition is owed: absolute, or counted back from departure; None where neither is known.

    With neither given it is owed by departure.
    """
    if due_on is not None:
        return due_on
    if departs_on is None:
        return None
    return departs_on - timedelta(days=due_days_before or 0)


def may_verify(person_id: int | None, owner_id: int, interested_ids: frozenset[int]) -> bool:
    """Whether a person may judge the evidence: somebody, not its owner, and with no interest in the item."""
    return person_id is not None and person_id != owner_id and person_id not in interested_ids
