"""The only place that says in what ways engagements get in each other's way, and which of it needs a reason."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from engage.rules.workflow import APPROVED, FINAL, State

NEVER = FINAL | {State.DRAFT}  # what is over, was refused or taken back, or is not asked for yet clashes with nothing


class Tie(StrEnum):
    """What ties a request to something else around its days."""

    PERSON = "person"
    DEPUTY = "deputy"
    COUNTRY = "country"
    PARTNER = "partner"
    FORUM = "forum"
    BLACKOUT = "blackout"
    HOLIDAY = "holiday"
    CONTACT = "contact"
    PROMISE = "promise"


_WORDS = {
    Tie.PERSON: "also travels:",
    Tie.DEPUTY: "away at the same time:",
    Tie.COUNTRY: "also in",
    Tie.PARTNER: "same partner:",
    Tie.FORUM: "same forum:",
    Tie.CONTACT: "with",
    Tie.PROMISE: "promised to",
}
_IN_ORDER = tuple(_WORDS)


@dataclass(frozen=True)
class Rule:
    """A dated rule: within how many days a tie is looked for, and whether it needs a reason where days are shared."""

    days: int
    needs_reason: bool


@dataclass(frozen=True)
class Near:
    """Another engagement that one tie leads to: its state and days, and the name of what is shared."""

    id: int
    title: str
    state: State
    starts_on: date
    ends_on: date | None
    tie: Tie
    name: str


@dataclass(frozen=True)
class Clash:
    """Something around the days of a request. `overlaps`: it shares a day with it; else it only lies near.

    `key` names it for as long as it is there. `id` is another engagement, None for what is none. `ties` are
    (what is shared, its name).
    """

    key: str
    title: str
    starts_on: date
    ends_on: date | None
    overlaps: bool
    needs_reason: bool
    ties: tuple[tuple[Tie, str], ...] = ()
    id: int | None = None
    state: State | None = None
    reason: str = field(default="", compare=False)  # why it was accepted

    @property
    def why(self) -> str:
        """What ties it, in words: "also in Estonia; same partner: CERT-EE"."""
        told: dict[Tie, list[str]] = {}
        for tie, name in self.ties:
            if tie in _WORDS:
                told.setdefault(tie, []).append(name)
        said = [f"{_WORDS[tie]} {', '.join(told[tie])}" for tie in _IN_ORDER if tie in told]
        return "; ".join(said)

    @property
    def open(self) -> bool:
        """Whether a reason is still owed."""
        return self.needs_reason and not self.reason


def engagements(
    first: date, last: date, near: Iterable[Near], rules: Mapping[Tie, Rule]
) -> tuple[list[Clash], list[Clash]]:
    """Other engagements from `first` through `last` or near it, and recent ones with the same partners.

    A shared traveller, or both of a pair, counts on shared days alone: before and after, people may well travel.
    What lies near needs no reason. Oldest first.
    """
    found: dict[int, tuple[Near, dict[tuple[Tie, str], bool]]] = {}
    recent: dict[int, tuple[Near, dict[tuple[Tie, str], bool]]] = {}
    for one in near:
        if one.state in NEVER:
            continue
        ends = one.ends_on or one.starts_on
        overlaps = one.starts_on <= last and ends >= first
        rule = rules.get(one.tie)
        if rule and (overlaps or _within(one, ends, first, last, rule.days)):
            found.setdefault(one.id, (one, {}))[1][one.tie, one.name] = overlaps and rule.needs_reason
        elif one.tie is Tie.PARTNER and one.state in APPROVED and _recent(ends, first, rules.get(Tie.CONTACT)):
            recent.setdefault(one.id, (one, {}))[1][Tie.CONTACT, one.name] = False
    clashes = [_clash(one, ties, first, last) for one, ties in found.values()]
    contacts = [_clash(one, ties, first, last) for key, (one, ties) in recent.items() if key not in found]
    return _by_day(clashes), _by_day(contacts)


def _recent(ends: date, first: date, rule: Rule | None) -> bool:
    return rule is not None and first - timedelta(days=rule.days) <= ends < first


def _within(one: Near, ends: date, first: date, last: date, days: int) -> bool:
    wide = timedelta(days=days)
    return one.tie not in (Tie.PERSON, Tie.DEPUTY) and one.starts_on <= last + wide and ends >= first - wide


def _clash(one: Near, ties: Mapping[tuple[Tie, str], bool], first: date, last: date) -> Clash:
    overlaps = one.starts_on <= last and (one.ends_on or one.starts_on) >= first
    shared = tuple(sorted(ties, key=lambda tie: (_IN_ORDER.index(tie[0]), tie[1])))
    return Clash(
        f"item:{one.id}", one.title, one.starts_on, one.ends_on, overlaps, any(ties.values()), shared, one.id, one.state
    )


def _by_day(clashes: Collection[Clash]) -> list[Clash]:
    return sorted(clashes, key=lambda one: (one.starts_on, one.key))


def longest(rules: Mapping[Tie, Rule]) -> tuple[int, int]:
    """How many days before and after a request there may be something to tell."""
    around = [rule.days for tie, rule in rules.items() if tie not in (Tie.CONTACT, Tie.PROMISE)]
    contact = rules[Tie.CONTACT].days if Tie.CONTACT in rules else 0
    return max([*around, contact, 0]), max([*around, 0])
