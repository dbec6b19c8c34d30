"""On the way: one tap, whom to call, a device that comes back, and a duty officer who sees it all."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.models.audit import AuditEvent
from engage.models.away import CheckIn, EmergencyContact, Loan
from engage.models.outbox import OutboxMessage
from engage.rules.away import Device, Word, ago, word
from engage.rules.policy import Role
from engage.services import check_ins, emergency_contacts, loans
from engage.services.transaction import transaction


@pytest.fixture
def people(store):
    with transaction():
        return (
            make.person(name="Ada Okonkwo"),
            make.person(Role.DUTY_OFFICER, name="Nora Watch"),
            make.person(Role.REVIEWER, name="Rita Lock"),
        )


@pytest.fixture
def going(store, people):
    """A trip that began yesterday."""
    with transaction():
        return prepare.trip(people[0], starts=make.TODAY - timedelta(days=1))


def test_one_tap_checks_in_and_a_second_tap_on_a_bad_line_is_the_same(visitor, store, going, people):
    visitor.sign_in(people[0]).get(f"/trips/{going.id}/away")
    visitor.post(f"/trips/{going.id}/check-in", {})
    assert "Noted: you are well." in visitor.follow().text
    visitor.post(f"/trips/{going.id}/check-in", {})
    assert [(one.well, one.by_id) for one in store.scalars(select(CheckIn))] == [(True, people[0].id)]
    store.refresh(going)
    assert going.check_in_due_at == make.NOON + timedelta(hours=24)


def test_a_call_for_help_reaches_the_duty_officers_at_once_until_one_takes_it_up(visitor, store, going, people):
    ada, nora, _ = people
    visitor.sign_in(ada).post(f"/trips/{going.id}/check-in", {"help": "1", "note": "Lost my papers in Tallinn."})
    told = store.execute(
        select(OutboxMessage.person_id, OutboxMessage.due_at).where(OutboxMessage.template == "help_asked")
    ).all()
    assert told == [(nora.id, make.NOON)]
    page = visitor.sign_in(nora).get("/abroad")
    assert "Asks for help: 1" in page.text
    assert "just now: Lost my papers in Tallinn." in page.text
    call = store.scalar(select(CheckIn.id))
    visitor.post(f"/abroad/calls/{call}", {})
    assert "Asks for help" not in visitor.follow().text
    visitor.post(f"/abroad/calls/{call}", {}, status=409)


def test_silence_shows_on_the_duty_page(visitor, app, people):
    with transaction():
        prepare.trip(people[0], starts=make.TODAY)
    page = visitor.sign_in(people[1]).get("/abroad")
    assert "Not heard yet: 1" in page.text
    app.config["CLOCK"] = lambda: make.NOON + timedelta(hours=30)
    assert "Silent: 1" in visitor.sign_in(people[1]).get("/abroad").text


@pytest.mark.parametrize("days", [-3, 40])
def test_nobody_checks_in_who_is_not_away(visitor, store, people, days):
    with transaction():
        trip = prepare.trip(people[0], starts=make.TODAY - timedelta(days=10) if days < 0 else make.TODAY
                            + timedelta(days=days), days=3)  # fmt: skip
    visitor.sign_in(people[0]).post(f"/trips/{trip.id}/check-in", {}, status=409)
    assert store.scalars(select(CheckIn)).all() == []


def test_nobody_checks_in_for_somebody_else(visitor, going, people):
    for who in people[1:]:
        visitor.sign_in(who).post(f"/trips/{going.id}/check-in", {}, status=404)
        visitor.get(f"/trips/{going.id}/away", status=404)


def test_whom_to_call_is_kept_seen_by_the_duty_officer_alone_and_each_look_noted(visitor, store, going, people):
    ada, nora, rita = people
    visitor.sign_in(ada).get(f"/trips/{going.id}/away")
    named = {"name": "Ben Okonkwo", "phone": "+1 202 555 0100", "relation": "Husband"}
    visitor.send(f"/trips/{going.id}/contact", named)
    assert "Ben Okonkwo" in visitor.follow().html
    assert "Ben Okonkwo" not in visitor.sign_in(nora).get("/abroad").text
    page = visitor.get(f"/abroad/contacts/{going.id}")
    assert "Ben Okonkwo" in page.text
    assert "tel:+12025550100" in page.html
    visitor.sign_in(rita).get(f"/abroad/contacts/{going.id}", status=403)
    looks = select(AuditEvent.actor_id, AuditEvent.details).where(AuditEvent.action == "look_emergency_contact")
    assert [actor for actor, _ in store.execute(looks)] == [nora.id]
    assert "Ben" not in "".join(store.scalars(select(AuditEvent.details)))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"phone": "555 0100"}, "Give a phone number with its country code"),
        ({"phone": "call me"}, "Give a phone number with its country code"),
        ({"phone": ""}, "Give a phone number."),
        ({"name": ""}, "Give the name of the person to call."),
    ],
)
def test_a_number_that_cannot_be_called_is_refused_and_kept_in_the_form(visitor, store, going, people, typed, said):
    visitor.sign_in(people[0]).get(f"/trips/{going.id}/away")
    right = {"name": "Ben Okonkwo", "phone": "+1 202 555 0100"}
    page = visitor.send(f"/trips/{going.id}/contact", right | typed, status=422)
    assert said in page.text
    assert store.scalars(select(EmergencyContact)).all() == []


def test_a_contact_is_gone_a_week_after_the_return(store, going, people):
    ada = make.actor(people[0])
    with transaction():
        emergency_contacts.keep(going, name="Ben", phone="+12025550100", by=ada, now=make.NOON, today=make.TODAY)
    week = going.returns_on + timedelta(days=7)
    for day, left in ((week, 1), (week + timedelta(days=1), 0)):
        with transaction():
            emergency_contacts.purge(day, now=make.NOON)
        assert len(store.scalars(select(EmergencyContact)).all()) == left


def test_a_device_is_asked_for_issued_returned_and_inspected(visitor, store, going, people):
    ada, _, rita = people
    visitor.sign_in(ada).get(f"/trips/{going.id}/away")
    visitor.send(f"/trips/{going.id}/loans", {"device": "laptop"})
    visitor.post(f"/trips/{going.id}/loans", {"device": "laptop"}, status=409)
    visitor.get("/loans", status=403)
    page = visitor.sign_in(rita).get("/loans")
    assert "Laptop for Ada Okonkwo" in page.text
    (loan,) = store.scalars(select(Loan))
    here = f"/loans/{loan.id}"
    visitor.get(here)
    assert "Give the device's number in the inventory" in visitor.submit({"tag": ""}, status=422).text
    visitor.submit({"tag": "LT-0042"})
    visitor.get(here)
    visitor.submit({})
    visitor.get(here)
    page = visitor.submit({"result": "found", "finding": ""}, status=422)
    assert "Say what was found, or that the device is clean." in page.text
    visitor.submit({"result": "found", "finding": "A program nobody installed."})
    visitor.get(here, status=404)
    store.refresh(loan)
    assert (loan.tag, loan.issued_by_id, loan.received_by_id, loan.inspected_by_id, loan.clean) == (
        "LT-0042", rita.id, rita.id, rita.id, False,
    )  # fmt: skip
    assert loan.due_back_on == going.returns_on + timedelta(days=5)


def test_nobody_handles_a_device_of_their_own(visitor, store, people):
    rita = people[2]
    with transaction():
        own = prepare.trip(rita)
        loan = loans.ask(own, Device.PHONE, by=make.actor(rita), now=make.NOON, today=make.TODAY)
    page = visitor.sign_in(rita).get(f"/loans/{loan.id}")
    assert "This one is your own: a colleague handles it." in page.text
    visitor.post(f"/loans/{loan.id}", {"tag": "PH-1"}, status=403)


def test_a_wish_is_taken_back_and_asked_anew(store, going, people):
    ada, when = make.actor(people[0]), {"now": make.NOON, "today": make.TODAY}
    with transaction():
        loan = loans.ask(going, Device.TABLET, by=ada, **when)
        loans.cancel(loan.id, by=ada, **when)
        assert loans.ask(going, Device.TABLET, by=ada, **when).id == loan.id


def test_the_duty_page_costs_the_same_for_one_and_for_thirty(visitor, store, people, statements):
    visitor.sign_in(people[1])
    costs = []
    for n in (1, 2, 27):
        with transaction():
            for _ in range(n):
                trip = prepare.trip(starts=make.TODAY)
                traveller = make.actor(store.get(make.Person, trip.person_id))
                check_ins.check_in(trip, well=True, by=traveller, now=make.NOON)
        statements.clear()
        visitor.get("/abroad")
        costs.append(len(statements))
    assert costs[0] == costs[1] == costs[2] <= 12


def test_what_is_known_of_somebody_in_words():
    day, hour = timedelta(days=1), timedelta(hours=1)
    due = make.NOON + day
    assert word(None, None, False, due, make.NOON) is Word.EXPECTED
    assert word(make.NOON, True, False, due, make.NOON) is Word.WELL
    assert word(make.NOON, True, False, due, due) is Word.SILENT
    assert word(make.NOON, False, False, due, due + day) is Word.HELP
    assert word(make.NOON, False, True, due, make.NOON) is Word.WELL
    said = [ago(make.NOON - passed, make.NOON) for passed in (timedelta(0), hour, 5 * hour, 49 * hour, -hour)]
    assert said == ["just now", "1 hour ago", "5 hours ago", "2 days ago", "just now"]
