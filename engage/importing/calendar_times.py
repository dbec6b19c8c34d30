"""The only place that reads the times of an iCalendar event, and says when their zone is not sure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from engage.importing.calendar_text import Component, Property
from engage.reference.zones import zone_named

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST = timedelta(days=366)

DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?(Z)?", re.ASCII)
DURATION = re.compile(
    r"\+?P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?", re.ASCII
)
OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(?:\d{2})?", re.ASCII)


class Fault(Exception):
    """A property of an event cannot be read; the message is for a person."""

    def __init__(self, name: str, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.name, self.line = name, line


@dataclass(frozen=True)
class When:
    """When an event is: two moments in `zone`, or two days, the last included."""

    starts: datetime | date
    ends: datetime | date
    all_day: bool
    zone: str | None = None
    remarks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def when(event: Component, zones: list[Component], place_zone: str | None) -> When:
    """The times of an event. `place_zone` is the zone of its place where that is sure. Raises Fault.

    Times in UTC are told in the place's zone. Times without a zone are the place's own. A zone's name that is
    not known, or that the file itself describes with other offsets, is not guessed at: the days are kept, the
    hours are not.
    """
    first = event.first("DTSTART")
    if not first:
        raise Fault("DTSTART", "The event does not say when it starts.", event.line)
    starts = _value(first)
    last = event.first("DTEND")
    ends = _value(last) if last else None
    if ends is None:
        length = _duration(event.first("DURATION"))
        ends = _later(first, starts, length)
        if not isinstance(starts, datetime) and not length:
            ends += timedelta(days=1)
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return _moments(first, last or first, starts, ends, zones, place_zone)
    if isinstance(starts, datetime) or isinstance(ends, datetime):
        raise Fault("DTEND", "One of start and end is a time of day, the other a whole day.", first.line)
    return _days(first, starts, ends)


def _days(first: Property, starts: date, after: date) -> When:
    """Whole days. The file's end is the day after the last; some programs repeat the first day instead."""
    if after < starts:
        raise Fault("DTEND", "The event ends before it starts.", first.line)
    ends = max(starts, after - timedelta(days=1))
    if ends - starts > LONGEST:
        raise Fault("DTEND", "The event lasts longer than a year.", first.line)
    return When(starts, ends, all_day=True)


def _moments(
    first: Property,
    last: Property,
    starts: datetime,
    ends: datetime,
    zones: list[Component],
    place_zone: str | None,
) -> When:
    zone, why_not = _zone(first, starts, zones, place_zone)
    end_zone, why_not_end = _zone(last, ends, zones, place_zone)
    if not zone or not end_zone:
        if ends.replace(tzinfo=None) < starts.replace(tzinfo=None):
            raise Fault("DTEND", "The event ends before it starts.", last.line)
        days = _days(first, starts.date(), ends.date() + timedelta(days=1))
        return When(days.starts, days.ends, all_day=False, missing=(f"The hours: {why_not or why_not_end}",))
    starts = _at(starts, zone)
    ends = _at(ends, end_zone).astimezone(ZoneInfo(zone))
    if ends < starts:
        raise Fault("DTEND", "The event ends before it starts.", last.line)
    if ends - starts > LONGEST:
        raise Fault("DTEND", "The event lasts longer than a year.", last.line)
    remarks = ("Its times are given in UTC; the place's own day may differ.",) if zone == "UTC" else ()
    return When(starts, ends, all_day=False, zone=zone, remarks=remarks)


def _at(value: datetime, zone: str) -> datetime:
    """The moment in a zone: UTC is converted, a clock's time is that zone's."""
    return value.astimezone(ZoneInfo(zone)) if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))


def _zone(
    prop: Property, value: datetime, described: list[Component], place_zone: str | None
) -> tuple[str | None, str]:
    """The zone a time is to be told in, or None with the reason."""
    if value.tzinfo is UTC:
        return place_zone or "UTC", ""
    tzid = prop.params.get("TZID", "").strip()
    if not tzid:
        return place_zone, "the times are local to a place whose time zone is not known."
    zone = zone_named(tzid)
    if not zone:
        return None, f"the time zone “{tzid[:60]}” is not known here."
    offsets = _offsets(tzid, described)
    if offsets and ZoneInfo(zone).utcoffset(value) not in offsets:
        return None, f"the file describes the time zone “{tzid[:60]}” with other offsets than {zone} has."
    return zone, ""


def _offsets(tzid: str, described: list[Component]) -> set[timedelta]:
    """The offsets from UTC that a file says a zone has, whenever."""
    found = set()
    for zone in described:
        if zone.text("TZID").strip('"') == tzid.strip('"'):
            for rule in zone.children:
                match = OFFSET.fullmatch(rule.text("TZOFFSETTO"))
                if match:
                    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
                    found.add(offset if match[1] == "+" else -offset)
    return found


def _value(prop: Property) -> datetime | date:
    """A day, a moment in UTC, or a clock's time without a zone. Raises Fault."""
    text = prop.value.strip()
    match = MOMENT.fullmatch(text) or DAY.fullmatch(text)
    if not match:
        raise Fault(prop.name, f"“{text[:30]}” is no date of an iCalendar file.", prop.line)
    numbers = [int(number or 0) for number in match.groups()[:6]]
    if not FIRST_YEAR <= numbers[0] <= LAST_YEAR:
        raise Fault(prop.name, f"The year {numbers[0]} lies outside {FIRST_YEAR} to {LAST_YEAR}.", prop.line)
    try:
        if len(numbers) == 3:
            return date(*numbers)
        numbers[5] = min(numbers[5], 59)  # a leap second
        return datetime(*numbers, tzinfo=UTC if match[7] else None)  # type: ignore[misc, arg-type]
    except ValueError:
        raise Fault(prop.name, f"There is no such time as {text[:30]}.", prop.line) from None


def _duration(prop: Property | None) -> timedelta:
    """How long the event lasts; nothing when the file does not say. Raises Fault."""
    if not prop:
        return timedelta()
    match = DURATION.fullmatch(prop.value.strip().upper())
    if not match or not any(match.groups()):
        raise Fault(prop.name, f"“{prop.value[:30]}” is no length of time.", prop.line)
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > LONGEST:
        raise Fault(prop.name, "The event lasts longer than a year.", prop.line)
    return length


def _later(first: Property, starts: datetime | date, length: timedelta) -> datetime | date:
    """The end by length. A clock's time moves on as clocks do; a day needs whole days."""
    if not isinstance(starts, datetime) and length % timedelta(days=1):
        raise Fault("DURATION", "An event of whole days cannot last part of a day.", first.line)
    return starts + length
