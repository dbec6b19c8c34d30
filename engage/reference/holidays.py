"""The only place that asks which days a country rests.

The days come from the `holidays` package and are not a promise: days set by the moon (Eid, Diwali, Vesak) are
estimates for years to come, and governments move days at short notice. Pages that show them say so.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays

ESTIMATED = (
    "Days set by the moon are estimates, and governments move days at short notice: check with the host."
)
LONGEST_YEARS = 10
SATURDAY_AND_SUNDAY = frozenset({5, 6})


def holidays_in(code: str, first: date, last: date) -> dict[date, str]:
    """Public holidays of a country from `first` through `last`, named in English where the package can.

    Empty for an unknown code, and for a span that is reversed. Raises ValueError past ten years.
    """
    if last.year - first.year > LONGEST_YEARS:
        raise ValueError(f"Ask for {LONGEST_YEARS} years of holidays at most.")
    found: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        found |= {day: name for day, name in _year(code, year).items() if first <= day <= last}
    return dict(sorted(found.items()))


def weekend_of(code: str) -> frozenset[int]:
    """The weekly days of rest of a country, Monday as 0; Saturday and Sunday where not known."""
    if code not in _known():
        return SATURDAY_AND_SUNDAY
    return frozenset(holidays.country_holidays(code).weekend)


@lru_cache(maxsize=2_000)
def _year(code: str, year: int) -> Mapping[date, str]:
    """One country's holidays of one year; kept, since calendars ask for the same months all day."""
    if code not in _known():
        return MappingProxyType({})
    languages = holidays.country_holidays(code).supported_languages
    english = next((language for language in sorted(languages, reverse=True) if language[:2] == "en"), None)
    days = holidays.country_holidays(code, years=year, language=english)
    return MappingProxyType({day: name for day, name in days.items() if day.year == year})


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))
