"""Home says what waits for me, since when, until when; and nothing that waits for somebody else."""

from datetime import timedelta

import factories as make
import pytest

from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services.transaction import transaction
from engage.web.account.parts import parts


def waiting(who):
    """Title of each part of a person's home, and the labels of its lines."""
    return {part.title: [line.label for line in part.lines] for part in parts(make.actor(who), make.TODAY)}


def test_a_requesters_home_holds_their_drafts_and_what_was_returned(store):
    with transaction():
        asker = make.person()
        make.engagement(State.DRAFT, by=asker, title="A draft")
        make.engagement(State.RETURNED, by=asker, title="A returned one")
        make.engagement(State.SUBMITTED, by=asker, title="A submitted one")
        make.engagement(State.DRAFT, title="Somebody else's")
    assert waiting(asker) == {
        "Your drafts and returned requests": ["A returned one", "A draft"],
        "Your requests, with others now": ["A submitted one"],
        "Your trips": [],
    }


def test_a_part_shows_five_lines_and_says_that_there_are_more(store):
    with transaction():
        asker = make.person()
        for n in range(6):
            make.engagement(State.DRAFT, by=asker, starts=make.TODAY + timedelta(days=n), title=f"Draft {n}")
    part = parts(make.actor(asker), make.TODAY)[0]
    assert ([line.label for line in part.lines], part.more) == ([f"Draft {n}" for n in range(5)], True)


def test_a_travellers_home_says_how_much_is_left_to_do(store):
    with transaction():
        traveller = make.person()
        make.engagement(State.APPROVED, travellers=[traveller], title="To Tallinn")
    (line,) = next(p for p in parts(make.actor(traveller), make.TODAY) if p.title == "Your trips").lines
    assert line.label == "To Tallinn"
    assert line.what.endswith("to do before you go")


@pytest.mark.parametrize(
    ("role", "title"),
    [
        (Role.SECRETARIAT, "Requests to screen"),
        (Role.CHAIR, "On the docket without a motion"),
        (Role.MEMBER, "Votes waiting for you"),
        (Role.TRAINING_OWNER, "Completions to verify"),
        (Role.CONTENT_OWNER, "Guides to look after"),
        (Role.DUTY_OFFICER, "Abroad now"),
        (Role.ADMINISTRATOR, "Invited, and not yet signed in"),
        (Role.AUDITOR, "Denied lately"),
        (Role.LEADERSHIP, "Coming up"),
        (Role.SUPERVISOR, "What your people have ahead"),
    ],
)
def test_each_role_has_its_part_and_a_page_that_stands(store, visitor, role, title):
    with transaction():
        who = make.person(role)
        stranger = make.person()
    assert title in waiting(who)
    assert title not in waiting(stranger)
    assert title in visitor.sign_in(who).get("/").text


def test_the_secretariat_sees_what_to_screen_and_what_nobody_claimed(store):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
        make.engagement(State.SUBMITTED, title="To screen")
        make.engagement(State.DRAFT, title="Imported", travellers=[]).requester_id = None
    home = waiting(secretary)
    assert home["Requests to screen"] == ["To screen"]
    assert home["Imported drafts that nobody has claimed"] == ["Imported"]
