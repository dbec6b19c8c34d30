"""The day that a message names is an entry that calendars read, and nothing else of the message goes with it."""

from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from engage.documents import events
from engage.documents.events import Dated

STAMP = datetime(2026, 3, 2, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "dated"),
    [
        ({}, None),
        ({"event": None}, None),
        ({"event": {}}, None),
        ({"event": {"begins": "2026-04-01"}}, Dated("A subject", date(2026, 4, 1))),
        ({"event": {"begins": "2026-04-01", "ends": "2026-04-05", "title": "Tallinn"}},
         Dated("Tallinn", date(2026, 4, 1), date(2026, 4, 5))),
        ({"event": {"begins": "2026-04-01T09:30:00+00:00"}},
         Dated("A subject", datetime(2026, 4, 1, 9, 30, tzinfo=UTC))),
        ({"duty": {"kind": "vote", "anchor_on": "2026-04-01"}, "what": "Vote"}, Dated("Vote", date(2026, 4, 1))),
        ({"event": {"begins": "soon"}}, None),
        ({"event": {"begins": "2026-04-01T09:30:00"}}, None),  # whose half past nine?
        ({"event": {"begins": "2026-04-05", "ends": "2026-04-01"}}, None),
        ({"event": {"begins": "2026-04-05", "ends": "2026-04-06T10:00:00+00:00"}}, None),
        ({"event": "2026-04-05"}, None),
    ],
)  # fmt: skip
def test_what_a_message_says_of_its_day(facts, dated):
    assert events.of(facts, "A subject") == dated


@pytest.mark.parametrize("title", ["Tallinn", "Semi;colon, comma\\ and\nline\r\nEND:VEVENT", "長" * 150])
def test_a_calendar_reads_it_back(title):
    file = events.ics(Dated(title, date(2026, 4, 1), date(2026, 4, 5)), uid="u@h", url="https://h/trips/7", stamp=STAMP)

    calendar = Calendar.from_ical(file)
    (entry,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"
    assert (entry["UID"], entry["SUMMARY"], entry["URL"]) == ("u@h", title.replace("\r\n", "\n"), "https://h/trips/7")
    assert (entry["DTSTART"].dt, entry["DTEND"].dt) == (date(2026, 4, 1), date(2026, 4, 6))
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))


def test_a_later_word_on_the_same_thing_replaces_the_earlier():
    def sequence(stamp):
        (entry,) = Calendar.from_ical(
            events.ics(Dated("x", STAMP), uid="u@h", url="https://h", stamp=stamp)).walk("VEVENT")
        return entry["SEQUENCE"]

    assert 0 < sequence(STAMP) < sequence(datetime(2026, 3, 2, 17, 1, tzinfo=UTC)) < 2**31
