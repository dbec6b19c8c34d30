"""The only place that says what a year's priorities name, and how they are written line by line."""

from dataclasses import dataclass
from enum import StrEnum

MOST_LINES = 100  # of countries, or of partners, in one statement
MOST_PLANNED = 1_000  # engagements of a year with one of them


class AimKind(StrEnum):
    """What a priority is about."""

    GOAL = "goal"
    OBJECTIVE = "objective"
    COUNTRY = "country"
    PARTNER = "partner"


@dataclass(frozen=True)
class Aim:
    """One priority: a goal, objective, country or partner, and how many engagements are planned; None: no number.

    `of` is its id, or a country's code.
    """

    kind: AimKind
    of: int | str
    planned: int | None


def number(text: str) -> int | None:
    """A planned number as it was written; None for nothing. Raises ValueError with a sentence."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MOST_PLANNED):
        raise ValueError(f"Write a whole number from 0 to {MOST_PLANNED:,}.")
    return int(text)


def lines(text: str) -> list[tuple[str, int | None]]:
    """The names of a text with a line for each, and the planned number behind a colon: "Estonia: 3", or "Estonia".

    Raises ValueError with a sentence that names the line.
    """
    found: dict[str, int | None] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, behind = line.rpartition(":")
        name, behind = (name.strip(), behind.strip()) if colon else (line, "")
        try:
            planned = number(behind)
        except ValueError as wrong:
            raise ValueError(f"“{line[:60]}”: {wrong}") from None
        if not name or name in found:
            raise ValueError(f"“{line[:60]}”: {'name it once.' if name else 'say what is planned.'}")
        found[name] = planned
    if len(found) > MOST_LINES:
        raise ValueError(f"Name at most {MOST_LINES}: what is a priority, if everything is?")
    return list(found.items())
