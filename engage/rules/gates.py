"""The only place that counts back from a departure: the last safe day of each gate before it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engage.rules.working_time import Calendar, add_business_days, last_safe_day


class Gate(StrEnum):
    """Something that must be begun in time before a departure, in the order in which they usually fall."""

    SUBMISSION = "submission"
    VISA = "visa"
    CLEARANCE = "clearance"
    MEDICAL = "medical"
    TRAINING = "training"
    GUIDANCE = "guidance"

    @property
    def label(self) -> str:
        """What is to be done by the last safe day."""
        return _LABELS[self]


_LABELS = {
    Gate.SUBMISSION: "Submit this request",
    Gate.VISA: "Apply for visas",
    Gate.CLEARANCE: "Ask for country clearance",
    Gate.MEDICAL: "Ask for medical clearance",
    Gate.TRAINING: "Begin the training owed",
    Gate.GUIDANCE: "Read the guidance",
}


@dataclass(frozen=True)
class Lead:
    """A dated rule: how long before departure a gate is begun. `country_code` empty: everywhere."""

    gate: Gate
    country_code: str
    min_level: int
    days: int
    business: bool
    source: str
    why: str = ""  # what it follows from, in words, where that is no country and no advisory

    @property
    def said(self) -> str:
        """The lead time in words."""
        return f"{self.days} {'business ' if self.business else ''}day{'' if self.days == 1 else 's'}"


@dataclass(frozen=True)
class LastDay:
    """The last day on which a gate can be begun in time, and the rule that says so."""

    gate: Gate
    on: date
    lead: Lead

    def passed(self, today: date) -> bool:
        """Whether that day is over on `today`."""
        return today > self.on


def last_days(
    departs_on: date, levels: Mapping[str, int], leads: Iterable[Lead], calendars: Collection[Calendar],
    tier: Lead | None = None,
) -> list[LastDay]:  # fmt: skip
    """The last safe day of every gate that `leads` know, the earliest first.

    `levels` gives the travel advisory of each country of the journey, 0 where nobody rated it. For each country the
    rule made for it counts before the one for everywhere, and of those the one of the highest level it reaches; of
    several countries, the one that asks earliest. `calendars` are home's and the hosts': what needs several offices
    is begun on a day on which all of them are open. `tier` is what the tier asks everywhere: of it and the advisory's
    the earlier counts, and a country's own rule before both.
    """
    known, found = list(leads), {}
    for gate in Gate:
        chosen = [lead for code, level in levels.items() if (lead := _lead(gate, code, level, known))]
        if tier and gate is tier.gate and any(not lead.country_code for lead in chosen):
            chosen = [tier, *chosen]
        days = [LastDay(gate, _count_back(departs_on, lead, calendars), lead) for lead in chosen]
        if days:
            found[gate] = min(days, key=lambda day: (day.on, day.lead.country_code))
    return sorted(found.values(), key=lambda day: (day.on, list(Gate).index(day.gate)))


def _lead(gate: Gate, code: str, level: int, leads: Collection[Lead]) -> Lead | None:
    mine = [
        lead for lead in leads if lead.gate is gate and lead.country_code in ("", code) and lead.min_level <= level
    ]
    return max(mine, key=lambda lead: (lead.country_code, lead.min_level), default=None)


def _count_back(departs_on: date, lead: Lead, calendars: Collection[Calendar]) -> date:
    if lead.business:
        return add_business_days(departs_on, -lead.days, calendars)
    return last_safe_day(departs_on, lead.days, calendars)
