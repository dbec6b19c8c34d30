"""What was typed survives a session that ended and a page that stood open too long; another site's form does not."""

from datetime import timedelta

import factories as make
import pytest
import sqlalchemy as sa

from engage.extensions import db
from engage.models.people import Absence, Person
from engage.services import passwords
from engage.services.transaction import transaction
from engage.web.entrance import kept

PASSWORD = "a kettle sings at dawn"
OURS = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "note": "Chris \u201cdeputy\u201d <b>stands in</b>"}


@pytest.fixture
def anna(store) -> Person:
    """Somebody with a password."""
    with transaction():
        return make.person(email="anna@agency.gov", name="Anna Berg", password_hash=passwords.hashed(PASSWORD))


def absences() -> list[str]:
    """The notes of the absences that were saved."""
    return list(db.session.scalars(sa.select(Absence.note)))


@pytest.mark.parametrize("ours", [OURS, {"Origin": "http://localhost"}])
def test_what_was_typed_is_sent_again_after_signing_in(visitor, anna, app, ours):
    visitor.sign_in(anna).get("/account")
    app.config["CLOCK"] = lambda: make.NOON + timedelta(minutes=20)  # the session has been idle for too long

    visitor.post("/account/absences", TYPED, status=401, headers=ours)
    assert "Nothing that you typed is lost." in visitor.page.text
    visitor.submit({"email": "anna@agency.gov", "password": "wrong"}, status=422)  # a mistake loses nothing either
    visitor.submit({"email": "anna@agency.gov", "password": PASSWORD}, status=200)
    assert "You are signed in as Anna Berg." in visitor.page.text
    assert TYPED["note"] in visitor.page.text
    assert absences() == []

    visitor.submit({})
    assert absences() == [TYPED["note"]]
    assert visitor.follow().h1 == ["Your account"]


def test_an_expired_page_is_sent_again_with_a_fresh_token(visitor, anna):
    visitor.sign_in(anna)

    visitor.post("/account/absences", TYPED | {"csrf_token": "stale"}, status=400, csrf=False, headers=OURS)
    assert "The page had stood open for too long" in visitor.page.text
    assert absences() == []

    visitor.submit({})
    assert absences() == [TYPED["note"]]


@pytest.mark.parametrize("headers", [
    {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"}, {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
])  # fmt: skip
def test_another_sites_form_is_carried_nowhere(visitor, anna, headers):
    visitor.post("/account/absences", TYPED, status=401, headers=headers)
    assert "deputy" not in visitor.page.html

    visitor.sign_in(anna).post("/account/absences", TYPED, status=400, csrf=False, headers=headers)
    assert "deputy" not in visitor.page.html


def test_passwords_are_asked_for_again_and_never_carried(visitor, anna):
    visitor.sign_in(anna)
    typed = {"password_now": PASSWORD, "password": "the new one of mine", "password_again": "the new one of mine"}

    visitor.post("/account/password", typed | {"csrf_token": "stale"}, status=400, csrf=False, headers=OURS)

    assert PASSWORD not in visitor.page.html
    assert "the new one" not in visitor.page.html
    assert set(visitor.page.forms[-1]["fields"]) == {"csrf_token", *typed}
    visitor.submit(typed)
    assert "Your password is changed." in visitor.follow().text


def test_files_are_asked_for_again_and_never_carried(visitor, anna):
    import io

    body = {"note": "kept", "paper": (io.BytesIO(b"secret content"), "paper.pdf"), "csrf_token": "stale"}
    visitor.sign_in(anna)
    visitor.post("/account/absences", body, status=400, csrf=False, headers=OURS, content_type="multipart/form-data")

    assert "secret content" not in visitor.page.html
    assert 'type="file"' in visitor.page.html
    assert 'enctype="multipart/form-data"' in visitor.page.html


@pytest.mark.parametrize("typed", [
    {f"field{n}": "x" for n in range(kept.MOST_FIELDS + 1)}, {"note": "x" * (kept.MOST_BYTES + 1)},
])  # fmt: skip
def test_too_much_is_not_carried(visitor, anna, typed):
    visitor.post("/account/absences", typed, status=401, headers=OURS)
    assert "What you sent was not saved." in visitor.page.text

    visitor.sign_in(anna).post("/account/absences", typed, status=400, csrf=False, headers=OURS)
    assert "xxxx" not in visitor.page.html


@pytest.mark.parametrize("packed", [
    '["//evil.example", [["a", "b"]], [], []]', '["https://evil.example/", [], [], []]', '["/", [["a", 1]], [], []]',
    '["/", [["a"]], [], []]', '["/", 1, [], []]', '["/"]', "{}", "null", "[" * 5000, "\x00", '["/", [], [1], []]',
    '["/", [], {"a": 1}, 7]',
])  # fmt: skip
def test_a_forged_parcel_is_not_carried_through_the_sign_in(visitor, anna, packed):
    visitor.get("/sign-in")
    visitor.submit({"email": "anna@agency.gov", "password": PASSWORD, "kept": packed})

    assert visitor.response.headers["Location"] == "/"


def test_lines_quotes_and_repeated_fields_come_through_unchanged(visitor, anna):
    note = "one\r\ntwo \"three\" 'four' &amp; <five>"
    visitor.sign_in(anna)
    answer = visitor.client.post("/account/absences?x=1", data={"note": [note, "again"], "csrf_token": "stale"},
                                 headers=OURS)

    html = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert html.count('<input type="hidden" name="note"') == 2
    assert 'action="/account/absences?x=1"' in html
    assert "one\r\ntwo &#34;three&#34; &#39;four&#39; &amp;amp; &lt;five&gt;" in html
