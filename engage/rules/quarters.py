"""The only place for quarters of a year, and for what is said of many durations: the middle one, a slow one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a calendar year, numbered 1 to 4."""

    year: int
    number: int

    @property
    def name(self) -> str:
        """As an address says it: "2026-Q1"."""
        return f"{self.year}-Q{self.number}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after.first - timedelta(days=1)

    @property
    def after(self) -> "Quarter":
        """The next one."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        """The one before."""
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)


def quarter_of(day: date) -> Quarter:
    """The quarter that a day lies in."""
    return Quarter(day.year, (day.month + 2) // 3)


def read(text: str) -> Quarter | None:
    """The quarter of that name; None when there is none."""
    found = re.fullmatch("([0-9]{4})-Q([1-4])", text)
    if not found or not FIRST_YEAR <= int(found[1]) < LAST_YEAR:
        return None
    return Quarter(int(found[1]), int(found[2]))


def at_share(values: Sequence[float], share: float) -> float:
    """The least of the values that `share` of them (0 to 1) do not exceed, by nearest rank; 0.0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[min(int(rank), len(ordered)) - 1]
