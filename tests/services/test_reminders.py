"""Each reminder that is owed goes once to each who hears it: late, twice, or after a moved day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from reminding import only
from sqlalchemy import delete, select, update

from engage.models.engagements import Item
from engage.models.norms import Norm
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderLedger, ReminderMark, ReminderMute, ReminderRule, Standing
from engage.models.trips import Trip
from engage.rules.policy import PROGRAM, Role
from engage.rules.reminder_text import wrong_with_text
from engage.rules.schedule import Audience, Step
from engage.rules.workflow import State
from engage.services import audit, ledger, outbox, reminder_rules, reminders
from engage.services.duties import SUBJECTS
from engage.services.transaction import transaction

DAY = timedelta(days=1)
LADDER = [(-30, "person"), (-14, "person"), (-3, "person"), (-3, "supervisor"), (-1, "duty_officer")]


def sweep(now=NOON):
    with transaction():
        return reminders.sweep(now)


def mailed(store):
    """Whom the reminders are to, and by which step: (name, days from the anchor), in the order of posting."""
    m = OutboxMessage
    rows = store.execute(select(Person.name, m.facts).join(Person, Person.id == m.person_id).order_by(m.id)).all()
    store.rollback()
    return [(name, facts["days"]) for name, facts in rows]


@pytest.fixture
def trip(store):
    """A trip of Ana, who is not ready, in 20 days; Sue is her supervisor and Dan the duty officer."""
    with transaction():
        only("r", "prepare", LADDER)
        sue, _ = make.person(name="Sue"), make.person(Role.DUTY_OFFICER, name="Dan")
        ana = make.person(name="Ana", supervisor_id=sue.id)
        approved = make.engagement(State.APPROVED, by=ana, starts=TODAY + 20 * DAY)
        found = store.scalar(select(Trip.id).where(Trip.engagement_id == approved.id))
    return found


def test_the_ladder_is_climbed_step_by_step_and_each_step_goes_once(store, trip):
    for day in range(22):
        for hour in range(0, 24, 8):
            sweep(NOON + day * DAY + timedelta(hours=hour))

    heard = mailed(store)
    assert [*heard[:2], *sorted(heard[2:4]), *heard[4:]] == [
        ("Ana", -30), ("Ana", -14), ("Ana", -3), ("Sue", -3), ("Dan", -1)
    ]  # fmt: skip


def test_running_twice_is_the_same_as_once(store, trip):
    assert (sweep(), sweep(), sweep()) == (1, 0, 0)
    with transaction():
        store.execute(update(ReminderMark).values(swept_until=NOON - 9 * DAY))  # the watermark is lost
    assert sweep() == 0
    assert mailed(store) == [("Ana", -30)]


def test_a_weeks_sleep_sends_one_to_each_who_hears(store, trip):
    sweep(NOON)
    sweep(NOON + 19 * DAY)

    assert mailed(store)[0] == ("Ana", -30)
    assert sorted(mailed(store)[1:]) == [("Ana", -3), ("Dan", -1), ("Sue", -3)]


def move(store, trip, days, now=NOON):
    """The departure moves, as services.trips moves it: with a line in the trail."""
    with transaction():
        store.execute(update(Trip).values(departs_on=TODAY + days * DAY, returns_on=TODAY + (days + 2) * DAY))
        audit.record("move_trip", about=("trip", trip), by=PROGRAM, now=now)


def test_a_moved_departure_earns_reminders_of_its_own(store, trip):
    sweep(NOON)
    move(store, trip, 28)
    assert sweep(NOON + timedelta(minutes=1)) == 1
    move(store, trip, 12)
    assert sweep(NOON + timedelta(minutes=2)) == 1
    move(store, trip, 20)  # back to where it was: that was said already
    assert sweep(NOON + timedelta(minutes=3)) == 0

    assert mailed(store) == [("Ana", -30), ("Ana", -30), ("Ana", -14)]


def test_a_trip_approved_late_is_reminded_by_the_step_it_stands_on(store, trip):
    sweep(NOON)
    with transaction():
        late = make.engagement(State.APPROVED, starts=TODAY + 5 * DAY, by=make.person(name="Late"))
        id_ = store.scalar(select(Trip.id).where(Trip.engagement_id == late.id))
        audit.record("open_trip", about=("trip", id_), by=PROGRAM, now=NOON)

    assert sweep(NOON + timedelta(minutes=1)) == 1
    assert mailed(store)[-1] == ("Late", -14)


def test_what_the_trail_tells_of_a_journey_that_began_reminds_nobody(store, trip):
    sweep(NOON)
    move(store, trip, -1)

    assert sweep(NOON + timedelta(minutes=1)) == 0


def test_a_closed_duty_sends_nothing_even_when_its_message_is_queued(store, trip):
    sweep()
    with transaction():
        store.execute(update(OutboxMessage).values(delivery=Delivery.QUEUED))  # else it waits for her morning
        (message,) = outbox.claim("me", now=NOON, limit=9, lease=DAY)
        assert reminders.closed([message], now=NOON) == set()
        store.execute(update(Trip).values(departs_on=TODAY + 21 * DAY))
        assert reminders.closed([message], now=NOON) == {message.id}
        store.execute(update(Trip).values(departs_on=TODAY + 20 * DAY, cancelled_at=NOON))
        assert reminders.closed([message], now=NOON) == {message.id}

    assert sweep(NOON + 19 * DAY) == 0


def test_an_escalation_that_finds_nobody_goes_to_the_secretariat(store, trip):
    with transaction():
        make.person(Role.SECRETARIAT, name="Tess")
        store.execute(update(Person).where(Person.name.in_(["Sue", "Dan"])).values(disabled_at=NOON))
    sweep(NOON + 19 * DAY)

    assert sorted(mailed(store)) == [("Ana", -3), ("Tess", -1)]


def test_nobody_is_reminded_who_is_gone(store, trip):
    with transaction():
        store.execute(update(Person).where(Person.name == "Ana").values(disabled_at=NOON))

    assert sweep(NOON + 19 * DAY) == 0


def test_what_others_read_names_who_has_it_to_do(store, trip):
    sweep(NOON + 19 * DAY)

    m = OutboxMessage
    subjects = dict(store.execute(select(Person.name, m.subject).join(Person, Person.id == m.person_id)).all())
    title = store.scalar(select(Item.title))
    assert subjects == {
        "Ana": f"Reminder: get ready for “{title}”",
        "Sue": f"Not done yet by Ana: get ready for “{title}”",
        "Dan": f"Not done yet by Ana: get ready for “{title}”",
    }


def test_moments_are_reached_to_the_second(store):
    with transaction():
        only("r", "answer", [(3, "person"), (7, "person")])
        make.engagement(State.RETURNED)  # since NOON
    second = timedelta(seconds=1)
    sweep(NOON)

    assert [sweep(NOON + 3 * DAY - second), sweep(NOON + 3 * DAY), sweep(NOON + 3 * DAY)] == [0, 1, 0]
    assert [sweep(NOON + 7 * DAY - second), sweep(NOON + 7 * DAY + second)] == [0, 1]


def test_a_new_rule_does_not_blast_the_past(store):
    with transaction():
        only("r", "answer", [(3, "person")])
        store.execute(delete(ReminderMark))
        for days in (2, 3, 4, 90):
            item = make.engagement(State.RETURNED)
            item.state_since = NOON - days * DAY
        store.flush()

    assert sweep() == 1


def test_a_rule_that_cannot_be_read_stops_no_other(store, trip, caplog):
    with transaction():
        store.add(ReminderRule(code="a", duty="dream", label="", anchor="", text="", starts_on=TODAY, steps=[]))

    assert sweep() == 1
    assert "the reminder rule a cannot be read" in caplog.text


def test_the_newest_row_of_a_rule_in_force_holds(store, trip):
    with transaction():
        steps = [{"days": -20, "to": "person"}]
        store.add_all(
            ReminderRule(code="r", duty="prepare", label="", anchor="", text="", starts_on=day, steps=steps)
            for day in (TODAY, TODAY + DAY)
        )
        reminder_rules.place("r", [Step(-20, Audience.PERSON)], at=NOON - DAY, not_before=NOON - DAY)

    sweep()
    assert mailed(store) == [("Ana", -20)]


def test_the_preview_tells_what_the_sweep_then_posts_and_writes_nothing(store, trip):
    sweep(NOON)
    at = NOON + 19 * DAY

    def written():
        found = [store.execute(select(table)).all() for table in (OutboxMessage, ReminderMark, ReminderLedger)]
        store.rollback()
        return found

    before = written()
    told = reminders.preview(at)
    assert written() == before
    assert sweep(at) == len(told) == 3
    posted = store.scalars(select(OutboxMessage.key).order_by(OutboxMessage.id)).all()[1:]
    assert sorted(posted) == sorted(reminder.message["key"] for reminder in told)
    assert told[0].reached_at == datetime(2026, 3, 19, 4, tzinfo=UTC)  # midnight in Washington, in summer time
    assert told[0].why == "A rule, 3 days before Sunday 22 March 2026"


def test_a_sweep_costs_the_same_statements_however_many_are_due(store, statements):
    counts = []
    for many in (1, 3, 30):
        with transaction():
            only(f"r{many}", "prepare", LADDER)
            for _ in range(many):
                make.engagement(State.APPROVED, starts=TODAY + 2 * DAY, by=make.person())
        statements.clear()
        sweep()
        counts.append(len(statements))

    assert counts[0] == counts[1] == counts[2]


def test_a_sweep_with_nothing_due_asks_little(store, statements):
    sweep()
    statements.clear()
    assert sweep(NOON + timedelta(minutes=1)) == 0

    assert len([s for s in statements if s.startswith("SELECT")]) <= 11  # one a rule that counts from a moment


def test_every_rule_that_ships_is_read_and_says_where_it_comes_from(store):
    rules = reminder_rules.in_force(NOON)

    assert {rule.kind for rule in rules} == set(SUBJECTS)
    assert reminder_rules.unreadable(NOON) == []
    for row in reminder_rules.rows_in_force(NOON):
        assert row.source
        assert row.anchor == SUBJECTS[row.duty].anchor_name
        for text in (row.subject, row.others_subject):
            assert wrong_with_text(text, one_line=True) == ""
        for text in (row.text, row.others_text):
            assert wrong_with_text(text) == ""
        if any(step["to"] != "person" for step in row.steps):
            assert row.others_text


def ledger_of(store):
    rows = store.execute(select(Person.name, ReminderLedger).join(Person, Person.id == ReminderLedger.person_id)
                         .order_by(ReminderLedger.id)).all()  # fmt: skip
    return [(name, row.step, row.standing, row.why) for name, row in rows]


def test_every_reminder_has_its_row_in_the_ledger(store, trip):
    sweep(NOON + 19 * DAY)

    assert sorted(ledger_of(store)) == [
        ("Ana", "-3:person", Standing.POSTED, ""),
        ("Dan", "-1:duty_officer", Standing.POSTED, ""),
        ("Sue", "-3:supervisor", Standing.POSTED, ""),
    ]
    keys = set(store.scalars(select(OutboxMessage.key)))
    assert set(store.scalars(select(ReminderLedger.key))) == keys


def test_a_muted_rule_says_in_the_ledger_what_it_did_not_say_and_never_says_it_later(store, trip):
    with transaction():
        mute = ReminderMute(rule_code="r", reason="Moving house.", muted_at=NOON, muted_by_id=make.person().id)
        store.add(mute)
    assert sweep() == 0
    with transaction():
        mute.ended_at, mute.ended_by_id = NOON, mute.muted_by_id
    assert sweep(NOON + DAY) == 0

    why = "The rule was muted on 02 March 2026: Moving house."
    assert ledger_of(store) == [("Ana", "-30:person", Standing.SUPPRESSED, why)]


def test_what_is_beyond_the_cap_of_a_run_is_held_and_stays_held(store, caplog):
    with transaction():
        only("r", "answer", [(1, "person")])
        for _ in range(5):
            make.engagement(State.RETURNED)
        store.execute(update(Norm).where(Norm.key == "reminders_per_run").values(value=2))

    assert [sweep(NOON + DAY), sweep(NOON + 2 * DAY)] == [2, 0]
    standings = [row[2] for row in ledger_of(store)]
    assert standings == [Standing.POSTED] * 2 + [Standing.HELD] * 3
    assert ledger.held_count() == 3
    assert "3 reminders are held" in caplog.text


def test_ten_times_as_many_cost_a_statement_for_each_batch(store, statements):
    counts = []
    for many in (10, 20, 50):
        with transaction():
            only(f"r{many}", "answer", [(1, "person")])
            for _ in range(many):
                make.engagement(State.RETURNED)
        statements.clear()
        sweep(NOON + DAY)
        counts.append(len(statements))

    assert counts[0] == counts[1] == counts[2]


def test_one_who_is_told_by_two_steps_at_once_hears_the_later(store):
    with transaction():
        only("r", "prepare", [(-14, "person"), (-3, "supervisor"), (-3, "secretariat"), (-1, "secretariat")])
        both = make.person(Role.SECRETARIAT, name="Both")
        ana = make.person(name="Ana", supervisor_id=both.id)
        make.engagement(State.APPROVED, by=ana, starts=TODAY + 20 * DAY)

    sweep(NOON + 17 * DAY)
    assert mailed(store) == [("Ana", -14), ("Both", -3)]
    sweep(NOON + 19 * DAY)
    assert mailed(store)[2:] == [("Both", -1)]


def test_a_kind_that_cannot_be_counted_stops_no_other_and_is_looked_at_again(store, trip, monkeypatch, caplog):
    def broken(which, today):
        raise ValueError("a day that is none")

    with transaction():
        make.engagement(State.RETURNED)
        only_too = [{"days": 3, "to": "person"}]
        store.add(ReminderRule(code="a", duty="answer", label="A", anchor="", text="", starts_on=TODAY, steps=only_too))
        reminder_rules.place("a", [Step(3, Audience.PERSON)], at=NOON, not_before=NOON)
    whole = dict(SUBJECTS)
    monkeypatch.setitem(SUBJECTS, "answer", replace(whole["answer"], open=broken))
    assert sweep(NOON + 4 * DAY) == 1  # Ana's
    assert "the duties of kind answer cannot be looked at" in caplog.text
    monkeypatch.setitem(SUBJECTS, "answer", whole["answer"])
    assert sweep(NOON + 5 * DAY) == 1
