"""My trips and one trip, as their readers see them."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.models.audit import AuditEvent
from engage.models.trips import Clearance, Trip
from engage.rules.policy import Role
from engage.rules.trip_facts import ClearanceStatus
from engage.services import trips
from engage.services.transaction import transaction


@pytest.fixture
def traveller(store):
    with transaction():
        return make.person(name="Ada Okonkwo")


def test_a_person_without_trips_is_told_where_trips_come_from(visitor, traveller):
    page = visitor.sign_in(traveller).get("/trips")
    assert "No trip ahead of you" in page.text


def test_my_trips_show_stage_verdict_and_what_is_due_next(visitor, traveller):
    with transaction():
        prepare.ready(traveller, title="Ready to go")
        prepare.trip(traveller, title="Away now", starts=make.TODAY)
        prepare.trip(traveller, title="Long past", starts=make.TODAY - timedelta(days=60))
        prepare.trip(title="Somebody else's")
    page = visitor.sign_in(traveller).get("/trips")
    assert "Away now Tallinn, Estonia 2 to 7 Mar 2026 Away Not cleared 3 missing" in page.text
    assert "Ready to go Tallinn, Estonia 31 May to 5 Jun 2026 Preparing Cleared to travel Nothing" in page.text
    assert "Long past" not in page.text
    assert "Somebody else's" not in page.text
    assert "Long past" in visitor.get("/trips?when=past").text


def test_trips_are_listed_by_keyset_each_once(visitor, traveller, store):
    with transaction():
        made = [prepare.trip(traveller, starts=make.TODAY + timedelta(days=10 + n // 2)).id for n in range(30)]
    for when, order in (("", 1), ("&when=past", -1)):
        if when:
            with transaction():
                for going in store.scalars(select(Trip)):
                    going.departs_on -= timedelta(days=100)
                    going.returns_on -= timedelta(days=100)
        first = visitor.sign_in(traveller).get("/trips?" + when)
        following = next(link for link in first.links if "after=" in link)
        second = visitor.get(following)
        seen = [int(link.rpartition("/")[2]) for page in (first, second) for link in page.links
                if link.startswith("/trips/")]  # fmt: skip
        assert seen == made[::order]


@pytest.mark.parametrize(
    "cursor", ["x", "2026-01-01_x", "nonsense_3", "2026-13-01_1", "_1", "2026-01-01_99999999999999999999"]
)
def test_a_malformed_cursor_is_a_400(visitor, traveller, cursor):
    visitor.sign_in(traveller).get(f"/trips?after={cursor}", status=400)


def test_the_list_costs_the_same_statements_for_1_3_and_30_trips(visitor, traveller, statements):
    visitor.sign_in(traveller)
    counts, made = [], 0
    for many in (1, 3, 25):
        with transaction():
            while made < many:
                prepare.trip(traveller)
                made += 1
        statements.clear()
        visitor.get("/trips")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 12


def test_a_trip_shows_its_verdict_and_for_each_thing_the_rule_its_source_and_what_to_do(visitor, traveller):
    with transaction():
        going = prepare.trip(traveller)
    page = visitor.sign_in(traveller).get(f"/trips/{going.id}")
    assert "Not cleared to travel: 4 things are missing." in page.text
    assert (
        "Missing Security training for foreign travel No completion of Counter Threat Awareness Training" in page.text
    )
    assert "Stay in Estonia. Source: Commerce foreign travel training" in page.text
    assert "by Fri 1 May 2026" in page.text
    assert "No advisory recorded" in page.text
    assert "Days of Europe/Tallinn; it is 19:00 there now" in page.text
    estonia = prepare.version_of("EE").guide_id
    for link in (
        "/training?course=CTAT#claim",
        f"/trips/{going.id}/guides/{estonia}",
        f"/trips/{going.id}/clearance?kind=country&country=EE",
        f"/engagements/{going.engagement_id}",
    ):
        assert link in page.links


def test_a_cleared_traveller_reads_it_in_words(visitor, traveller):
    with transaction():
        going = prepare.ready(traveller)
    page = visitor.sign_in(traveller).get(f"/trips/{going.id}")
    assert "Cleared to travel Nothing that is needed for this trip is missing." in page.text
    assert page.text.count(" Met ") == 5


@pytest.mark.parametrize("role", [None, Role.LEADERSHIP, Role.MEMBER, Role.ADMINISTRATOR, Role.CONTENT_OWNER])
def test_another_s_trip_does_not_exist(visitor, traveller, role):
    with transaction():
        going = prepare.trip(traveller)
        stranger = make.person(*([role] if role else []))
    visitor.sign_in(stranger)
    guide = prepare.version_of("EE").guide_id
    for path in (f"/trips/{going.id}", f"/trips/{going.id}/clearance", f"/trips/{going.id}/guides/{guide}"):
        visitor.get(path, status=404)
    visitor.post(f"/trips/{going.id}/clearance", {"kind": "visa"}, status=404)
    visitor.post(f"/trips/{going.id}/guides/{guide}", {}, status=404)


@pytest.mark.parametrize("trip_id", ["0", "999", "99999999999999999999", "-1", "x"])
def test_a_trip_that_is_not_there_is_a_404(visitor, traveller, trip_id):
    visitor.sign_in(traveller).get(f"/trips/{trip_id}", status=404)


def test_the_supervisor_the_secretariat_and_the_duty_officer_read_it_and_only_the_secretariat_records(visitor, store):
    with transaction():
        boss = make.person()
        going = prepare.trip(make.person(name="Ada Okonkwo", supervisor_id=boss.id))
        readers = {boss: 404, make.person(Role.SECRETARIAT): 200, make.person(Role.DUTY_OFFICER): 404}
    for reader, status in readers.items():
        page = visitor.sign_in(reader).get(f"/trips/{going.id}")
        assert "traveller: Ada Okonkwo" in page.text
        visitor.get(f"/trips/{going.id}/clearance", status=status)


def test_a_look_at_somebody_else_s_trip_is_left_in_the_trail_and_at_one_s_own_is_not(visitor, traveller, store):
    with transaction():
        going = prepare.trip(traveller)
        secretariat = make.person(Role.SECRETARIAT)
    for who in (traveller, secretariat):
        visitor.sign_in(who).get(f"/trips/{going.id}")
    looks = select(AuditEvent.actor_id, AuditEvent.about_id).where(AuditEvent.action == "look")
    assert store.execute(looks).all() == [(secretariat.id, going.id)]


def test_recording_a_clearance_clears_what_asked_for_it(visitor, traveller, store):
    with transaction():
        going = prepare.trip(traveller)
    visitor.sign_in(traveller).get(f"/trips/{going.id}/clearance?kind=country&country=EE")
    visitor.submit({"status": "granted", "reference": "TALLINN-17", "decided_on": "2026-03-01"})
    assert "Met Country clearance for Estonia Country clearance for Estonia: granted." in visitor.follow().text
    assert [(c.status, c.reference) for c in store.scalars(select(Clearance))] == [
        (ClearanceStatus.GRANTED, "TALLINN-17")
    ]


def test_a_clearance_that_cannot_stand_keeps_what_was_typed(visitor, traveller, store):
    with transaction():
        going = prepare.trip(traveller)
    visitor.sign_in(traveller).get(f"/trips/{going.id}/clearance")
    page = visitor.submit({"kind": "visa", "country_code": "EE", "status": "granted", "reference": "C12345678",
                           "decided_on": "2026-03-01"}, status=422)  # fmt: skip
    assert "This looks like a passport number, which is never kept here" in page.text
    assert 'value="C12345678"' in page.html
    assert store.scalars(select(Clearance)).all() == []


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "diplomatic"},
        {"country_code": "FR"},
        {"status": "cleared"},
        {"status": ""},
        {"decided_on": "2026-02-31"},
        {"decided_on": "2026-03-03"},
        {"valid_until": "99999-01-01"},
        {"reference": "x" * 101},
        {"restriction": "\x00"},
    ],
)
def test_what_the_form_does_not_offer_is_a_422(visitor, traveller, store, typed):
    with transaction():
        going = prepare.trip(traveller)
    sound = {
        "kind": "country",
        "country_code": "EE",
        "status": "granted",
        "reference": "A-1",
        "decided_on": "2026-03-01",
    }
    visitor.sign_in(traveller).post(f"/trips/{going.id}/clearance", sound | typed, status=422)
    assert store.scalars(select(Clearance)).all() == []


def test_nobody_types_cleared(visitor, traveller):
    """The verdict has no form: no route of the room takes it, and no field is named for it."""
    with transaction():
        going = prepare.trip(traveller)
    page = visitor.sign_in(traveller).get(f"/trips/{going.id}")
    assert page.acts == []
    visitor.post(f"/trips/{going.id}", {"cleared": "1"}, status=405)


def test_a_cancelled_trip_says_so(visitor, traveller):
    with transaction():
        going = prepare.trip(traveller)
        trips.cancel_for(going.engagement_id, now=make.NOON)
    page = visitor.sign_in(traveller).get(f"/trips/{going.id}")
    assert "Cancelled" in page.text
    assert "Do not travel." in page.text
    visitor.get(f"/trips/{going.id}/clearance")
    visitor.submit({"kind": "visa", "country_code": "EE", "status": "requested"}, status=409)


def test_pages_are_light_enough_for_a_phone(visitor, traveller):
    with transaction():
        going = prepare.ready(traveller)
        for n in range(24):
            prepare.trip(traveller, starts=make.TODAY + timedelta(days=n))
    visitor.sign_in(traveller)
    guide = prepare.version_of("EE").guide_id
    for path in (
        "/trips",
        f"/trips/{going.id}",
        f"/trips/{going.id}/guides/{guide}",
        "/guidance",
        "/guidance/EE",
        "/training",
    ):
        assert len(visitor.get(path).html.encode()) < 100_000
