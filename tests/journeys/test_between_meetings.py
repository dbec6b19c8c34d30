"""What the board decides between its meetings, walked over its pages."""

from datetime import timedelta

import factories as make
import sqlalchemy as sa
from factories import NOON, TODAY
from journeys.cast import assemble
from pages import Visitor

from engage.extensions import db
from engage.models.board import Motion, SeatHolding
from engage.models.outbox import OutboxMessage
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import due_votes
from engage.services.transaction import transaction


def docketed():
    """The cast, and an engagement on the docket."""
    cast = assemble()
    with transaction():
        item = make.engagement(State.SCHEDULED, by=cast.requester)
        make.version(item)
    return cast, item


def test_a_silence_broken_by_an_objection_and_another_kept(app, store):
    cast, item = docketed()
    here = f"/board/items/{item.id}"
    sidney, member = Visitor(app).sign_in(cast.secretary), Visitor(app).sign_in(cast.members[0])
    for again in (True, False):
        sidney.get(f"{here}/silence")
        sidney.submit({"hours": "24", "reason": "Routine."})
        with transaction():
            store.execute(sa.update(OutboxMessage).values(read_at=NOON))
            due_votes.tick(NOON)
        assert "It is approved unless a member objects before Tuesday 3 March 2026, 12:00 EST" in member.get(here).text
        if again:
            member.get(f"{here}/object")
            member.submit({"reason": ""}, 422)
            member.submit({"reason": "It is too early."})
            assert "objected: It is too early." in member.get(here).text
    with transaction():
        due_votes.tick(NOON + timedelta(hours=24))
    assert store.get(type(item), item.id).state is State.APPROVED
    assert "Silence procedure" in member.get("/board/decisions/1").text


def test_a_vote_is_taken_to_a_meeting_and_nobody_decides_it_on_paper(app, store):
    cast, item = docketed()
    here = f"/board/items/{item.id}"
    sidney, member = Visitor(app).sign_in(cast.secretary), Visitor(app).sign_in(cast.members[0])
    sidney.get(f"{here}/motion")
    sidney.submit({"outcome": "approve"})
    member.get(f"{here}/calendar")
    member.submit({"reason": "Let us hear them."})
    assert "calendared it to a meeting. Let us hear them." in member.get(here).text
    sidney.get(f"{here}/silence", 409)
    assert store.scalars(sa.select(Motion.carried)).all() == [False]


def test_an_emergency_is_decided_at_once_and_its_ratification_stands_on_the_docket(app, store):
    cast, item = docketed()
    chair = Visitor(app).sign_in(cast.chair)
    chair.get(f"/board/items/{item.id}/emergency")
    chair.submit({"reason": ""}, 422)
    chair.submit({"reason": "The plane leaves tonight."})
    assert f"Ratify: {item.title}" in chair.get("/board").text
    assert "Emergency decision" in chair.get("/board/decisions/1").text


def test_a_stand_in_votes_and_the_page_names_both(app, store):
    cast, item = docketed()
    with transaction():
        deputy = make.person(Role.MEMBER, name="Dana Deputy")
    here, principal = f"/board/items/{item.id}", Visitor(app).sign_in(cast.members[0])
    principal.get("/board/authority/delegate")
    principal.submit({
        "principal": str(cast.members[0].id), "holder": str(deputy.id), "power": "vote",
        "starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=9)).isoformat(), "reason": "On leave.",
    })  # fmt: skip
    assert "Dana Deputy" in principal.get("/board/authority").text
    sidney, dana = Visitor(app).sign_in(cast.secretary), Visitor(app).sign_in(deputy)
    sidney.get(f"{here}/motion")
    sidney.submit({"outcome": "approve"})
    dana.get(f"{here}/stand-in")
    seat = db.session.scalar(sa.select(SeatHolding.seat_id).where(SeatHolding.person_id == cast.members[0].id))
    dana.submit({"seat": str(seat), "choice": "yes", "reason": ""})
    assert "Member 1, by Dana Deputy" in principal.get(here).text
    dana.post(f"{here}/stand-in", {"once": "x", "motion": "1", "seat": "99999", "choice": "yes"}, 403)


def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_changes(app, store):
    cast, item = docketed()
    sidney, member = Visitor(app).sign_in(cast.secretary), Visitor(app).sign_in(cast.members[0])
    here = f"/board/items/{item.id}"
    member.get(f"{here}/emergency", 409)
    member.post(f"{here}/decide-alone", {"once": "a", "text_read": "1", "reason": "So."}, 403)
    member.post(f"{here}/object", {"once": "b", "motion": "1", "reason": "So."}, 409)
    sidney.post(f"{here}/silence", {"once": "c", "hours": "1"}, 422)
    sidney.post(f"{here}/silence", {"once": "d", "hours": "x"}, 422)
    sidney.post(f"{here}/standing", {"once": "e", "approval": "7", "text_read": "1"}, 409)
    sidney.get("/board/authority/standing")
    page = sidney.submit({"title": "Visits", "country": "EE", "most_uses": "0", "most_cost": "1", "decision": "9",
                          "starts_on": TODAY.isoformat(), "ends_on": "2031-01-01"}, 422)  # fmt: skip
    assert "The charter lets a standing approval last 24 months at most." in page.text
    assert "Give a number of uses from 1 to 1,000." in page.text
    sidney.get("/board/authority/delegate")
    sidney.submit({"principal": "x", "holder": "99999999", "starts_on": "2020-01-01", "ends_on": "2019-01-01",
                   "most_cost": "-1", "reason": ""}, 422)  # fmt: skip
    assert store.scalar(sa.select(sa.func.count()).select_from(Motion)) == 0
