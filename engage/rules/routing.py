"""The only place that says which tier an item has and by which way it goes: facts and dated rules in, sums out.

Each rule that fires gives points; the highest tier whose number the points reach says the way. Where the charter
does not allow a way for the item, the next one up is taken. Which rules, points and tiers: dated rows
(docs/charter.md), never code.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engage.rules.authority import Case, Limits, Method, beyond
from engage.rules.items import ItemKind


class Route(StrEnum):
    """The way an item goes to its decision, from the lightest to the fullest."""

    DELEGATED = "delegated"
    SILENCE = "silence"
    NOTATIONAL = "notational"
    MEETING = "meeting"

    @property
    def label(self) -> str:
        """The way in words, as every page shows it."""
        return _ROUTES[self]


class Tier(StrEnum):
    """How much an item asks of the board's care."""

    ROUTINE = "routine"
    MODERATE = "moderate"
    HIGH = "high"
    HIGHEST = "highest"

    @property
    def label(self) -> str:
        """The tier in words."""
        return self.value.capitalize()


_ROUTES = {
    Route.DELEGATED: "Delegated decision",
    Route.SILENCE: "Silence procedure",
    Route.NOTATIONAL: "Notational vote",
    Route.MEETING: "Meeting",
}
UPWARDS = tuple(Route)  # from the lightest to the fullest


@dataclass(frozen=True)
class Facts:
    """What the rules look at. `cost` in US dollars; `advisory` the highest level, 0 where none is on record.

    `country_days` are the days since an approved engagement was in the country that was visited least lately, NEVER
    where none ever was; `partner_days` likewise. None where nobody is visited, or no partner is named.
    """

    kind: ItemKind
    cost: Decimal = Decimal(0)
    advisory: int = 0
    travellers: int = 0
    conference: bool = False
    non_federal: bool = False
    of_concern: bool = False
    country_days: int | None = None
    partner_days: int | None = None
    senior: bool = False
    other_than_coach: bool = False
    media: bool = False


NEVER = 36_500  # days: longer ago than any register remembers


@dataclass(frozen=True)
class Rule:
    """A dated rule as the score sees it: `limit` is in its unit, None where the fact is a yes or a no."""

    code: str
    label: str
    limit: int | None
    points: int
    source: str


@dataclass(frozen=True)
class TierRule:
    """From how many points an item is of a tier, which way it goes, and how many days before departure it is asked."""

    tier: Tier
    least_points: int
    route: Route
    source: str
    lead_days: int = 0


@dataclass(frozen=True)
class Ways:
    """For which items the charter allows the two lightest ways, and which kinds it keeps for a meeting."""

    delegated: Limits
    silence: Limits
    meeting: frozenset[ItemKind] = frozenset()


@dataclass(frozen=True)
class Fired:
    """A rule that fired, with what it saw, its points and its source."""

    code: str
    sentence: str
    points: int
    source: str


@dataclass(frozen=True)
class Routing:
    """The tier and the way of an item, with every rule that fired, and the sums as sentences."""

    tier: Tier
    route: Route
    points: int
    fired: tuple[Fired, ...]
    arithmetic: tuple[str, ...]


# What each rule compares, and in which unit its limit is given ("": a yes or a no).
COMPARED: Mapping[str, str] = {
    "advisory": "level",
    "advisory_high": "level",
    "cost": "US dollars",
    "cost_high": "US dollars",
    "party": "travellers",
    "conference": "",
    "non_federal": "",
    "of_concern": "",
    "new_country": "days",
    "new_partner": "days",
    "senior": "",
    "other_than_coach": "",
    "media": "",
    "other_kind": "",
}


def route(facts: Facts, rules: Iterable[Rule], tiers: Collection[TierRule], ways: Ways) -> Routing:
    """Score an item and choose its way. Raises ValueError where no tier begins at 0 points, or a rule is unknown."""
    fired = tuple(
        Fired(rule.code, f"{rule.label}: {said}", rule.points, rule.source)
        for rule in rules
        if (said := _said(rule, facts))
    )
    points = sum(one.points for one in fired)
    reached = [tier for tier in tiers if tier.least_points <= points]
    if not reached:
        raise ValueError("No tier begins at 0 points.")
    tier = max(reached, key=lambda one: (one.least_points, UPWARDS.index(one.route)))
    each = " + ".join(str(one.points) for one in fired)
    total = f"{each} = {_points(points)}" if len(fired) > 1 else _points(points)
    sums = [
        f"{total if fired else 'No rule fired: 0 points'}: tier {tier.tier.label.lower()}, "
        f"from {_points(tier.least_points)} up."
    ]
    sums.append(f"This tier goes by {tier.route.label.lower()}.")
    chosen = tier.route
    case = Case(facts.kind, facts.cost)
    if chosen is Route.DELEGATED and (why := beyond(ways.delegated, case)):
        sums.append(f"The charter does not allow a delegated decision here. {why}")
        chosen = Route.SILENCE
    if chosen is Route.SILENCE and (why := beyond(ways.silence, case)):
        sums.append(f"The charter does not allow the silence procedure here. {why}")
        chosen = Route.NOTATIONAL
    if facts.kind in ways.meeting and chosen is not Route.MEETING:
        sums.append(f"The charter keeps this for a meeting: {facts.kind.label.lower()}.")
        chosen = Route.MEETING
    if chosen is not tier.route:
        sums.append(f"So it goes by {chosen.label.lower()}.")
    return Routing(tier.tier, chosen, points, fired, tuple(sums))


def _said(rule: Rule, facts: Facts) -> str:
    """What a rule saw where it fires; empty where it does not."""
    limit = rule.limit or 0
    match rule.code:
        case "advisory" | "advisory_high":
            return f"level {facts.advisory}" if facts.advisory >= max(limit, 1) else ""
        case "cost" | "cost_high":
            return f"${facts.cost:,.2f}, above ${limit:,}" if facts.cost > limit else ""
        case "party":
            return f"{facts.travellers}, more than {limit}" if facts.travellers > limit else ""
        case "conference":
            return "yes" if facts.conference else ""
        case "non_federal":
            return "yes" if facts.non_federal else ""
        case "of_concern":
            return "yes" if facts.of_concern else ""
        case "new_country":
            return _since(facts.country_days, limit)
        case "new_partner":
            return _since(facts.partner_days, limit)
        case "senior":
            return "yes" if facts.senior else ""
        case "other_than_coach":
            return "yes" if facts.other_than_coach else ""
        case "media":
            return "yes" if facts.media else ""
        case "other_kind":
            return facts.kind.label.lower() if facts.kind not in _PARTY else ""
    raise ValueError(f"Nobody knows how to compare {rule.code}.")


_PARTY = (ItemKind.ENGAGEMENT, ItemKind.AMENDMENT)


def _points(count: int) -> str:
    return f"{count} point{'' if count == 1 else 's'}"


def _since(days: int | None, limit: int) -> str:
    if days is None or days <= limit:
        return ""
    return "never yet" if days >= NEVER else f"{days:,} days ago, more than {limit:,}"


def allowed(method: Method, route_found: Route) -> bool:
    """Whether an item whose way was found may be decided by `method`: its own way, or a fuller one.

    What is decided at once is ratified by the board, and a standing approval was the board's: neither has a way.
    """
    way = _BY_METHOD.get(method)
    return way is None or UPWARDS.index(way) >= UPWARDS.index(route_found)


_BY_METHOD = {
    Method.DELEGATED: Route.DELEGATED,
    Method.SILENCE: Route.SILENCE,
    Method.NOTATIONAL: Route.NOTATIONAL,
    Method.MEETING: Route.MEETING,
}
