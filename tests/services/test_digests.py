"""What can wait comes in one message a day, in its reader's morning, where they are; what was done is left out."""

from datetime import UTC, datetime, timedelta

import factories as make
import pytest
import reminding
from factories import NOON
from sqlalchemy import select, update

from engage.models.engagements import Item, Leg
from engage.models.outbox import Delivery, MessagePreference, OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderLedger, Standing
from engage.models.trips import Trip
from engage.rules.messages import ByMail
from engage.rules.workflow import State
from engage.services import digests, outbox, reminders
from engage.services.transaction import transaction

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MORNING = datetime(2026, 3, 3, 13, tzinfo=UTC)  # eight o'clock in New York on the day after NOON


def post(person, *keys, now=NOON, template="engagement_moved", **more):
    with transaction():
        outbox.post(
            *(
                outbox.message(key, to=person.id, template=template, subject=f"About {key}", about=("item", 1), now=now,
                               **more)
                for key in keys
            )
        )  # fmt: skip


def gather(now):
    with transaction():
        return digests.gather(now)


def ledger(store):
    """Where each message stands, and in which one it is carried, by key."""
    m, d = OutboxMessage, OutboxMessage.__table__.alias("d")
    rows = store.execute(
        select(m.key, m.delivery, d.c.key.label("digest")).outerjoin(d, d.c.id == m.digest_id).order_by(m.id)
    ).all()
    store.rollback()
    return {row.key: (row.delivery, row.digest) for row in rows}


@pytest.fixture
def anna(store):
    with transaction():
        return make.person(name="Anna", home_zone="America/New_York")


def test_what_came_by_day_goes_together_next_morning(store, anna):
    post(anna, "a", "b")
    assert gather(NOON) == 1
    assert gather(MORNING - timedelta(seconds=1)) == 0
    assert set(ledger(store).values()) == {(Delivery.FOR_DIGEST, None)}

    assert gather(MORNING) == 1

    key = f"digest:{anna.id}:2026-03-03"
    assert ledger(store) == {
        "a": (Delivery.DIGESTED, key), "b": (Delivery.DIGESTED, key), key: (Delivery.QUEUED, None),
    }  # fmt: skip
    digest = store.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
    assert digest.subject == "2 messages from Engage"
    assert [one["subject"] for one in digests.contents([digest.id], now=MORNING)[digest.id]] == ["About a", "About b"]
    noted = store.scalars(select(ReminderLedger).where(ReminderLedger.key == key)).one()
    assert (noted.subject, noted.why) == (digest.subject, "Carries: About a; About b")
    assert (noted.person_id, noted.anchor_on, noted.standing) == (anna.id, MORNING.date(), Standing.POSTED)


def test_one_alone_gives_its_subject_to_the_daily_message(store, anna):
    post(anna, "a")
    gather(MORNING)

    assert store.scalar(select(OutboxMessage.subject).where(OutboxMessage.template == "digest")) == "About a"


def test_there_is_one_a_day_and_what_comes_after_it_waits_for_the_next(store, anna):
    post(anna, "a")
    gather(MORNING)
    post(anna, "b", now=MORNING + HOUR)
    for hours in range(1, 24):
        gather(MORNING + hours * HOUR)
    assert ledger(store)["b"] == (Delivery.FOR_DIGEST, None)

    gather(MORNING + DAY)
    assert ledger(store)["b"] == (Delivery.DIGESTED, f"digest:{anna.id}:2026-03-04")


def test_asked_again_at_once_or_after_a_weeks_sleep_it_is_still_one(store, anna):
    post(anna, "a", "b")
    gather(MORNING + 7 * DAY + 3 * HOUR)
    gather(MORNING + 7 * DAY + 3 * HOUR)

    assert [key for key in ledger(store) if key.startswith("digest")] == [f"digest:{anna.id}:2026-03-10"]


def test_what_is_urgent_or_wanted_at_once_does_not_wait(store, anna):
    with transaction():
        store.add(MessagePreference(person_id=anna.id, topic="trip", by_mail=ByMail.AT_ONCE, set_at=NOON))
    post(anna, "urgent", urgent=True)
    post(anna, "at once", template="trip_opened")
    post(anna, "by day")

    assert {key: where for key, (where, _) in ledger(store).items()} == {
        "urgent": Delivery.QUEUED, "at once": Delivery.QUEUED, "by day": Delivery.FOR_DIGEST,
    }  # fmt: skip


def test_a_wish_for_no_mail_holds_for_what_may_be_silenced_alone(store, anna):
    with transaction():
        for topic in ("outcome", "duty"):
            store.add(MessagePreference(person_id=anna.id, topic=topic, by_mail=ByMail.INBOX_ONLY, set_at=NOON))
    post(anna, "outcome")
    post(anna, "outcome, urgent", urgent=True)
    post(anna, "duty", template="reminder_answer")
    post(anna, "duty, urgent", template="reminder_answer", urgent=True)

    assert {key: where for key, (where, _) in ledger(store).items()} == {
        "outcome": Delivery.INBOX_ONLY, "outcome, urgent": Delivery.INBOX_ONLY, "duty": Delivery.FOR_DIGEST,
        "duty, urgent": Delivery.QUEUED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "posted", "first"),
    [
        ("Pacific/Kiritimati", NOON, datetime(2026, 3, 2, 18, tzinfo=UTC)),  # UTC+14: seven on the 3rd
        ("Pacific/Pago_Pago", NOON, datetime(2026, 3, 2, 19, tzinfo=UTC)),
        # the hour that New York skips on 8 March 2026 is before eight: the morning is an hour earlier by UTC
        ("America/New_York", datetime(2026, 3, 7, 14, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC)),
        # and on 1 November it is an hour later
        ("America/New_York", datetime(2026, 10, 31, 13, tzinfo=UTC), datetime(2026, 11, 1, 13, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2028, 2, 28, 3, tzinfo=UTC), datetime(2028, 2, 29, 2, 15, tzinfo=UTC)),
    ],
)
def test_the_morning_is_the_readers(store, zone, posted, first):
    with transaction():
        reader = make.person(home_zone=zone)
    post(reader, "a", now=posted)
    gather(posted)

    gather(first - timedelta(minutes=1))
    assert ledger(store)["a"][0] is Delivery.FOR_DIGEST
    gather(first)
    assert ledger(store)["a"][0] is Delivery.DIGESTED


def test_on_a_journey_the_morning_is_where_they_are(store, anna):
    with transaction():
        item = make.engagement(State.APPROVED, by=anna, travellers=[anna])
        first, last = NOON.date() - DAY, NOON.date() + 3 * DAY
        stay = {"zone": "Asia/Tokyo", "arrives_on": first, "departs_on": last}
        store.execute(update(Leg).where(Leg.engagement_id == item.id).values(stay))
        store.execute(update(Trip).values(departs_on=first, returns_on=last))
    post(anna, "a")
    gather(NOON)

    tokyo = datetime(2026, 3, 2, 23, tzinfo=UTC)  # eight on the 3rd
    gather(tokyo - timedelta(minutes=1))
    assert ledger(store)["a"][0] is Delivery.FOR_DIGEST
    gather(tokyo)
    assert ledger(store)["a"][0] is Delivery.DIGESTED


def test_what_was_done_meanwhile_is_left_out_before_and_after(store, anna):
    with transaction():
        item = make.engagement(State.RETURNED, by=anna)
        item.state_since = NOON - 3.5 * DAY
        other = make.engagement(State.RETURNED, by=anna)
        other.state_since = NOON - 3.5 * DAY
        reminding.only("r", "answer", [(3, "person")])
    with transaction():
        reminders.sweep(NOON)
        store.execute(update(OutboxMessage).values(due_at=NOON))
    number, keys = item.id, list(ledger(store))
    assert len(keys) == 2
    gather(MORNING)
    (digest,) = store.scalars(select(OutboxMessage.id).where(OutboxMessage.template == "digest"))
    assert len(digests.contents([digest], now=MORNING)[digest]) == 2

    with transaction():
        store.execute(update(Item).where(Item.id == number).values(state=State.SUBMITTED))
    assert len(digests.contents([digest], now=MORNING)[digest]) == 1


def test_two_hundred_and_more_readers_take_turns(store):
    with transaction():
        people = [make.person() for _ in range(digests.READERS + 3)]
        outbox.post(
            *(outbox.message(f"k{p.id}", to=p.id, template="engagement_moved", subject="x", about=("item", 1), now=NOON)
              for p in people)
        )  # fmt: skip

    assert [gather(MORNING), gather(MORNING), gather(MORNING)] == [digests.READERS, 3, 0]
    assert sum(where is Delivery.DIGESTED for where, _ in ledger(store).values()) == digests.READERS + 3


def test_the_statements_are_the_same_for_1_3_and_30_readers(store, statements):
    counts = []
    for number in (1, 3, 30):
        with transaction():
            people = [make.person() for _ in range(number)]
        for person in people:
            post(person, f"k{person.id}")
        statements.clear()
        gather(MORNING)
        counts.append(len([s for s in statements if not s.startswith("UPDATE")]))
    assert len(set(counts)) == 1


def test_what_a_person_moves_home_to_counts_from_then_on(store, anna):
    post(anna, "a")
    gather(NOON)
    with transaction():
        store.execute(update(Person).where(Person.id == anna.id).values(home_zone="Pacific/Honolulu"))

    gather(MORNING)  # three in the morning there
    assert ledger(store)["a"][0] is Delivery.FOR_DIGEST
    gather(MORNING + 5 * HOUR)
    assert ledger(store)["a"][0] is Delivery.DIGESTED
