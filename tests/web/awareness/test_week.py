"""A week shows all of each day; a timeline marks what is to know of; a country's page has what is kept of it."""

import re
from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY

from engage.models.asking import Blackout
from engage.models.commitments import Commitment
from engage.models.meetings import Meeting
from engage.models.partners import Partner
from engage.rules.commitments import Side
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services.transaction import transaction

DAY = timedelta(days=1)


@pytest.fixture
def leader(store, visitor):
    with transaction():
        visitor.person = make.person(Role.LEADERSHIP, Role.SECRETARIAT)
    return visitor.sign_in(visitor.person)


def closed(store, code, first, last):
    store.add(Blackout(country_code=code, starts_on=first, ends_on=last, why="The ambassador moves", source="cable"))


def test_a_week_has_every_engagement_of_its_days_with_what_is_to_know(store, leader):
    assert TODAY.weekday() == 0
    with transaction():
        for n in range(7):
            make.engagement(State.APPROVED, title=f"Visit {n}", starts=TODAY, days=2)
        make.engagement(State.APPROVED, title="Begun before", starts=TODAY - 2 * DAY, days=3)
        make.engagement(State.APPROVED, title="The week after", starts=TODAY + 7 * DAY, days=1)
        closed(store, "EE", TODAY + DAY, TODAY + DAY)
        board, members = make.board()
        store.add(Meeting(
            board_id=board.id, title="March meeting", starts_at=NOON + 2 * DAY, minutes_long=60, zone="UTC",
            place="Room 1", scheduled_at=NOON, scheduled_by_id=members[0].id, changed_at=NOON,
        ))  # fmt: skip
    page = leader.get("/week")
    first_day = page.html.split('<td class="engage-day')[1]
    assert len(re.findall(r'<li class="engage-entry', first_day)) == 8
    assert "The week after" not in page.html
    assert "No visits to Estonia: The ambassador moves" in page.html
    assert "Board meets: March meeting" in page.html
    assert "The week after" in leader.get(f"/week?from={TODAY + 9 * DAY}").html
    for wrong in ("2026-13-01", "x", "9999-01-01", "1999-01-01"):
        leader.get(f"/week?from={wrong}", 404)
    leader.get("/week?country=Atlantis", 422)


def test_a_timeline_marks_and_lists_the_days_to_know_of(store, leader):
    with transaction():
        make.engagement(State.APPROVED, title="Visit", starts=TODAY + 3 * DAY, days=3)
        closed(store, "EE", TODAY + 4 * DAY, TODAY + 5 * DAY)
    page = leader.get("/timeline")
    assert page.html.count("No visits to Estonia: The ambassador moves") == 2
    marked = page.html.count('class="engage-bars__noted"')
    assert marked == page.html.split("Days to know of</h2>")[1].split("</ul>")[0].count("<li>") >= 2


def test_a_country_has_its_guide_its_closed_days_and_its_promises(store, leader):
    with transaction():
        item = make.engagement(State.APPROVED, starts=TODAY - 60 * DAY, days=2)
        there, elsewhere = (
            Partner(name=f"CERT {code}", country_code=code, kind="national_csirt") for code in ("EE", "JP")
        )
        store.add_all([there, elsewhere])
        store.flush()
        for partner, what in ((there, "Send the list"), (elsewhere, "Send the other list")):
            store.add(Commitment(
                engagement_id=item.id, side=Side.OURS, what=what, partner_id=partner.id, counterpart="",
                owner_id=leader.person.id, made_on=TODAY - 50 * DAY, due_on=TODAY - DAY,
            ))  # fmt: skip
        closed(store, "EE", TODAY + DAY, TODAY + DAY)
        closed(store, "EE", TODAY - 9 * DAY, TODAY - DAY)
    page = leader.get("/countries/EE")
    assert "Send the list" in page.html
    assert "Send the other list" not in page.html
    assert page.html.count("The ambassador moves") == 1
    assert "There is none yet" in page.html or "/guidance/EE" in page.links
    listed = leader.get("/commitments?country=EE")
    assert "Send the list" in listed.html
    assert "Send the other list" not in listed.html
    leader.get("/commitments?country=XX", 404)
