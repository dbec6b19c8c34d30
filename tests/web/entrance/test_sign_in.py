"""Coming in and going out: equal answers, slowed guessing, own paths only, and sessions that end."""

import json
from datetime import timedelta

import factories as make
import pytest
import sqlalchemy as sa
from pages import Visitor

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.people import Person, SignInAttempt, SignInSession
from engage.rules.policy import Role
from engage.services import passwords, sign_in
from engage.services.transaction import transaction

PASSWORD = "a kettle sings at dawn"
NO = "That address and password do not go together. Check both, and try again."


@pytest.fixture
def anna(store) -> Person:
    """Somebody with a password."""
    with transaction():
        return make.person(email="anna@agency.gov", name="Anna Berg", password_hash=passwords.hashed(PASSWORD))


def enter(visitor: Visitor, email: str, password: str, status: int = 303, **fields: str) -> Visitor:
    """Fill in the sign-in page."""
    visitor.get("/sign-in")
    visitor.submit({"email": email, "password": password, **fields}, status=status)
    return visitor


def lines(action: str) -> list[AuditEvent]:
    """The trail's lines of an act."""
    return list(db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


def test_the_right_password_opens_the_house(visitor, anna):
    enter(visitor, " Anna@Agency.gov ", PASSWORD)

    assert visitor.response.headers["Location"] == "/"
    assert "Anna Berg" in visitor.follow().text
    assert [(line.actor_id, line.outcome, line.details) for line in lines("sign_in")] == [(anna.id, "done", "{}")]


@pytest.mark.parametrize(("email", "password"), [
    ("anna@agency.gov", "a kettle sings at dusk"), ("nobody@agency.gov", PASSWORD), ("disabled@agency.gov", PASSWORD),
    ("invited@agency.gov", PASSWORD), ("invited@agency.gov", "None"), ("not an address", PASSWORD),
])  # fmt: skip
def test_unknown_disabled_invited_and_mistaken_are_answered_alike(visitor, anna, email, password):
    with transaction():
        make.person(email="disabled@agency.gov", password_hash=passwords.hashed(PASSWORD), disabled_at=make.NOON)
        make.person(email="invited@agency.gov")

    enter(visitor, email, password, status=422)

    assert visitor.page.text.count(NO) == 1
    assert "Set-Cookie" not in visitor.response.headers


def test_a_failed_try_leaves_its_line_without_what_was_typed(visitor, anna):
    enter(visitor, "anna@agency.gov", "my dog is called rex", status=422)
    enter(visitor, "typed.password@as.address", PASSWORD, status=422)

    assert [(line.actor_id, line.about_id, line.outcome) for line in lines("sign_in")] == [
        (anna.id, anna.id, "denied"), (None, None, "denied")]
    everything = json.dumps([[str(value) for value in row] for table in (AuditEvent, SignInAttempt)
                             for row in db.session.execute(sa.select(table.__table__))])
    assert "rex" not in everything
    assert "typed.password" not in everything


def test_the_password_is_never_written_back_into_the_page(visitor, anna):
    enter(visitor, "anna@agency.gov", "my dog is called rex", status=422)

    assert "rex" not in visitor.page.html
    assert 'value="anna@agency.gov"' in visitor.page.html


def test_guessing_is_slowed_and_never_locks_anybody_out_for_good(visitor, anna, app):
    now = make.NOON
    for _ in range(sign_in.FREE_TRIES):
        enter(visitor, "anna@agency.gov", "wrong", status=422)

    enter(visitor, "anna@agency.gov", PASSWORD, status=429)
    assert "Too many tries. Wait 3 seconds, then try again." in visitor.page.text

    waits = []
    for _ in range(12):
        pause = sign_in.wait("anna@agency.gov", "127.0.0.1", now=now)
        waits.append(int(pause.total_seconds()))
        now += pause
        app.config["CLOCK"] = lambda now=now: now
        enter(visitor, "anna@agency.gov", "wrong", status=422)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]

    app.config["CLOCK"] = lambda: now + sign_in.LONGEST_WAIT
    enter(visitor, "anna@agency.gov", PASSWORD)


def test_a_slowed_account_does_not_slow_another(visitor, anna):
    with transaction():
        make.person(email="bo@agency.gov", password_hash=passwords.hashed(PASSWORD))
    for _ in range(sign_in.FREE_TRIES):
        enter(visitor, "anna@agency.gov", "wrong", status=422)

    enter(visitor, "bo@agency.gov", PASSWORD)


def test_one_address_that_tries_many_accounts_is_slowed(visitor, anna):
    with transaction():
        for number in range(sign_in.ADDRESS_TRIES):
            sign_in.begin(f"p{number}@agency.gov", "127.0.0.1", now=make.NOON)

    enter(visitor, "anna@agency.gov", PASSWORD, status=429)


def test_a_right_password_does_not_count_as_a_try(visitor, anna):
    for _ in range(sign_in.FREE_TRIES + 2):
        enter(visitor, "anna@agency.gov", PASSWORD)
        visitor.client.delete_cookie("engage")


def test_a_try_counts_before_its_password_is_looked_at(store, anna):
    with transaction():
        for _ in range(sign_in.FREE_TRIES):
            sign_in.begin("anna@agency.gov", "10.0.0.1", now=make.NOON)

    assert sign_in.wait("anna@agency.gov", "10.0.0.2", now=make.NOON) == timedelta(seconds=2)


def test_old_tries_are_forgotten(store):
    with transaction():
        sign_in.begin("anna@agency.gov", "10.0.0.1", now=make.NOON - sign_in.WINDOW - timedelta(seconds=1))
        sign_in.begin("anna@agency.gov", "10.0.0.1", now=make.NOON)

    assert store.scalar(sa.select(sa.func.count()).select_from(SignInAttempt)) == 2


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"email": ""}, "Type your e-mail address."), ({"password": ""}, "Type your password."),
    ({"email": "a" * 201}, "Use at most 200 characters."), ({"password": "a" * 201}, "Use at most 200 characters."),
    ({"email": "a\x00b"}, "This holds a character that cannot be kept."),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(visitor, store, fields, sentence):
    enter(visitor, **{"email": "anna@agency.gov", "password": PASSWORD, "status": 422} | fields)

    assert sentence in visitor.page.text


@pytest.mark.parametrize(("onward", "lands"), [
    ("/trips?x=1", "/trips?x=1"), ("//evil.example", "/"), ("https://evil.example/", "/"), ("/\\evil.example", "/"),
    ("javascript:alert(1)", "/"),
])  # fmt: skip
def test_signing_in_leads_to_own_pages_only(visitor, anna, onward, lands):
    enter(visitor, "anna@agency.gov", PASSWORD, next=onward)

    assert visitor.response.headers["Location"] == lands


def test_a_stranger_is_asked_to_sign_in_and_then_led_on(visitor, anna):
    visitor.get("/trips?open=1", status=302)
    visitor.get(visitor.response.headers["Location"])
    visitor.submit({"email": "anna@agency.gov", "password": PASSWORD})

    assert visitor.response.headers["Location"] == "/trips?open=1"


def test_who_is_in_need_not_sign_in_again(visitor, anna):
    visitor.sign_in(anna)

    visitor.get("/sign-in", status=303)
    assert visitor.response.headers["Location"] == "/"
    visitor.get("/sign-in?next=/trips", status=303)
    assert visitor.response.headers["Location"] == "/trips"


def test_signing_in_again_makes_a_new_session_and_ends_the_old(visitor, anna):
    enter(visitor, "anna@agency.gov", PASSWORD)
    old = visitor.client.get_cookie("engage").value
    token = visitor.get("/account").forms[-1]["fields"]["csrf_token"]

    visitor.post("/sign-in", {"csrf_token": token, "email": "anna@agency.gov", "password": PASSWORD}, csrf=False)

    assert visitor.client.get_cookie("engage").value != old
    ended = db.session.scalars(sa.select(SignInSession.ended_at).order_by(SignInSession.id)).all()
    assert ended == [make.NOON, None]


def test_signing_out_ends_the_session_and_a_kept_cookie_is_worthless(visitor, anna):
    enter(visitor, "anna@agency.gov", PASSWORD)
    kept = visitor.client.get_cookie("engage").value
    token = visitor.get("/account").forms[-1]["fields"]["csrf_token"]

    visitor.post("/sign-out", {"csrf_token": token}, csrf=False)
    assert visitor.client.get_cookie("engage") is None
    assert "You are signed out." in visitor.follow().text

    visitor.client.set_cookie("engage", kept)
    visitor.get("/account", status=302)
    assert [line.actor_id for line in lines("sign_out")] == [anna.id]


def test_signing_out_after_the_session_ended_is_no_error(visitor, store):
    visitor.post("/sign-out", {"csrf_token": "old"}, csrf=False)

    assert visitor.response.headers["Location"] == "/sign-in"


def test_signing_in_needs_the_token_too(visitor, anna):
    visitor.post("/sign-in", {"email": "anna@agency.gov", "password": PASSWORD}, status=400, csrf=False)

    assert "Set-Cookie" not in str([h for h in visitor.response.headers if "engage=" in h[1]])


def test_a_role_that_ends_today_opens_no_door_tomorrow(visitor, store, app):
    with transaction():
        who = make.person(Role.AUDITOR)
        next(g for g in who.grants if g.role is Role.AUDITOR).ends_on = make.TODAY
    visitor.sign_in(who)
    visitor.get("/trail")

    app.config["CLOCK"] = lambda: make.NOON + timedelta(minutes=10)
    visitor.get("/trail")
    tomorrow = make.NOON + timedelta(hours=12)
    app.config["CLOCK"] = lambda: tomorrow
    visitor.sign_in(who).get("/trail", status=403)


def test_the_notices_stand_before_the_door(visitor, store):
    for path in ("/privacy", "/system-use"):
        assert visitor.get(path).h1
    assert "/system-use" in visitor.get("/sign-in").links
