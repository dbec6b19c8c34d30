"""The outbox takes each message once, lends it to one runner at a time, and never forgets it."""

from datetime import timedelta

import factories as make
from factories import NOON
from sqlalchemy import func, select

from engage.models.outbox import Delivery, OutboxMessage
from engage.services import inbox, outbox
from engage.services.transaction import transaction

LEASE = timedelta(minutes=5)


def row(key, to, **more):
    about = {"about": ("item", 1), "now": NOON, "urgent": True}
    return outbox.message(key, to=to.id, template="t", subject=f"About {key}", **about, **more)


def posted(*keys):
    """One person with these messages."""
    with transaction():
        person = make.person()
        outbox.post(*(row(key, person) for key in keys))
    return person


def claim(holder="one", now=NOON, limit=10):
    with transaction():
        return outbox.claim(holder, now=now, limit=limit, lease=LEASE)


def settle(message, delivery, holder="one", **more):
    with transaction():
        return outbox.settle(message.id, holder=holder, delivery=delivery, now=NOON, **more)


def state_of(store, key):
    found = store.execute(
        select(OutboxMessage.delivery, OutboxMessage.attempts, OutboxMessage.last_error).where(OutboxMessage.key == key)
    ).one()
    store.rollback()
    return tuple(found)


def test_a_key_is_taken_once(store):
    person = posted("a", "b")
    with transaction():
        outbox.post(row("b", person), row("c", person))

    assert store.scalars(select(OutboxMessage.key).order_by(OutboxMessage.key)).all() == ["a", "b", "c"]


def test_known_keys_are_told_from_new_ones(store):
    posted(*(f"key {n:04}" for n in range(1200)))

    assert outbox.known([f"key {n:04}" for n in range(1100, 1300)]) == {f"key {n:04}" for n in range(1100, 1200)}


def test_a_thousand_messages_are_one_statement(store, statements):
    with transaction():
        person = make.person()
        statements.clear()
        outbox.post(*(row(str(n), person) for n in range(1000)))

    assert len(statements) == 1
    assert store.scalar(select(func.count()).select_from(OutboxMessage)) == 1000


def test_nothing_stays_of_a_change_that_was_rolled_back(store):
    try:
        with transaction():
            outbox.post(row("a", make.person()))
            raise LookupError
    except LookupError:
        pass

    assert store.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_line_breaks_leave_the_subject():
    made = outbox.message("k", to=1, template="t", subject="Yes\r\nBcc: all", about=("item", 1), now=NOON)

    assert made["subject"] == "Yes Bcc: all"


def test_what_one_holds_no_other_gets(store):
    posted("a", "b", "c")

    assert [m.key for m in claim("one", limit=2)] == ["a", "b"]
    assert [m.key for m in claim("two")] == ["c"]
    assert claim("three") == []


def test_what_is_not_due_waits(store):
    with transaction():
        outbox.post(row("later", make.person(), due=NOON + timedelta(hours=1)))

    assert claim() == []
    assert [m.key for m in claim(now=NOON + timedelta(hours=1))] == ["later"]


def test_a_lapsed_claim_is_anothers_and_the_first_may_not_settle_it(store):
    posted("a")
    (mine,) = claim("one")

    (theirs,) = claim("two", now=NOON + LEASE + timedelta(seconds=1))

    assert theirs.attempts == 2
    assert settle(mine, Delivery.SENT, "one") is False
    assert settle(theirs, Delivery.SENT, "two") is True
    assert settle(theirs, Delivery.QUEUED, "two") is False
    assert state_of(store, "a") == (Delivery.SENT, 2, "")


def test_what_is_handed_back_uncounted_keeps_its_attempts_and_its_new_time(store):
    posted("a")
    (message,) = claim()
    settle(message, Delivery.QUEUED, why="The server is away.", due=NOON + timedelta(minutes=1), counted=False)

    assert state_of(store, "a") == (Delivery.QUEUED, 0, "The server is away.")
    assert claim() == []
    assert [m.attempts for m in claim(now=NOON + timedelta(minutes=1))] == [1]


def test_a_message_that_ends_every_runner_is_set_aside_and_blocks_nobody(store):
    posted("bad", "good")
    now = NOON
    for _ in range(outbox.MOST_ATTEMPTS):
        assert [m.key for m in claim(now=now, limit=1)] == ["bad"]
        now += LEASE + timedelta(seconds=1)

    assert [m.key for m in claim(now=now)] == ["good"]
    assert state_of(store, "bad")[0] is Delivery.PARKED
    assert state_of(store, "bad")[2] == "Given up: 8 attempts were begun and none came to an end."


def test_the_queue_is_counted_up_to_a_limit(store):
    posted("a", "b", "c")

    assert outbox.queue(most=2, late=NOON) == (2, NOON, 0)
    for message in claim():
        settle(message, Delivery.SUPPRESSED)
    assert outbox.queue(most=2, late=NOON) == (0, None, 0)


def test_reading_is_only_ever_ones_own(store):
    mine, theirs = posted("a", "b"), posted("c")
    me = make.actor(mine)
    (other,) = inbox.messages(make.actor(theirs), now=NOON, limit=9)
    newest, oldest = inbox.messages(make.actor(mine), now=NOON, limit=9)
    store.rollback()
    with transaction():
        inbox.mark_read(other.id, by=me, now=NOON)
        inbox.mark_all_read(by=me, now=NOON, until=oldest.id)

    assert inbox.find(other.id, by=me) is None
    assert [m.read_at for m in inbox.messages(make.actor(theirs), now=NOON, limit=9)] == [None]
    assert [m.read_at for m in inbox.messages(make.actor(mine), now=NOON, limit=9)] == [None, NOON]
    assert [m.id for m in inbox.messages(make.actor(mine), now=NOON, before=newest.id, limit=9)] == [oldest.id]
