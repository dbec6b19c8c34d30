"""What holds for every waiver: it clears only what it names, only until it ends, and is printed on the verdict."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from rules.test_readiness_of_every_trip import COURSES, facts, guides, rules, some_rules, trips

from engage.rules.readiness import Standing, assess
from engage.rules.requirements import Kind
from engage.rules.trip_facts import Waived

TODAY = date(2026, 5, 1)
kinds = st.sampled_from([Kind.GUIDANCE, Kind.TRAINING, Kind.CLEARANCE, Kind.APPROVAL, Kind.CONDITION])
keys = st.builds(
    lambda kind, target, country: f"{kind}:{target}:{country}",
    kinds,
    st.sampled_from(["country", "general", "CTAT", "FACT", "visa", "medical", "board"]),
    st.sampled_from(["", "JP", "JO", "FR"]),
)
waivers = st.lists(
    st.builds(
        Waived,
        keys,
        st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3)),
        st.just("A and B"),
        st.just("Why"),
    ),
    max_size=6,
)


@given(trips, rules, guides, facts, waivers)
def test_a_waiver_clears_only_what_it_names_and_only_until_it_ends(trip, asked, versions, known, waived):
    without = assess(trip, asked, versions, COURSES, **known)
    after = assess(trip, asked, versions, COURSES, **known, waivers=waived, today=TODAY)
    good = {waiver.key for waiver in waived if waiver.ends_on >= TODAY}

    assert [item.requirement for item in after.items] == [item.requirement for item in without.items]
    for before, now in zip(without.items, after.items, strict=True):
        named = now.requirement.key in good and now.requirement.kind not in (Kind.APPROVAL, Kind.CONDITION)
        assert (now.state is Standing.WAIVED) is (named and before.state is not Standing.MET)
        if now.state is not Standing.WAIVED:
            assert now == before


@given(trips, rules, guides, facts, waivers)
def test_without_a_day_and_after_its_last_day_a_waiver_is_nothing(trip, asked, versions, known, waived):
    without = assess(trip, asked, versions, COURSES, **known)

    assert assess(trip, asked, versions, COURSES, **known, waivers=waived) == without
    later = TODAY + timedelta(days=4)
    assert assess(trip, asked, versions, COURSES, **known, waivers=waived, today=later) == without


@given(trips, rules, some_rules(), guides, facts, waivers)
def test_adding_a_rule_never_clears_with_waivers_either(trip, asked, another, versions, known, waived):
    before = assess(trip, asked, versions, COURSES, **known, waivers=waived, today=TODAY)
    after = assess(trip, [*asked, another], versions, COURSES, **known, waivers=waived, today=TODAY)

    assert before.cleared or not after.cleared


@given(trips, rules, guides, facts, waivers)
def test_every_waiver_that_counts_is_printed(trip, asked, versions, known, waived):
    verdict = assess(trip, asked, versions, COURSES, **known, waivers=waived, today=TODAY)

    assert all("Waived through" in item.why and "A and B" in item.why for item in verdict.waived)
    if verdict.cleared and verdict.waived:
        assert f"with {len(verdict.waived)} waiver" in verdict.sentence
