"""The only place that counts business days, lead times back from departure, and hours in which to send.

Calendars and hours are arguments: weekends differ by country (Friday and Saturday in some), holidays by year.
Moments are aware; anything naive is refused.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

ONE_DAY = timedelta(days=1)
SATURDAY_AND_SUNDAY = frozenset({5, 6})
LONGEST_PAUSE_DAYS = 60  # no country rests longer; two calendars that never meet end here, not in a loop


@dataclass(frozen=True)
class Calendar:
    """The days one place rests: `weekend` as numbers of `date.weekday()` (Monday 0), and dated holidays."""

    holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY

    def works(self, day: date) -> bool:
        """Whether `day` is a business day here."""
        return day.weekday() not in self.weekend and day not in self.holidays


def is_business_day(day: date, calendars: Collection[Calendar]) -> bool:
    """Whether every one of `calendars` works on `day`: what needs two offices needs both open."""
    return all(calendar.works(day) for calendar in calendars)


def add_business_days(day: date, count: int, calendars: Collection[Calendar]) -> date:
    """The `count`-th business day after `day`, or before it when negative; `day` itself when zero.

    Raises ValueError when the calendars share no business day for 60 days on end.
    """
    forward = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day = _first_business_day(day + forward, forward, calendars)
    return day


def business_days_between(start: date, end: date, calendars: Collection[Calendar]) -> int:
    """How many business days lead from `start` to `end`, counting `end` but not `start`; negative backwards.

    So `add_business_days(start, n, calendars)` is always n business days from `start`.
    """
    forward = 1 if end >= start else -1
    days = range(forward, (end - start).days + forward, forward)
    return forward * sum(is_business_day(start + timedelta(days=n), calendars) for n in days)


def last_safe_day(departs_on: date, lead_days: int, calendars: Collection[Calendar]) -> date:
    """The last business day that leaves `lead_days` calendar days before departure.

    Agencies state lead times in calendar days, but an office that is closed accepts nothing, so a day of rest
    moves the answer to the business day before it.
    """
    return _first_business_day(departs_on - timedelta(days=lead_days), -ONE_DAY, calendars)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The calendar day it is in `zone` at `moment` (aware)."""
    return _aware(moment).astimezone(zone).date()


@dataclass(frozen=True)
class Place:
    """Where somebody is on a day: the clock they live by, and the days of rest around them."""

    zone: tzinfo
    calendar: Calendar = Calendar()


def next_sending_moment(
    now: datetime, zone: tzinfo, opens: time, closes: time, weekend: Collection[int] = SATURDAY_AND_SUNDAY
) -> datetime:
    """`now` if it lies between the local hours of a working day in `zone`, else the next opening; aware UTC."""
    here = Place(zone, Calendar(weekend=frozenset(weekend)))
    return next_reading_moment(now, lambda day: here, opens, closes)


def next_reading_moment(
    now: datetime, where: Callable[[date], Place], opens: time, closes: time, *, any_day: bool = False
) -> datetime:
    """`now` if it lies within the hours of a working day where the reader is, else the next opening; aware UTC.

    `where` says for each day where that is: on a journey the clock changes on the way. An hour the clocks skip
    moves forward by the skip; an hour they repeat counts the first time only (PEP 495). With `any_day` days of
    rest count too. Raises ValueError for hours that do not open before they close, or when nobody works for
    LONGEST_PAUSE_DAYS.
    """
    if not opens < closes:
        raise ValueError("The hours must open before they close.")
    now = _aware(now).astimezone(UTC)
    yesterday = now.date() - ONE_DAY  # it is still that day in half the world
    for days in range(LONGEST_PAUSE_DAYS):
        day = yesterday + timedelta(days=days)
        place = where(day)
        opening, closing = _moment(day, opens, place.zone), _moment(day, closes, place.zone)
        exists = local_day(opening, place.zone) == day and opening < closing
        if exists and now < closing and (any_day or place.calendar.works(day)):
            return max(now, opening)
    raise ValueError("That leaves no day to send on.")


def _moment(day: date, hour: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return moment


def _first_business_day(day: date, forward: timedelta, calendars: Collection[Calendar]) -> date:
    for _ in range(LONGEST_PAUSE_DAYS):
        if is_business_day(day, calendars):
            return day
        day += forward
    raise ValueError(f"These calendars share no business day for {LONGEST_PAUSE_DAYS} days on end.")
