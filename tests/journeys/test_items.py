"""Over HTTP: a split decision, an amendment minor and material, a reconsideration, advice, priorities and a guide."""

import re
from datetime import timedelta
from typing import Any

import factories as make
import pytest
import sqlalchemy as sa
from asking import accept_clashes, complete
from factories import NOON, TODAY
from journeys.cast import Cast, assemble
from pages import Page, Visitor

from engage.extensions import db
from engage.models.board import Decision
from engage.models.engagements import Engagement, Item
from engage.models.guidance import GuideVersion
from engage.models.matters import Amendment
from engage.models.people import Person
from engage.models.trips import Trip
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.workflow import Action, State
from engage.services import audit, deferrals, engagements, items, matters, visibility
from engage.services.transaction import transaction


class Story:
    """The cast, each in a browser of their own, and what they do again and again."""

    def __init__(self, app: Any) -> None:
        self.app, self.cast = app, assemble()
        self._open: dict[int, Visitor] = {}

    def by(self, who: Person) -> Visitor:
        """The browser of somebody."""
        if who.id not in self._open:
            self._open[who.id] = Visitor(self.app).sign_in(who)
        return self._open[who.id]

    def later(self, days: int) -> None:
        """Days go by; everybody signs in anew."""
        self.app.config["CLOCK"] = lambda: NOON + timedelta(days=days)
        self._open.clear()

    def asked(self, *party: Person, **facts: Any) -> Engagement:
        """An engagement of the requester's that was submitted."""
        cast, by = self.cast, make.actor(self.cast.requester)
        with transaction():
            item = engagements.draft(complete(cast.lead, *party, **facts), by=by, now=NOON)
            accept_clashes(item, by, NOON)
            items.act(item, visibility.subject(item.id), Action.SUBMIT, by=by, now=NOON)
        return item

    def placed(self, item: Item) -> None:
        """The secretariat places it."""
        secretary = self.by(self.cast.secretary)
        secretary.get(f"/screening/{item.id}")
        secretary.send(f"/screening/{item.id}/place")

    def moved(self, item: Item, **motion: Any) -> None:
        """The chair puts a motion."""
        chair = self.by(self.cast.chair)
        chair.get(f"/board/items/{item.id}")
        chair.get(f"/board/items/{item.id}/motion")
        chair.submit({"outcome": "approve", **motion})

    def voted(self, item: Item) -> None:
        """Five members say yes."""
        for member in self.cast.members[:5]:
            voter = self.by(member)
            voter.get(f"/board/items/{item.id}")
            voter.send(f"/board/items/{item.id}", {"choice": "yes"})

    def closed(self, item: Item) -> Page:
        """The chair closes the vote; gives the decision's page."""
        chair = self.by(self.cast.chair)
        chair.get(f"/board/items/{item.id}/close")
        chair.submit({})
        return chair.follow()

    def decided(self, item: Item, **motion: Any) -> Page:
        """The board decides it so."""
        self.moved(item, **motion)
        self.voted(item)
        return self.closed(item)

    def state(self, item: Item) -> State:
        """The state of an item now."""
        db.session.rollback()
        return db.session.scalar(sa.select(Item.__table__.c.state).where(Item.__table__.c.id == item.id))


@pytest.fixture
def story(store, app):
    return Story(app)


def newest(kind: ItemKind) -> Item:
    db.session.rollback()
    return db.session.scalars(sa.select(Item).where(Item.kind == kind).order_by(Item.id.desc())).first()


def going() -> set[int]:
    db.session.rollback()
    return set(db.session.scalars(sa.select(Trip.person_id).where(Trip.cancelled_at.is_(None))))


def test_a_split_decision_and_the_one_who_comes_later(story):
    cast: Cast = story.cast
    third = cast.trainer
    item = story.asked(cast.second, third)
    story.placed(item)

    until = TODAY + timedelta(days=20)
    story.moved(item, reason="Two know the networks.", put_off=[str(third.id)], defer_until=str(until))
    paper = story.by(cast.members[0]).get(f"/board/items/{item.id}")
    assert f"Without {third.name} for now" in paper.text
    story.voted(item)
    decision = story.closed(item)

    assert "Approve" in decision.text and "Deferred until Sun 22 Mar 2026 Terry Trainer" in decision.text  # noqa: PT018
    assert going() == {cast.lead.id, cast.second.id}
    amendment = newest(ItemKind.AMENDMENT)
    assert f"/items/{amendment.id}" in decision.links
    page = story.by(cast.requester).get(f"/engagements/{item.id}")
    assert f"Amendment {amendment.id} Deferred until Sun 22 Mar 2026" in page.text
    assert "It comes back by itself" in story.by(cast.requester).get(f"/items/{amendment.id}").text

    story.later(20)
    with transaction():
        assert deferrals.bring_back(NOON + timedelta(days=20)) == 1
    assert f"Change: {item.title}" in story.by(cast.chair).get("/board").text
    story.decided(amendment)
    assert going() == {cast.lead.id, cast.second.id, third.id}
    assert audit.verify().first_bad_id is None


def test_an_amendment_minor_and_material(story):
    cast = story.cast
    item = story.asked()
    story.placed(item)
    story.decided(item)
    robin = story.by(cast.requester)

    robin.get(f"/engagements/{item.id}")
    assert f"/engagements/{item.id}/change" in robin.page.links
    robin.get(f"/engagements/{item.id}/change")
    robin.submit({"notes": "Bring cables."}, status=422)
    assert "Say why it changes" in robin.page.text
    robin.submit({"why": "The host asked."})
    page = robin.follow()
    assert "The change is minor: it holds at once" in page.text
    assert "Version 2" in page.text and "Minor The host asked." in page.text  # noqa: PT018
    frozen = robin.get(f"/engagements/{item.id}/versions/2")
    assert "Notes (nothing) Bring cables." in frozen.text

    robin.get(f"/engagements/{item.id}/change")
    robin.submit({"why": "The minister comes.", "purpose": "To sign."})
    page = robin.follow()
    amendment = newest(ItemKind.AMENDMENT)
    assert page.h1 == [f"Change: {item.title}"]
    assert "This change is material" in page.text
    assert "Purpose To agree a joint exercise. To sign." in page.text
    assert "The purpose or the outcome sought is another." in page.text
    assert story.by(cast.leader).get(f"/items/{amendment.id}", status=404)  # a draft is private
    robin.get(f"/items/{amendment.id}/submit")
    robin.submit({})
    robin.follow()
    assert "Amendment" in story.by(cast.secretary).get("/screening").text
    story.placed(amendment)
    paper = story.by(cast.members[0]).get(f"/board/items/{amendment.id}")
    assert "What would change" in paper.text
    decision = story.decided(amendment)
    assert "Amendment" in decision.text
    db.session.rollback()
    assert db.session.scalar(sa.select(Engagement.purpose).where(Engagement.id == item.id)) == "To sign."
    assert story.state(amendment) is State.APPROVED


def test_a_material_change_before_the_approval_voids_the_votes_and_a_stale_one_is_refused(story):
    cast = story.cast
    item = story.asked()
    story.placed(item)
    story.moved(item)
    story.voted(item)
    robin, again = story.by(cast.requester), Visitor(story.app).sign_in(cast.requester)
    robin.get(f"/engagements/{item.id}/change")
    again.get(f"/engagements/{item.id}/change")

    robin.submit({"why": "The minister comes.", "purpose": "To sign."})
    assert "votes already cast are void" in robin.follow().text
    again.submit({"why": "Late.", "notes": "x"}, status=409)
    story.by(cast.chair).get(f"/board/items/{item.id}/close", status=409)
    paper = story.by(cast.chair).get(f"/board/items/{item.id}")
    assert "Not counted: the text was changed materially" in paper.text


def test_it_is_postponed_and_the_party_is_told(story):
    cast = story.cast
    item = story.asked()
    story.placed(item)
    story.decided(item)
    robin = story.by(cast.requester)

    robin.get(f"/engagements/{item.id}/postpone")
    robin.submit({"first_on": "", "why": ""}, status=422)
    robin.submit({"first_on": str(item.starts_on + timedelta(days=2)), "why": "The host is ill."})
    assert "The change is minor" in robin.follow().text
    assert "Changed: Joint range day in Tallinn" in story.by(cast.lead).get("/inbox").text
    db.session.rollback()
    assert db.session.scalars(sa.select(Trip.departs_on)).all() == [TODAY + timedelta(days=92)]


def test_a_reconsideration_on_new_facts(story):
    cast = story.cast
    item = story.asked()
    story.placed(item)
    story.decided(item, outcome="disapprove", reason="Too far.")
    robin = story.by(cast.requester)

    robin.get(f"/engagements/{item.id}")
    assert f"/items/{item.id}/reconsider" in robin.page.links
    robin.get(f"/items/{item.id}/reconsider")
    robin.submit({"new_facts": ""}, status=422)
    robin.submit({"new_facts": "The host comes to us."})
    assert "Robin Requester asked the board to decide once more" in robin.follow().text
    story.placed(item)
    paper = story.by(cast.members[0]).get(f"/board/items/{item.id}")
    assert "The host comes to us." in paper.text
    story.decided(item)
    assert story.state(item) is State.APPROVED
    robin.get(f"/items/{item.id}/reconsider", status=409)  # once only

    other = story.asked(title="Another day")
    story.placed(other)
    story.decided(other, outcome="disapprove", reason="Too far.")
    story.later(40)
    page = story.by(cast.requester).get(f"/items/{other.id}/reconsider", status=409)
    assert "The time to ask was over" in page.text


def test_a_matter_for_advice_and_the_years_priorities(story):
    cast = story.cast
    leader = story.by(cast.leader)
    story.by(cast.requester).get("/matters/new", status=403)

    leader.get("/matters/new")
    leader.submit({"title": ""}, status=422)
    leader.submit({"title": "Standing in Asia", "text": "Three invitations."})
    page = leader.follow()
    matter = newest(ItemKind.MATTER)
    assert "Ask the board a question." in page.text
    leader.get(f"/items/{matter.id}/edit")
    leader.submit({"question": "Whom first?"})
    leader.get(f"/items/{matter.id}/submit")
    leader.submit({})
    story.placed(matter)
    decision = story.decided(matter, reason="Japan first.")
    assert "Advice of the board: approve" in decision.text
    assert "Whom first?" in story.by(cast.requester).get(f"/items/{matter.id}").text

    leader.get("/matters/new")
    leader.submit({"kind": "priorities", "title": "Priorities 2027", "year": "2027", "text": "Grow exchange."})
    statement = newest(ItemKind.PRIORITIES)
    with transaction():
        make.decides_anything_on_paper()
    leader.get(f"/items/{statement.id}/submit")
    leader.submit({})
    story.placed(statement)
    story.decided(statement)
    db.session.rollback()
    assert matters.priorities_of(2027).text == "Grow exchange."


def test_a_guide_version_through_the_board(story):
    with transaction():
        owner = make.person(Role.CONTENT_OWNER, name="Gil Guide")
    gil = story.by(owner)
    gil.get("/guidance/general/edit")
    gil.submit({"summary": "Arrive on time."}, status=200)
    gil.submit({"mark_summary": "minor", "note": "Shorter.", "propose": "1"})
    page = gil.follow()
    made = newest(ItemKind.GUIDE_VERSION)
    assert "Summary" in page.text and "Arrive on time." in page.text  # noqa: PT018
    gil.get(f"/guidance/proposals/{made.id}", status=303)
    gil.follow()
    gil.submit({"summary": "Arrive in good time."}, status=200)
    gil.submit({"mark_summary": "reread", "note": "Shorter.", "propose": "1"})
    assert re.fullmatch(rf".*/items/{made.id}", gil.response.headers["Location"])
    gil.get(f"/items/{made.id}/submit")
    gil.submit({})
    story.placed(made)
    story.decided(made)
    db.session.rollback()
    text = db.session.scalars(sa.select(GuideVersion).order_by(GuideVersion.id.desc())).first()
    assert (text.content["summary"], text.marks) == ("Arrive in good time.", {"summary": "reread"})
    assert db.session.scalar(sa.select(sa.func.count(Decision.id))) == 1


def test_a_mover_withdraws_a_motion(story):
    cast = story.cast
    item = story.asked()
    story.placed(item)
    story.moved(item)
    story.by(cast.secretary).get(f"/board/items/{item.id}/withdraw-motion", status=403)
    chair = story.by(cast.chair)
    chair.get(f"/board/items/{item.id}")
    assert f"/board/items/{item.id}/withdraw-motion" in chair.page.links
    chair.get(f"/board/items/{item.id}/withdraw-motion")
    chair.submit({"reason": ""}, status=422)
    chair.submit({"reason": "Too soon."})
    assert "withdrawn by its mover" in chair.follow().text
    assert "Vote void" in story.by(cast.members[0]).get("/inbox").text


def test_what_is_invisible_closed_or_of_another_kind_is_not_acted_on(story):
    cast = story.cast
    item = story.asked()
    robin, stranger = story.by(cast.requester), story.by(cast.second)
    for path in ("change", "postpone"):
        stranger.get(f"/engagements/{item.id}/{path}", status=404)
    stranger.get(f"/items/{item.id}/reconsider", status=404)
    robin.get(f"/items/{item.id}/reconsider", status=409)
    robin.get(f"/items/{item.id}", status=303)
    robin.get("/items/999999", status=404)
    robin.get(f"/items/{item.id}/edit-amendment", status=404)
    robin.get(f"/items/{item.id}/withdraw", status=303)
    story.placed(item)
    story.by(cast.chair).get(f"/board/items/{item.id}/withdraw-motion", status=409)
    story.by(cast.chair).get(f"/board/items/{item.id}/motion")
    story.by(cast.chair).submit(
        {"outcome": "defer", "reason": "x", "defer_until": "", "defer_event": "77777"}, status=422
    )
    story.by(cast.chair).submit({"outcome": "defer", "reason": "x", "defer_event": "x" * 20}, status=422)
    assert db.session.scalars(sa.select(Amendment)).all() == []


def test_what_is_material_is_set_on_a_page(story):
    with transaction():
        admin = make.person(Role.ADMINISTRATOR)
    keeper = story.by(admin)
    page = keeper.get("/admin/material")
    assert "The estimate rises In force Yes, by more than 10 percent" in page.text
    given = {"code": "cost_over", "applies": "yes", "limit": "25", "starts_on": "2026-04-01", "source": "The board"}
    keeper.submit({**given, "starts_on": "2026-03-02", "limit": "x"}, status=422)
    keeper.submit({**given, "applies": "perhaps"}, status=422)
    keeper.submit(given)
    assert "by more than 25 percent" in keeper.follow().text
    story.by(story.cast.secretary).get("/admin/material", status=403)
