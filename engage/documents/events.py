"""The only place where the day that a message names becomes an entry for a calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

KIND = "text/calendar; charset=utf-8; method=PUBLISH"
NAME = "engage.ics"


@dataclass(frozen=True, slots=True)
class Dated:
    """Something on a day, from a moment, or on the days `begins` to `ends`, both included. A title and times only."""

    title: str
    begins: date  # a moment is aware
    ends: date | None = None


def of(facts: Mapping[str, Any], subject: str) -> Dated | None:
    """The day that a message names: its fact `event`, or the day of the duty that it reminds of; None when none.

    `event` is {"begins": …, "ends": …, "title": …}, a day or an aware moment each as ISO 8601 has it; only the first
    is needed. What cannot be read is no event.
    """
    named = facts.get("event") or {}
    if not named and (duty := facts.get("duty")):
        named = {"begins": duty.get("anchor_on"), "title": facts.get("what")}
    try:
        begins, ends = _when(named.get("begins")), _when(named.get("ends"))
    except (AttributeError, TypeError, ValueError):
        return None
    if begins is None or (ends is not None and (type(ends) is not type(begins) or ends < begins)):
        return None
    return Dated(str(named.get("title") or subject)[:200], begins, ends)


def ics(event: Dated, *, uid: str, url: str, stamp: datetime) -> bytes:
    """The event as an iCalendar file. `uid` is the same for ever; a later `stamp` (aware) replaces an earlier."""
    calendar = Calendar()
    calendar.add("prodid", "-//Engage//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    entry = Event()
    entry.add("uid", uid)
    entry.add("dtstamp", stamp.astimezone(UTC))
    entry.add("sequence", max(0, int(stamp.timestamp()) // 60 - 27_000_000))  # minutes; grows, and fits
    entry.add("summary", event.title)
    entry.add("dtstart", _utc(event.begins))
    if isinstance(event.begins, datetime):
        entry.add("dtend", _utc(event.ends or event.begins + timedelta(minutes=30)))
    else:
        entry.add("dtend", (event.ends or event.begins) + timedelta(days=1))  # the day after the last
        entry.add("transp", "TRANSPARENT")
    entry.add("url", url)
    calendar.add_component(entry)
    return calendar.to_ical()  # type: ignore[no-any-return]


def _when(text: Any) -> date | None:
    if not text:
        return None
    if len(text) == len("2026-03-06"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment


def _utc(when: date) -> date:
    return when.astimezone(UTC) if isinstance(when, datetime) else when
