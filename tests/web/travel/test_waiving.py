"""The waiver over its pages: proposed, signed by another role, printed on the verdict, revoked."""

import factories as make
import getting_ready as prepare
import pytest

from engage.rules.policy import Role
from engage.services.transaction import transaction


@pytest.fixture
def cast(store):
    with transaction():
        going = prepare.trip()
        roles = (Role.TRAINING_OWNER, Role.CHAIR, Role.SECRETARIAT)
        people = {role: make.person(role, name=role.label) for role in roles}
        stranger = make.person()
    return going, people, stranger


def test_two_sign_and_the_traveller_sees_who_and_until_when(visitor, cast):
    going, people, _ = cast
    page = f"/trips/{going.id}/waivers"
    visitor.sign_in(people[Role.TRAINING_OWNER]).get(page)
    visitor.get(f"{page}/new?key=training:CTAT:")
    visitor.submit({"reason": "The course is full."})
    assert "Signed once." in visitor.follow().text

    visitor.sign_in(people[Role.CHAIR]).get(page)
    assert "Waits for the second signature" in visitor.page.text
    visitor.submit({})
    visitor.follow()

    with transaction():
        traveller = make.db.session.get(make.Person, going.person_id)
    text = visitor.sign_in(traveller).get(f"/trips/{going.id}").text
    by = "Training owner (training owner) and Chair (chair)"
    assert f"Waived through 5 June 2026 by {by}: The course is full." in text

    visitor.sign_in(people[Role.SECRETARIAT]).get(page)
    visitor.get(next(link for link in visitor.page.links if link.endswith("/revoke")))
    assert "Say why." in visitor.submit({"reason": ""}, status=422).text
    visitor.submit({"reason": "A seat came free."})
    assert "Revoked by Secretariat: A seat came free." in visitor.follow().text


def test_a_reason_is_needed_and_what_was_typed_stays(visitor, cast):
    going, people, _ = cast
    visitor.sign_in(people[Role.CHAIR]).get(f"/trips/{going.id}/waivers/new?key=training:CTAT:")

    page = visitor.submit({"reason": "", "ends_on": "2026-06-01"}, status=422)

    assert "Say why. It is printed on the verdict." in page.text
    assert page.forms[-1]["fields"]["ends_on"] == "2026-06-01"


def test_strangers_and_the_traveller_find_nothing_to_sign(visitor, cast):
    going, _, stranger = cast
    page = f"/trips/{going.id}/waivers"
    visitor.sign_in(stranger).get(page, status=404)
    with transaction():
        traveller = make.db.session.get(make.Person, going.person_id)

    visitor.sign_in(traveller).get(page)
    assert "What you may waive" not in visitor.page.text
    visitor.get(f"{page}/new?key=training:CTAT:", status=404)
    visitor.post(f"{page}/1/sign", status=404)


def test_a_debrief_is_recorded_as_done_and_nothing_more(visitor, store):
    with transaction():
        going = prepare.trip(starts=make.TODAY.replace(month=2, day=1))
        secretary = make.person(Role.SECRETARIAT)
    visitor.sign_in(secretary).get(f"/trips/{going.id}")
    visitor.get(f"/trips/{going.id}/debrief")
    assert "Give a day from the departure to today." in visitor.submit({"done_on": "2026-03-03"}, status=422).text
    visitor.submit({"done_on": "2026-02-09"})
    assert "Debrief Done on Mon 9 Feb 2026." in visitor.follow().text
