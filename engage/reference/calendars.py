"""The only place that turns a country into the calendar its offices keep."""

from datetime import date
from functools import lru_cache

from engage.reference.holidays import holidays_in, weekend_of
from engage.rules.working_time import Calendar


def calendar_of(code: str, first: date, last: date) -> Calendar:
    """The weekend and public holidays of a country (ISO code), sure for the whole years of `first` through `last`.

    An unknown code rests on Saturday and Sunday alone. Raises ValueError past ten years.
    """
    return _years(code, first.year, last.year)


def calendars_of(codes: tuple[str, ...], first: date, last: date) -> list[Calendar]:
    """One calendar a country, each country once: what needs two offices counts the days both are open."""
    return [calendar_of(code, first, last) for code in dict.fromkeys(codes)]


@lru_cache(maxsize=2_000)
def _years(code: str, first: int, last: int) -> Calendar:
    return Calendar(frozenset(holidays_in(code, date(first, 1, 1), date(last, 12, 31))), weekend_of(code))
