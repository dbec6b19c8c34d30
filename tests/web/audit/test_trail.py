"""The auditor's list: every filter, pages by line, what changed in words, and the proof that it is whole."""

import re
from datetime import timedelta

import factories as make
import pytest
import sqlalchemy as sa

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.people import Person
from engage.rules.policy import PROGRAM, Actor, Role
from engage.services import audit
from engage.services.transaction import transaction
from engage.web.audit import queries

DAY = timedelta(days=1)


@pytest.fixture
def auditor(store) -> Person:
    """An auditor."""
    with transaction():
        return make.person(Role.AUDITOR, name="Aud Itor", email="auditor@agency.gov")


def leave(action: str, count: int = 1, *, by: Actor = PROGRAM, about: tuple[str, int | None] = ("item", 1),
                                                                                                days: int = 0,
          **details) -> None:
    """Lines of an act, some days from now."""
    with transaction():
        for _ in range(count):
            audit.record(action, about=about, by=by, now=make.NOON + days * DAY, **details)


def shown(page) -> list[int]:
    """The lines a page shows, in its order."""
    return [int(number) for number in re.findall(r'data-label="Line"[^>]*>(\d+)<', page.html)]


def known(*conditions) -> list[int]:
    """The lines that there are, the newest first."""
    return list(db.session.scalars(sa.select(AuditEvent.id).where(*conditions).order_by(AuditEvent.id.desc())))


def test_each_filter_keeps_what_it_says(visitor, auditor):
    who = make.actor(auditor)
    leave("submit", about=("item", 7), by=who)
    leave("place", about=("item", 7))
    leave("place", about=("item", 8), days=3)
    leave("look", about=("person", 7), days=9)
    visitor.sign_in(auditor).get("/screening", status=403)
    line = AuditEvent
    week = make.NOON + 2 * DAY

    for query, conditions in {
        "": (), "who=auditor@agency.gov": (line.actor_id == auditor.id,), "action=place": (line.action == "place",),
        "kind=item": (line.about_kind == "item",), "kind=item&number=7": (line.about_kind == "item",
                                                                          line.about_id == 7),
        "outcome=denied": (line.outcome == audit.Verdict.DENIED,), "since=2026-03-04": (line.at > week,),
        "until=2026-03-04": (line.at < week,), "since=2026-03-05&until=2026-03-05": (line.at > week,
                                                                                     line.at < week + 3 * DAY),
        "action=place&since=2026-03-04&kind=item": (line.action == "place", line.at > week),
        "since=2030-01-01": (line.at > make.NOON + 1000 * DAY,), "action=nothing": (line.action == "nothing",),
    }.items():
        assert shown(visitor.get(f"/trail?{query}")) == known(*conditions)[: queries.PAGE], query


def test_the_trail_pages_by_line_and_loses_none(visitor, auditor):
    leave("try", 2 * queries.PAGE + 3)
    visitor.sign_in(auditor).get("/trail?action=try")
    seen = shown(visitor.page)

    while following := [link for link in visitor.page.links if "before=" in link]:
        visitor.get(following[0])
        seen += shown(visitor.page)

    assert seen == known(AuditEvent.action == "try")
    assert len(seen) == 2 * queries.PAGE + 3


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_trail_takes_as_many_statements_for_many_as_for_one(visitor, auditor, statements, count):
    leave("try", count)
    visitor.sign_in(auditor)
    statements.clear()

    visitor.get("/trail?action=try")
    assert len(statements) == 3
    statements.clear()
    visitor.get("/trail?since=2026-03-01&who=auditor@agency.gov")
    assert len(statements) == 5


@pytest.mark.parametrize(("query", "sentence"), [
    ("who=nobody@agency.gov", "Nobody is known by this address."), ("number=7", "Give the kind of record too."),
    ("kind=item&number=x", "Use digits."), ("action=DROP TABLE", "Use the word as the trail writes it"),
    ("since=yesterday", "Write the day as year, month and day"), ("until=9999-12-31", "Give a year from 2000 to 2100."),
    ("outcome=perhaps", "Not a valid choice."), ("who=" + "a" * 300, "Field cannot be longer than 200 characters."),
])  # fmt: skip
def test_a_filter_that_cannot_be_understood_is_said_at_its_field(visitor, auditor, query, sentence):
    visitor.sign_in(auditor).get(f"/trail?{query}", status=422)

    assert sentence in visitor.page.text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1.5", "%00"])
def test_a_malformed_cursor_is_a_bad_request(visitor, auditor, before):
    visitor.sign_in(auditor).get(f"/trail?before={before}", status=400)


def test_a_line_tells_who_did_what_and_what_changed(visitor, auditor):
    leave("amend_person", about=("person", 3), by=make.actor(auditor),
          before={"name": "Anna Berg", "zone": "UTC", "office": None},
          after={"name": "Anna Lind", "zone": "UTC", "office": "Legal"}, reason="Married <b>", sure=True)

    visitor.sign_in(auditor).get("/trail?action=amend_person")

    line = visitor.page.text
    assert ("Mon 2 Mar 2026, 12:00 EST Aud Itor Amend person Person 3 Name: Anna Berg → Anna Lind "
            "Office: none → Legal Reason: Married <b> Sure: yes") in line
    assert "UTC" not in line.split("Amend person")[1]
    assert "<b>" not in visitor.page.html


def test_who_acted_without_a_name_is_told_apart(visitor, auditor):
    leave("one", by=Actor())
    leave("two", by=Actor(address="10.0.0.9"))
    leave("three", by=Actor(address="command"))

    visitor.sign_in(auditor)

    for action, who in (("one", "Engage One"), ("two", "Nobody signed in 10.0.0.9"), ("three", "Command line command")):
        assert who in visitor.get(f"/trail?action={action}").text


def test_an_item_of_a_line_leads_to_its_page(visitor, auditor):
    leave("place", about=("item", 42))

    assert "/engagements/42" in visitor.sign_in(auditor).get("/trail?action=place").links


def test_a_whole_trail_is_verified_by_a_button(visitor, auditor):
    leave("try", 3)
    lines = audit.head().line
    visitor.sign_in(auditor).get("/trail")

    visitor.submit({}, form=0, status=200)

    assert visitor.page.h1 == ["The trail is whole"]
    assert f"{lines} lines were recomputed" in visitor.page.text
    assert str(audit.head()) in visitor.page.text


def test_a_broken_trail_names_its_first_bad_line(visitor, auditor):
    leave("try", 3)
    last = audit.head().line
    with transaction():
        db.session.execute(sa.text("UPDATE audit_head SET last_id = last_id + 1"))

    visitor.sign_in(auditor).post("/trail/verify", status=200)

    assert visitor.page.h1 == ["The trail does not hold"]
    assert f"The first bad line is {last + 1}" in visitor.page.text


def test_a_trail_too_long_for_a_page_is_left_to_the_command(visitor, auditor, monkeypatch):
    monkeypatch.setattr("engage.web.audit.views.MOST_WALKED", 1)
    leave("try", 3)

    visitor.sign_in(auditor).post("/trail/verify", status=200)

    assert "Run “engage audit verify” on the server." in visitor.page.text


def test_an_old_week_is_found_by_its_index(store, database):
    plan = "EXPLAIN QUERY PLAN " if database.kind == "sqlite" else "EXPLAIN "
    if database.kind == "postgresql":
        store.execute(sa.text("SET enable_seqscan = off"))  # so few lines that reading all would be cheaper
    statement = "SELECT min(id), max(id) FROM audit_event WHERE at >= '2026-01-01' AND at < '2026-01-08'"
    words = " ".join(str(value) for row in store.execute(sa.text(plan + statement)) for value in row)

    assert "ix_audit_event_at_id" in words
