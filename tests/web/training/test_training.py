"""My training, and the training owner's queue."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.models.training import Completion
from engage.rules.policy import Role
from engage.services.transaction import transaction


@pytest.fixture
def person(store):
    with transaction():
        return make.person(name="Ada Okonkwo", email="ada@example.gov")


@pytest.fixture
def owner(store):
    with transaction():
        return make.person(Role.TRAINING_OWNER, name="Tess Owner")


def test_my_page_shows_what_my_trips_need_and_what_is_recorded(visitor, person):
    with transaction():
        prepare.trip(person, title="Tallinn visit")
        prepare.claim(person)
        prepare.trained(person, "FACT", on=make.TODAY - timedelta(days=7 * 366))
    page = visitor.sign_in(person).get("/training")
    assert "Waiting Security training for foreign travel" in page.text
    assert "For Tallinn visit ; must hold through Fri 5 Jun 2026." in page.text
    assert "Waits to be verified" in page.text
    assert "Expired" in page.text
    assert "Claims to verify" not in page.text


def test_i_record_a_course_and_it_waits_for_the_owner(visitor, person, store):
    visitor.sign_in(person).get("/training?course=FACT")
    visitor.submit({"completed_on": "2026-02-01", "evidence": "Transcript 7"})
    assert "Recorded. It counts once a training owner has verified it." in visitor.follow().text
    assert [(c.course_id, c.person_id, c.evidence, c.verified_at) for c in store.scalars(select(Completion))] == [
        (prepare.course("FACT"), person.id, "Transcript 7", None)
    ]


def test_a_double_click_makes_one_record(visitor, person, store):
    visitor.sign_in(person).get("/training")
    page, said = visitor.page, {"course_id": str(prepare.course("CTAT")), "completed_on": "2026-02-01"}
    visitor.submit(said)
    visitor.page = page
    visitor.submit(said, url="/training")
    assert len(store.scalars(select(Completion)).all()) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"completed_on": "2026-03-03"}, "This day is still to come."),
        ({"completed_on": "1926-03-03"}, "This is more than 20 years ago."),
        ({"completed_on": ""}, "Give the day on which you completed it."),
        ({"completed_on": "yesterday"}, "Not a valid date value."),
        ({"course_id": "99"}, "Not a valid choice."),
        ({"course_id": "x"}, "Not a valid choice."),
        ({"course_id": ""}, "Choose the course."),
        ({"evidence": "C12345678"}, "This looks like a passport number"),
        ({"evidence": "x" * 201}, "Use at most 200 characters."),
    ],
)
def test_a_claim_that_cannot_stand_is_refused_at_its_field(visitor, person, store, typed, said):
    visitor.sign_in(person).get("/training?course=CTAT")
    page = visitor.submit({"completed_on": "2026-02-01"} | typed, status=422)
    assert said in page.text
    assert store.scalars(select(Completion)).all() == []


def test_the_owner_verifies_from_the_queue(visitor, person, owner, store):
    with transaction():
        claimed = prepare.claim(person)
    page = visitor.sign_in(owner).get("/training/queue")
    assert "Ada Okonkwo Counter Threat Awareness Training (online) Sat 31 Jan 2026 Transcript" in page.text
    visitor.get(f"/training/claims/{claimed}")
    visitor.submit({}, form=0)
    assert "Nothing waits to be verified" in visitor.follow().text
    assert store.get(Completion, claimed).verified_by_id == owner.id


def test_the_owner_declines_with_a_reason(visitor, person, owner, store):
    with transaction():
        claimed = prepare.claim(person)
    visitor.sign_in(owner).get(f"/training/claims/{claimed}")
    page = visitor.submit({"reason": ""}, status=422)
    assert "Say why, so that the person knows what to do." in page.text
    visitor.submit({"reason": "Another name stands there."})
    visitor.sign_in(person)
    assert "Not verified Another name stands there." in visitor.get("/training").text


def test_an_owner_s_own_claim_has_no_button_and_a_forged_one_is_refused(visitor, owner, store):
    with transaction():
        claimed = prepare.claim(owner)
    page = visitor.sign_in(owner).get(f"/training/claims/{claimed}")
    assert "another training owner verifies it" in page.text
    visitor.post(f"/training/claims/{claimed}/verify", status=403)
    visitor.post(f"/training/claims/{claimed}/decline", {"reason": "x"}, status=403)
    assert store.get(Completion, claimed).verified_at is None


def test_the_rest_of_the_house_stays_out_of_the_queue(visitor, person):
    with transaction():
        claimed = prepare.claim(person)
    visitor.sign_in(person)
    for path in ("/training/queue", "/training/record", f"/training/claims/{claimed}"):
        visitor.get(path, status=403)
    visitor.post(f"/training/claims/{claimed}/verify", status=403)


def test_deciding_twice_is_a_409_and_an_unknown_claim_a_404(visitor, person, owner):
    with transaction():
        claimed = prepare.claim(person)
    visitor.sign_in(owner).post(f"/training/claims/{claimed}/verify")
    visitor.post(f"/training/claims/{claimed}/verify", status=409)
    visitor.get("/training/claims/99999", status=404)


def test_the_owner_records_for_a_person(visitor, person, owner, store):
    visitor.sign_in(owner).get("/training/record?course=CTAT")
    page = visitor.submit({"email": "nobody@example.gov", "completed_on": "2026-02-01"}, status=422)
    assert "Nobody here has this e-mail address." in page.text
    visitor.submit({"email": "ada@example.gov", "completed_on": "2026-02-01"})
    assert [(c.person_id, c.verified_by_id) for c in store.scalars(select(Completion))] == [(person.id, owner.id)]
    visitor.get("/training/record?course=CTAT")
    visitor.submit({"email": owner.email, "completed_on": "2026-02-01"}, status=403)


def test_the_pages_cost_the_same_statements_for_1_3_and_30_rows(visitor, owner, statements):
    visitor.sign_in(owner)
    counts, made = [], 0
    for many in (1, 3, 30):
        with transaction():
            while made < many:
                prepare.trip(owner)
                prepare.claim(make.person())
                prepare.claim(owner, on=make.TODAY - timedelta(days=made))
                made += 1
        each = []
        for path in ("/training", "/training/queue"):
            statements.clear()
            visitor.get(path)
            each.append(len(statements))
        counts.append(each)
    assert counts[0] == counts[1] == counts[2]
    assert max(counts[0]) <= 12
