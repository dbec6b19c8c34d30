"""A person chooses what is mailed, and when; what only they can do cannot be silenced."""

import factories as make
import pytest
from factories import NOON
from sqlalchemy import select

from engage.models.audit import AuditEvent
from engage.models.outbox import Delivery, MessagePreference, OutboxMessage
from engage.rules.messages import TOPICS
from engage.services import outbox
from engage.services.transaction import transaction

OFFERED = {word: str(topic.default) for word, topic in TOPICS.items() if topic.offered}


@pytest.fixture
def anna(store, visitor):
    with transaction():
        person = make.person(name="Anna")
        outbox.post(
            *(
                outbox.message(template, to=person.id, template=template, subject=template, about=("item", 1), now=NOON)
                for template in ("engagement_moved", "trip_opened", "reminder_answer")
            )
        )
        number = person.id
    visitor.sign_in(person)
    return number


def kept(store):
    rows = store.execute(select(MessagePreference.topic, MessagePreference.by_mail)).all()
    store.rollback()
    return {topic: str(way) for topic, way in rows}


def where(store):
    rows = store.execute(select(OutboxMessage.template, OutboxMessage.delivery)).all()
    store.rollback()
    return dict(tuple(row) for row in rows)


def test_nothing_is_kept_where_nothing_is_changed(store, visitor, anna):
    page = visitor.get("/account/messages")
    assert page.forms[-1]["fields"] | OFFERED == page.forms[-1]["fields"]
    visitor.submit({})

    assert kept(store) == {}


def test_a_choice_is_kept_noted_and_holds_for_what_waits(store, visitor, anna):
    visitor.get("/account/messages")
    visitor.submit({"outcome": "inbox_only", "trip": "at_once"})

    assert kept(store) == {"outcome": "inbox_only", "trip": "at_once"}
    assert where(store) == {
        "engagement_moved": Delivery.INBOX_ONLY, "trip_opened": Delivery.QUEUED,
        "reminder_answer": Delivery.FOR_DIGEST,
    }  # fmt: skip
    assert store.scalars(select(AuditEvent.action)).all() == ["choose_messages"]
    page = visitor.get("/account/messages")
    assert page.forms[-1]["fields"]["trip"] == "at_once"
    visitor.submit({"outcome": "daily"})
    assert kept(store)["outcome"] == "daily"


@pytest.mark.parametrize("topic", [word for word, topic in TOPICS.items() if topic.mandatory and topic.offered])
def test_what_only_you_can_do_cannot_be_silenced(store, visitor, anna, topic):
    visitor.get("/account/messages")
    page = visitor.submit({topic: "inbox_only"}, status=422)

    assert "cannot be turned off: nobody else can do it for you" in page.text
    assert kept(store) == {}


@pytest.mark.parametrize("wish", ["never", "", "INBOX_ONLY", "é" * 3000, "\0", "1"])
def test_a_choice_that_is_none_is_refused(store, visitor, anna, wish):
    visitor.get("/account/messages")
    visitor.submit({"outcome": wish}, status=422)

    assert kept(store) == {}


def test_a_topic_that_is_not_offered_is_not_taken(store, visitor, anna):
    visitor.get("/account/messages")
    visitor.submit({"access": "daily", "digest": "inbox_only", "nothing": "daily"})

    assert kept(store) == {}
