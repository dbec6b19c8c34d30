"""A message is put off until a morning to come, comes back as new, and gives its day to a calendar."""

from datetime import UTC, datetime, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from icalendar import Calendar
from sqlalchemy import select

from engage.models.outbox import OutboxMessage
from engage.services import outbox
from engage.services.transaction import transaction

DAY = timedelta(days=1)


@pytest.fixture
def reader(store, visitor):
    """A person in New York with a message that names a day and one that names none, signed in."""
    with transaction():
        person = make.person(home_zone="America/New_York")
        known = {"title": "Tallinn talks", "departs_on": "1 April 2026", "returns_on": "5 April 2026"}
        event = {"begins": "2026-04-01", "ends": "2026-04-05", "title": "Tallinn"}
        outbox.post(
            outbox.message("a", to=person.id, template="trip_opened", subject="Dated", about=("trip", 7), now=NOON,
                           event=event, **known),
            outbox.message("b", to=person.id, template="trip_opened", subject="Plain", about=("trip", 8), now=NOON,
                           **known),
        )  # fmt: skip
    visitor.sign_in(person)
    visitor.dated, visitor.plain = store.scalars(select(OutboxMessage.id).order_by(OutboxMessage.key))
    store.rollback()
    return visitor


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (TODAY, "Choose a day that is still to come."),
        (TODAY - DAY, "Choose a day that is still to come."),
        (TODAY + 400 * DAY, "Choose a day within a year."),
        ("", "Choose a day."),
        ("the day after", "day"),
        ("9999-99-99", "day"),
    ],
)
def test_a_day_that_is_past_or_none_puts_nothing_off(store, reader, until, sentence):
    reader.get(f"/inbox/{reader.plain}")
    page = reader.send(f"/inbox/{reader.plain}/snooze", {"until": str(until)}, status=422)

    assert sentence in page.text
    assert store.scalars(select(OutboxMessage.snoozed_until)).all() == [None, None]
    assert "Plain" in reader.get("/inbox").text


def test_what_is_put_off_comes_back_that_morning_as_new(store, app, reader):
    reader.get(f"/inbox/{reader.plain}")
    reader.send(f"/inbox/{reader.plain}/snooze", {"until": str(TODAY + DAY)})

    assert "Plain" not in reader.get("/inbox").text
    assert "Plain" in reader.get("/inbox?shown=snoozed").text
    morning = datetime(2026, 3, 3, 13, tzinfo=UTC)  # eight o'clock in New York
    kept = store.scalar(select(OutboxMessage.snoozed_until).where(OutboxMessage.id == reader.plain))
    store.rollback()
    assert kept == morning
    reader.get(f"/inbox/{reader.plain}")
    reader.send(f"/inbox/{reader.plain}/wake")
    assert "Plain New" not in reader.get("/inbox").text  # it was opened meanwhile
    assert "Plain" in reader.page.text


def test_the_day_of_a_message_is_a_file_for_its_reader_alone(store, reader):
    at = f"/inbox/{reader.dated}"
    (link,) = [link for link in reader.get(at).links if link.endswith(".ics")]
    assert link.startswith(at)

    answer = reader.client.get(link)

    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    (entry,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (entry["SUMMARY"], entry["DTSTART"].dt, entry["DTEND"].dt) == (
        "Tallinn", datetime(2026, 4, 1).date(), datetime(2026, 4, 6).date(),
    )  # fmt: skip
    assert not [link for link in reader.get(f"/inbox/{reader.plain}").links if link.endswith(".ics")]
    reader.get(link.replace(str(reader.dated), str(reader.plain)), status=404)
    with transaction():
        other = make.person()
    reader.sign_in(other).get(link, status=404)
