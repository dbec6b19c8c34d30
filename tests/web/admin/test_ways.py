"""The rules that choose a way: shown with their days, and changed after a look at last year under the change."""

import factories as make
import pytest
import sqlalchemy as sa
from factories import NOON

from engage.extensions import db
from engage.models.people import Person
from engage.models.routing import RoutingRule, TierRule
from engage.rules.policy import Role
from engage.rules.routing import Route, Tier
from engage.rules.workflow import Action, State
from engage.seed import load_shipped
from engage.services import items, routing_facts, visibility
from engage.services.transaction import transaction

RULE = {
    "code": "cost", "applies": "yes", "limit": "1000", "points": "9", "starts_on": "2026-04-01", "source": "Minutes",
}  # fmt: skip
TIER = {"tier": "highest", "least_points": "3", "route": "meeting", "starts_on": "2026-04-01", "source": "Minutes"}


@pytest.fixture
def admin(store) -> Person:
    """An administrator, where the shipped rules hold and an item was submitted under them."""
    with transaction():
        load_shipped(home_country="US", now=NOON)
        asker = make.person()
        item = make.engagement(State.DRAFT, by=asker, title="Range day")
        items.act(item, visibility.subject(item.id), Action.SUBMIT, by=make.actor(asker), now=NOON)
        return make.person(Role.ADMINISTRATOR)


def test_a_rule_is_changed_by_a_second_press_after_a_look_at_last_year(visitor, admin):
    visitor.sign_in(admin).get("/admin/ways")
    visitor.get("/admin/ways/rule")
    visitor.submit(RULE | {"look": "1"}, status=200)
    assert "Range day" in visitor.page.text
    assert "Of 1 votes and ways of the last 365 days, 1 would have gone differently." in visitor.page.text
    visitor.submit({"points": "8", "save": "1"}, status=200)
    assert db.session.scalar(sa.select(sa.func.count()).where(RoutingRule.code == "cost")) == 1

    visitor.submit({"save": "1"})
    assert "It is set." in visitor.follow().text
    rules = {rule.code: rule for rule in routing_facts.rules_on(make.date(2026, 4, 1))[0]}
    assert (rules["cost"].limit, rules["cost"].points, rules["cost"].label) == (1000, 8, "Cost")
    assert {rule.code: rule for rule in routing_facts.rules_on(make.date(2026, 3, 31))[0]}["cost"].points == 2
    assert "Not yet" in visitor.page.text


def test_a_tier_is_changed_likewise(visitor, admin):
    visitor.sign_in(admin).get("/admin/ways/tier")
    visitor.submit(TIER | {"look": "1"}, status=200)
    visitor.submit({"save": "1"})

    tiers = {one.tier: one for one in routing_facts.rules_on(make.date(2026, 4, 1))[1]}
    assert (tiers[Tier.HIGHEST].least_points, tiers[Tier.HIGHEST].route) == (3, Route.MEETING)


@pytest.mark.parametrize(("form", "sentence"), [
    ({"code": "moon"}, "Choose a rule of the list."), ({"limit": ""}, "Give the limit, in US dollars."),
    ({"code": "media"}, "This rule has no limit"), ({"points": "101"}, "Use a number from 0 to 100."),
    ({"starts_on": "2026-03-02"}, "Choose a day after today"), ({"source": ""}, "Say who decided it"),
    ({"limit": "-1"}, "Use a number from 0 to 10,000,000."), ({"applies": "maybe"}, "Choose one."),
])  # fmt: skip
def test_a_rule_that_cannot_hold_is_refused(visitor, admin, form, sentence):
    visitor.sign_in(admin).get("/admin/ways/rule")
    visitor.submit(RULE | form | {"look": "1"}, status=422)

    assert sentence in visitor.page.text


@pytest.mark.parametrize(("form", "sentence"), [
    ({"tier": "routine"}, "One tier begins at 0 points"), ({"least_points": "2"}, "Another tier begins at this number"),
    ({"route": "moon"}, "Choose one."), ({"starts_on": "2024-01-01"}, "Choose a day after today"),
])  # fmt: skip
def test_a_tier_that_cannot_hold_is_refused(visitor, admin, form, sentence):
    visitor.sign_in(admin).get("/admin/ways/tier")
    visitor.submit(TIER | form | {"look": "1"}, status=422)

    assert sentence in visitor.page.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TierRule)) == 4


def test_what_was_set_for_a_day_is_not_set_again(visitor, admin):
    visitor.sign_in(admin).get("/admin/ways/rule")
    visitor.submit(RULE | {"look": "1"}, status=200)
    visitor.submit({"save": "1"})
    visitor.get("/admin/ways/rule")
    visitor.submit(RULE | {"look": "1"}, status=422)

    assert "It has a row from that day on already." in visitor.page.text
