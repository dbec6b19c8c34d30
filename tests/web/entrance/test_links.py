"""A one-time link: a password set once, by its holder alone."""


import factories as make
import pytest
import sqlalchemy as sa

from engage.documents import letters
from engage.extensions import db
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.services import links, passwords, sessions
from engage.services.transaction import transaction

PASSWORD = "a kettle sings at dawn"


@pytest.fixture
def link(store) -> str:
    """The path of a fresh link, of Anna's."""
    with transaction():
        return links.post(make.person(email="anna@agency.gov", name="Anna Berg"), now=make.NOON)


def test_a_link_sets_a_password_with_which_one_signs_in(visitor, link):
    assert "anna@agency.gov" in visitor.get(link).text
    visitor.submit({"password": PASSWORD, "password_again": PASSWORD})
    assert "Your password is set. Sign in with it." in visitor.follow().text
    visitor.submit({"email": "anna@agency.gov", "password": PASSWORD})

    assert "Anna Berg" in visitor.follow().text


@pytest.mark.parametrize(("first", "again", "sentence"), [
    ("short", "short", "Use at least 15 characters."), (PASSWORD, PASSWORD + "!", "The two differ."),
    ("anna berg agency", "anna berg agency", "This is easily guessed."), ("", "", "Type a password."),
    ("a" * 201, "a" * 201, "Use at most 200 characters."), ("kettle " * 20, "kettle " * 20, "Use at most 128"),
])  # fmt: skip
def test_a_password_that_will_not_do_is_refused_at_its_field_and_the_link_stays_good(visitor, link, first, again,
                                                                                     sentence):
    visitor.get(link)
    visitor.submit({"password": first, "password_again": again}, status=422)
    assert sentence in visitor.page.text

    visitor.submit({"password": PASSWORD, "password_again": PASSWORD})


def test_used_replaced_old_disabled_and_unknown_links_are_answered_alike(visitor, link, app):
    gone = visitor.get("/enter/" + "x" * 43, status=404).text
    assert "This link does not work" in gone

    app.config["CLOCK"] = lambda: make.NOON + links.LIFE
    assert visitor.get(link, status=404).text == gone
    app.config["CLOCK"] = lambda: make.NOON

    with transaction():
        anna = db.session.scalars(sa.select(Person)).one()
        newer = links.post(anna, now=make.NOON)
    assert visitor.get(link, status=404).text == gone

    visitor.get(newer)
    visitor.submit({"password": PASSWORD, "password_again": PASSWORD})
    visitor.follow()
    assert visitor.get(newer, status=404).text == gone

    with transaction():
        anna = db.session.scalars(sa.select(Person)).one()
        newest = links.post(anna, now=make.NOON)
        anna.disabled_at = make.NOON
    assert visitor.get(newest, status=404).text == gone
    assert visitor.get("/enter/short", status=404).text == gone


def test_setting_a_password_ends_every_session(visitor, link):
    number = db.session.scalar(sa.select(Person.id))
    with transaction():
        sessions.start(number, address="", browser="", now=make.NOON)

    visitor.get(link)
    visitor.submit({"password": PASSWORD, "password_again": PASSWORD})

    assert sessions.live(number, now=make.NOON) == []


def test_the_letter_leads_to_the_link(store, link, app):
    message = db.session.scalars(sa.select(OutboxMessage)).one()

    assert (message.template, message.subject) == ("invitation", "Set your password for Engage")
    assert letters.path(message.facts, message.about_kind, message.about_id) == link
    body = app.jinja_env.get_template("mail/invitation.txt").render(
        facts=message.facts, person_name="Anna Berg", url="https://engage.agency.gov" + link)
    assert "https://engage.agency.gov" + link in body
    assert "for 3 days" in body


def test_the_password_kept_is_a_hash(visitor, link):
    visitor.get(link)
    visitor.submit({"password": PASSWORD, "password_again": PASSWORD})

    kept = db.session.scalar(sa.select(Person.password_hash))
    assert PASSWORD not in kept
    assert passwords.matches(PASSWORD, kept)
