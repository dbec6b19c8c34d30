"""The only place that counts calendar months: how long a completion is good, when twelve months began."""

from calendar import monthrange
from datetime import date


def months_later(day: date, months: int) -> date:
    """The same day that many months later (earlier when negative), or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def valid_until(completed_on: date, months: int | None) -> date | None:
    """The last day on which a completion is good; None when it is good for ever (`months` None)."""
    return None if months is None else months_later(completed_on, months)
