"""The only place for the words of being away: loaner devices, and how a traveller's silence is told."""

from datetime import datetime, timedelta
from enum import StrEnum


class Device(StrEnum):
    """What may be borrowed for a journey."""

    LAPTOP = "laptop"
    PHONE = "phone"
    TABLET = "tablet"

    @property
    def label(self) -> str:
        """The kind in words."""
        return self.value.capitalize()


class Word(StrEnum):
    """What is known of somebody who is away."""

    WELL = "well"
    HELP = "help"
    SILENT = "silent"
    EXPECTED = "expected"

    @property
    def label(self) -> str:
        """The word as the duty page shows it."""
        return {
            Word.WELL: "Checked in",
            Word.HELP: "Asks for help",
            Word.SILENT: "Silent",
            Word.EXPECTED: "Not heard yet",
        }[self]


def word(last_at: datetime | None, well: bool | None, answered: bool, due_at: datetime | None, now: datetime) -> Word:
    """What the last check-in says at `now`; a call for help stands until somebody takes it up."""
    if well is False and not answered:
        return Word.HELP
    if due_at is not None and now >= due_at:
        return Word.SILENT
    return Word.EXPECTED if last_at is None else Word.WELL


def ago(since: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit: "5 minutes ago", "3 hours ago", "2 days ago"."""
    passed = max(now - since, timedelta())
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if count := passed // length:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
