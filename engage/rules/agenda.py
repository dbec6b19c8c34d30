"""The only place that says what an agenda's sections are, and in which order its entries are suggested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engage.rules.items import ItemKind


class Section(StrEnum):
    """A part of an agenda; the order of its words here is their order in the meeting."""

    OPENING = "opening"
    CONSENT = "consent"
    RATIFICATION = "ratification"
    DEFERRED = "deferred"
    DECISION = "decision"
    ADVICE = "advice"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The section's heading, as agenda, pack and minutes show it."""
        return LABELS[self]


LABELS = {
    Section.OPENING: "Opening",
    Section.CONSENT: "Consent list",
    Section.RATIFICATION: "Emergency decisions to ratify",
    Section.DEFERRED: "Deferrals that are due",
    Section.DECISION: "For decision",
    Section.ADVICE: "For advice",
    Section.OTHER: "Other business",
}
ORDER = {section: number for number, section in enumerate(Section)}


class Ending(StrEnum):
    """How an entry left an agenda."""

    DEALT_WITH = "dealt_with"
    REMOVED = "removed"
    CARRIED_OVER = "carried_over"

    @property
    def label(self) -> str:
        """The ending in words."""
        return self.value.replace("_", " ").capitalize()


class Attends(StrEnum):
    """How somebody attends a meeting."""

    IN_ROOM = "in_room"
    REMOTE = "remote"

    @property
    def label(self) -> str:
        """The way in words."""
        return {"in_room": "In the room", "remote": "Remote"}[self.value]


@dataclass(frozen=True)
class Candidate:
    """An item of the docket as the order of an agenda needs it.

    `starts_on` is the day on which what it asks begins; `decide_by` the last day on which a decision is of use.
    """

    item_id: int
    kind: ItemKind
    for_advice: bool
    placed_at: datetime
    starts_on: date | None = None
    decide_by: date | None = None
    due_from_deferral: bool = False
    to_ratify: bool = False


def section_of(candidate: Candidate) -> Section:
    """Where an item belongs unless the secretariat says otherwise. Nothing gets onto the consent list by itself."""
    if candidate.to_ratify:
        return Section.RATIFICATION
    if candidate.due_from_deferral:
        return Section.DEFERRED
    return Section.ADVICE if candidate.for_advice else Section.DECISION


def suggested(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates in the order suggested: by section, then the soonest needed, then the longest placed.

    What has no day to be decided by follows what has one. The same candidates in any order come out alike.
    """

    def rank(one: Candidate) -> tuple[int, date, datetime, int]:
        return ORDER[section_of(one)], one.decide_by or one.starts_on or date.max, one.placed_at, one.item_id

    return sorted(candidates, key=rank)
