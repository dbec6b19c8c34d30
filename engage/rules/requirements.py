"""The only place that says what a trip asks of its traveller, and which rule asks it.

What is not known counts as asking: an advisory level that nobody recorded triggers every rule about levels,
so a missing fact never spares anybody a requirement.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from engage.rules.trip_facts import ClearanceKind, GuideVersion, Stay, TripFacts


class Kind(StrEnum):
    """What is owed: by rule guidance, training, clearance; by the board approval, conditions."""

    APPROVAL = "approval"
    GUIDANCE = "guidance"
    TRAINING = "training"
    CLEARANCE = "clearance"
    CONDITION = "condition"


COUNTRY_GUIDE = "country"
GENERAL_GUIDE = "general"
BODY_GUIDE = "body"  # of the engagement's partners and forum
OF_THE_PERSON = frozenset({ClearanceKind.MEDICAL, ClearanceKind.PASSPORT})  # once for the trip, not by country


@dataclass(frozen=True, kw_only=True)
class RequirementRule:
    """A dated rule: what it asks for (`kind`, `target`) and of which trips; every condition given must hold.

    `target` is "country", "body" or "general" for guidance, a course's code, or a clearance's kind. `countries`,
    `roles`, `natures` (kinds of engagement) and `markings` empty mean all. Days are calendar days, `lead_days` before
    departure. People of two different roles of `waivable_by` may waive it; empty: nobody may.
    """

    code: str
    kind: Kind
    target: str
    label: str
    source: str
    lead_days: int = 0
    blocks: bool = True
    min_level: int | None = None
    min_trip_days: int | None = None
    min_days_abroad: int | None = None
    only_of_concern: bool = False
    countries: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    natures: frozenset[str] = frozenset()
    markings: frozenset[str] = frozenset()
    on_transit: bool = True
    waivable_by: frozenset[str] = frozenset()

    def stays(self, trip: TripFacts) -> tuple[Stay, ...]:
        """The stays of `trip` for which this rule asks; none when it does not ask at all."""
        asks = (
            (self.min_trip_days is None or trip.days >= self.min_trip_days)
            and (self.min_days_abroad is None or trip.days_abroad_12_months >= self.min_days_abroad)
            and (not self.roles or bool(self.roles & trip.roles))
            and (not self.natures or trip.nature is None or trip.nature in self.natures)
            and (not self.markings or trip.marking is None or trip.marking in self.markings)
        )
        return tuple(stay for stay in trip.stays if asks and self._asks_of(stay))

    def _asks_of(self, stay: Stay) -> bool:
        return (
            (self.min_level is None or stay.advisory_level is None or stay.advisory_level >= self.min_level)
            and (stay.of_concern or not self.only_of_concern)
            and (not self.countries or stay.country_code in self.countries)
            and (self.on_transit or not stay.transit)
        )


@dataclass(frozen=True)
class Requirement:
    """One thing owed, and the rule that asked for it.

    `through` is the last day on which it must hold; `version` the guide version in force, for guidance.
    """

    kind: Kind
    target: str
    due_on: date
    through: date
    blocks: bool
    rule_code: str
    rule_label: str
    source: str
    because: str
    country_code: str | None = None
    place: str = ""
    version: GuideVersion | None = None
    waivable_by: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Tells one requirement of a trip from the others, and stays the same when facts or rules change."""
        return f"{self.kind}:{self.target}:{self.country_code or ''}"

    @property
    def title(self) -> str:
        """What is owed, in a few words."""
        if self.kind == Kind.CLEARANCE:
            return f"{self.target.capitalize()} clearance" + (f" for {self.place}" if self.place else "")
        return self.version.title if self.version else self.rule_label


def requirements(
    trip: TripFacts, rules: Iterable[RequirementRule], guides: Iterable[GuideVersion]
) -> tuple[Requirement, ...]:
    """What `rules` ask of the traveller, each thing once, by due day.

    Where two rules ask for the same thing, the one due first is shown, and it blocks if either does. A
    country without a guide owes the general one; a partner or forum without one owes nothing. `guides` of
    bodies are those of this trip's partners and forum.
    """
    in_force = {version.body or version.country_code: version for version in sorted(guides, key=GuideVersion.age)}
    owed: dict[tuple, Requirement] = {}
    for rule in rules:
        for asked in _asked(rule, trip, in_force):
            thing = (
                asked.kind,
                asked.version.guide_id if asked.version else asked.target,
                asked.country_code,
            )
            owed[thing] = _stricter(owed[thing], asked) if thing in owed else asked
    return tuple(sorted(owed.values(), key=_in_order))


def _asked(
    rule: RequirementRule, trip: TripFacts, in_force: dict[str | None, GuideVersion]
) -> Iterator[Requirement]:
    stays = rule.stays(trip)
    if not stays or rule.kind not in (Kind.GUIDANCE, Kind.TRAINING, Kind.CLEARANCE):
        return
    once = Requirement(
        kind=rule.kind,
        target=rule.target,
        due_on=trip.departs_on - timedelta(days=rule.lead_days),
        through=trip.returns_on,
        blocks=rule.blocks,
        rule_code=rule.code,
        rule_label=rule.label,
        source=rule.source,
        because=_because(rule, stays, trip),
        waivable_by=rule.waivable_by,
    )
    if rule.kind == Kind.GUIDANCE and rule.target == BODY_GUIDE:
        for version in in_force.values():
            if version.body:
                yield replace(once, target=version.body, version=version)
    elif rule.kind == Kind.GUIDANCE:
        for stay in stays if rule.target == COUNTRY_GUIDE else ():
            if stay.country_code in in_force:
                yield replace(
                    once,
                    country_code=stay.country_code,
                    place=stay.place,
                    version=in_force[stay.country_code],
                )
        if rule.target != COUNTRY_GUIDE or any(stay.country_code not in in_force for stay in stays):
            yield replace(once, target=GENERAL_GUIDE, version=in_force.get(None))
    elif rule.kind == Kind.CLEARANCE and rule.target not in OF_THE_PERSON:
        for stay in stays:
            yield replace(once, country_code=stay.country_code, place=stay.place, through=stay.leaves_on)
    else:
        yield once


def _because(rule: RequirementRule, stays: tuple[Stay, ...], trip: TripFacts) -> str:
    """The facts of the trip that made the rule ask."""
    reasons = [
        f"{word} in " + ", ".join(places)
        for word, transit in (("stay", False), ("stop on the way", True))
        if (places := sorted({_named(stay, rule) for stay in stays if stay.transit is transit}))
    ]
    if rule.only_of_concern:
        reasons.append("country of concern")
    if rule.min_trip_days is not None:
        reasons.append(f"trip of {trip.days} days")
    if rule.min_days_abroad is not None:
        reasons.append(f"{trip.days_abroad_12_months} days abroad in 12 months")
    if rule.roles:
        reasons.append("role: " + ", ".join(sorted(rule.roles & trip.roles)).replace("_", " "))
    if rule.natures:
        reasons.append("kind of engagement: " + (trip.nature or "not said").replace("_", " "))
    if rule.markings:
        reasons.append(f"handling marking: {trip.marking.label if trip.marking else 'not said'}")
    sentence = "; ".join(reasons)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _named(stay: Stay, rule: RequirementRule) -> str:
    return stay.place + (f" ({_level(stay)})" if rule.min_level else "")


def _level(stay: Stay) -> str:
    return (
        "advisory level not recorded"
        if stay.advisory_level is None
        else f"advisory level {stay.advisory_level}"
    )


def _stricter(one: Requirement, other: Requirement) -> Requirement:
    """One requirement that is met only when both are."""
    first = min(
        one, other, key=lambda r: (r.due_on, not r.blocks, r.rule_code, r.rule_label, r.source, r.because)
    )
    return replace(
        first,
        blocks=one.blocks or other.blocks,
        through=max(one.through, other.through),
        waivable_by=one.waivable_by & other.waivable_by,
    )


def _in_order(requirement: Requirement) -> tuple[date, int, str, str]:
    place = requirement.country_code or ""
    return requirement.due_on, list(Kind).index(requirement.kind), requirement.target, place
