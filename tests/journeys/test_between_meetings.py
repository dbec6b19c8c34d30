"""What the board decides between its meetings, walked over its pages."""

from datetime import timedelta

import factories as make
import sqlalchemy as sa
from factories import NOON, TODAY
from journeys.cast import assemble
from pages import Visitor

from engage.extensions import db
from engage.models.board import Motion, SeatHolding
from engage.models.meetings import AgendaEntry
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


def vote(app, who, here, choice, reason=""):
    member = Visitor(app).sign_in(who)
    member.get(here)
    member.submit({"choice": choice, "reason": reason})
    return member


def test_a_whole_notational_vote_is_calendared_once_and_then_closed_early(app, store):
    cast, item = docketed()
    here = f"/board/items/{item.id}"
    sidney, member = Visitor(app).sign_in(cast.secretary), Visitor(app).sign_in(cast.members[0])
    sidney.get(f"{here}/motion")
    sidney.submit({"outcome": "approve", "reason": "It fits the priorities."})
    page = vote(app, cast.members[1], here, "yes").get(here)
    assert "Notational vote" in page.text
    assert "1 yes, 0 no, 0 abstained" in page.text

    member.get(f"{here}/calendar")
    member.submit({"reason": ""}, 422)
    member.submit({"reason": "Let us hear them."})
    assert "calendared it to a meeting. Let us hear them." in member.get(here).text  # the votes cast are void
    assert store.scalars(sa.select(Motion.carried)).all() == [False]
    sidney.get("/board/meetings/new")
    sidney.submit({"title": "March", "day": "2026-03-16", "hour": "14:00", "place": "Room 7"})
    assert item.title in sidney.follow().text  # it came on the agenda by itself

    other = make_docketed(cast)
    there = f"/board/items/{other.id}"
    sidney.get(f"{there}/motion")
    sidney.submit({"outcome": "approve"})
    for who in (cast.chair, *cast.members[:2]):
        vote(app, who, there, "yes")
    open_ = str(store.scalar(sa.select(Motion.id).where(Motion.closed_at.is_(None))))
    early = sidney.post(f"{there}/close", {"once": "a", "motion": open_}, 409).text
    assert "There is no quorum, so the vote stays open." in early
    vote(app, cast.members[2], there, "no", "Too dear.")
    early = sidney.post(f"{there}/close", {"once": "b", "motion": open_}, 409).text
    assert "Votes that are still to come could change the outcome" in early
    for who in cast.members[2:4]:
        vote(app, who, there, "yes")
    sidney.get(f"{there}/close")
    sidney.submit({})
    decided = sidney.follow().text
    assert "Notational vote. Charter of the International Engagement Governance Board, in force from" in decided
    assert "5 yes, 0 no, 0 abstained" in decided
    assert f"Who held the seats that day Chair {cast.chair.name}" in decided
    assert store.get(type(other), other.id).state is State.APPROVED


def make_docketed(cast):
    with transaction():
        item = make.engagement(State.SCHEDULED, by=cast.requester)
        make.version(item)
    return item


def test_an_edit_of_one_word_voids_a_vote_on_paper_and_says_so(app, store):
    cast, item = docketed()
    here = f"/board/items/{item.id}"
    sidney, robin = Visitor(app).sign_in(cast.secretary), Visitor(app).sign_in(cast.requester)
    sidney.get(f"{here}/motion")
    sidney.submit({"outcome": "approve"})
    vote(app, cast.members[0], here, "yes")
    robin.get(f"/engagements/{item.id}/change")
    robin.submit({"notes": "Bring cables.", "why": "They asked."})
    assert "A vote outside a meeting is on identical text, so votes already cast are void." in robin.follow().text
    page = sidney.get(here).text
    assert "No motion yet" in page
    assert "Not counted: the text was changed, and a vote outside a meeting is on identical text." in page


def test_an_emergency_that_is_ratified_in_a_meeting_and_one_that_is_not(app, store):
    cast, item = docketed()
    other = make_docketed(cast)
    chair, sidney = Visitor(app).sign_in(cast.chair), Visitor(app).sign_in(cast.secretary)
    for one in (item, other):
        chair.get(f"/board/items/{one.id}/emergency")
        chair.submit({"reason": "The plane leaves tonight."})
    assert "To be ratified by" in chair.get("/board/decisions/1").text
    sidney.get("/board/meetings/new")
    sidney.submit({"title": "March", "day": "2026-03-16", "hour": "14:00", "place": "Room 7"})
    assert "Emergency decisions to ratify" in sidney.follow().text
    app.config["CLOCK"] = lambda: NOON + timedelta(days=14, hours=1)
    sidney, live = Visitor(app).sign_in(cast.secretary), "/board/meetings/1/live"
    sidney.get(live)
    sidney.post(live, {"act": "open"})
    seats = dict(db.session.execute(sa.select(SeatHolding.person_id, SeatHolding.seat_id)).all())
    for who in cast.members:
        come = {"act": "come", "seat": str(seats[who.id]), "person": str(who.id), "attends": "in_room"}
        sidney.post(live, come)
    first = db.session.scalar(sa.select(AgendaEntry.id).order_by(AgendaEntry.position))
    sidney.post(live, {"act": "call", "entry": str(first)})
    sidney.get(live)
    sidney.send(f"{live}/motion", {"outcome": "approve"})
    motion = db.session.scalar(sa.select(Motion.id).where(Motion.closed_at.is_(None)))
    for who in cast.members[:4]:
        roll = {"act": "roll", "motion": str(motion), "seat": str(seats[who.id]), "choice": "yes"}
        sidney.post(live, roll)
    sidney.post(live, {"act": "close", "motion": str(motion)})
    sidney.post(live, {"act": "end"})

    said = sidney.get("/board/meetings/1/minutes").text
    assert "Ratified: the emergency decision stands." in said
    assert "Not ratified: the emergency decision has lapsed." in said
    assert "Ratified" in sidney.get("/board/decisions/1").text
    assert "The meeting ended and had not ratified it." in sidney.get("/board/decisions/2").text
    states = [store.get(type(item), one).state for one in (item.id, other.id)]
    assert states == [State.APPROVED, State.UNDER_REVIEW]


def test_a_principal_takes_the_vote_back_from_a_stand_in_until_the_close_and_the_record_names_both(app, store):
    cast, item = docketed()
    with transaction():
        deputy = make.person(Role.MEMBER, name="Dana Deputy")
    here, principal = f"/board/items/{item.id}", Visitor(app).sign_in(cast.members[0])
    principal.get("/board/authority/delegate")
    days = {"starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=9)).isoformat(), "reason": "On leave."}
    who = {"principal": str(cast.members[0].id), "holder": str(deputy.id), "alternate": str(cast.members[1].id)}
    principal.submit(who | days | {"power": "vote", "kinds": ["engagement"]})
    assert "alternate: Member 2" in principal.get("/board/authority").text
    sidney, dana = Visitor(app).sign_in(cast.secretary), Visitor(app).sign_in(deputy)
    seat = str(store.scalar(sa.select(SeatHolding.seat_id).where(SeatHolding.person_id == cast.members[0].id)))
    for take_back in (False, True):
        sidney.get(f"{here}/motion")
        sidney.submit({"outcome": "defer", "reason": "Wait.", "defer_until": "2026-06-01"}
                      if not take_back else {"outcome": "approve"})  # fmt: skip
        dana.get(f"{here}/stand-in")
        dana.submit({"seat": seat, "choice": "no", "reason": "As agreed."})
        for one in (cast.chair, *cast.members[1:5]):
            vote(app, one, here, "no" if not take_back else "yes", "Not so.")
        if take_back:
            principal.get(here)
            principal.submit({"choice": "yes", "reason": ""})
            dana.post(f"{here}/stand-in", {"once": "late", "motion": "2", "seat": seat, "choice": "no",
                                           "reason": "So."}, 409)  # fmt: skip
        sidney.get(f"{here}/close")
        sidney.submit({})
    page = sidney.get(here).text
    assert "0 yes, 6 no, 0 abstained" in page  # the stand-in's counted for the seat
    decided = sidney.get("/board/decisions/1").text
    assert "6 yes, 0 no, 0 abstained" in decided  # the principal's own took its place
    assert "standing in" not in decided
