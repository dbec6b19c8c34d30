"""Courses kept by their owner, and completions from the learning system: shown first, taken whole or not at all."""

import base64
import io
from datetime import date

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.extensions import db
from engage.models.training import Completion
from engage.rules.policy import Role
from engage.rules.readiness import Standing
from engage.services import courses, readiness
from engage.services.transaction import transaction


@pytest.fixture
def owner(store):
    with transaction():
        return make.person(Role.TRAINING_OWNER)


def test_how_long_a_course_is_good_follows_the_day_of_completion(owner, visitor):
    course = prepare.course("CTAT")
    visitor.sign_in(owner).get(f"/training/courses/{course}")
    visitor.submit({"valid_months": "60", "starts_on": "2026-02-01", "source": "New rule"})

    assert [courses.valid_months(course, day) for day in (date(2026, 1, 31), date(2026, 2, 1))] == [72, 60]
    with transaction():
        who = make.person()
        prepare.claim(who, on=date(2026, 1, 31))
        prepare.claim(who, on=date(2026, 2, 1))
    ends = db.session.scalars(select(Completion.valid_until).order_by(Completion.completed_on)).all()
    assert ends == [date(2032, 1, 31), date(2031, 2, 1)]


def test_a_new_course_may_stand_for_another(owner, visitor):
    with transaction():
        going = prepare.trip()
    visitor.sign_in(owner).get("/training/courses/new")
    visitor.submit({"code": "safe", "name": "Safe travel in person", "source": "Test", "valid_months": "24"})
    assert "Safe travel in person" in visitor.follow().text
    visitor.get(f"/training/courses/{prepare.course('CTAT')}")
    visitor.submit({"satisfied_by": [str(prepare.course("FACT")), str(prepare.course("SAFE"))]})

    with transaction():
        prepare.trained(make.db.session.get(make.Person, going.person_id), "SAFE")
    item = next(i for i in readiness.verdict(going.id, make.TODAY).items if i.requirement.target == "CTAT")
    assert item.state is Standing.MET


@pytest.mark.parametrize(("changes", "field"), [
    ({"code": "x"}, "code"), ({"code": "ctat"}, "code"), ({"name": ""}, "name"), ({"source": ""}, "source"),
    ({"valid_months": "0"}, "valid_months"), ({"valid_months": "9" * 20}, "valid_months"), ({"hours": "-1"}, "hours"),
    ({"retired_on": "2026-01-01"}, "retired_on"), ({"satisfied_by": ["999"]}, "satisfied_by"),
])  # fmt: skip
def test_what_is_wrong_with_a_course_is_said_at_its_field(owner, visitor, changes, field):
    visitor.sign_in(owner).get("/training/courses/new")
    visitor.submit({"code": "NEW", "name": "New", "source": "Test", **changes}, status=422)
    assert f'id="{field}-error"' in visitor.page.html


def test_two_courses_never_each_come_before_the_other(owner, visitor):
    ctat, fact = str(prepare.course("CTAT")), str(prepare.course("FACT"))
    visitor.sign_in(owner).get(f"/training/courses/{ctat}")
    visitor.submit({"requires": [fact]})
    visitor.get(f"/training/courses/{fact}")
    assert "would each have to come before the other" in visitor.submit({"requires": [ctat]}, status=422).text


def test_two_editors_of_one_course_and_the_second_is_told(owner, visitor):
    course = prepare.course("CTAT")
    visitor.sign_in(owner).get(f"/training/courses/{course}")
    stale = dict(visitor.page.forms[-1]["fields"])
    visitor.submit({"name": "Renamed"})
    visitor.post(f"/training/courses/{course}", {**stale, "name": "Mine"}, status=409)


def file(text):
    return {"file": (io.BytesIO(text.encode()), "export.csv")}


def test_the_learning_systems_file_is_shown_and_then_taken_whole(owner, visitor):
    with transaction():
        ann, bob = make.person(), make.person()
        prepare.claim(bob, "CTAT", date(2026, 2, 2))
    text = f"email,course,completed_on,evidence\n{ann.email},ctat,2026-01-05,LMS 17\n{bob.email},CTAT,2026-02-02,\n"
    visitor.sign_in(owner).get("/training/import")

    page = visitor.submit(file(text), status=200)

    assert "1 new, 1 claimed before and now verified, 0 recorded already. Nothing is taken yet." in page.text
    assert db.session.scalars(select(Completion).where(Completion.verified_at.is_not(None))).all() == []
    visitor.send("/training/import/take")
    assert "2 completions recorded and verified." in visitor.follow().text
    done = db.session.scalars(select(Completion)).all()
    assert {(row.person_id, row.verified_by_id, row.evidence) for row in done} == {
        (ann.id, owner.id, "LMS 17"), (bob.id, owner.id, ""),
    }  # fmt: skip
    visitor.get("/training/import")
    assert "0 new, 0 claimed before and now verified, 2 recorded already" in visitor.submit(file(text), status=200).text


@pytest.mark.parametrize(("line", "said"), [
    ("nobody@example.gov,CTAT,2026-01-05", "Line 3, email: Nobody here has the address nobody@example.gov."),
    ("{who},NOPE,2026-01-05", "Line 3, course: No course has the code NOPE."),
    ("{who},CTAT,2026-03-03", "Line 3, completed_on: 3 March 2026 is still to come."),
    ("{who},CTAT,5 January", "Line 3, completed_on: Write the day as 2026-03-14."),
    ("{owner},CTAT,2026-01-05", "Line 3, email: This is your own completion: another training owner records it."),
    ("{who},CTAT,2026-01-04", "is there twice"),
    ("{who}", "Line 3: The row has 1 cells, the header 3."),
])  # fmt: skip
def test_one_wrong_line_and_nothing_is_taken_and_it_is_named(owner, visitor, line, said):
    with transaction():
        who = make.person()
    wrong = line.format(who=who.email, owner=owner.email)
    text = f"email,course,completed_on\n{who.email},CTAT,2026-01-04\n{wrong}\n"
    visitor.sign_in(owner).get("/training/import")

    page = visitor.submit(file(text), status=422)

    if said != "is there twice":
        assert said in page.text
    visitor.post("/training/import/take", {"content": base64.b64encode(text.encode()).decode()}, status=422)
    assert db.session.scalars(select(Completion)).all() == []


def test_others_keep_out(visitor, store):
    with transaction():
        who = make.person(Role.SECRETARIAT)
    visitor.sign_in(who)
    for path in ("/training/import", "/training/courses/new", "/training/sessions/new"):
        visitor.get(path, status=403)
    visitor.post("/training/import/take", {"content": "eA=="}, status=403)
    visitor.get("/training/courses")
    assert "/training/courses/new" not in visitor.page.links
