"""The only place that says what a motion needs to carry: one threshold or two, of which votes or seats, by kind."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from engage.rules.items import ItemKind

HALF = Fraction(1, 2)


class Measure(StrEnum):
    """Of what a second threshold is a share: the seats that took part, or all the seats that count."""

    PRESENT = "present"
    SEATS = "seats"

    @property
    def label(self) -> str:
        """The measure in words."""
        return _MEASURES[self]


_MEASURES = {Measure.PRESENT: "the seats that took part", Measure.SEATS: "all the seats that count"}


@dataclass(frozen=True)
class Needed:
    """What must be yes for a motion to carry: strictly more than `cast` of yes and no together.

    Where there is a `second`, also strictly more than that share `of` the seats. Both are needed. Raises ValueError
    for a share below a half of the votes, by which a tie could carry, and for one of the whole or above.
    """

    cast: Fraction = HALF
    second: Fraction | None = None
    of: Measure | None = None

    def __post_init__(self) -> None:
        if not HALF <= self.cast < 1:
            raise ValueError("The threshold is a half or more of the votes, and less than the whole.")
        if (self.second is None) != (self.of is None):
            raise ValueError("A second threshold is a share of something.")
        if self.second is not None and not 0 < self.second < 1:
            raise ValueError("The second threshold is more than nothing, and less than the whole.")

    def met(self, yes: int, no: int, present: int, seats: int) -> bool:
        """Whether these numbers carry a motion; a tie never does."""
        return yes > self.cast * (yes + no) and (
            self.second is None or yes > self.second * (present if self.of is Measure.PRESENT else seats)
        )

    def told(self, yes: int, no: int, present: int, seats: int) -> str:
        """The sums, as the beginning of a sentence."""
        said = f"more than {share_in_words(self.cast)} of {_number(yes + no, 'vote')} is {_least(self.cast, yes + no)}"
        if self.second is None:
            return said
        of, noun = (present, "seat that took part") if self.of is Measure.PRESENT else (seats, "seat that counts")
        many = f"{of} {noun}" if of == 1 else f"{of} {_MANY[noun]}"
        return f"{said}, and more than {share_in_words(self.second)} of {many} is {_least(self.second, of)}"


_MANY = {"seat that took part": "seats that took part", "seat that counts": "seats that count"}


def by_kind(kept: str) -> dict[ItemKind, Needed]:
    """What each kind of item needs that needs something else, out of what `kept` wrote. Raises ValueError."""
    return of_kinds(json.loads(kept))


def of_kinds(said: Mapping[str, Any]) -> dict[ItemKind, Needed]:
    """What each kind needs, out of its words: cast, second and of. Raises ValueError."""
    return {ItemKind(kind): _needed(one) for kind, one in said.items()}


def keep(needed: Mapping[ItemKind, Needed]) -> str:
    """What each kind needs, as a charter keeps it: canonical JSON."""
    return json.dumps({
        str(kind): {"cast": str(one.cast), "second": one.second and str(one.second), "of": one.of and str(one.of)}
        for kind, one in sorted(needed.items())
    }, sort_keys=True)  # fmt: skip


def share_in_words(share: Fraction) -> str:
    """A share as a sentence says it."""
    return _SHARES.get(share, str(share))


_SHARES = {
    HALF: "half", Fraction(1, 3): "a third", Fraction(2, 3): "two thirds", Fraction(3, 4): "three quarters",
    Fraction(3, 5): "three fifths",
}  # fmt: skip


def _needed(said: Any) -> Needed:
    try:
        second = said.get("second")
        return Needed(
            Fraction(said["cast"]), Fraction(second) if second else None, Measure(said["of"]) if second else None
        )
    except (AttributeError, KeyError, TypeError, ZeroDivisionError) as fault:
        raise ValueError("A threshold says its share of the votes, and of what a second one is a share.") from fault


def _least(share: Fraction, of: int) -> int:
    return int(share * of) + 1


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
