"""The only place that says by which way something is decided, and whose authority allows it on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engage.rules.items import ItemKind
from engage.rules.refusals import NotAllowed


class Method(StrEnum):
    """How a motion is decided. By the first three the board decides; by the others somebody whom it empowered."""

    MEETING = "meeting"
    NOTATIONAL = "notational"
    SILENCE = "silence"
    DELEGATED = "delegated"
    STANDING = "standing"
    EMERGENCY = "emergency"

    @property
    def label(self) -> str:
        """The way in words, as every page shows it."""
        return WORDS[self]


WORDS = {
    Method.MEETING: "In a meeting",
    Method.NOTATIONAL: "Notational vote",
    Method.SILENCE: "Silence procedure",
    Method.DELEGATED: "Delegated decision",
    Method.STANDING: "Under a standing approval",
    Method.EMERGENCY: "Emergency decision",
}
VOTED = frozenset({Method.MEETING, Method.NOTATIONAL})  # these need a quorum of ballots
BETWEEN_MEETINGS = frozenset({Method.NOTATIONAL, Method.SILENCE})  # any member may calendar these to a meeting


class Power(StrEnum):
    """What a delegation lets its holder do in the principal's place."""

    VOTE = "vote"
    DECIDE = "decide"

    @property
    def label(self) -> str:
        """The power in words."""
        return {"vote": "Vote for the seat", "decide": "Decide alone"}[self]


@dataclass(frozen=True)
class Case:
    """An item as an authority's limits see it: its kind, its cost in US dollars, and who has a stake in it."""

    kind: ItemKind
    cost: Decimal
    aside: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Limits:
    """For which items an authority holds: kinds (empty: none), and the most an item may cost (None: no ceiling)."""

    kinds: frozenset[ItemKind]
    most_cost: Decimal | None = None


@dataclass(frozen=True)
class Granted:
    """A delegation as the rules see it. Days are the board's; `ends_on` is the last; `revoked` ends it at once."""

    power: Power
    principal_id: int
    holder_id: int
    alternate_id: int | None
    limits: Limits
    starts_on: date
    ends_on: date
    revoked: bool = False


def kinds_of(words: str) -> frozenset[ItemKind]:
    """The kinds named in `words`, with blanks between."""
    return frozenset(ItemKind(word) for word in words.split())


def beyond(limits: Limits, case: Case) -> str:
    """Why the limits do not reach the item, as a sentence; empty when they do."""
    if case.kind not in limits.kinds:
        return f"This authority does not cover this kind of item: {case.kind.label.lower()}."
    if limits.most_cost is not None and case.cost > limits.most_cost:
        return f"The item costs ${case.cost:,.2f}, above the ceiling of ${limits.most_cost:,.2f}."
    return ""


def live(granted: Granted, day: date) -> bool:
    """Whether the delegation is in force on `day`."""
    return not granted.revoked and granted.starts_on <= day <= granted.ends_on


def must_hold(granted: Granted, person_id: int | None, case: Case, day: date) -> None:
    """Raises NotAllowed with the reason unless `person_id` may act under the delegation on the item on `day`.

    The alternate acts only where the holder stands aside. Nobody acts on an item of their own or from which they
    stepped aside, and a holder's power is their own: it cannot be handed on.
    """
    if not live(granted, day):
        raise NotAllowed("This delegation is not in force today.")
    steps_in = granted.alternate_id is not None and granted.holder_id in case.aside
    if person_id is None or person_id != (granted.alternate_id if steps_in else granted.holder_id):
        raise NotAllowed("This delegation is not yours to use on this item.")
    if person_id == granted.principal_id:
        raise NotAllowed("Nobody stands in for themselves.")
    if person_id in case.aside:
        raise NotAllowed("This item is your own, or you stepped aside from it, so you may not act for anybody on it.")
    if granted.power is Power.VOTE and granted.principal_id in case.aside:
        raise NotAllowed("Whom you stand in for stands aside from this item, so nobody votes for that seat.")
    if why := beyond(granted.limits, case):
        raise NotAllowed(why)


def of_whom(granted: Collection[Granted], power: Power, person_id: int | None, case: Case, day: date) -> list[Granted]:
    """Those delegations of `power` under which `person_id` may act on the item on `day`."""
    found = []
    for one in granted:
        try:
            must_hold(one, person_id, case, day)
        except NotAllowed:
            continue
        if one.power is power:
            found.append(one)
    return found
