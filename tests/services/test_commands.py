"""The commands that guard the house: the trail verified, and a way in for somebody locked out."""

import factories as make
import sqlalchemy as sa
from click.testing import CliRunner

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.people import Person
from engage.rules.policy import Actor, Role
from engage.services import audit, grants, links
from engage.services.transaction import transaction


def run(app, *words: str):
    """What a command prints, and how it ends."""
    db.session.remove()
    return CliRunner().invoke(app.cli, list(words), obj=_info(app))


def _info(app):
    from flask.cli import ScriptInfo

    return ScriptInfo(create_app=lambda: app)


def three_lines() -> None:
    """A trail of three lines on top of what ships."""
    with transaction():
        for number in range(3):
            audit.record("try", about=("item", number), by=Actor(), now=make.NOON)


def test_verify_counts_the_lines_of_a_whole_trail(store, app):
    three_lines()
    lines = audit.head().line

    done = run(app, "audit", "verify")

    assert (done.exit_code, done.output) == (0, f"The trail is whole: {lines} lines.\n")


def test_verify_names_the_first_bad_line_and_fails(store, app):
    three_lines()
    last = audit.head().line
    with transaction():
        store.execute(sa.text("UPDATE audit_head SET last_id = last_id + 1"))

    done = run(app, "audit", "verify")

    assert (done.exit_code, done.output) == (1, (
        f"The trail does not hold: the head says {last + 1} lines, the trail has {last}. "
        f"The first bad line is {last + 1}.\n"))


def test_a_head_printed_one_day_verifies_the_trail_of_another(store, app):
    three_lines()
    head = run(app, "audit", "head").output.strip()
    three_lines()

    assert run(app, "audit", "verify", "--head", head).exit_code == 0
    other = head.split(":")[0] + ":" + "f" * 64
    assert run(app, "audit", "verify", "--head", other).exit_code == 1
    assert "Give what `engage audit head` printed." in run(app, "audit", "verify", "--head", "12").output


def test_reset_prints_a_link_that_lets_the_person_in(store, app):
    with transaction():
        number = make.person(email="locked.out@agency.gov", password_hash="kept").id

    done = run(app, "people", "reset", "Locked.Out@agency.gov")

    assert done.exit_code == 0
    assert done.output.startswith("http://localhost/enter/")
    assert links.holder(done.output.strip().rpartition("/")[2], now=make.NOON).id == number
    assert db.session.get(Person, number).password_hash is None
    line = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (line.action, line.actor_id, line.about_id, line.source) == ("reset_password", None, number, "command")


def test_grant_makes_the_first_administrator(store, app):
    with transaction():
        number = make.person(email="first@agency.gov").id

    done = run(app, "people", "grant", "first@agency.gov", "administrator")

    assert (done.exit_code, done.output) == (0, "first@agency.gov is administrator from 2026-03-02.\n")
    assert {g.role for g in grants.of(number, make.TODAY)} == {Role.REQUESTER, Role.ADMINISTRATOR}


def test_the_first_administrator_is_made_on_an_empty_house(store, app):
    done = run(app, "people", "create-administrator", "Dana@agency.gov", "Dana  Whitfield")

    holder = links.holder(done.output.strip().rpartition("/")[2], now=make.NOON)
    assert (done.exit_code, holder.email, holder.name) == (0, "dana@agency.gov", "Dana Whitfield")
    assert {g.role for g in grants.of(holder.id, make.TODAY)} == {Role.REQUESTER, Role.ADMINISTRATOR}
    again = run(app, "people", "create-administrator", "dana@agency.gov", "Dana")
    assert (again.exit_code, again.output) == (1, "Error: Somebody with this address is known already.\n")
    wrong = run(app, "people", "create-administrator", "dana", "Dana")
    assert wrong.output == "Error: Write an e-mail address, such as name@example.gov.\n"


def test_what_the_rules_refuse_is_said_in_a_sentence(store, app):
    with transaction():
        make.person(email="gone@agency.gov", name="Gone", disabled_at=make.NOON)

    assert run(app, "people", "reset", "gone@agency.gov").output == "Error: Gone is disabled. Enable them first.\n"
    nobody = run(app, "people", "reset", "no@agency.gov")
    assert (nobody.exit_code, nobody.output) == (1, "Error: Nobody is known by the address no@agency.gov.\n")
    reviewer = run(app, "people", "grant", "gone@agency.gov", "reviewer")
    assert reviewer.output == "Error: A reviewer has a kind, and nobody else has.\n"
