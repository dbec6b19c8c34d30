"""What is material, by its own comparisons; and how two changes of one text go together."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.rules.asking import Asks, Content, ContentCost, ContentLeg, ContentTraveller, Direction
from engage.rules.material import COMPARISONS, Rule, cannot_put_off, judge, merged, parts, without

FIRST = date(2026, 6, 1)
LEGS = (
    ContentLeg("EE", "Tallinn", "Europe/Tallinn", FIRST, FIRST + timedelta(3)),
    ContentLeg("LV", "Riga", "Europe/Riga", FIRST + timedelta(3), FIRST + timedelta(5)),
)
BASE = Content(
    title="Range day", purpose="To agree.", outcome_sought="A date.", legs=LEGS,
    travellers=(ContentTraveller(1, "", True), ContentTraveller(2)), costs=(ContentCost("Airfare", Decimal(1000)),),
)  # fmt: skip
LIMITS = {"dates_longer": 0, "dates_moved": 3, "cost_over": 10}
RULES = [Rule(code, code, LIMITS.get(code)) for code in COMPARISONS]


def shifted(days: int, longer: int = 0) -> tuple[ContentLeg, ...]:
    by = timedelta(days)
    return tuple(
        replace(leg, arrives_on=leg.arrives_on + by, departs_on=leg.departs_on + by + timedelta(longer * (i == 1)))
        for i, leg in enumerate(LEGS)
    )


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"title": "Range week", "notes": "Bring cables.", "partner_ids": (7,)}, []),
        ({"legs": (replace(LEGS[0], city="Tartu"), LEGS[1])}, []),
        ({"legs": (LEGS[0], replace(LEGS[1], country_code="FI", city="Turku"))}, ["country"]),
        ({"legs": shifted(3)}, []),
        ({"legs": shifted(-3)}, []),
        ({"legs": shifted(4)}, ["dates_moved"]),
        ({"legs": shifted(0, longer=1)}, ["dates_longer"]),
        ({"legs": shifted(0, longer=-1)}, []),
        ({"legs": LEGS[:1]}, []),
        ({"travellers": BASE.travellers[:1]}, []),
        ({"travellers": (*BASE.travellers, ContentTraveller(3))}, ["traveller_added"]),
        ({"travellers": (BASE.travellers[0], ContentTraveller(3))}, ["traveller_added"]),
        ({"costs": (ContentCost("Airfare", Decimal(1100)),)}, []),
        ({"costs": (ContentCost("Airfare", Decimal("1100.01")),)}, ["cost_over"]),
        ({"costs": (ContentCost("Airfare", Decimal(1000), "Host", True),)}, ["non_federal"]),
        ({"purpose": "To sign."}, ["purpose"]),
        ({"outcome_sought": "A text."}, ["purpose"]),
        ({"direction": Direction.VIRTUAL}, ["direction"]),
        ({"asks": Asks.ADVICE}, ["asks"]),
    ],
)
def test_what_is_material(changes, codes):
    assert [found.code for found in judge(BASE, replace(BASE, **changes), RULES)] == codes


def test_a_finding_says_what_it_is_and_what_was_allowed():
    after = replace(BASE, legs=shifted(4), costs=(ContentCost("Airfare", Decimal(1250)),))

    assert [found.said for found in judge(BASE, after, RULES)] == [
        "The first day moves by 4 days (3 days allowed).",
        "The estimate rises from $1,000.00 to $1,250.00, by 25 percent (10 percent allowed).",
    ]


def test_only_rules_in_force_count_and_the_first_cost_of_all_is_over_any_percentage():
    assert judge(BASE, replace(BASE, purpose="To sign."), []) == []
    assert [f.code for f in judge(replace(BASE, costs=()), BASE, [Rule("cost_over", "", 900)])] == ["cost_over"]
    assert judge(BASE, replace(BASE, purpose="x"), [Rule("of another program", "")]) == []


def test_two_changes_of_different_parts_both_hold():
    wanted = replace(BASE, purpose="To sign.", travellers=(*BASE.travellers, ContentTraveller(3)))
    current = replace(BASE, notes="Bring cables.", travellers=(*BASE.travellers, ContentTraveller(4)))

    made = merged(BASE, wanted, current)

    assert (made.purpose, made.notes) == ("To sign.", "Bring cables.")
    assert [t.person_id for t in made.travellers] == [1, 2, 4, 3]
    assert parts(BASE, wanted) & parts(BASE, current) == frozenset()
    assert parts(BASE, wanted) == {"purpose", "traveller 3"}


def test_another_lead_is_a_change_of_two_travellers():
    wanted = replace(BASE, travellers=(ContentTraveller(1), ContentTraveller(2, "", True)))

    assert parts(BASE, wanted) == {"traveller 1", "traveller 2"}
    assert merged(BASE, wanted, BASE).travellers == wanted.travellers


travellers = st.lists(st.integers(1, 6), unique=True).map(lambda ids: tuple(ContentTraveller(i) for i in ids))


@given(base=travellers, wanted=travellers)
def test_a_change_of_an_unchanged_text_gives_what_was_wanted(base, wanted):
    before, after = replace(BASE, travellers=base), replace(BASE, travellers=wanted)

    assert {t.person_id for t in merged(before, after, before).travellers} == {t.person_id for t in wanted}
    assert merged(before, before, after) == after  # no change changes nothing


@given(base=travellers, one=travellers, other=travellers)
def test_changes_that_share_no_part_go_together_in_either_order(base, one, other):
    start, a, b = (replace(BASE, travellers=party) for party in (base, one, other))
    if parts(start, a) & parts(start, b):
        return
    first, second = merged(start, b, merged(start, a, start)), merged(start, a, merged(start, b, start))

    assert set(first.travellers) == set(second.travellers)


def test_a_split_leaves_a_lead_and_somebody_who_travels():
    assert cannot_put_off(BASE, [2]) == ""
    assert "its lead" in cannot_put_off(BASE, [1])
    assert "Nobody" in cannot_put_off(BASE, [1, 2])
    assert "does not travel" in cannot_put_off(BASE, [9])
    assert [t.person_id for t in without(BASE, [2]).travellers] == [1]
