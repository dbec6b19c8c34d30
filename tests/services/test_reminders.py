"""Each reminder that is owed goes once to each who hears it: late, twice, or after a moved day."""

from datetime import UTC, datetime, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import delete, select, update

from engage.models.engagements import Item
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderRule
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import outbox, reminders
from engage.services.transaction import transaction

DAY = timedelta(days=1)
LADDER = [(-30, "person"), (-14, "person"), (-3, "person"), (-3, "supervisor"), (-1, "duty_officer")]


def sweep(now=NOON):
    with transaction():
        return reminders.sweep(now)


def only(store, code, duty, steps):
    """No rule but this one."""
    store.execute(delete(ReminderRule))
    store.add(
        ReminderRule(
            code=code, duty=duty, label="A rule", anchor="", text="Do it.", starts_on=TODAY - 99 * DAY,
            steps=[{"days": days, "to": to} for days, to in steps],
        )
    )  # fmt: skip
    store.flush()


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
        only(store, "r", "prepare", LADDER)
        sue, _ = make.person(name="Sue"), make.person(Role.DUTY_OFFICER, name="Dan")
        ana = make.person(name="Ana", supervisor_id=sue.id)
        approved = make.engagement(State.APPROVED, by=ana, starts=TODAY + 20 * DAY)
        found = store.scalar(select(Trip.id).where(Trip.engagement_id == approved.id))
    return found


def test_the_ladder_is_climbed_step_by_step_and_each_step_goes_once(store, trip):
    for day in range(22):
        for hour in range(0, 24, 8):
            sweep(NOON + day * DAY + timedelta(hours=hour))

    assert mailed(store) == [("Ana", -30), ("Ana", -14), ("Ana", -3), ("Sue", -3), ("Dan", -1)]


def test_running_twice_is_the_same_as_once(store, trip):
    assert (sweep(), sweep(), sweep()) == (1, 0, 0)
    with transaction():
        store.execute(update(ReminderRule).values(swept_until=None))  # the watermark is lost
    assert sweep() == 0
    assert mailed(store) == [("Ana", -30)]


def test_a_weeks_sleep_sends_one_to_each_who_hears(store, trip):
    sweep(NOON)
    sweep(NOON + 19 * DAY)

    assert mailed(store)[0] == ("Ana", -30)
    assert sorted(mailed(store)[1:]) == [("Ana", -3), ("Dan", -1), ("Sue", -3)]


def test_a_moved_departure_earns_reminders_of_its_own(store, trip):
    sweep(NOON)
    with transaction():
        store.execute(update(Trip).values(departs_on=TODAY + 28 * DAY, returns_on=TODAY + 30 * DAY))
    sweep(NOON + DAY)

    assert mailed(store) == [("Ana", -30), ("Ana", -30)]


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

    assert sorted(mailed(store)) == [("Ana", -3), ("Tess", -3), ("Tess", -1)]


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
        only(store, "r", "answer", [(3, "person"), (7, "person")])
        make.engagement(State.RETURNED)  # since NOON
    second = timedelta(seconds=1)
    sweep(NOON)

    assert [sweep(NOON + 3 * DAY - second), sweep(NOON + 3 * DAY), sweep(NOON + 3 * DAY)] == [0, 1, 0]
    assert [sweep(NOON + 7 * DAY - second), sweep(NOON + 7 * DAY + second)] == [0, 1]


def test_a_new_rule_does_not_blast_the_past(store):
    with transaction():
        only(store, "r", "answer", [(3, "person")])
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

    sweep()
    assert mailed(store) == [("Ana", -20)]


def test_the_preview_tells_what_the_sweep_then_posts_and_writes_nothing(store, trip):
    sweep(NOON)
    at = NOON + 19 * DAY

    def written():
        found = store.scalars(select(OutboxMessage.key)).all(), store.scalars(select(ReminderRule.swept_until)).all()
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
            only(store, f"r{many}", "prepare", LADDER)
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

    assert len([s for s in statements if s.startswith("SELECT")]) <= 4


def test_every_rule_that_ships_is_read_and_has_its_text(store, app):
    with transaction():
        rows = reminders._in_force(NOON)
        kinds = {reminders._rule(row).kind for row in rows}

    assert kinds == set(reminders.SUBJECTS)
    for kind in kinds:
        assert app.jinja_env.get_template(f"mail/reminder_{kind}.txt")
    assert all(store.scalars(select(ReminderRule.source)).all())
