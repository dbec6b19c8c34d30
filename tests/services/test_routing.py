"""The tier and the way of an item are found when it is submitted, kept, and shown with their reasons."""

import factories as make
import pytest
from conftest import NOON
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from engage.models.routing import ItemRoute
from engage.rules.policy import Role
from engage.rules.routing import Route
from engage.rules.workflow import Action, State
from engage.seed import load_shipped
from engage.services import items, routing, visibility
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
