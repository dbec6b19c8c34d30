"""The only place that says which further reviews an item needs, by dated rules, and what a review may find."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engage.rules.asking import Content, Direction, EngagementKind
from engage.rules.roles import ReviewKind


class Finding(StrEnum):
    """What came of a review. `MOOT`: the item was returned or taken back before it was done."""

    CLEAR = "clear"
    CLEAR_WITH_REMARKS = "clear_with_remarks"
    OBJECTION = "objection"
    MOOT = "moot"

    @property
    def label(self) -> str:
        """The finding in words."""
        return _LABELS[self]


_LABELS = {
    Finding.CLEAR: "Nothing against it",
    Finding.CLEAR_WITH_REMARKS: "Nothing against it, with remarks",
    Finding.OBJECTION: "Objection",
    Finding.MOOT: "Not needed any more",
}
GIVEN = (Finding.CLEAR, Finding.CLEAR_WITH_REMARKS, Finding.OBJECTION)  # what a reviewer may find
# What each rule looks at, and the unit of its limit ("": a yes or a no).
LOOKED_AT: Mapping[str, str] = {
    "advisory": "level",
    "of_concern": "",
    "non_federal": "",
    "other_than_coach": "",
    "cost": "US dollars",
    "conference": "US dollars",
    "inbound": "",
    "senior": "",
    "every": "",
}


@dataclass(frozen=True)
class Rule:
    """A dated rule: a fact that asks for a review of a kind, within so many business days."""

    code: str
    label: str
    kind: ReviewKind
    limit: int | None
    days: int


@dataclass(frozen=True)
class Facts:
    """What the rules look at. `advisory` is the highest level of the stays, 0 where none is on record."""

    content: Content
    advisory: int = 0
    of_concern: bool = False
    senior: bool = False


@dataclass(frozen=True)
class Need:
    """A review that is needed: its kind, the rules that ask for it with what they saw, and its business days."""

    kind: ReviewKind
    why: str
    days: int


def needed(facts: Facts, rules: Iterable[Rule]) -> list[Need]:
    """The reviews that `rules` ask for, one of each kind, in the order of the rules; the shortest time counts.

    Raises ValueError for a rule nobody knows how to look at.
    """
    found: dict[ReviewKind, Need] = {}
    for rule in rules:
        if not (said := _said(rule, facts)):
            continue
        why, before = f"{rule.label}: {said}", found.get(rule.kind)
        if before:
            found[rule.kind] = Need(rule.kind, f"{before.why}\n{why}", min(before.days, rule.days))
        else:
            found[rule.kind] = Need(rule.kind, why, rule.days)
    return list(found.values())


def _said(rule: Rule, facts: Facts) -> str:
    """What a rule saw where it fires; empty where it does not."""
    content, limit = facts.content, rule.limit or 0
    total = sum((cost.amount for cost in content.costs), Decimal(0))
    match rule.code:
        case "advisory":
            return f"level {facts.advisory}" if facts.advisory >= max(limit, 1) else ""
        case "of_concern":
            return "yes" if facts.of_concern else ""
        case "non_federal":
            paid = sum((cost.amount for cost in content.costs if cost.non_federal), Decimal(0))
            return f"${paid:,.2f}" if any(cost.non_federal for cost in content.costs) else ""
        case "other_than_coach":
            return "yes" if content.other_than_coach else ""
        case "cost":
            return f"${total:,.2f}" if total > limit else ""
        case "conference":
            conference = content.nature is EngagementKind.CONFERENCE and total > limit
            return f"${total:,.2f}" if conference else ""
        case "inbound":
            return "yes" if content.direction is Direction.INBOUND else ""
        case "senior":
            return "yes" if facts.senior else ""
        case "every":
            return "yes"
    raise ValueError(f"Nobody knows how to look at {rule.code}.")
