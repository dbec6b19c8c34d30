"""Everybody finds in the inbox what was written to them, mailed or not, and nobody else does."""

from dataclasses import replace

import factories as make
import pytest
from factories import NOON
from sqlalchemy import select, update

from engage.environment import MailServer
from engage.models.outbox import Delivery, OutboxMessage
from engage.services import outbox
from engage.services.transaction import transaction


def post(person, count=1, template="trip_opened", **facts):
    known = {"title": "Tallinn talks", "departs_on": "2026-04-01", "returns_on": "2026-04-05"}
    outbox.post(
        *(
            outbox.message(f"{person.id}:{n:04}", to=person.id, template=template, subject=f"Message {n}",
                           about=("trip", 7), now=NOON, **(known | facts))
            for n in range(count)
        )
    )  # fmt: skip


@pytest.fixture
def reader(store, visitor):
    """A person with one message, signed in."""
    with transaction():
        person = make.person()
        post(person)
    visitor.sign_in(person)
    visitor.person = person
    visitor.only = store.scalar(select(OutboxMessage.id))
    store.rollback()
    return visitor


def read_at(store):
    found = store.scalars(select(OutboxMessage.read_at).order_by(OutboxMessage.id)).all()
    store.rollback()
    return found


def test_nothing_yet_says_what_will_come(store, visitor):
    with transaction():
        person = make.person()

    assert "No messages yet" in visitor.sign_in(person).get("/inbox").text


def test_a_new_message_is_marked_and_says_that_it_was_not_mailed(reader):
    page = reader.get("/inbox")

    assert "Message 0 New" in page.text
    assert "Not mailed: no mail server is set" in page.text
    assert f"/inbox/{reader.only}" in page.links


@pytest.mark.parametrize(
    ("delivery", "word", "words"),
    [
        (Delivery.QUEUED, "Waiting", "Waiting to be mailed"),
        (Delivery.SENT, "Mailed", "Mailed: Mon 2 Mar 2026, 12:00 EST"),
        (Delivery.REFUSED, "Refused", "Not mailed: refused"),
        (Delivery.SUPPRESSED, "Not needed", "Not mailed: no longer needed"),
    ],
)
def test_with_a_mail_server_each_message_says_where_it_stands(store, app, reader, monkeypatch, delivery, word, words):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", 1)))
    with transaction():
        sent_at = NOON if delivery is Delivery.SENT else None
        store.execute(update(OutboxMessage).values(delivery=delivery, sent_at=sent_at, last_error="550 Nobody"))

    assert f" {word} " in reader.get("/inbox").text
    page = reader.get(f"/inbox/{reader.only}")
    assert f" {words}" in page.text
    assert "Why: 550 Nobody" in page.text


def test_opening_a_message_is_reading_it(store, reader):
    page = reader.get(f"/inbox/{reader.only}")

    assert page.h1 == ["Message 0"]
    assert '"Tallinn talks" is approved, and you are one of its travellers' in page.text
    assert "/trips/7" in page.links
    assert read_at(store) == [NOON]
    assert "New" not in reader.get("/inbox").text


def test_a_message_whose_text_is_gone_still_opens(store, reader):
    with transaction():
        store.execute(update(OutboxMessage).values(template="no_longer_there"))

    assert "This message has a subject only." in reader.get(f"/inbox/{reader.only}").text


def test_reading_without_opening_and_all_at_once(store, reader):
    with transaction():
        post(make.person())
        post(reader.person, 2)  # the first is there already
    reader.post(f"/inbox/{reader.only}/read")
    assert "Marked as read." in reader.follow().text
    assert read_at(store) == [NOON, None, None]

    reader.get("/inbox")
    reader.send("/inbox/read-all")
    assert read_at(store) == [NOON, None, NOON]


@pytest.mark.parametrize("until", ["", "x", "-1", str(10**30), str(2**31)])
def test_nonsense_reads_nothing(store, reader, until):
    reader.post("/inbox/read-all", {"until": until})

    assert read_at(store) == [None]


def test_anothers_message_is_not_there(store, reader):
    with transaction():
        other = make.person()
    reader.sign_in(other)

    reader.get(f"/inbox/{reader.only}", status=404)
    reader.post(f"/inbox/{reader.only}/read", status=404)
    assert read_at(store) == [None]


@pytest.mark.parametrize("number", [0, 2**31 - 1, 2**31, 10**30])
def test_a_message_that_nobody_has_is_not_there(reader, number):
    reader.get(f"/inbox/{number}", status=404)


def test_older_messages_follow_page_by_page_each_once(store, visitor):
    with transaction():
        person = make.person()
        post(person, 60)
    visitor.sign_in(person)
    seen, url = [], "/inbox"
    while url:
        page = visitor.get(url)
        seen += [link for link in page.links if link.startswith("/inbox/")]
        url = next((link for link in page.links if link.startswith("/inbox?before=")), None)

    assert len(seen) == len(set(seen)) == 60


@pytest.mark.parametrize("before", ["x", "-5", "0", str(10**30)])
def test_a_page_that_makes_no_sense_is_the_first(reader, before):
    assert "Message 0" in reader.get(f"/inbox?before={before}").text


def test_beyond_the_last_message_there_is_a_way_back(reader):
    page = reader.get("/inbox?before=1")

    assert "There are no older messages." in page.text
    assert "/inbox" in page.links


def test_the_list_costs_the_same_statements_for_1_3_and_30(store, visitor, statements):
    counts = []
    for many in (1, 3, 30):
        with transaction():
            person = make.person()
            post(person, many)
        visitor.sign_in(person)
        statements.clear()
        visitor.get("/inbox")
        counts.append(len(statements))

    assert counts == [3, 3, 3]
