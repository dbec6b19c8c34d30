"""The only place that says what makes a member step aside, or be asked whether to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Bias(StrEnum):
    """What ties a member to an item although it is not their own."""

    OFFICE = "office"
    SUPERVISES = "supervises"
    COUNTRY = "country"
    PARTNER = "partner"
    FORUM = "forum"
    ORGANISATION = "organisation"


_WORDS = {
    Bias.OFFICE: "It comes from your own office, {}.",
    Bias.SUPERVISES: "You supervise {}, who travels.",
    Bias.COUNTRY: "You declared an interest in {}, where it goes.",
    Bias.PARTNER: "You declared an interest in {}, a partner of it.",
    Bias.FORUM: "You declared an interest in {}, its forum.",
    Bias.ORGANISATION: "You declared an interest in {}, which takes part or pays.",
}


@dataclass(frozen=True, order=True)
class Ground:
    """One reason to ask a member whether they step aside: what ties them, and to whom or what."""

    bias: Bias
    name: str

    @property
    def sentence(self) -> str:
        """The ground, said to the member."""
        return _WORDS[self.bias].format(self.name)

    @property
    def key(self) -> str:
        """The ground as an answer keeps it."""
        return f"{self.bias}:{self.name}"


class Position(StrEnum):
    """Where a reader of the board's papers stands towards an item."""

    READS = "reads"
    ASKED = "asked"  # must first say whether they step aside
    ASIDE = "aside"  # it is their own, or they stepped aside: the papers are hidden


def position(*, aside: bool, votes: bool, grounds: Iterable[Ground], answered: Collection[Collection[str]]) -> Position:
    """Where somebody stands. `aside`: own item or recused; `votes`: a member or the chair, who alone are asked.

    `answered` are the sets of grounds that they took part in spite of. A ground that no answer named asks anew.
    """
    if aside:
        return Position.ASIDE
    named = {ground.key for ground in grounds}
    if not votes or not named or any(named <= set(earlier) for earlier in answered):
        return Position.READS
    return Position.ASKED
