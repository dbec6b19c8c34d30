"""Sessions: seats, a waiting list that moves up by itself, and checking in that records the completion."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.extensions import db
from engage.models.outbox import OutboxMessage
from engage.models.training import BriefingSession, Completion, SignUp
from engage.rules.policy import Role
from engage.rules.refusals import NotAllowed, NotOpen
from engage.services import briefings, courses
from engage.services.transaction import transaction

STARTS = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
PLAN = briefings.Plan(starts_at=STARTS, ends_at=STARTS + timedelta(hours=1), zone="America/New_York", place="Room A",
                      seats=1)  # fmt: skip


@pytest.fixture
def owner(store):
    with transaction():
        return make.person(Role.TRAINING_OWNER)


def held(owner, **changes):
    with transaction():
        plan = briefings.Plan(**{**vars(PLAN), **changes})
        return briefings.hold(prepare.course("PREBRIEF"), plan, by=make.actor(owner), now=make.NOON).id


def joined(session_id, who=None):
    with transaction():
        who = who or make.person()
        entry = briefings.sign_up(session_id, by=make.actor(who), now=make.NOON)
        return who, entry.seated_at is not None


def test_the_waiting_list_moves_up_by_itself_and_is_told(owner):
    one = held(owner)
    (first, has), (second, has_too), (third, has_as_well) = joined(one), joined(one), joined(one)
    assert (has, has_too, has_as_well) == (True, False, False)
    assert joined(one, second)[1] is False  # twice is as once

    with transaction():
        briefings.leave(one, by=make.actor(first), now=make.NOON)

    assert [(row.name, row.seated_at is not None) for row in briefings.names(one)] == [
        (second.name, True), (third.name, False)
    ]  # fmt: skip
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "session_seated")).all()
    assert [(row.person_id, row.facts["place"]) for row in told] == [(second.id, "Room A")]
    assert told[0].facts["starts"] == "Tuesday 10 March 2026, 10:00 (America/New York)"


def test_more_seats_move_the_list_up_and_fewer_than_taken_are_refused(owner, visitor):
    one = held(owner)
    joined(one), joined(one), joined(one)
    visitor.sign_in(owner).get(f"/training/sessions/{one}/edit")
    visitor.submit({"seats": "2"})
    assert [row.seated_at is not None for row in briefings.names(one)] == [True, True, False]
    assert not db.session.scalar(select(OutboxMessage).where(OutboxMessage.template == "session_moved"))

    visitor.get(f"/training/sessions/{one}/edit")
    assert "2 people have a seat already." in visitor.submit({"seats": "1"}, status=422).text
    visitor.submit({"seats": "2", "place": "Room B"})
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "session_moved")).all()
    assert len(told) == 3


def test_checking_in_records_the_completion_and_nobody_checks_themselves_in(owner, visitor, app):
    one = held(owner, seats=2)
    traveller, _ = joined(one)
    joined(one, owner)
    app.config["CLOCK"] = lambda: STARTS
    visitor.sign_in(owner).get(f"/training/sessions/{one}")
    assert visitor.page.text.count("Check in") == 1
    visitor.submit({}, form=-1)
    assert "Checked in; the completion is recorded." in visitor.follow().text

    done = db.session.scalars(select(Completion)).one()
    assert (done.person_id, done.completed_on.isoformat(), done.valid_until.isoformat(), done.evidence) == (
        traveller.id, "2026-03-10", "2027-03-10", "Session of 10 March 2026, Room A"
    )  # fmt: skip
    assert done.verified_by_id == owner.id
    mine = db.session.scalar(select(SignUp.id).where(SignUp.person_id == owner.id))
    visitor.post(f"/training/sessions/{one}/people/{mine}/check-in", status=403)


def test_nobody_is_checked_in_before_it_begins_or_without_a_seat(owner):
    one = held(owner)
    joined(one), joined(one)
    seated, waiting = (row.id for row in briefings.names(one))
    by = make.actor(owner)
    with pytest.raises(NotOpen), transaction():
        briefings.check_in(seated, by=by, now=make.NOON)
    with pytest.raises(NotOpen, match="no seat"), transaction():
        briefings.check_in(waiting, by=by, now=STARTS)
    with pytest.raises(NotAllowed), transaction():
        briefings.check_in(seated, by=make.actor(make.person()), now=STARTS)


def test_a_session_begun_or_cancelled_takes_nobody(owner, visitor):
    one = held(owner)
    who, _ = joined(one)
    visitor.sign_in(owner).post(f"/training/sessions/{one}/cancel")
    visitor.post(f"/training/sessions/{one}/sign-up", status=409)
    assert db.session.scalars(
        select(OutboxMessage.person_id).where(OutboxMessage.template == "session_moved")
    ).all() == [who.id]
    two = held(owner)
    with pytest.raises(NotOpen), transaction():
        briefings.sign_up(two, by=make.actor(who), now=STARTS)


def test_what_comes_before_a_course_must_be_done_before_it(owner):
    with transaction():
        fact = courses.find(prepare.course("FACT"))
        wanted = courses.Wanted(code="FACT", name=fact.name, hours=40, source="Test", valid_months=72,
                                starts_on=make.TODAY, requires=frozenset({prepare.course("PREBRIEF")}))  # fmt: skip
        courses.save(fact, wanted, version=fact.version, by=make.actor(owner), now=make.NOON)
        session = briefings.hold(fact.id, PLAN, by=make.actor(owner), now=make.NOON)
        who = make.person()

    with pytest.raises(NotOpen, match="Before it comes Security pre-brief"), transaction():
        briefings.sign_up(session.id, by=make.actor(who), now=make.NOON)
    with transaction():
        prepare.trained(who, "PREBRIEF")
        assert briefings.sign_up(session.id, by=make.actor(who), now=make.NOON).seated_at


def test_the_last_seat_goes_to_one_of_many_at_once(owner, app):
    one = held(owner, seats=3)
    with transaction():
        people = [make.actor(make.person()) for _ in range(8)]
    db.session.remove()
    start = Barrier(len(people))

    def join(who):
        with app.app_context():
            start.wait()
            with transaction():
                briefings.sign_up(one, by=who, now=make.NOON)
            db.session.remove()

    threads = [Thread(target=join, args=(who,)) for who in people]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert [row.seated_at is not None for row in briefings.names(one)] == [True] * 3 + [False] * 5


@pytest.mark.parametrize(("changes", "field"), [
    ({"zone": "Mars/Olympus"}, "zone"),
    ({"zone": "../../etc/passwd"}, "zone"),
    ({"starts_on": "2026-03-01"}, "starts_on"),
    ({"ends_on": "2026-03-09"}, "ends_on"),
    ({"seats": "0"}, "seats"),
    ({"seats": "99999999999"}, "seats"),
    ({"place": "Room 123456789"}, "place"),
])  # fmt: skip
def test_what_is_wrong_with_a_session_is_said_at_its_field(owner, visitor, changes, field):
    visitor.sign_in(owner).get("/training/sessions/new")
    typed = {"course_id": str(prepare.course("PREBRIEF")), "starts_on": "2026-03-10", "starts_at": "10:00",
             "ends_on": "2026-03-10", "ends_at": "11:00", "place": "Room A", "seats": "5"}  # fmt: skip

    visitor.submit({**typed, **changes}, status=422)

    assert f'id="{field}-error"' in visitor.page.html
    assert db.session.scalars(select(BriefingSession)).all() == []
