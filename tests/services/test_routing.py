"""The tier and the way of an item are found when it is submitted, kept, and shown with their reasons."""

from datetime import timedelta

import factories as make
import pytest
from conftest import NOON
from factories import TODAY
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from engage.models.board import Charter
from engage.models.routing import ItemRoute
from engage.rules.policy import Role
from engage.rules.refusals import NotOpen
from engage.rules.routing import Route, Tier
from engage.rules.voting import Outcome
from engage.rules.workflow import Action, State
from engage.seed import load_shipped
from engage.services import board, emergencies, items, routing, silence, visibility
from engage.services.transaction import transaction


@pytest.fixture
def asked(store):
    """An engagement that was submitted where the shipped rules hold; with its requester."""
    with transaction():
        load_shipped(home_country="US", now=NOON)
        requester = make.person(Role.REQUESTER)
        drafted = make.engagement(State.DRAFT, by=requester)
        items.act(
            drafted, visibility.subject(drafted.id), Action.SUBMIT, by=make.actor(requester), now=NOON
        )
    return drafted, requester


def test_submitting_keeps_tier_way_and_charter(asked, store):
    item, _ = asked
    found = routing.route_of(item.id)

    assert found.points == sum(one.points for one in found.fired)
    assert found.route in set(Route)
    assert found.charter == "Charter of the International Engagement Governance Board"
    assert store.scalar(select(ItemRoute.at)) == NOON


def test_what_was_found_cannot_be_written_over(asked, store):
    with pytest.raises(DBAPIError), transaction():
        store.execute(update(ItemRoute).values(points=0))


def test_the_engagement_page_and_screening_show_each_rule_that_fired(asked, store, visitor):
    item, requester = asked
    found = routing.route_of(item.id)
    page = visitor.sign_in(requester).get(f"/engagements/{item.id}")
    secretariat = make.person(Role.SECRETARIAT)
    store.commit()
    screening = visitor.sign_in(secretariat).get(f"/screening/{item.id}")

    for shown in (page, screening):
        assert f"Way to a decision: {found.route.label.lower()}" in shown.text
        for one in found.fired:
            assert one.source in shown.text


def test_the_secretariat_raises_an_item_to_a_meeting_with_a_reason_once(asked, store, visitor):
    item, _ = asked
    secretariat = make.person(Role.SECRETARIAT, name="Sam Desk")
    store.commit()
    at = f"/screening/{item.id}/raise"
    visitor.sign_in(secretariat).get(f"/screening/{item.id}")
    visitor.post(at, {"once": "first", "why": ""}, status=422)
    assert "Say why the board should meet on it." in visitor.page.text
    assert routing.route_of(item.id).reason == ""

    visitor.post(at, {"once": "second", "why": "The press asks."})
    found = routing.route_of(item.id)
    assert (found.route, found.reason, found.by_name) == (Route.MEETING, "The press asks.", "Sam Desk")
    assert found.arithmetic[-1] == "The secretariat raised it to a meeting."

    visitor.post(at, {"once": "third", "why": "Again."}, status=409)


def test_nobody_else_raises_an_item(asked, store, visitor):
    item, _ = asked
    member = make.person(Role.MEMBER)
    store.commit()
    visitor.sign_in(member)

    visitor.post(f"/screening/{item.id}/raise", {"once": "first", "why": "Because."}, status=403)


@pytest.mark.parametrize(("points", "method", "refused"), [
    ("routine", "paper", False), ("high", "paper", False), ("highest", "paper", True), ("high", "silence", True),
    ("highest", "silence", True), ("moderate", "alone", True), ("highest", "alone", True),
])  # fmt: skip
def test_an_item_is_decided_by_its_own_way_or_a_fuller_one(store, points, method, refused):
    """The way that was found is kept: nobody takes a lighter one, whoever they are."""
    with transaction():
        load_shipped(home_country="US", now=NOON)
        _, holders = make.board()
        chair, asker = make.actor(holders[0]), make.person(Role.REQUESTER)
        item = make.engagement(State.SCHEDULED, by=asker)
        version = make.version(item)
        route = {"routine": "delegated", "moderate": "silence", "high": "notational", "highest": "meeting"}[points]
        store.execute(insert(ItemRoute).values(
            item_id=item.id, charter_id=1, tier=Tier(points), route=Route(route), points=9, facts="{}", fired="[]",
            arithmetic="[]", reason="", at=NOON,
        ))  # fmt: skip

    def act():
        subject = visibility.subject(item.id)
        if method == "paper":
            board.put_motion(item, subject, Outcome.APPROVE, by=chair, now=NOON)
        elif method == "silence":
            silence.propose(item, subject, by=chair, now=NOON)
        else:
            emergencies.decide_alone(item.id, version=version.number, reason="Small.", by=chair, now=NOON)

    if refused:
        with pytest.raises(NotOpen, match=f"^This goes by {Route(route).label.lower()}"), transaction():
            act()
    else:
        with transaction():
            act()


def test_what_only_puts_an_item_off_or_sends_it_back_may_be_put_on_paper(store):
    with transaction():
        load_shipped(home_country="US", now=NOON)
        store.execute(update(Charter).values(meeting_kinds="engagement"))
        _, holders = make.board()
        chair, item = make.actor(holders[0]), make.engagement(State.SCHEDULED, by=make.person(Role.REQUESTER))
        make.version(item)
    subject = visibility.subject(item.id)
    with pytest.raises(NotOpen, match="keeps this kind of item for a meeting: engagement"), transaction():
        board.put_motion(item, subject, Outcome.DISAPPROVE, reason="No.", by=chair, now=NOON)
    with transaction():
        made = board.put_motion(item, subject, Outcome.RETURN, reason="What does it cost?", by=chair, now=NOON)

    assert made.outcome is Outcome.RETURN


def test_a_premium_class_the_press_a_senior_traveller_and_novelty_are_facts_of_an_engagement(store):
    with transaction():
        load_shipped(home_country="US", now=NOON)
        requester, partner = make.person(Role.REQUESTER, senior=True), make.partner()
        before = make.engagement(State.APPROVED, starts=TODAY - timedelta(days=400))
        before.partners, before.decided_at = [partner], NOON - timedelta(days=1)
        asked = make.engagement(State.DRAFT, by=requester, other_than_coach=True, media=True)
        asked.partners = [partner]
        items.act(asked, visibility.subject(asked.id), Action.SUBMIT, by=make.actor(requester), now=NOON)

    facts = routing.facts_from(store.scalar(select(ItemRoute.facts)))
    assert (facts.senior, facts.other_than_coach, facts.media) == (True, True, True)
    assert (facts.country_days, facts.partner_days) == (400, 400)
    assert {"senior", "other_than_coach", "media"} <= {one.code for one in routing.route_of(asked.id).fired}
