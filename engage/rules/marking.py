"""The only place that says what a handling marking means: TLP 2.0, and who sees what bears it.

The Traffic Light Protocol is FIRST's standard, version 2.0 (https://www.first.org/tlp/). It says with whom what was
received may be shared; here it decides who sees an engagement (rules.policy), and what of it leaves the program.
"""

from collections.abc import Iterable
from enum import StrEnum


class Marking(StrEnum):
    """How far an engagement may be shared, from the widest circle to the closest."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber_strict"
    RED = "red"

    @property
    def label(self) -> str:
        """The marking as TLP 2.0 writes it."""
        return f"TLP:{self.name.replace('_', '+')}"

    @property
    def meaning(self) -> str:
        """In one sentence, with whom TLP 2.0 lets it be shared."""
        return MEANINGS[self]

    @property
    def circle(self) -> str:
        """In one sentence, who sees it in this program."""
        return CIRCLES[self]

    @property
    def weight(self) -> int:
        """How close the circle is, from 0."""
        return list(Marking).index(self)


MEANINGS = {
    Marking.CLEAR: "May be shared with anybody.",
    Marking.GREEN: "May be shared within the community of partners, not in public.",
    Marking.AMBER: "May be shared within our organisation and with those it serves, where they need to know.",
    Marking.AMBER_STRICT: "May be shared within our organisation alone, where people need to know.",
    Marking.RED: "For those alone to whom it was given. Nothing of it goes further.",
}
CIRCLES = {
    Marking.CLEAR: "Once approved, everybody here sees it.",
    Marking.GREEN: "Once approved, everybody here sees it.",
    Marking.AMBER: "Once approved, the requester's own office, those who review and decide, and leadership see it.",
    Marking.AMBER_STRICT: "The party, the requester's supervisor, those who review and decide, and leadership see it.",
    Marking.RED: "The party, the requester's supervisor, and those who review and decide see it.",
}
# What anybody here sees once it is approved, and what the requester's own office sees.
OPEN_TO_ALL = frozenset({Marking.CLEAR, Marking.GREEN})
OPEN_TO_OFFICE = OPEN_TO_ALL | {Marking.AMBER}
# Of these, neither the name nor the text goes into a mail, a calendar feed or a file made for others.
STAYS_INSIDE = frozenset({Marking.AMBER_STRICT, Marking.RED})
RESTRICTED = "A restricted engagement"  # all that is said of one to whoever may not see it


def strictest(markings: Iterable[Marking]) -> Marking:
    """The marking that a paper bears which holds parts so marked; TLP:CLEAR where it holds none."""
    return max(markings, key=lambda marking: marking.weight, default=Marking.CLEAR)
