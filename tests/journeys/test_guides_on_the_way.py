"""Guides that change while somebody is on the way to leaving, and a journey through three countries."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from pages import Visitor
from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.rules.policy import Role
from engage.services import reminders
from engage.services.transaction import transaction


@pytest.fixture
def enter(app):
    """Sign a person in, in a browser of their own."""
    return lambda who: Visitor(app).sign_in(who)


def read_on_page(browser, trip, version):
    """Open a guide for a trip, tick and answer as the page asks, and acknowledge."""
    page = browser.get(f"/trips/{trip.id}/guides/{version.guide_id}")
    asked = [name for form in page.forms for name in form["fields"] if name.startswith("question_")]
    asked += [c["name"] for c in page.controls if c.get("name", "").startswith("question_")]
    check = version.content["check"]
    answers = {name: str(check[int(name.removeprefix("question_"))]["answer"]) for name in set(asked)}
    ticks = [str(place) for place in range(len(version.content["must_know"]))]
    browser.submit({"must_know": ticks, **answers})
    return browser.follow()


def test_a_guide_changes_between_the_approval_and_the_departure(app, store, enter):
    with transaction():
        ada, rosa = make.person(name="Ada Okonkwo"), make.person(Role.CONTENT_OWNER, name="Rosa Marín")
        trip = prepare.trip(ada)
    # Ada reads both guides: guidance holds her up no longer.
    ada_there = enter(ada)
    for code in (None, "EE"):
        page = read_on_page(ada_there, trip, prepare.version_of(code))
    assert "Met Estonia: international affairs etiquette" in page.text

    # Rosa mends a word: Ada's acknowledgement stands, and nobody is told.
    rosa_there = enter(rosa)
    _write(rosa_there, {"section_dining": "Wait for the host to begin."}, {"mark_dining": "minor"}, "A word.")
    assert "Met Estonia: international affairs etiquette" in ada_there.get(f"/trips/{trip.id}").text

    # Rosa changes what is said on gifts: Ada is not cleared any more, is told, and reads that part alone.
    change = {"section_gifts_and_hospitality": "Bring nothing: officials may not accept gifts."}
    _write(rosa_there, change, {"mark_gifts_and_hospitality": "reread"}, "Officials may not accept gifts.")
    assert "Read again: Estonia: international affairs etiquette" in ada_there.get("/inbox").text
    page = ada_there.get(f"/trips/{trip.id}")
    assert "Met Estonia: international affairs etiquette" not in page.text
    page = ada_there.get(f"/trips/{trip.id}/guides/{prepare.version_of('EE').guide_id}")
    assert "What changed since version 1" in page.text
    assert "Gifts and hospitality Read again Bring nothing: officials may not accept gifts." in page.text
    assert "Dining Minor Wait for the host to begin." in page.text
    page = read_on_page(ada_there, trip, prepare.version_of("EE"))
    assert "Met Estonia: international affairs etiquette" in page.text

    # Both texts she acknowledged stay readable for ever.
    for number in (1, 3):
        assert f"/guidance/EE/versions/{number}" in page.links
        ada_there.get(f"/guidance/EE/versions/{number}")


def _write(browser, change, marks, note):
    """Write the next version of the guide for Estonia: preview, mark, publish."""
    browser.get("/guidance/EE/edit")
    browser.submit(change | {"note": note}, status=200)
    browser.submit(marks | {"publish": "1"})
    assert "Published. Every earlier version stays readable." in browser.follow().text


def test_two_countries_and_a_stop_on_the_way_add_their_guides(app, store, enter):
    with transaction():
        ada = make.person(name="Ada Okonkwo")
        trip = prepare.trip(ada, country="ZA", city="Johannesburg", zone="Africa/Johannesburg", days=1)
        first = trip.departs_on
        db.session.add_all(
            Leg(engagement_id=trip.engagement_id, position=n, country_code=code, city=city, zone=zone, transit=transit,
                arrives_on=first + timedelta(days=n), departs_on=first + timedelta(days=n + 1))
            for n, (code, city, zone, transit) in enumerate(
                (("KE", "Nairobi", "Africa/Nairobi", False), ("AE", "Dubai", "Asia/Dubai", True)), start=1)
        )  # fmt: skip
    there = enter(ada)
    page = there.get(f"/trips/{trip.id}")
    owed = [prepare.version_of(code) for code in (None, "ZA", "KE", "AE")]
    assert [v.title for v in owed if f"/trips/{trip.id}/guides/{v.guide_id}" not in page.links] == []
    for version in owed:
        page = read_on_page(there, trip, version)
    assert [v.title for v in owed if f"Met {v.title}" not in page.text] == []

    brief = there.get(f"/trips/{trip.id}/brief")
    for said in ("Nairobi, Kenya", "Dubai, United Arab Emirates", "Stop on the way", *(v.title for v in owed)):
        assert said in brief.text


def test_a_traveller_is_well_then_silent_then_found(app, store, enter):
    with transaction():
        ada, nora = make.person(name="Ada Okonkwo"), make.person(Role.DUTY_OFFICER, name="Nora Watch")
        trip = prepare.trip(ada, starts=make.TODAY)
    enter(ada).post(f"/trips/{trip.id}/check-in", {"note": "Landed."})
    assert "Checked in: 1" in enter(nora).get("/abroad").text

    # A day and a half without a word: the reminder goes to Ada, and a day later climbs to the duty officer.
    told = {}
    for hours in (25, 50):
        app.config["CLOCK"] = lambda hours=hours: make.NOON + timedelta(hours=hours)
        with transaction():
            reminders.sweep(make.NOON + timedelta(hours=hours))
        told[hours] = {store.get(Person, p).name for p in _reminded(store)}
    assert told == {25: {"Ada Okonkwo"}, 50: {"Ada Okonkwo", "Nora Watch"}}
    assert "Silent: 1" in enter(nora).get("/abroad").text

    # One tap, and nobody looks for her.
    enter(ada).post(f"/trips/{trip.id}/check-in", {})
    assert "Checked in: 1" in enter(nora).get("/abroad").text


def _reminded(store):
    silent = [m for m in store.scalars(select(OutboxMessage)) if (m.facts.get("duty") or {}).get("kind") == "check_in"]
    return [message.person_id for message in silent]
