"""The only place that prints a meeting for a calendar: the same id for ever, a sequence that rises, a cancelled end."""

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event


def as_calendar(meeting: Any, *, url: str) -> bytes:
    """The meeting as iCalendar (RFC 5545). Its hours carry the zone it was called in; `url` leads to its page."""
    calendar = Calendar()
    calendar.add("prodid", "-//Engage//Meetings of the board//EN")
    calendar.add("version", "2.0")
    cancelled = meeting.cancelled_at is not None
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    event = Event()
    event.add("uid", f"meeting-{meeting.id}@{urlsplit(url).hostname}")
    event.add("dtstamp", meeting.changed_at.astimezone(UTC))
    event.add("sequence", meeting.sequence)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("summary", meeting.title)
    zone = ZoneInfo(meeting.zone)
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", (meeting.starts_at + timedelta(minutes=meeting.minutes_long)).astimezone(zone))
    event.add("location", ", ".join(part for part in (meeting.place, meeting.link) if part))
    event.add("url", url)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    made: bytes = calendar.to_ical()
    return made
