"""A mail that may be stopped can be stopped from the mail itself: by a signed address, and only by a POST."""

from datetime import timedelta

import factories as make
import pytest
from factories import NOON
from sqlalchemy import select, update

from engage.models.audit import AuditEvent
from engage.models.outbox import MessagePreference
from engage.models.people import Person
from engage.rules.messages import TOPICS
from engage.services import preferences
from engage.services.transaction import transaction

TODAY = NOON.date()


@pytest.fixture
def anna(store):
    with transaction():
        return make.person(name="Anna").id


def kept(store):
    rows = store.execute(select(MessagePreference.person_id, MessagePreference.topic, MessagePreference.by_mail)).all()
    store.rollback()
    return [(person, topic, str(way)) for person, topic, way in rows]


def path(*way):
    return f"/unsubscribe/{preferences.token(*way)}"


def test_looking_changes_nothing_and_a_click_stops_the_kind(store, visitor, anna):
    page = visitor.get(path(anna, "outcome", TODAY))
    assert "What became of requests" in page.text
    assert kept(store) == []

    page = visitor.submit({}, status=200)
    assert "These mails are stopped" in page.text
    assert kept(store) == [(anna, "outcome", "inbox_only")]


def test_a_mail_program_needs_no_cookie_and_no_token_and_twice_is_as_once(store, app, anna):
    for _ in range(2):
        answer = app.test_client().post(path(anna, "lookahead", TODAY), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert kept(store) == [(anna, "lookahead", "inbox_only")]
    line = store.execute(select(AuditEvent.action, AuditEvent.actor_id, AuditEvent.about_id)).one()
    assert line == ("choose_messages", anna, anna)


def spoilt(token):
    packed, _, signature = token.partition(".")
    return ["x", ".", "", packed, packed + ".", "." + signature, token[:-1], token + "0", "A" + token, token.upper(),
            packed + "." + signature[::-1], "é" * 40, "%00", "a" * 5000]  # fmt: skip


def test_a_token_that_is_not_ours_changes_nothing(store, app, anna):
    client = app.test_client()
    for bad in spoilt(preferences.token(anna, "outcome", TODAY)):
        for ask in (client.get, client.post):
            assert ask(f"/unsubscribe/{bad}").status_code == 404
    assert kept(store) == []


def test_anothers_signature_is_not_ours(store, app, anna, monkeypatch):
    from dataclasses import replace

    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, secret="another-house-signs-with-this-0123456789"))
    theirs = path(anna, "outcome", TODAY)
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    assert app.test_client().post(theirs).status_code == 404
    assert kept(store) == []


@pytest.mark.parametrize("topic", [word for word, topic in TOPICS.items() if topic.mandatory] + ["no such"])
def test_even_our_own_signature_silences_no_duty(store, app, anna, topic):
    assert app.test_client().post(path(anna, topic, TODAY)).status_code == 404
    assert kept(store) == []


def test_an_old_mail_stops_nothing_nor_does_one_to_somebody_who_left(store, visitor, anna):
    old = path(anna, "outcome", TODAY - preferences.TOKEN_LIFE - timedelta(days=1))
    assert "too old" in visitor.get(old, status=410).text
    assert visitor.client.post(old).status_code == 410
    assert visitor.client.post(path(10**6, "outcome", TODAY)).status_code == 410
    with transaction():
        store.execute(update(Person).where(Person.id == anna).values(disabled_at=NOON))
    assert visitor.client.post(path(anna, "outcome", TODAY)).status_code == 410
    assert kept(store) == []
