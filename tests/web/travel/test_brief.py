"""What a traveller takes along: true on screen, on paper, without a line, and in a calendar."""

import io
from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import icalendar
import pypdf
import pytest

from engage.models.engagements import Leg
from engage.rules.policy import Role
from engage.services import trips
from engage.services.transaction import transaction


@pytest.fixture
def going(store):
    with transaction():
        made = prepare.trip(make.person(name="Ada Okonkwo"), starts=date(2026, 6, 20))
        make.person(Role.DUTY_OFFICER, name="Nora Watch")
        return made


@pytest.fixture
def reader(visitor, store, going):
    return visitor.sign_in(store.get(make.Person, going.person_id))


def paper(reader, going):
    """The text of the PDF, and the bytes."""
    reader.get(f"/trips/{going.id}/brief.pdf")
    made = reader.response.get_data()
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages).split()), made


SAID = (
    "Not cleared", "Tallinn, Estonia", "7 hours ahead of home", "No advisory is recorded.", "Tue 23 Jun 2026",
    "Weekend", "Saturday and Sunday", "Euro (EUR)", "+372", "112", "Nora Watch", "Field sheet",
    "To agree a joint exercise.", "Must know",
    "Never call Estonia a former Soviet republic.", "Facts of Mon 2 Mar 2026",
)  # fmt: skip


def test_the_brief_says_all_that_is_needed_on_screen_and_on_paper(reader, going):
    page = reader.get(f"/trips/{going.id}/brief")
    text, _ = paper(reader, going)
    assert [said for said in SAID if said not in page.text] == []
    assert [said for said in SAID if said not in text] == []


def test_the_file_for_the_way_needs_nothing_but_itself(reader, going):
    reader.get(f"/trips/{going.id}/brief.html")
    made = reader.response.get_data(as_text=True)
    assert reader.response.headers["Content-Disposition"].startswith("attachment")
    assert [said for said in SAID if said not in made] == []
    assert [word for word in ("<script", "<link", "<img", "src=", "@import", "url(") if word in made] == []


def test_the_same_facts_on_the_same_day_make_the_same_bytes(reader, going):
    for kind in ("brief.pdf", "brief.html", "trip.ics"):
        both = []
        for _ in range(2):
            reader.get(f"/trips/{going.id}/{kind}")
            both.append(reader.response.get_data())
        assert both[0] == both[1], kind


def test_a_copy_is_checked_and_says_when_it_has_gone_stale(reader, store, going):
    page = reader.get(f"/trips/{going.id}/brief")
    digest = page.text.split("digest ")[1][:16]
    assert "That copy is still true" in reader.get(f"/trips/{going.id}/brief?of={digest}").text
    with transaction():
        prepare.read(going, prepare.version_of("EE"))
    assert "That copy has gone stale" in reader.get(f"/trips/{going.id}/brief?of={digest}").text
    assert "That copy has gone stale" in reader.get(f"/trips/{going.id}/brief?of=nonsense").text


def test_the_calendar_has_a_stay_a_day_long_event_that_a_parser_reads(reader, going):
    reader.get(f"/trips/{going.id}/trip.ics")
    (event,) = icalendar.Calendar.from_ical(reader.response.get_data()).walk("VEVENT")
    assert (event["STATUS"], event.start, event.end) == ("CONFIRMED", date(2026, 6, 20), date(2026, 6, 26))
    assert event["UID"] == f"trip-{going.id}-stay-0@localhost"


def test_a_cancelled_trip_says_so_under_the_same_id(reader, store, going):
    with transaction():
        trips.cancel_for(going.engagement_id, now=make.NOON)
    reader.get(f"/trips/{going.id}/trip.ics")
    (event,) = icalendar.Calendar.from_ical(reader.response.get_data()).walk("VEVENT")
    assert (event["STATUS"], event["UID"]) == ("CANCELLED", f"trip-{going.id}-stay-0@localhost")
    assert "This trip was cancelled." in reader.get(f"/trips/{going.id}/brief").text


@pytest.mark.parametrize("kind", ["brief", "brief.pdf", "brief.html", "trip.ics"])
def test_a_stranger_finds_no_brief_and_another_leaves_a_trace(visitor, store, going, kind):
    with transaction():
        stranger, officer = make.person(), make.person(Role.DUTY_OFFICER)
    visitor.sign_in(stranger).get(f"/trips/{going.id}/{kind}", status=404)
    visitor.sign_in(officer).get(f"/trips/{going.id}/{kind}")


def test_the_brief_costs_the_same_statements_for_one_stay_and_for_three(reader, store, going, statements):
    def cost():
        statements.clear()
        reader.get(f"/trips/{going.id}/brief")
        return len(statements)

    one = cost()
    with transaction():
        store.add_all(
            Leg(engagement_id=going.engagement_id, position=n, country_code=code, city="Capital", zone=None,
                arrives_on=date(2026, 6, 25), departs_on=date(2026, 6, 25) + timedelta(days=n))
            for n, code in ((1, "LV"), (2, "LT"))
        )  # fmt: skip
    assert cost() == one <= 30
