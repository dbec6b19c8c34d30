"""A person's own account: what is kept of them, and what they may change."""

from datetime import timedelta

import factories as make
import pytest
import sqlalchemy as sa

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.people import Absence, Person, SignInSession
from engage.rules.policy import Role
from engage.services import passwords, sessions, sign_in
from engage.services.transaction import transaction

PASSWORD, NEW = "a kettle sings at dawn", "forty two geese over ohio"


@pytest.fixture
def anna(store) -> Person:
    """Somebody with a supervisor, an office, a role and a password."""
    with transaction():
        boss = make.person(name="Bo Lind")
        office = make.office("Legal")
        return make.person(Role.CHAIR, email="anna@agency.gov", name="Anna Berg", office_id=office.id,
                           supervisor_id=boss.id, password_hash=passwords.hashed(PASSWORD))


def test_the_account_shows_what_is_kept(visitor, anna):
    text = visitor.sign_in(anna).get("/account").text

    for words in ("Anna Berg", "anna@agency.gov", "Legal", "Bo Lind", "America/New York", "Chair", "Until revoked"):
        assert words in text


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_account_takes_as_many_statements_for_many_as_for_one(visitor, anna, statements, count):
    with transaction():
        for number in range(count):
            db.session.add(Absence(person_id=anna.id, starts_on=make.TODAY, ends_on=make.TODAY, note=str(number)))
            sessions.start(anna.id, address="", browser="", now=make.NOON)
    visitor.sign_in(anna)
    statements.clear()

    visitor.get("/account")

    assert len(statements) == 6


def test_the_clock_is_ones_own_to_set(visitor, anna):
    visitor.sign_in(anna).post("/account/zone", {"zone": "Europe/Riga"})
    assert "Your home time zone is set." in visitor.follow().text
    assert "EET" in visitor.page.text

    visitor.post("/account/zone", {"zone": "Mars/Olympus"}, status=422)
    assert "Not a valid choice." in visitor.page.text


def test_absences_come_and_go(visitor, anna):
    visitor.sign_in(anna).post("/account/absences", {"starts_on": "2026-03-09", "ends_on": "2026-03-13",
                               "note": "Leave"})
    assert "9 to 13 Mar 2026" in visitor.follow().text

    number = db.session.scalar(sa.select(Absence.id))
    visitor.post(f"/account/absences/{number}/remove")
    assert "9 to 13 Mar 2026" not in visitor.follow().text


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"starts_on": ""}, "Give the first day."), ({"ends_on": "2026-03-08"}, "The last day lies before the first."),
    ({"starts_on": "9 March"}, "Write the day as year, month and day: 2026-05-04."), ({"starts_on": " "},
                                                                                      "Give the first"),
    ({"ends_on": "9026-03-08"}, "Give a year from 2000 to 2100."), ({"note": "x" * 201}, "Use at most 200 characters."),
])  # fmt: skip
def test_a_wrong_absence_is_refused_at_its_field_with_its_text_kept(visitor, anna, changes, sentence):
    typed = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "note": "who stands in"} | changes

    visitor.sign_in(anna).post("/account/absences", typed, status=422)

    assert sentence in visitor.page.text
    assert typed["note"] in visitor.page.html
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Absence)) == 0


def test_nobody_ends_anothers_session_or_removes_their_absence(visitor, anna):
    with transaction():
        other = make.person()
        sessions.start(other.id, address="", browser="", now=make.NOON)
        db.session.add(Absence(person_id=other.id, starts_on=make.TODAY, ends_on=make.TODAY, note=""))
    number = db.session.scalar(sa.select(SignInSession.id).where(SignInSession.person_id == other.id))
    absence = db.session.scalar(sa.select(Absence.id))

    visitor.sign_in(anna).post(f"/account/sessions/{number}/end", status=404)
    visitor.post(f"/account/absences/{absence}/remove")

    assert len(sessions.live(other.id, now=make.NOON)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Absence)) == 1


def test_ones_other_sessions_are_listed_and_ended(visitor, anna):
    with transaction():
        kept = sessions.start(anna.id, address="10.1.2.3", browser="A phone", now=make.NOON)
    assert "A phone" in visitor.sign_in(anna).get("/account").text
    first = min(row.id for row in sessions.live(anna.id, now=make.NOON))

    visitor.post(f"/account/sessions/{first}/end")
    assert "A phone" not in visitor.follow().text
    assert not sessions.recognise(kept, address="", request_id="", now=make.NOON, today=make.TODAY)[0].is_authenticated

    with transaction():
        for _ in range(3):
            sessions.start(anna.id, address="", browser="Another", now=make.NOON)
    visitor.post("/account/sessions/end-others")
    assert "Ended elsewhere: 3." in visitor.follow().text
    assert len(sessions.live(anna.id, now=make.NOON)) == 1


def change(visitor, now: str = PASSWORD, new: str = NEW, again: str | None = None, status: int = 303) -> None:
    """Fill in the page for a new password."""
    visitor.get("/account/password")
    visitor.submit({"password_now": now, "password": new, "password_again": new if again is None else again},
                   status=status)


def test_a_new_password_ends_every_other_session_and_no_more(visitor, anna):
    with transaction():
        sessions.start(anna.id, address="", browser="", now=make.NOON)
    visitor.sign_in(anna)

    change(visitor)

    assert "Your password is changed." in visitor.follow().text
    assert len(sessions.live(anna.id, now=make.NOON)) == 1
    assert passwords.matches(NEW, db.session.scalar(sa.select(Person.password_hash).where(Person.id == anna.id)))
    acts = db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.about_id == anna.id,
                                                                 AuditEvent.about_kind == "person"))
    assert list(acts) == ["set_password"]


@pytest.mark.parametrize(("typed", "sentence"), [
    ({"now": "wrong"}, "This is not the password you sign in with."), ({"again": NEW + "!"}, "The two differ."),
    ({"new": "short"}, "Use at least 15 characters."), ({"new": "anna berg agency"}, "This is easily guessed."),
    ({"now": ""}, "Type the password you sign in with."),
])  # fmt: skip
def test_a_password_that_will_not_do_is_refused_at_its_field(visitor, anna, typed, sentence):
    visitor.sign_in(anna)

    change(visitor, **typed, status=422)

    assert sentence in visitor.page.text
    assert passwords.matches(PASSWORD, db.session.scalar(sa.select(Person.password_hash).where(Person.id == anna.id)))


def test_guessing_the_old_password_is_slowed_as_a_sign_in_is(visitor, anna, app):
    visitor.sign_in(anna)
    for _ in range(sign_in.FREE_TRIES):
        change(visitor, now="wrong", status=422)

    change(visitor, status=429)
    assert "Too many tries." in visitor.page.text

    app.config["CLOCK"] = lambda: make.NOON + timedelta(seconds=2)
    change(visitor)
