"""The tier and the way of an item: which rules fire, what they add up to, and what the charter allows."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from engage.rules.authority import Limits, Method
from engage.rules.items import ItemKind
from engage.rules.routing import COMPARED, NEVER, UPWARDS, Facts, Route, Rule, Tier, TierRule, Ways, allowed, route

BOTH = frozenset({ItemKind.ENGAGEMENT, ItemKind.AMENDMENT})
EVERYTHING = Ways(Limits(BOTH), Limits(BOTH))
NOTHING = Ways(Limits(frozenset()), Limits(frozenset()))
TIERS = [
    TierRule(Tier.ROUTINE, 0, Route.DELEGATED, "here"),
    TierRule(Tier.MODERATE, 2, Route.SILENCE, "here"),
    TierRule(Tier.HIGH, 4, Route.NOTATIONAL, "here"),
    TierRule(Tier.HIGHEST, 8, Route.MEETING, "here"),
]
RULES = [
    Rule("advisory", "Travel advisory", 3, 3, "State"),
    Rule("cost", "Cost", 10000, 2, "here"),
    Rule("party", "Travellers", 3, 1, "here"),
    Rule("conference", "Conference", None, 1, "here"),
    Rule("non_federal", "Non-federal payment", None, 3, "31 USC 1353"),
    Rule("of_concern", "Country of concern", None, 5, "here"),
    Rule("new_country", "Last engagement there", 730, 2, "here"),
    Rule("new_partner", "Last engagement with a partner", 365, 1, "here"),
    Rule("senior", "A senior official", None, 2, "here"),
    Rule("other_than_coach", "Other than coach", None, 2, "here"),
    Rule("media", "The press", None, 1, "here"),
    Rule("other_kind", "Another kind", None, 8, "here"),
]
QUIET = Facts(ItemKind.ENGAGEMENT, Decimal(2000), 1, 1)


def test_where_no_rule_fires_the_lightest_way_is_taken():
    found = route(QUIET, RULES, TIERS, EVERYTHING)

    assert (found.tier, found.route, found.points, found.fired) == (Tier.ROUTINE, Route.DELEGATED, 0, ())
    assert found.arithmetic == (
        "No rule fired: 0 points: tier routine, from 0 points up.",
        "This tier goes by delegated decision.",
    )


def test_each_rule_that_fires_says_what_it_saw_its_points_and_its_source():
    found = route(replace(QUIET, advisory=3, cost=Decimal("12000.50")), RULES, TIERS, EVERYTHING)

    assert [(one.sentence, one.points, one.source) for one in found.fired] == [
        ("Travel advisory: level 3", 3, "State"), ("Cost: $12,000.50, above $10,000", 2, "here"),
    ]
    assert (found.points, found.tier, found.route) == (5, Tier.HIGH, Route.NOTATIONAL)
    assert found.arithmetic[0] == "3 + 2 = 5 points: tier high, from 4 points up."


def test_a_cost_at_the_limit_does_not_fire_and_an_advisory_at_the_limit_does():
    found = route(replace(QUIET, advisory=3, cost=Decimal(10000)), RULES, TIERS, EVERYTHING)

    assert [one.code for one in found.fired] == ["advisory"]


def test_what_is_no_engagement_goes_to_a_meeting():
    assert route(Facts(ItemKind.GUIDE_VERSION), RULES, TIERS, EVERYTHING).route is Route.MEETING


def test_where_the_charter_forbids_a_way_the_next_one_up_is_taken_and_the_sums_say_why():
    found = route(QUIET, RULES, TIERS, Ways(Limits(BOTH, Decimal(1000)), Limits(BOTH)))

    assert found.route is Route.SILENCE
    assert found.arithmetic[2:] == (
        "The charter does not allow a delegated decision here. "
        "The item costs $2,000.00, above the ceiling of $1,000.00.",
        "So it goes by silence procedure.",
    )
    assert route(QUIET, RULES, TIERS, NOTHING).route is Route.NOTATIONAL


def test_more_facts_never_lead_to_a_lighter_way_and_the_order_of_rules_never_matters():
    flags = {
        "conference": True, "non_federal": True, "of_concern": True, "country_days": 731, "partner_days": NEVER,
        "senior": True, "other_than_coach": True, "media": True,
    }  # fmt: skip
    for picked in product((False, True), repeat=len(flags)):
        facts = replace(QUIET, **{name: flags[name] for name, on in zip(flags, picked, strict=True) if on})
        found = route(facts, RULES, TIERS, EVERYTHING)
        back = route(facts, RULES[::-1], TIERS[::-1], EVERYTHING)
        assert (found.tier, found.route, found.points) == (back.tier, back.route, back.points)
        assert found.points == sum(one.points for one in found.fired)
        for flag, on in flags.items():
            more = route(replace(facts, **{flag: on}), RULES, TIERS, EVERYTHING)
            assert UPWARDS.index(more.route) >= UPWARDS.index(found.route)


def test_novelty_counts_the_days_since_and_nothing_where_nobody_is_visited():
    def fires(days):
        return [one.sentence for one in route(replace(QUIET, country_days=days), RULES, TIERS, EVERYTHING).fired]

    assert [fires(days) for days in (None, 0, 730)] == [[], [], []]
    assert fires(731) == ["Last engagement there: 731 days ago, more than 730"]
    assert fires(NEVER) == ["Last engagement there: never yet"]


def test_a_kind_that_the_charter_keeps_for_a_meeting_goes_to_one_whatever_its_points():
    kept = replace(EVERYTHING, meeting=frozenset({ItemKind.ENGAGEMENT}))
    found = route(QUIET, RULES, TIERS, kept)

    assert (found.tier, found.route) == (Tier.ROUTINE, Route.MEETING)
    assert found.arithmetic[-2:] == (
        "The charter keeps this for a meeting: engagement.", "So it goes by meeting.",
    )  # fmt: skip
    assert route(replace(QUIET, kind=ItemKind.AMENDMENT), RULES, TIERS, kept).route is Route.DELEGATED


def test_an_item_may_go_its_own_way_or_a_fuller_one_and_never_a_lighter():
    ways = {Method.DELEGATED: 0, Method.SILENCE: 1, Method.NOTATIONAL: 2, Method.MEETING: 3}
    for method, way in product(Method, UPWARDS):
        assert allowed(method, way) is (method not in ways or ways[method] >= UPWARDS.index(way))


def test_a_rule_that_nobody_knows_and_tiers_that_begin_above_zero_are_faults():
    with pytest.raises(ValueError):
        route(QUIET, [Rule("moon", "Moon", None, 1, "")], TIERS, EVERYTHING)
    with pytest.raises(ValueError):
        route(QUIET, [], TIERS[1:], EVERYTHING)


def test_every_rule_that_may_be_set_can_be_compared():
    for code in COMPARED:
        route(QUIET, [Rule(code, code, 1, 1, "")], TIERS, EVERYTHING)
