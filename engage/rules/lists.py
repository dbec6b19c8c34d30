"""The only place that says which lists a law wants, of which days each is, and by when it is sent."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)


class ListKind(StrEnum):
    """A list that somebody outside wants."""

    PAYMENTS = "payments"
    GIFTS = "gifts"
    JUSTIFICATIONS = "justifications"

    @property
    def label(self) -> str:
        """The list's name."""
        return {
            "payments": "Payments from non-federal sources", "gifts": "Gifts from foreign governments",
            "justifications": "Travel justifications",
        }[self.value]  # fmt: skip

    @property
    def law(self) -> str:
        """Where the list is demanded."""
        return {
            "payments": "31 U.S.C. 1353; 41 CFR 304-6: every half year, nil reports included",
            "gifts": "5 U.S.C. 7342(f): every calendar year, to the Secretary of State",
            "justifications": "Executive Order 14222 (26 February 2025): every month",
        }[self.value]


@dataclass(frozen=True, order=True)
class Period:
    """The days that one list is of, both included, and the day by which it is sent."""

    starts_on: date
    ends_on: date
    due_on: date
    label: str


def period_of(kind: ListKind, day: date) -> Period:
    """The period of a list that holds `day`.

    Payments: October to March, due 31 May, and April to September, due 30 November (41 CFR 304-6.4). Gifts: a
    calendar year, due 31 January (5 U.S.C. 7342(f)). Justifications: a month, due on the last day of the next.
    """
    if kind is ListKind.GIFTS:
        year = day.year
        return Period(date(year, 1, 1), date(year, 12, 31), date(year + 1, 1, 31), str(year))
    if kind is ListKind.PAYMENTS:
        if 4 <= day.month <= 9:
            first, last, due = date(day.year, 4, 1), date(day.year, 9, 30), date(day.year, 11, 30)
        else:
            year = day.year + (day.month >= 10)
            first, last, due = date(year - 1, 10, 1), date(year, 3, 31), date(year, 5, 31)
        return Period(first, last, due, f"{first:%B %Y} to {last:%B %Y}")
    first = day.replace(day=1)
    last = _month_end(first)
    return Period(first, last, _month_end(last + ONE_DAY), f"{first:%B %Y}")


def periods_until(kind: ListKind, today: date, count: int) -> list[Period]:
    """The period that holds `today` and those before it, the newest first."""
    found = [period_of(kind, today)]
    while len(found) < count:
        found.append(period_of(kind, found[-1].starts_on - ONE_DAY))
    return found


def _month_end(day: date) -> date:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following - ONE_DAY
