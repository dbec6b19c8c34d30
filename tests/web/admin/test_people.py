"""Administrators invite, change, disable and reset people, grant and revoke roles; every look is recorded."""

import re

import factories as make
import pytest
import sqlalchemy as sa

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.people import Absence, Person, RoleGrant
from engage.rules.policy import Role
from engage.services import grants, sessions
from engage.services.transaction import transaction
from engage.web.admin import queries


@pytest.fixture
def admin(store) -> Person:
    """An administrator."""
    with transaction():
        return make.person(Role.ADMINISTRATOR, name="Dana Whitfield")


def names(page) -> list[str]:
    """The people a list shows, in its order."""
    return re.findall(r'<th scope="row" data-label="Name"><a [^>]*>([^<]*)</a>', page.html)


def acts(person: int) -> list[str]:
    """What was done about a person, in order."""
    return list(db.session.scalars(
        sa.select(AuditEvent.action)
        .where(AuditEvent.about_kind == "person", AuditEvent.about_id == person).order_by(AuditEvent.id)))


# ---------------------------------------------------------------- the list


@pytest.mark.parametrize(("search", "found"), [
    ("", ["Anna Berg", "Dana Whitfield", "Ola Ödegaard"]), ("an", ["Anna Berg"]), ("BER", ["Anna Berg"]),
    ("anna@", ["Anna Berg"]), ("Öde", ["Ola Ödegaard"]), ("erg", []), ("%", []), ("_", []), ("\\", []), ("nna", []),
])  # fmt: skip
def test_people_are_found_by_the_beginning_of_a_name_or_address(visitor, admin, search, found):
    with transaction():
        make.person(name="Anna Berg", email="anna@agency.gov")
        make.person(name="Ola Ödegaard", email="ola@agency.gov")

    page = visitor.sign_in(admin).get(f"/admin/people?q={search}")

    assert names(page) == found
    assert ("Nobody found" in page.text) is (found == [])


def test_the_list_pages_by_name_and_loses_nobody(visitor, admin):
    with transaction():
        for number in range(2 * queries.PAGE + 5):
            make.person(name=f"Colleague_{number % 7}", email=f"c{number:03}@agency.gov")
    visitor.sign_in(admin).get("/admin/people")
    seen = names(visitor.page)

    while following := [link for link in visitor.page.links if "after=" in link]:
        visitor.get(following[0])
        seen += names(visitor.page)

    assert len(seen) == 2 * queries.PAGE + 6
    assert seen == sorted(seen)


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_takes_as_many_statements_for_many_as_for_one(visitor, admin, statements, count):
    with transaction():
        for _ in range(count):
            make.person(Role.AUDITOR)
    visitor.sign_in(admin)
    statements.clear()

    visitor.get("/admin/people?q=p")

    assert len(statements) == 4


# ---------------------------------------------------------------- inviting


def test_somebody_is_invited_and_their_link_shown_once(visitor, admin):
    visitor.sign_in(admin).get("/admin/people/new")
    visitor.submit({"email": "New.Person@agency.gov", "name": "New Person", "office": "Legal", "zone": "Europe/Riga",
                    "supervisor": admin.email}, status=200)
    link = visitor.page.html.split('value="http://localhost')[1].split('"')[0]
    assert link.startswith("/enter/")

    number = db.session.scalar(sa.select(Person.id).where(Person.email == "new.person@agency.gov"))
    page = visitor.get(f"/admin/people/{number}")
    assert "/enter/" not in page.html
    assert "No password yet" in page.text
    assert acts(number) == ["add_person", "invite", "look"]


def test_a_double_click_invites_one_person(visitor, admin):
    visitor.sign_in(admin).get("/admin/people/new")
    fields = visitor.page.forms[-1]["fields"] | {"email": "new@agency.gov", "name": "New"}
    visitor.post("/admin/people/new", fields, status=200)

    visitor.post("/admin/people/new", fields)

    number = db.session.scalar(sa.select(Person.id).where(Person.email == "new@agency.gov"))
    assert visitor.response.headers["Location"] == f"/admin/people/{number}"
    assert acts(number) == ["add_person", "invite"]


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"email": "not an address"}, "Write an e-mail address"), ({"email": ""}, "Give the address."),
    ({"name": ""}, "Give the name."), ({"email": "taken@agency.gov"}, "Somebody with this address is known already."),
    ({"supervisor": "nobody@agency.gov"}, "Nobody of this address works here."), ({"name": "x" * 201},
                                                                                  "Use at most 200"),
    ({"name": "a\x00b"}, "This holds a character that cannot be kept."), ({"zone": "Mars"}, "Not a valid choice."),
])  # fmt: skip
def test_a_wrong_invitation_is_refused_at_its_field_with_its_text_kept(visitor, admin, changes, sentence):
    with transaction():
        make.person(email="taken@agency.gov")
    visitor.sign_in(admin).get("/admin/people/new")

    visitor.submit({"email": "new@agency.gov", "name": "New", "office": "Typed office"} | changes, status=422)

    assert sentence in visitor.page.text
    assert 'value="Typed office"' in visitor.page.html
    assert db.session.scalar(sa.select(sa.func.count()).where(Person.name == "New")) == 0


# ---------------------------------------------------------------- one person


def test_a_look_at_a_person_is_recorded(visitor, admin):
    with transaction():
        number = make.person(name="Anna Berg").id

    assert "Anna Berg" in visitor.sign_in(admin).get(f"/admin/people/{number}").text

    line = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (line.action, line.actor_id, line.about_id) == ("look", admin.id, number)
    visitor.get("/admin/people/99999", status=404)


def test_details_are_changed_and_a_stale_page_gets_both_texts(visitor, admin):
    with transaction():
        number = make.person(name="Anna Berg").id
    visitor.sign_in(admin).get(f"/admin/people/{number}")
    page, response = visitor.page, visitor.response
    form = next(i for i, f in enumerate([f for f in page.forms if f["method"] == "post" and f["action"] != "/sign-out"])
                if "version" in f["fields"])
    visitor.submit({"name": "Anna Lind", "office": "Legal"}, form=form)
    assert "Anna Lind" in visitor.follow().text

    visitor.page, visitor.response = page, response  # the page opened before
    visitor.submit({"name": "Anna Holm"}, form=form, status=409)
    assert "Somebody else changed this person" in visitor.page.text
    assert "Name Anna Lind Anna Holm" in visitor.page.text
    assert "Office Legal" in visitor.page.text
    assert db.session.get(Person, number).name == "Anna Lind"


@pytest.mark.parametrize("version", ["", "x", "9" * 30, "-1"])
def test_a_change_without_a_version_is_refused(visitor, admin, version):
    with transaction():
        number = make.person().id

    visitor.sign_in(admin).post(f"/admin/people/{number}", {"name": "A", "zone": "UTC", "version": version}, status=422)


def test_a_person_is_disabled_with_a_reason_and_enabled_again(visitor, admin):
    with transaction():
        who = make.person(Role.CHAIR)
        number = who.id
        sessions.start(number, address="", browser="", now=make.NOON)
    visitor.sign_in(admin).post(f"/admin/people/{number}/disable", {"reason": ""}, status=422)
    assert "Say why." in visitor.page.text

    visitor.post(f"/admin/people/{number}/disable", {"reason": "Left the agency"})
    assert "Disabled" in visitor.follow().text
    assert sessions.live(number, now=make.NOON) == []
    visitor.post(f"/admin/people/{number}/enable")
    assert "They may sign in again." in visitor.follow().text
    assert [a for a in acts(number) if a != "look"] == ["disable", "enable"]


def test_disabling_bites_on_the_next_request(app, visitor, admin):
    with transaction():
        who = make.person()
    other = type(visitor)(app).sign_in(who)
    other.get("/account")

    visitor.sign_in(admin).post(f"/admin/people/{who.id}/disable", {"reason": "Left"})

    other.get("/account", status=302)


def test_a_reset_shows_a_link_and_ends_the_old_way_in(visitor, admin):
    with transaction():
        number = make.person(password_hash="kept").id

    visitor.sign_in(admin).post(f"/admin/people/{number}/reset", status=200)

    assert "/enter/" in visitor.page.html
    assert db.session.get(Person, number).password_hash is None


def test_the_last_administrator_is_told_why_they_stay(visitor, admin):
    visitor.sign_in(admin).post(f"/admin/people/{admin.id}/disable", {"reason": "x"}, status=409)

    assert "This is the last administrator." in visitor.page.text


# ---------------------------------------------------------------- roles and absences


def test_a_role_is_granted_from_a_day_through_a_day_and_revoked(visitor, admin):
    with transaction():
        number = make.person().id
    visitor.sign_in(admin).post(f"/admin/people/{number}/roles", {
        "role": "reviewer", "kind": "legal", "first_on": "2026-03-02", "through_on": "2026-12-31"})
    assert "Reviewer, legal and ethics Mon 2 Mar 2026 Thu 31 Dec 2026" in visitor.follow().text

    grant = next(g for g in grants.of(number, make.TODAY) if g.role is Role.REVIEWER)
    visitor.post(f"/admin/people/{number}/roles/{grant.id}/revoke")
    assert "Reviewer, legal" not in visitor.follow().text
    assert [a for a in acts(number) if a != "look"] == ["grant_role", "revoke_role"]


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"role": "reviewer"}, "A reviewer has a kind"), ({"kind": "legal"}, "A reviewer has a kind"),
    ({"role": "emperor"}, "Not a valid choice."), ({"first_on": ""}, "Give the first day."),
    ({"through_on": "2026-03-01"}, "The last day lies before the first."), ({"role": "requester"},
                                                                            "They hold this role"),
])  # fmt: skip
def test_a_wrong_grant_is_refused_at_its_field(visitor, admin, changes, sentence):
    with transaction():
        number = make.person().id

    visitor.sign_in(admin).post(f"/admin/people/{number}/roles",
                                {"role": "auditor", "kind": "", "first_on": "2026-03-02"} | changes, status=422)

    assert sentence in visitor.page.text
    assert len(grants.of(number, make.TODAY)) == 1


def test_nobody_grants_themselves_a_role_and_the_try_is_recorded(visitor, admin):
    page = visitor.sign_in(admin).get(f"/admin/people/{admin.id}")
    assert "Grant a role" not in page.text

    visitor.post(f"/admin/people/{admin.id}/roles", {"role": "auditor", "kind": "", "first_on": "2026-03-02"},
                 status=403)

    line = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (line.action, line.actor_id, line.outcome) == ("admin.grant", admin.id, "denied")
    assert db.session.scalar(sa.select(sa.func.count()).where(RoleGrant.role == Role.AUDITOR)) == 0


def test_a_grant_of_another_person_is_not_there(visitor, admin):
    with transaction():
        one, other = make.person(), make.person()
    grant = grants.of(one.id, make.TODAY)[0]

    visitor.sign_in(admin).post(f"/admin/people/{other.id}/roles/{grant.id}/revoke", status=404)
    visitor.post(f"/admin/people/{other.id}/absences/1/remove", status=404)


def test_an_administrator_notes_an_absence_for_somebody(visitor, admin):
    with transaction():
        number = make.person().id

    visitor.sign_in(admin).post(f"/admin/people/{number}/absences",
                                {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "note": "Leave"})
    assert "9 to 13 Mar 2026" in visitor.follow().text
    visitor.post(f"/admin/people/{number}/absences", {"starts_on": "2026-03-09", "ends_on": "2026-03-01"}, status=422)
    absence = db.session.scalar(sa.select(Absence.id))
    visitor.post(f"/admin/people/{number}/absences/{absence}/remove")
    assert [a for a in acts(number) if a != "look"] == ["add_absence", "remove_absence"]
