"""The only place for the words of promises, and for when one is late."""

from datetime import date
from enum import StrEnum


class Side(StrEnum):
    """Who promised."""

    OURS = "ours"
    THEIRS = "theirs"

    @property
    def label(self) -> str:
        """The side in words."""
        return {"ours": "We promised", "theirs": "They promised"}[self.value]


class Settled(StrEnum):
    """How a promise ended."""

    KEPT = "kept"
    RELEASED = "released"

    @property
    def label(self) -> str:
        """The ending in words."""
        return self.value.capitalize()


class Word(StrEnum):
    """What was said of a promise, in the order of its history."""

    MADE = "made"
    NOTE = "note"
    MOVED = "moved"
    HANDED = "handed"
    KEPT = "kept"
    RELEASED = "released"

    @property
    def label(self) -> str:
        """The word as a history shows it."""
        return {
            "made": "Promised", "note": "Said", "moved": "New day agreed", "handed": "Handed on", "kept": "Kept",
            "released": "Released by the partner's word",
        }[self.value]  # fmt: skip


class Standing(StrEnum):
    """Where a promise stands on a day: computed, never stored."""

    OPEN = "open"
    OVERDUE = "overdue"
    KEPT = "kept"
    RELEASED = "released"

    @property
    def label(self) -> str:
        """The standing in words."""
        return self.value.capitalize()


def standing(due_on: date, settled: Settled | None, today: date) -> Standing:
    """Where a promise due on `due_on` stands on `today`; the day itself is still in time."""
    if settled is not None:
        return Standing(settled.value)
    return Standing.OVERDUE if due_on < today else Standing.OPEN
