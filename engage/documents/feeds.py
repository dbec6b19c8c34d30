"""The only place that prints a subscription for calendar programs (RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from engage.services.feeds import Entry


def calendar(name: str, entries: Iterable[Entry], *, site: str) -> bytes:
    """All entries as one calendar. Ids stay the same for ever; `site` is our own address."""
    made = Calendar()
    made.add("prodid", "-//Engage//Subscriptions//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", timedelta(hours=4), parameters={"value": "DURATION"})
    house = urlsplit(site).hostname
    for one in entries:
        entry = Event()
        entry.add("uid", f"{one.uid}@{house}")
        entry.add("dtstamp", one.changed_at.astimezone(UTC))
        entry.add("last-modified", one.changed_at.astimezone(UTC))
        entry.add("sequence", one.sequence)
        entry.add("status", one.status)
        entry.add("summary", one.title)
        if isinstance(one.begins, datetime):
            entry.add("dtstart", one.begins.astimezone(UTC))
            entry.add("dtend", one.ends.astimezone(UTC))  # type: ignore[attr-defined]
        else:
            entry.add("dtstart", one.begins)
            entry.add("dtend", _after(one.ends))
            entry.add("transp", "TRANSPARENT")
        if one.place:
            entry.add("location", one.place)
        if one.path:
            entry.add("url", site + one.path)
        made.add_component(entry)
    printed: bytes = made.to_ical()
    return printed


def _after(day: date) -> date:
    """The day after the last: where an entry of whole days ends."""
    return day + timedelta(days=1)
