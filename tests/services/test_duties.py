"""What is still to be done follows from the facts, and from nothing else."""

from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import pytest
from factories import NOON, TODAY
from sqlalchemy import select, update

from engage.models.board import Recusal
from engage.models.meetings import Meeting, ReadAheadOpening
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.models.training import Completion
from engage.models.trips import Trip
from engage.rules.away import Device
from engage.rules.policy import Role
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import action_items, board, duties, loans, reminders, visibility
from engage.services.transaction import transaction

CTAT, FACT = 1, 2  # of the courses that ship; FACT stands for CTAT


def owing(kind, about, today=TODAY):
    """Who owes the duty of this kind about this record, by id."""
    found = duties.still_open(kind, [about.id], today)
    assert all(duty.kind == kind and duty.about_id == about.id for duty in found)
    return [duty.owner_id for duty in found]


def motion_of(seats=3, **facts):
    """An open motion on an item of nobody on the board, and the members in the order of their seats."""
    _, members = make.board(seats)
    item = make.engagement(State.SCHEDULED, **facts)
    make.version(item)
    motion = board.put_motion(
        item, visibility.subject(item.id), Outcome.APPROVE, by=make.actor(members[0]), now=NOON
    )
    return motion, members


def test_a_vote_is_owed_by_each_member_who_may_vote_and_has_not(store):
    with transaction():
        motion, (chair, voted, recused, left) = motion_of(4)
        board.cast(motion, Choice.YES, by=make.actor(voted), now=NOON)
        store.add(Recusal(item_id=motion.item_id, person_id=recused.id, reason="My sister works there.", at=NOON))
        left.disabled_at = NOON
        store.flush()

        assert owing("vote", motion) == [chair.id]


def test_nobody_is_asked_to_vote_on_a_journey_of_their_own(store):
    with transaction():
        _, members = make.board(3)
        item = make.engagement(State.SCHEDULED, by=members[1], travellers=[members[2]])
        make.version(item)
        subject, by = visibility.subject(item.id), make.actor(members[0])
        motion = board.put_motion(item, subject, Outcome.APPROVE, by=by, now=NOON)

        assert owing("vote", motion) == [members[0].id]


def test_a_closed_vote_asks_nobody(store):
    with transaction():
        motion, members = motion_of()
        board.void_open_motion(motion.item_id, reason="Withdrawn.", by=make.actor(members[0]), now=NOON)

        assert owing("vote", motion) == []


def test_a_returned_request_waits_for_its_requester(store):
    with transaction():
        returned, draft = make.engagement(State.RETURNED), make.engagement(State.DRAFT)

        assert owing("answer", returned) == [returned.requester_id]
        assert owing("answer", draft) == []


def test_a_submitted_request_waits_for_all_of_the_secretariat_whose_journey_it_is_not(store):
    with transaction():
        one, two, former = (make.person(Role.SECRETARIAT) for _ in range(3))
        former.disabled_at = NOON
        theirs, own = make.engagement(State.SUBMITTED), make.engagement(State.SUBMITTED, by=two)
        store.flush()

        assert owing("screen", theirs) == [one.id, two.id]
        assert owing("screen", own) == [one.id]


def test_a_role_counts_from_its_first_day_through_its_last(store):
    with transaction():
        one = make.person(Role.DUTY_OFFICER)
        grant = next(g for g in one.grants if g.role is Role.DUTY_OFFICER)
        grant.starts_on, grant.ends_on = TODAY, TODAY + timedelta(days=1)
        store.flush()

        days = [TODAY + timedelta(days=n) for n in (-1, 0, 1, 2)]
        assert [duties.holding(Role.DUTY_OFFICER, day) for day in days] == [[], [one.id], [one.id], []]


def trip_of(engagement, store):
    return store.query(Trip).filter_by(engagement_id=engagement.id).one()


def test_a_trip_for_which_something_is_missing_is_its_travellers_to_prepare(store):
    with transaction():
        trip = trip_of(make.engagement(State.APPROVED), store)

        (duty,) = duties.still_open("prepare", [trip.id], TODAY)
        assert (duty.owner_id, duty.anchor) == (trip.person_id, trip.departs_on)
        assert duty.missing != ()


def test_a_trip_that_will_not_take_place_is_nobodys_to_prepare(store):
    with transaction():
        off, cancelled = make.engagement(State.APPROVED), make.engagement(State.CANCELLED)
        store.execute(update(Trip).where(Trip.engagement_id == off.id).values(cancelled_at=NOON))
        store.add(Trip(engagement_id=cancelled.id, person_id=cancelled.requester_id, departs_on=TODAY,
                       returns_on=TODAY, opened_at=NOON))  # fmt: skip
        store.flush()

        assert owing("prepare", trip_of(off, store)) == []
        assert owing("prepare", trip_of(cancelled, store)) == []


def completion(person, course, until, verified=True):
    by = make.person(Role.TRAINING_OWNER)
    return Completion(
        person_id=person.id, course_id=course, completed_on=date(2021, 1, 1) if until else date(2021, 2, 2),
        valid_until=until, recorded_at=NOON, recorded_by_id=by.id, verified_at=NOON if verified else None,
        verified_by_id=by.id if verified else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("course", "later_course", "until", "verified", "open_"),
    [
        (CTAT, None, None, True, True),
        (CTAT, CTAT, date(2030, 1, 1), True, False),
        (CTAT, CTAT, None, True, False),  # for ever
        (CTAT, CTAT, None, False, True),  # nobody has verified it
        (CTAT, FACT, date(2030, 1, 1), True, False),
        (FACT, CTAT, date(2030, 1, 1), True, True),  # CTAT does not stand for FACT
    ],
)
def test_training_is_to_be_renewed_unless_a_later_one_counts(store, course, later_course, until, verified, open_):
    with transaction():
        person = make.person()
        lapsing = completion(person, course, date(2026, 4, 1))
        store.add(lapsing)
        if later_course:
            later = completion(person, later_course, until, verified)
            later.completed_on = date(2025, 1, 1)
            store.add(later)
        store.flush()

        assert owing("renew", lapsing) == ([person.id] if open_ else [])


def test_asking_after_many_costs_as_many_statements_as_after_one(store, statements):
    counted = []
    for _ in range(2):
        with transaction():
            for n in range(5):
                make.engagement(State.RETURNED)
                make.engagement(State.APPROVED, starts=TODAY + timedelta(days=10 + n))
            for kind in ("answer", "prepare", "renew"):
                of = duties.SUBJECTS[kind]
                statements.clear()
                list(of.open(of.about > 0, TODAY))
                counted.append(len(statements))

    assert counted[:3] == counted[3:]
    assert max(counted) <= 12


def test_who_is_away_owes_a_word_once_silence_begins_and_none_after_the_return(store):
    with transaction():
        trip = prepare.trip(starts=TODAY - timedelta(days=1))
    (duty,) = duties.still_open("check_in", [trip.id], TODAY)
    assert (duty.owner_id, duty.anchor, duty.path) == (trip.person_id, trip.check_in_due_at, f"/trips/{trip.id}")
    assert duties.still_open("check_in", [trip.id], trip.returns_on + timedelta(days=1)) == []


def test_a_device_that_is_out_is_owed_until_it_is_back(store):
    with transaction():
        trip, keeper = prepare.trip(), make.actor(make.person(Role.REVIEWER))
        traveller = make.actor(store.get(Person, trip.person_id))
        loan = loans.ask(trip, Device.LAPTOP, by=traveller, now=NOON, today=TODAY)
    assert duties.still_open("loan_back", [loan.id], TODAY) == []
    with transaction():
        loans.issue(loan.id, "LT-1", by=keeper, now=NOON, today=TODAY)
    (duty,) = duties.still_open("loan_back", [loan.id], TODAY)
    assert (duty.owner_id, duty.anchor, duty.what) == (
        trip.person_id, trip.returns_on + timedelta(days=5), "Bring back the laptop LT-1",
    )  # fmt: skip
    with transaction():
        loans.take_back(loan.id, by=keeper, now=NOON, today=TODAY)
    assert duties.still_open("loan_back", [loan.id], TODAY) == []


def test_a_country_without_a_guide_is_every_content_owners_to_write_about_once(store):
    with transaction():
        first, owners = prepare.trip(country="NA"), [make.person(Role.CONTENT_OWNER) for _ in range(2)]
        prepare.trip(country="NA", starts=TODAY + timedelta(days=200))
    found = duties.still_open("guide_wanted", [first.id], TODAY)
    assert [(one.owner_id, one.anchor, one.what) for one in found] == [
        (owner.id, first.departs_on, "Write the guide for Namibia") for owner in owners
    ]


def test_papers_of_a_meeting_wait_for_each_seat_holder_who_has_not_opened_them(store):
    with transaction():
        _, members = make.board(3)
        at = {"scheduled_at": NOON, "scheduled_by_id": members[0].id, "changed_at": NOON}
        ahead = Meeting(board_id=1, title="March", starts_at=NOON + timedelta(days=3), minutes_long=60, zone="UTC",
                        place="Room 1", papers_at=NOON, **at)  # fmt: skip
        store.add(ahead)
        store.flush()
        store.add(ReadAheadOpening(meeting_id=ahead.id, person_id=members[1].id, opened_at=NOON))
        store.flush()

        assert owing("read_ahead", ahead) == [members[0].id, members[2].id]
        ahead.cancelled_at = NOON
        store.flush()
        assert owing("read_ahead", ahead) == []


def test_an_action_item_is_its_owners_until_they_say_what_came_of_it(store):
    with transaction():
        _, members = make.board(3)
        owner = make.person()
        at = {"scheduled_at": NOON, "scheduled_by_id": members[0].id, "changed_at": NOON}
        held = Meeting(board_id=1, title="March", starts_at=NOON, minutes_long=60, zone="UTC", place="Room 1",
                       opened_at=NOON, **at)  # fmt: skip
        store.add(held)
        store.flush()
        action = action_items.add(
            held, "Ask Tallinn " + "again and " * 50, owner_id=owner.id, due_on=TODAY + timedelta(days=3),
            entry_id=None, by=make.actor(members[0]), now=NOON,
        )  # fmt: skip

        duty, = duties.still_open("action", [action.id], TODAY)
        assert (duty.owner_id, duty.anchor, duty.path) == (owner.id, action.due_on, f"/actions/{action.id}")
        assert len(duty.what) == 150
        action_items.finish(action, outcome="They agreed.", by=make.actor(owner), now=NOON)
        assert owing("action", action) == []


def test_the_rule_that_ships_reminds_of_an_action_item_before_it_is_due(store):
    with transaction():
        _, members = make.board(3)
        held = Meeting(board_id=1, title="March", starts_at=NOON, minutes_long=60, zone="UTC", place="Room 1",
                       opened_at=NOON, scheduled_at=NOON, scheduled_by_id=members[0].id, changed_at=NOON)  # fmt: skip
        store.add(held)
        store.flush()
        reminders.sweep(NOON)
        action_items.add(
            held, "Ask Tallinn.", owner_id=members[1].id, due_on=TODAY + timedelta(days=10), entry_id=None,
            by=make.actor(members[0]), now=NOON,
        )  # fmt: skip
    with transaction():
        reminders.sweep(NOON + timedelta(days=7))
    said = select(OutboxMessage.person_id, OutboxMessage.subject).where(OutboxMessage.template == "reminder")
    assert store.execute(said).all() == [(members[1].id, "Reminder: do what the board asked: Ask Tallinn.")]
