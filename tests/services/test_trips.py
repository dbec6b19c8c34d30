"""Trips open with the approval, end with the cancellation, and carry what outsiders answered."""

from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select, update

from engage.documents import letters
from engage.models.audit import AuditEvent
from engage.models.engagements import Leg, Traveller
from engage.models.outbox import OutboxMessage
from engage.models.trips import Clearance, Trip
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.rules.workflow import State
from engage.services import trips
from engage.services.transaction import transaction


def opened(store, going):
    """An approved engagement whose trips nobody has opened yet."""
    approved = make.engagement(State.APPROVED, by=going[0], travellers=going)
    store.query(Trip).delete()
    return approved


def posted(store):
    return [(m.template, m.person_id) for m in store.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]


def acts(store):
    """What the trail tells of trips."""
    lines = select(AuditEvent.action).where(AuditEvent.about_kind == "trip").order_by(AuditEvent.id)
    return store.scalars(lines).all()


def test_an_approval_opens_one_trip_for_each_traveller_from_first_arrival_to_last_departure(store):
    with transaction():
        first, second = make.person(), make.person()
        approved = opened(store, [first, second])
        store.add(Leg(engagement_id=approved.id, position=1, country_code="LV", city="Riga", zone="Europe/Riga",
                      arrives_on=date(2026, 6, 5), departs_on=date(2026, 6, 9)))  # fmt: skip
        store.add(Traveller(engagement_id=approved.id, position=2, person_id=None, name_given="Not matched"))
        store.flush()
        trips.open_for(approved.id, now=make.NOON)

    assert [
        (t.person_id, t.departs_on, t.returns_on, t.opened_at) for t in store.scalars(select(Trip).order_by(Trip.id))
    ] == [
        (first.id, date(2026, 5, 31), date(2026, 6, 9), make.NOON),
        (second.id, date(2026, 5, 31), date(2026, 6, 9), make.NOON),
    ]
    assert posted(store) == [("trip_opened", first.id), ("trip_opened", second.id)]


def test_the_traveller_is_told_in_plain_words(store):
    with transaction():
        traveller = make.person(name="Ada Okonkwo")
        approved = opened(store, [traveller])
        trips.open_for(approved.id, now=make.NOON)
        trips.cancel_for(approved.id, now=make.NOON)
    said = [
        letters.text(m.template, m.facts, person_name="Ada Okonkwo", leads_to="/trips/1")
        for m in store.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    ]
    assert [text.splitlines()[2] for text in said] == [
        f'"{approved.title}" is approved, and you are one of its travellers, from 31 May 2026 to 5 June 2026.',
        f'"{approved.title}" was cancelled. Your trip from 31 May 2026 to 5 June 2026 does not take place: '
        "do not travel.",
    ]
    assert all(text.count("/trips/1") == 1 for text in said)


def test_opening_twice_is_the_same_as_once_and_moved_legs_move_the_trip(store):
    with transaction():
        traveller = make.person()
        approved = opened(store, [traveller])
        trips.open_for(approved.id, now=make.NOON)
        trips.open_for(approved.id, now=make.NOON)
    assert len(store.scalars(select(Trip)).all()) == 1

    with transaction():
        store.execute(update(Leg).values(arrives_on=date(2026, 7, 1), departs_on=date(2026, 7, 3)))
        trips.open_for(approved.id, now=make.NOON)

    assert [(t.departs_on, t.returns_on) for t in store.scalars(select(Trip))] == [(date(2026, 7, 1), date(2026, 7, 3))]
    assert posted(store) == [("trip_opened", traveller.id)]
    assert acts(store) == ["open_trip", "move_trip"]


def test_an_engagement_without_legs_opens_no_trip(store):
    with transaction():
        approved = opened(store, [make.person()])
        store.query(Leg).delete()
        trips.open_for(approved.id, now=make.NOON)
    assert store.scalars(select(Trip)).all() == []


def test_a_cancellation_cancels_each_trip_once_and_tells_the_traveller(store):
    with transaction():
        traveller = make.person()
        approved = make.engagement(State.APPROVED, by=traveller)
        trips.cancel_for(approved.id, now=make.NOON)
        trips.cancel_for(approved.id, now=make.NOON + timedelta(hours=1))
    assert [t.cancelled_at for t in store.scalars(select(Trip))] == [make.NOON]
    assert posted(store) == [("trip_cancelled", traveller.id)]


def test_a_later_record_of_a_clearance_replaces_the_first_and_the_trail_keeps_both(store):
    with transaction():
        going = prepare.trip()
        prepare.granted(going, status=ClearanceStatus.REQUESTED, reference="", decided_on=None)
        prepare.granted(going)
    assert [(c.kind, c.country_code, c.status, c.reference) for c in store.scalars(select(Clearance))] == [
        (ClearanceKind.COUNTRY, "EE", ClearanceStatus.GRANTED, "CABLE-17")
    ]
    assert acts(store) == ["record_clearance", "record_clearance"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"reference": "123456789"}, "reference"),
        ({"reference": "C 1234567"}, "reference"),
        ({"reference": "e12345678"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"country": "FR"}, "country_code"),
        ({"decided_on": make.TODAY + timedelta(days=1)}, "decided_on"),
        ({"decided_on": None}, "decided_on"),
        ({"valid_until": make.TODAY - timedelta(days=1)}, "valid_until"),
        ({"status": ClearanceStatus.RESTRICTED}, "restriction"),
        ({"status": ClearanceStatus.RESTRICTED, "restriction": "Passport 123456789 only"}, "restriction"),
    ],
)
def test_a_clearance_that_cannot_stand_is_refused_at_its_field(store, facts, field):
    going = prepare.trip()
    with pytest.raises(Incomplete) as refusal:
        prepare.granted(going, **facts)
    assert list(refusal.value.at) == [field]
    assert store.scalars(select(Clearance)).all() == []


def test_only_the_traveller_and_the_secretariat_record_clearances(store):
    going = prepare.trip()
    answer = trips.Recorded(kind=ClearanceKind.VISA, country_code="EE", status=ClearanceStatus.REQUESTED)
    for who in (make.person(), make.person(Role.LEADERSHIP), make.person(Role.DUTY_OFFICER)):
        with pytest.raises(NotAllowed):
            trips.record_clearance(going, answer, by=make.actor(who), now=make.NOON)
    secretariat = make.person(Role.SECRETARIAT)
    trips.record_clearance(going, answer, by=make.actor(secretariat), now=make.NOON)
    assert [c.recorded_by_id for c in store.scalars(select(Clearance))] == [secretariat.id]


def test_somebody_else_of_the_same_party_may_not_record_for_me(store):
    lead, other = make.person(), make.person()
    approved = make.engagement(State.APPROVED, by=lead, travellers=[lead, other])
    going = store.scalar(select(Trip).where(Trip.engagement_id == approved.id, Trip.person_id == other.id))
    with pytest.raises(NotAllowed):
        trips.record_clearance(
            going,
            trips.Recorded(kind=ClearanceKind.VISA, country_code="EE", status=ClearanceStatus.REQUESTED),
            by=make.actor(lead),
            now=make.NOON,
        )


def test_nothing_is_recorded_for_a_cancelled_trip(store):
    going = prepare.trip()
    trips.cancel_for(going.engagement_id, now=make.NOON)
    with pytest.raises(NotOpen):
        prepare.granted(going)


def test_a_trip_is_seen_by_its_traveller_the_requester_the_supervisor_and_the_offices_that_care_for_it(store):
    boss = make.person()
    asker, traveller = make.person(), make.person(supervisor_id=boss.id)
    approved = make.engagement(State.APPROVED, by=asker, travellers=[traveller])
    trip_id = store.scalar(select(Trip.id).where(Trip.engagement_id == approved.id))
    cast = {
        "traveller": traveller, "requester": asker, "supervisor": boss, "secretariat": make.person(Role.SECRETARIAT),
        "duty": make.person(Role.DUTY_OFFICER),
        "auditor": make.person(Role.AUDITOR), "member": make.person(Role.MEMBER),
        "leadership": make.person(Role.LEADERSHIP), "admin": make.person(Role.ADMINISTRATOR), "stranger": make.person(),
    }  # fmt: skip
    seeing = {name for name, who in cast.items() if trips.find(trip_id, by=make.actor(who))}
    assert seeing == {"traveller", "requester", "supervisor", "secretariat", "duty", "auditor"}
