"""People, their roles and absences: who may change them, and what must always remain."""

import threading
from datetime import date, timedelta

import factories as make
import pytest
import sqlalchemy as sa

from engage.documents import letters
from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.outbox import OutboxMessage
from engage.models.people import Absence, EntryToken, Office, Person, RoleGrant, SignInSession
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor, ReviewKind, Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.services import grants, links, norms, people, sessions
from engage.services.transaction import transaction

DAY = timedelta(days=1)


@pytest.fixture
def admin(store) -> Actor:
    """An administrator."""
    with transaction():
        return make.actor(make.person(Role.ADMINISTRATOR, name="Dana"))


def trail(about: int) -> list[str]:
    """What was done about a person, in order."""
    return list(db.session.scalars(
        sa.select(AuditEvent.action)
        .where(AuditEvent.about_kind == "person", AuditEvent.about_id == about).order_by(AuditEvent.id)))


def add(by: Actor, **facts) -> Person:
    """Somebody new."""
    given = {"email": "New.Person@Agency.gov", "name": "New Person", "zone": "Europe/Riga"} | facts
    return people.add(**given, by=by, now=make.NOON, today=make.TODAY)


def test_somebody_new_begins_as_a_requester_without_a_password(admin):
    with transaction():
        person = add(admin, office="Legal  Affairs", supervisor="")
        number = person.id

    row = people.profile(number)
    assert (row.email, row.name, row.office, row.home_zone, row.has_password) == (
        "new.person@agency.gov", "New Person", "Legal Affairs", "Europe/Riga", False)  # fmt: skip
    assert [(g.role, g.starts_on, g.ends_on) for g in grants.of(number, make.TODAY)] == [
        (Role.REQUESTER, make.TODAY, None)]
    assert trail(number) == ["add_person"]


def test_two_people_of_one_office_make_one_office(admin):
    with transaction():
        add(admin, office="Legal")
        add(admin, email="other@agency.gov", office=" Legal ")

    assert db.session.scalar(sa.select(sa.func.count()).where(Office.name == "Legal")) == 1


@pytest.mark.parametrize(("facts", "at"), [
    ({"email": "known@agency.gov"}, "email"), ({"email": " KNOWN@agency.gov"}, "email"),
    ({"supervisor": "nobody@agency.gov"}, "supervisor"), ({"zone": "Mars/Olympus"}, "zone"), ({"zone": ""}, "zone"),
])  # fmt: skip
def test_what_is_wrong_with_somebody_new_is_said_at_its_field(admin, facts, at):
    with transaction():
        make.person(email="known@agency.gov")

    with pytest.raises(Incomplete) as refusal:
        add(admin, **facts)

    assert list(refusal.value.at) == [at]


def test_only_administrators_manage_people(store):
    with transaction():
        who, other = make.actor(make.person(*(set(Role) - {Role.ADMINISTRATOR}))), make.person()

    acts = {
        "add": lambda: add(who),
        "invite": lambda: people.invite(other, by=who, now=make.NOON),
        "reset": lambda: people.reset(other, by=who, now=make.NOON),
        "disable": lambda: people.disable(other, reason="x", by=who, now=make.NOON, today=make.TODAY),
        "enable": lambda: people.enable(other, by=who, now=make.NOON),
        "grant": lambda: grants.grant(other, Role.AUDITOR, starts_on=make.TODAY, by=who, now=make.NOON),
        "absence": lambda: grants.add_absence(
            other.id, starts_on=make.TODAY, ends_on=make.TODAY, note="", by=who, now=make.NOON),
        "number": lambda: norms.change(
            "vote_days", 4, starts_on=make.TODAY + DAY, source="x", by=who, now=make.NOON, today=make.TODAY),
    }
    for act in acts.values():
        with pytest.raises(NotAllowed):
            act()


def test_a_stale_change_is_refused(admin):
    with transaction():
        person = make.person()
        version = person.version
        people.amend(person, name="First", office="", supervisor="", zone="UTC", version=version, by=admin,
                     now=make.NOON)

    with pytest.raises(Stale):
        people.amend(person, name="Second", office="", supervisor="", zone="UTC", version=version, by=admin,
                     now=make.NOON)
    assert person.name == "First"


def test_nobody_supervises_themselves_however_far_around(admin):
    with transaction():
        top = make.person(email="top@agency.gov")
        middle = make.person(email="middle@agency.gov", supervisor_id=top.id)
        low = make.person(email="low@agency.gov", supervisor_id=middle.id)

    for boss in (top, middle, low):
        with pytest.raises(Incomplete) as refusal:
            people.amend(top, name="Top", office="", supervisor=boss.email, zone="UTC", version=top.version, by=admin,
                         now=make.NOON)
        assert list(refusal.value.at) == ["supervisor"]


def test_a_change_that_changes_nothing_leaves_no_line(admin):
    with transaction():
        person = make.person(name="Same", home_zone="UTC")
        number = person.id
        people.amend(person, name="Same", office="", supervisor="", zone="UTC", version=person.version, by=admin,
                     now=make.NOON)

    assert trail(number) == []


# ---------------------------------------------------------------- disabled, enabled, reset


def test_disabling_ends_sessions_and_links_at_once_and_erases_nothing(admin):
    with transaction():
        person = make.person(Role.CHAIR)
        number = person.id
        token = sessions.start(number, address="", browser="", now=make.NOON)
        path = links.post(person, now=make.NOON)

    with transaction():
        people.disable(db.session.get(Person, number), reason="Left", by=admin, now=make.NOON, today=make.TODAY)

    assert not sessions.recognise(token, address="", request_id="", now=make.NOON, today=make.TODAY)[0].is_authenticated
    assert links.holder(path.removeprefix("/enter/"), now=make.NOON) is None
    assert {g.role for g in grants.of(number, make.TODAY)} == {Role.REQUESTER, Role.CHAIR}
    assert trail(number) == ["disable"]

    with transaction():
        people.enable(db.session.get(Person, number), by=admin, now=make.NOON)
    assert links.holder(path.removeprefix("/enter/"), now=make.NOON) is None
    assert trail(number) == ["disable", "enable"]


def test_who_is_disabled_cannot_be_disabled_again_nor_invited(admin):
    with transaction():
        person = make.person(disabled_at=make.NOON)

    with pytest.raises(NotOpen):
        people.disable(person, reason="x", by=admin, now=make.NOON, today=make.TODAY)
    with pytest.raises(NotOpen):
        people.reset(person, by=admin, now=make.NOON)


def test_a_reset_takes_the_password_and_every_session_and_mails_one_good_link(admin):
    with transaction():
        person = make.person(password_hash="kept")
        number = person.id
        sessions.start(number, address="", browser="", now=make.NOON)
        earlier = people.invite(person, by=admin, now=make.NOON)
        path = people.reset(person, by=admin, now=make.NOON)

    assert db.session.get(Person, number).password_hash is None
    assert sessions.live(number, now=make.NOON) == []
    assert links.holder(earlier.removeprefix("/enter/"), now=make.NOON) is None
    assert links.holder(path.removeprefix("/enter/"), now=make.NOON).id == number
    message = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)).one()
    assert (message.person_id, message.template) == (number, "invitation")
    assert letters.path(message.facts, message.about_kind, message.about_id) == path
    assert path.removeprefix("/enter/") not in str(message.facts)
    assert path.removeprefix("/enter/") not in [row.token_hash for row in db.session.scalars(sa.select(EntryToken))]
    assert trail(number) == ["invite", "invite", "reset_password"]


def test_a_link_works_once_for_three_days(admin):
    with transaction():
        person = make.person()
        number = person.id
        token = people.invite(person, by=admin, now=make.NOON).removeprefix("/enter/")

    late = make.NOON + links.LIFE
    assert links.holder(token, now=late) is None
    assert links.holder(token, now=late - timedelta(seconds=1)).id == number
    assert links.holder(token[:-1], now=make.NOON) is None
    assert links.holder("", now=make.NOON) is None

    with transaction():
        assert links.enter(token, "hash", address="", request_id="", now=make.NOON)
    with transaction():
        assert not links.enter(token, "other", address="", request_id="", now=make.NOON)
    assert db.session.get(Person, number).password_hash == "hash"


# ---------------------------------------------------------------- roles


def test_a_role_is_held_on_its_days_and_bites_on_the_next_request(admin):
    with transaction():
        person = make.person()
        number = person.id
        token = sessions.start(number, address="", browser="", now=make.NOON)

    def roles_on(day: date) -> frozenset[Role]:
        actor, _, _ = sessions.recognise(token, address="", request_id="", now=make.NOON, today=day)
        return actor.roles - {Role.REQUESTER}

    with transaction():
        granted = grants.grant(db.session.get(Person, number), Role.CHAIR, starts_on=make.TODAY + DAY,
                               ends_on=make.TODAY + 2 * DAY, by=admin, now=make.NOON)
        grant_id = granted.id
    assert [roles_on(make.TODAY + n * DAY) for n in range(4)] == [
        frozenset(), {Role.CHAIR}, {Role.CHAIR}, frozenset()]

    with transaction():
        grants.revoke(grants.find(grant_id, number), by=admin, now=make.NOON, today=make.TODAY + 2 * DAY)
    assert [roles_on(make.TODAY + n * DAY) for n in range(4)] == [
        frozenset(), {Role.CHAIR}, frozenset(), frozenset()]
    assert trail(number) == ["grant_role", "revoke_role"]


def test_a_grant_that_began_today_or_later_is_taken_out_whole(admin):
    with transaction():
        person = make.person()
        number = person.id
        for role, starts_on in ((Role.CHAIR, make.TODAY), (Role.AUDITOR, make.TODAY + DAY)):
            grants.revoke(grants.grant(person, role, starts_on=starts_on, by=admin, now=make.NOON), by=admin,
                          now=make.NOON, today=make.TODAY)

    assert [g.role for g in grants.of(number, make.TODAY)] == [Role.REQUESTER]


def test_nobody_grants_a_role_to_themselves(admin):
    with pytest.raises(NotAllowed, match="to themselves"):
        grants.grant(people.find(admin.id), Role.AUDITOR, starts_on=make.TODAY, by=admin, now=make.NOON)


@pytest.mark.parametrize(("role", "kind", "starts", "ends", "at"), [
    (Role.REVIEWER, None, 0, None, "kind"), (Role.CHAIR, ReviewKind.LEGAL, 0, None, "kind"),
    (Role.CHAIR, None, 0, -1, "ends_on"), (Role.REQUESTER, None, 0, None, "role"), (Role.REQUESTER, None, 5, 9, "role"),
])  # fmt: skip
def test_what_is_wrong_with_a_grant_is_said_at_its_field(admin, role, kind, starts, ends, at):
    with transaction():
        person = make.person()

    with pytest.raises(Incomplete) as refusal:
        grants.grant(person, role, kind=kind, starts_on=make.TODAY + starts * DAY,
                     ends_on=None if ends is None else make.TODAY + ends * DAY, by=admin, now=make.NOON)

    assert list(refusal.value.at) == [at]


def test_somebody_may_review_two_kinds(admin):
    with transaction():
        person = make.person()
        for kind in (ReviewKind.LEGAL, ReviewKind.FINANCE):
            grants.grant(person, Role.REVIEWER, kind=kind, starts_on=make.TODAY, by=admin, now=make.NOON)
        number = person.id

    assert {g.review_kind for g in grants.of(number, make.TODAY)} == {None, ReviewKind.LEGAL, ReviewKind.FINANCE}


def test_the_last_administrator_stays(admin):
    me = people.find(admin.id)
    grant = next(g for g in grants.of(admin.id, make.TODAY) if g.role is Role.ADMINISTRATOR)

    with pytest.raises(NotOpen, match="last administrator"):
        people.disable(me, reason="x", by=admin, now=make.NOON, today=make.TODAY)
    with pytest.raises(NotOpen, match="last administrator"):
        grants.revoke(grants.find(grant.id, admin.id), by=admin, now=make.NOON, today=make.TODAY)


@pytest.mark.parametrize("other", ["disabled", "with an end", "not yet", "past"])
def test_an_administrator_who_does_not_last_does_not_stand_in_for_the_last(admin, other):
    days = {"with an end": (0, 30), "not yet": (1, None), "past": (-9, -1), "disabled": (0, None)}[other]
    with transaction():
        person = make.person(disabled_at=make.NOON if other == "disabled" else None)
        db.session.add(RoleGrant(person_id=person.id, role=Role.ADMINISTRATOR, starts_on=make.TODAY + days[0] * DAY,
                                 ends_on=None if days[1] is None else make.TODAY + days[1] * DAY))

    with pytest.raises(NotOpen, match="last administrator"):
        people.disable(people.find(admin.id), reason="x", by=admin, now=make.NOON, today=make.TODAY)


def test_with_a_second_administrator_the_first_may_go(admin):
    with transaction():
        make.person(Role.ADMINISTRATOR)
        people.disable(people.find(admin.id), reason="Moved", by=admin, now=make.NOON, today=make.TODAY)

    assert people.find(admin.id).disabled_at == make.NOON


def test_two_administrators_cannot_remove_each_other_at_once(admin, app):
    with transaction():
        other = make.actor(make.person(Role.ADMINISTRATOR))
    ready, outcomes = threading.Barrier(2), []

    def remove(by: Actor, whom: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    people.disable(people.find(whom), reason="x", by=by, now=make.NOON, today=make.TODAY)
                outcomes.append("disabled")
            except NotOpen:
                outcomes.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((admin, other.id), (other, admin.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert sorted(outcomes) == ["disabled", "refused"]


# ---------------------------------------------------------------- absences, sessions, numbers


def test_absences_are_ones_own_or_an_administrators_to_note(admin):
    with transaction():
        who, other = make.actor(make.person()), make.actor(make.person())
        for by in (who, admin):
            grants.add_absence(who.id, starts_on=make.TODAY, ends_on=make.TODAY + DAY, note="", by=by, now=make.NOON)

    with pytest.raises(NotAllowed):
        grants.add_absence(who.id, starts_on=make.TODAY, ends_on=make.TODAY, note="", by=other, now=make.NOON)
    with pytest.raises(Incomplete):
        grants.add_absence(who.id, starts_on=make.TODAY, ends_on=make.TODAY - DAY, note="", by=who, now=make.NOON)
    first, second = db.session.scalars(sa.select(Absence.id).order_by(Absence.id))
    with transaction():
        assert not grants.remove_absence(first, other.id, by=other, now=make.NOON)  # another's is none
        assert grants.remove_absence(second, who.id, by=who, now=make.NOON)
    assert [row.id for row in grants.absences(who.id, make.TODAY)] == [first]
    assert grants.absences(who.id, make.TODAY + 2 * DAY) == []
    assert trail(who.id) == ["add_absence", "add_absence", "remove_absence"]


def test_a_session_dies_of_idleness_and_of_age(store):
    with transaction():
        token = sessions.start(make.person().id, address="", browser="", now=make.NOON)

    def alive(minutes: int) -> bool:
        now = make.NOON + timedelta(minutes=minutes)
        return sessions.recognise(token, address="", request_id="", now=now, today=make.TODAY)[0].is_authenticated

    assert (alive(14), alive(15)) == (True, False)
    with transaction():
        row = db.session.scalars(sa.select(SignInSession)).one()
        row.last_seen_at = make.NOON + timedelta(hours=11, minutes=55)
    assert (alive(12 * 60 - 1), alive(12 * 60)) == (True, False)


def test_the_database_holds_no_token(store):
    with transaction():
        token = sessions.start(make.person().id, address="", browser="", now=make.NOON)

    row = db.session.execute(sa.select(SignInSession.__table__)).one()
    assert token not in [str(value) for value in row]
    assert row.token_hash == sessions.hashed(token)


def test_a_number_changes_from_a_day_to_come_and_its_past_stays(admin):
    with transaction():
        norms.change("vote_days", 4, starts_on=make.TODAY + DAY, source="Board minutes of 2 March", by=admin,
                     now=make.NOON, today=make.TODAY)

    assert (norms.norm_on("vote_days", make.TODAY), norms.norm_on("vote_days", make.TODAY + DAY)) == (3, 4)
    line = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (line.action, line.details) == ("set_number", canonical_json({
        "before": 3, "after": {"key": "vote_days", "value": 4, "starts_on": make.TODAY + DAY,
                               "source": "Board minutes of 2 March"}}))
    for day in (make.TODAY, make.TODAY + DAY):
        with pytest.raises(Incomplete):
            norms.change("vote_days", 5, starts_on=day, source="x", by=admin, now=make.NOON, today=make.TODAY)
    with pytest.raises(KeyError):
        norms.change("nothing", 5, starts_on=make.TODAY + DAY, source="x", by=admin, now=make.NOON, today=make.TODAY)
