"""An administrator sees what waits and what was given up, why, and has it tried again; the trail tells."""

import factories as make
import pytest
from factories import NOON
from sqlalchemy import select, update

from engage.models.audit import AuditEvent
from engage.models.outbox import Delivery, OutboxMessage
from engage.rules.policy import Role
from engage.services import outbox
from engage.services.transaction import transaction


@pytest.fixture
def desk(store, visitor):
    with transaction():
        admin, reader = make.person(Role.ADMINISTRATOR), make.person(name="Zoe")
        outbox.post(
            *(
                outbox.message(f"k{n:03}", to=reader.id, template="trip_opened", subject=f"Message {n}",
                               about=("trip", 1), now=NOON, urgent=True)
                for n in range(4)
            )
        )  # fmt: skip
        for key, delivery, why in (("k000", "refused", "550 Nobody"), ("k001", "parked", "451 Later")):
            store.execute(
                update(OutboxMessage)
                .where(OutboxMessage.key == key)
                .values(delivery=Delivery(delivery), last_error=why, attempts=8)
            )
    return visitor.sign_in(admin)


def where(store):
    rows = store.execute(select(OutboxMessage.key, OutboxMessage.delivery, OutboxMessage.attempts)).all()
    store.rollback()
    return {key: (str(delivery), attempts) for key, delivery, attempts in rows}


def test_what_was_given_up_is_shown_with_its_reason_and_what_waits_is_counted(desk):
    page = desk.get("/admin/mail")
    assert "Parked or refused: 2" in page.text
    assert "Waiting for the mail server: 2" in page.text
    assert "550 Nobody" in page.text
    assert "451 Later" in page.text
    assert "Message 2" not in page.text
    assert "Message 2" in desk.get("/admin/mail?status=waiting").text
    assert "No message stands here." in desk.get("/admin/mail?status=for_digest").text
    assert "There are no older messages." in desk.get("/admin/mail?before=1").text


@pytest.mark.parametrize("query", ["status=x", "before=x", "before=-1", "before=" + "9" * 30, "status=%00"])
def test_a_question_that_makes_no_sense_is_answered_as_the_first(desk, query):
    assert "550 Nobody" in desk.get(f"/admin/mail?{query}").text


def test_another_try_has_all_its_attempts_before_it_and_leaves_a_line(store, desk):
    number = store.scalar(select(OutboxMessage.id).where(OutboxMessage.key == "k001"))
    desk.get("/admin/mail")
    desk.send(f"/admin/mail/{number}/again")

    assert where(store)["k001"] == ("queued", 0)
    line = store.execute(select(AuditEvent.action, AuditEvent.about_kind, AuditEvent.about_id)).one()
    assert line == ("try_message_again", "message", number)
    store.rollback()
    desk.post(f"/admin/mail/{number}/again", status=409)
    desk.post("/admin/mail/999999/again", status=409)


def test_the_page_costs_the_same_statements_for_1_3_and_30(store, desk, statements):
    counts = []
    for many in (1, 3, 30):
        with transaction():
            person = make.person()
            outbox.post(
                *(outbox.message(f"{many}.{n}", to=person.id, template="t", subject="x", about=("item", 1), now=NOON,
                                 urgent=True) for n in range(many))
            )  # fmt: skip
            store.execute(update(OutboxMessage).values(delivery=Delivery.REFUSED))
        statements.clear()
        desk.get("/admin/mail")
        counts.append(len(statements))

    assert len(set(counts)) == 1
    assert counts[0] <= 4


def test_the_health_page_says_what_to_do(store, desk):
    page = desk.get("/admin/health")
    assert "No job runner has ever run." in page.text
    assert "The mail queue" in page.text
