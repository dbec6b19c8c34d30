"""People from a file: supervisors in any order, roles granted and never taken, nobody let in by it."""

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import select

from engage.extensions import db
from engage.importing.parsed import Problem
from engage.models.audit import AuditEvent
from engage.models.people import Office, Person, RoleGrant
from engage.rules.policy import ReviewKind, Role
from engage.services import imports
from engage.services.imports import Unsound
from engage.services.people import COMMAND_LINE
from engage.services.transaction import transaction

HEAD = "email,name,office,supervisor_email,home_zone,roles"


def take(*rows):
    with transaction():
        return imports.take("people", "\r\n".join([HEAD, *rows]).encode(), by=COMMAND_LINE, now=NOON)


def people():
    boss = Person.__table__.alias("boss")
    p, o = Person.__table__.c, Office.__table__.c
    rows = db.session.execute(
        select(p.email, p.name, o.name.label("office"), boss.c.email.label("boss"), p.home_zone)
        .outerjoin(Office, o.id == p.office_id).outerjoin(boss, boss.c.id == p.supervisor_id).order_by(p.email)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def roles(email):
    g = RoleGrant
    rows = db.session.execute(
        select(g.role, g.review_kind, g.starts_on, g.ends_on)
        .join(Person, Person.id == g.person_id)
        .where(Person.email == email)
    )
    return sorted(tuple(row) for row in rows)


CHAIN = (
    "low@a.gov,Low,Field,mid@a.gov,,",
    "mid@a.gov,Mid,Field,top@a.gov,Europe/Kiev,supervisor",
    "top@a.gov,Top,Head,,,leadership;reviewer:legal",
)


def test_a_chain_of_supervisors_may_stand_in_any_order(store):
    done = take(*CHAIN)

    assert [entry.label for entry in done.new] == ["Low, low@a.gov", "Mid, mid@a.gov", "Top, top@a.gov"]
    assert people() == [
        ("low@a.gov", "Low", "Field", "mid@a.gov", "America/New_York"),
        ("mid@a.gov", "Mid", "Field", "top@a.gov", "Europe/Kyiv"),
        ("top@a.gov", "Top", "Head", None, "America/New_York"),
    ]
    assert [roles(email) for email in ("low@a.gov", "mid@a.gov", "top@a.gov")] == [
        [(Role.REQUESTER, None, TODAY, None)],
        [(Role.REQUESTER, None, TODAY, None), (Role.SUPERVISOR, None, TODAY, None)],
        [(Role.LEADERSHIP, None, TODAY, None), (Role.REQUESTER, None, TODAY, None),
         (Role.REVIEWER, ReviewKind.LEGAL, TODAY, None)],
    ]  # fmt: skip


def test_nobody_gets_in_by_a_file(store):
    take(*CHAIN)

    assert set(db.session.scalars(select(Person.password_hash))) == {None}


def test_twice_is_the_same_as_once(store):
    take(*CHAIN)
    before = (
        people(),
        db.session.scalars(select(Person.version)).all(),
        len(db.session.scalars(select(RoleGrant.id)).all()),
    )

    done = take(*CHAIN)

    assert (done.new, done.changed, len(done.same)) == ((), (), 3)
    assert (
        people(),
        db.session.scalars(select(Person.version)).all(),
        len(db.session.scalars(select(RoleGrant.id)).all()),
    ) == before


def test_what_changes_is_said_and_an_empty_cell_changes_nothing(store):
    take(*CHAIN)

    done = take("low@a.gov,Low,,top@a.gov,,duty_officer", "mid@a.gov,Mid,Elsewhere,,,")

    assert [(entry.label, entry.says) for entry in done.changed] == [
        ("Low, low@a.gov", ("supervisor email: mid@a.gov → top@a.gov", "role: duty_officer")),
        ("Mid, mid@a.gov", ("office: Field → Elsewhere",)),
    ]
    assert people()[:2] == [
        ("low@a.gov", "Low", "Field", "top@a.gov", "America/New_York"),
        ("mid@a.gov", "Mid", "Elsewhere", "top@a.gov", "Europe/Kyiv"),
    ]
    assert (Role.SUPERVISOR, None, TODAY, None) in roles("mid@a.gov")


def test_each_person_leaves_a_line(store):
    take(*CHAIN[2:])

    lines = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    assert [(line.action, line.about_kind, line.source) for line in lines] == [
        ("add_person", "person", "command"), ("grant_role", "person", "command"), ("grant_role", "person", "command"),
        ("import", "people", "command"),
    ]  # fmt: skip


def test_two_may_change_places(store):
    take(*CHAIN)

    take("mid@a.gov,Mid,,low@a.gov,,", "low@a.gov,Low,,top@a.gov,,")

    assert [(row[0], row[3]) for row in people()] == [
        ("low@a.gov", "top@a.gov"),
        ("mid@a.gov", "low@a.gov"),
        ("top@a.gov", None),
    ]


@pytest.mark.parametrize(("rows", "line", "column", "reason"), [
    (["a@a.gov,A,,nobody@a.gov,,"], 2, "supervisor_email",
     "Nobody has the address nobody@a.gov, here or in the file."),
    (["a@a.gov,A,,gone@a.gov,,"], 2, "supervisor_email", "The supervisor gone@a.gov is disabled; name another."),
    (["a@a.gov,A,,,,reviewer"], 2, "roles",
     "Say of which kind: reviewer:security, reviewer:legal, reviewer:finance, reviewer:records, "
     "reviewer:front_office."),
    (["a@a.gov,A,,,,", "a@a.gov,A,,,,"], 3, "email", "This is on line 2 too."),
])  # fmt: skip
def test_a_bad_row_is_named_and_nobody_is_added(store, rows, line, column, reason):
    with transaction():
        make.person(email="gone@a.gov", disabled_at=NOON)

    with pytest.raises(Unsound) as refused:
        take(*rows, "sound@a.gov,Sound,,,,")

    assert refused.value.plan.problems == (Problem(line, column, reason),)
    assert [row[0] for row in people()] == ["gone@a.gov"]


def test_a_circle_of_supervisors_is_refused_on_every_line_of_it(store):
    with pytest.raises(Unsound) as refused:
        take("a@a.gov,A,,b@a.gov,,", "b@a.gov,B,,c@a.gov,,", "c@a.gov,C,,a@a.gov,,", "d@a.gov,D,,a@a.gov,,")

    assert [problem.line for problem in refused.value.plan.problems] == [2, 3, 4]
    assert {problem.reason for problem in refused.value.plan.problems} == {
        "This line of supervisors leads back to the same person."
    }


def test_a_circle_through_those_who_are_here_is_refused(store):
    take(*CHAIN)

    with pytest.raises(Unsound) as refused:
        take("top@a.gov,Top,,low@a.gov,,")

    assert [problem.line for problem in refused.value.plan.problems] == [2]


def test_somebody_whose_supervisor_left_may_still_be_given_a_role(store):
    take(*CHAIN)
    with transaction():
        db.session.scalar(select(Person).where(Person.email == "mid@a.gov")).disabled_at = NOON

    done = take("low@a.gov,Low,,,,duty_officer")

    assert [entry.says for entry in done.changed] == [("role: duty_officer",)]
