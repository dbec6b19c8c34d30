"""What holds of reminders over any facts, rules and outages, on both databases."""

import os
from datetime import date, datetime, timedelta

import factories as make
import reminding
from factories import NOON, TODAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from engage.models.board import Decision
from engage.models.engagements import Item
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderLedger, ReminderMark
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import outbox, reminder_rules, reminders
from engage.services.transaction import transaction

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AUDIENCES = ["person", "supervisor", "secretariat", "duty_officer"]
EXAMPLES = int(os.environ.get("ENGAGE_EXAMPLES", "12"))  # the long trials ask for many more
FEW = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def ladders(draw):
    """One to five steps that climb: nobody hears before those below them."""
    offsets = sorted(draw(st.lists(st.integers(-20, 12), min_size=1, max_size=5, unique=True)))
    rungs = sorted(draw(st.lists(st.integers(0, 3), min_size=len(offsets), max_size=len(offsets))))
    units = draw(st.lists(st.sampled_from(["calendar", "business"]), min_size=len(offsets), max_size=len(offsets)))
    uneven = len(set(units)) > 1  # a business day is longer: keep to one unit where order would tell
    return [(days, AUDIENCES[rung], units[0] if uneven else unit)
            for days, rung, unit in zip(offsets, rungs, units, strict=True)]  # fmt: skip


def scene(store, ladder, returned):
    """Requests returned so many days ago, a rule for them, and everybody who may hear."""
    with transaction():
        for table in (OutboxMessage, ReminderLedger, ReminderMark):
            store.execute(delete(table))
        store.execute(update(Item).where(Item.state == State.RETURNED).values(state=State.APPROVED, decided_at=NOON))
        reminding.only("r", "answer", ladder, since=NOON - 40 * DAY)
        found = []
        for days in returned:
            item = make.engagement(State.RETURNED, by=make.person(supervisor_id=make.person().id))
            item.state_since = NOON - days * DAY
            found.append(item.id)
    return found


def people():
    with transaction():
        make.person(Role.SECRETARIAT)
        make.person(Role.DUTY_OFFICER)


def posted(store):
    keys = sorted(store.scalars(select(OutboxMessage.key)))
    noted = sorted(store.scalars(select(ReminderLedger.key)))
    store.rollback()
    assert noted == keys
    assert len(set(keys)) == len(keys)
    return set(keys)


def test_any_sequence_of_runs_posts_each_occurrence_once_and_ends_where_one_run_ends(store):
    people()

    @FEW
    @given(ladders(), st.lists(st.integers(0, 25), min_size=1, max_size=3), st.lists(st.integers(1, 600), max_size=5))
    def holds(ladder, returned, hours):
        """Runs at random hours, the last twice; then the watermark is lost and all is asked again."""
        scene(store, ladder, returned)
        runs = sorted({*hours, 24 * 26})
        stands_on = set()
        for hour in [*runs, runs[-1]]:
            now = NOON + hour * HOUR
            with transaction():
                rules = reminder_rules.in_force(now)
                found, _ = reminders.owed_under(rules, _from_the_start(store), {}, now)
                stands_on |= {owed.key for _, owed in found}
                reminders.sweep(now)
        before = posted(store)
        assert {key.rpartition(":")[0] for key in before} <= stands_on
        with transaction():
            store.execute(update(ReminderMark).values(swept_until=NOON - 40 * DAY))
            assert reminders.sweep(NOON + runs[-1] * HOUR) == 0
        assert posted(store) == before

    holds()


def _from_the_start(store):
    long_ago = NOON - 40 * DAY
    return {place: reminder_rules.Mark(long_ago, long_ago) for place in reminder_rules.marks()}


def test_nothing_goes_after_closure_even_what_was_queued(store):
    people()

    @FEW
    @given(ladders(), st.integers(0, 24 * 30), st.integers(1, 24 * 10))
    def holds(ladder, until, later):
        """The request is answered between two runs; then neither sweep nor delivery has anything to say."""
        (item,) = scene(store, ladder, [3])
        now = NOON + until * HOUR
        with transaction():
            reminders.sweep(now)
            store.execute(update(Item).where(Item.id == item).values(state=State.SUBMITTED))
        before = posted(store)
        with transaction():
            assert reminders.sweep(now + later * HOUR) == 0
            store.execute(update(OutboxMessage).values(delivery=Delivery.QUEUED, due_at=now))
            claimed = outbox.claim("me", now=now + later * HOUR, limit=99, lease=HOUR)
            assert reminders.closed(claimed, now=now + later * HOUR) == {row.id for row in claimed}
        assert posted(store) == before

    holds()


def test_a_year_in_which_nobody_acts(store):
    """Everything overdue has climbed its ladder to the top, each rung once; and nothing has decided itself."""
    with transaction():
        reminding.for_long(NOON - DAY)
        boss = make.person(name="Boss")
        make.person(Role.SECRETARIAT, name="Sec")
        make.person(Role.DUTY_OFFICER, name="Duty")
        ana = make.person(name="Ana", supervisor_id=boss.id)
        returned = make.engagement(State.RETURNED, by=ana)
        submitted = make.engagement(State.SUBMITTED, by=ana)
        leaving = make.engagement(State.APPROVED, by=ana, starts=TODAY + 40 * DAY)
        ids = {item.id: item.state for item in (returned, submitted, leaving)}
    day = 0
    while day < 365:
        with transaction():
            reminders.sweep(NOON + day * DAY)
        day += 1 if day < 60 else 5

    told = select(ReminderLedger.kind, ReminderLedger.step, Person.name)
    rows = store.execute(told.join(Person, Person.id == ReminderLedger.person_id)).all()
    heard = sorted(map(tuple, rows))
    assert len(heard) == len(set(heard))
    assert {row for row in heard if row[0] == "answer"} == {
        ("answer", "+3:person", "Ana"), ("answer", "+7:person", "Ana"), ("answer", "+14:person", "Ana"),
        ("answer", "+14:supervisor", "Boss"),
    }  # fmt: skip
    assert {row for row in heard if row[0] == "screen"} == {
        ("screen", f"+{days}b:person", "Sec") for days in (3, 5, 10)
    }  # fmt: skip
    assert {row[1:] for row in heard if row[0] == "prepare"} == {
        ("-30:person", "Ana"), ("-14:person", "Ana"), ("-7:person", "Ana"), ("-3:person", "Ana"),
        ("-3:supervisor", "Boss"), ("-1:person", "Ana"), ("-1:duty_officer", "Duty"),
    }  # fmt: skip
    assert {row[1:] for row in heard if row[0] == "clearance"} == {
        ("-15b:person", "Ana"), ("-5b:person", "Ana"), ("-5b:secretariat", "Sec"),
    }  # fmt: skip
    assert dict(store.execute(select(Item.id, Item.state)).all()) == ids
    assert store.scalars(select(Decision.id)).all() == []


def test_messages_leave_in_the_readers_hours_where_they_are_that_day(store):
    """Ana is told of a condition while she is in Tallinn, where Thursday 26 March begins seven hours earlier."""
    with transaction():
        reminding.only("r", "prepare", [(-7, "person")])
        ana = make.person(name="Ana", home_zone="America/New_York")
        make.engagement(State.APPROVED, by=ana, starts=date(2026, 3, 20), days=10)  # Tallinn, to 30 March
        make.engagement(State.APPROVED, by=ana, starts=date(2026, 4, 2), country="JP", city="Tokyo", zone="Asia/Tokyo")
        home = make.person(name="Home", home_zone="Pacific/Kiritimati")  # UTC+14
        make.engagement(State.APPROVED, by=home, starts=date(2026, 4, 2), country="JP", city="Tokyo", zone="Asia/Tokyo")
        reminders.sweep(datetime(2026, 3, 26, 4, 30, tzinfo=NOON.tzinfo))

    due = dict(store.execute(
        select(Person.name, OutboxMessage.due_at).join(Person, Person.id == OutboxMessage.person_id)
        .join(Trip, Trip.id == OutboxMessage.about_id).where(Trip.departs_on == date(2026, 4, 2))
    ).all())  # fmt: skip
    assert due == {
        "Ana": datetime(2026, 3, 26, 6, 0, tzinfo=NOON.tzinfo),  # 08:00 in Tallinn
        "Home": datetime(2026, 3, 26, 18, 0, tzinfo=NOON.tzinfo),  # 08:00 on the 27th on Kiritimati
    }
