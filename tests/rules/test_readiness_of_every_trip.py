"""What holds for the readiness of every trip: missing facts never clear, order never matters."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engage.rules.readiness import assess
from engage.rules.requirements import Kind, RequirementRule, requirements
from engage.rules.trip_facts import (
    Acknowledged,
    Clearance,
    Completion,
    Course,
    GuideVersion,
    OpenCondition,
    Stay,
    TripFacts,
)

DEPARTS, RETURNS = date(2026, 6, 1), date(2026, 6, 12)
COURSES = (Course("CTAT", "Online course", frozenset({"FACT"})), Course("FACT", "Course in person"))


def version(number, guide, country, material=True):
    published = datetime(2026, 1, number, tzinfo=UTC)
    return GuideVersion(guide, 100 * guide + number, country, f"Guide {guide}", "0" * 64, published, material)


GENERAL = version(1, guide=9, country=None)

countries = st.sampled_from(["JP", "JO", "FR"])
stays = st.builds(
    lambda code, start, nights, level, concern: Stay(
        code, DEPARTS + timedelta(days=start), DEPARTS + timedelta(days=start + nights), level, concern
    ),
    countries,
    st.integers(0, 5),
    st.integers(0, 6),
    st.none() | st.integers(1, 4),
    st.booleans(),
)
trips = st.builds(
    TripFacts,
    departs_on=st.just(DEPARTS),
    returns_on=st.just(RETURNS),
    stays=st.lists(stays, max_size=3).map(tuple),
    roles=st.frozensets(st.sampled_from(["requester", "leadership"])),
    engagement_state=st.sampled_from(["approved", "approved_with_conditions"]),
    days_abroad_12_months=st.integers(0, 120),
)
targets = {
    Kind.GUIDANCE: ["country", "general"],
    Kind.TRAINING: ["CTAT", "FACT"],
    Kind.CLEARANCE: ["country", "visa", "medical"],
    Kind.CONDITION: ["board"],
}


@st.composite
def some_rules(draw):
    kind = draw(st.sampled_from(list(targets)))
    return RequirementRule(
        code=f"rule{draw(st.integers(0, 99))}",
        kind=kind,
        target=draw(st.sampled_from(targets[kind])),
        label="A rule",
        source="A source",
        lead_days=draw(st.integers(0, 60)),
        blocks=draw(st.booleans()),
        min_level=draw(st.none() | st.integers(1, 4)),
        min_trip_days=draw(st.none() | st.integers(1, 20)),
        min_days_abroad=draw(st.none() | st.integers(1, 120)),
        only_of_concern=draw(st.booleans()),
        countries=draw(st.frozensets(countries)),
        roles=draw(st.frozensets(st.sampled_from(["requester", "leadership"]), max_size=1)),
    )


rules = st.lists(some_rules(), max_size=5)
guides = st.lists(
    st.builds(
        lambda number, guide, material: version(number, *guide, material=material),
        st.integers(1, 4),
        st.sampled_from([(1, "JP"), (2, "JO"), (9, None)]),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda v: v.version_id,
)
facts = st.fixed_dictionaries(
    {
        "acknowledged": st.lists(
            st.builds(
                lambda guide, n: Acknowledged(100 * guide + n, guide),
                st.sampled_from([1, 2, 9]),
                st.integers(1, 4),
            ),
            max_size=5,
        ),
        "completions": st.lists(
            st.builds(
                Completion,
                st.sampled_from(["CTAT", "FACT"]),
                st.dates(date(2026, 5, 1), date(2026, 6, 3)),
                st.none() | st.dates(date(2026, 6, 1), date(2026, 7, 1)),
                st.booleans(),
            ),
            max_size=3,
        ),
        "clearances": st.lists(
            st.builds(
                Clearance,
                st.sampled_from(["country", "visa", "medical"]),
                countries,
                st.sampled_from(["requested", "granted", "restricted", "refused"]),
                st.none() | st.dates(date(2026, 6, 1), date(2026, 7, 1)),
            ),
            max_size=4,
        ),
        "conditions": st.lists(st.builds(OpenCondition, st.sampled_from(["One", "Two"])), max_size=1),
    }
)


def satisfying(trip, asked_rules, versions):
    """The smallest facts that satisfy everything, one for each thing owed."""
    known = {"acknowledged": [], "completions": [], "clearances": [], "conditions": []}
    for asked in requirements(trip, asked_rules, versions):
        if asked.kind == Kind.GUIDANCE and asked.version:
            known["acknowledged"].append(Acknowledged(asked.version.version_id, asked.version.guide_id))
        elif asked.kind == Kind.TRAINING:
            known["completions"].append(Completion(asked.target, DEPARTS, asked.through, True))
        elif asked.kind == Kind.CLEARANCE:
            known["clearances"].append(Clearance(asked.target, asked.country_code, "granted", asked.through))
    return known


@given(trips, rules, guides)
def test_removing_any_satisfied_input_un_clears(trip, asked_rules, versions):
    asked_rules = [replace(rule, blocks=True) for rule in asked_rules]
    versions = (
        [*versions, GENERAL] if GENERAL.version_id not in {v.version_id for v in versions} else versions
    )
    known = satisfying(trip, asked_rules, versions)
    assert assess(trip, asked_rules, versions, **known).cleared

    assert not assess(replace(trip, engagement_state="scheduled"), asked_rules, versions, **known).cleared
    for name, inputs in known.items():
        for position in range(len(inputs)):
            fewer = inputs[:position] + inputs[position + 1 :]
            assert not assess(trip, asked_rules, versions, **{**known, name: fewer}).cleared


@given(trips, rules, some_rules(), guides, facts)
def test_adding_a_rule_never_clears(trip, asked_rules, another, versions, known):
    before = assess(trip, asked_rules, versions, COURSES, **known)
    after = assess(trip, [*asked_rules, another], versions, COURSES, **known)
    assert before.cleared or not after.cleared


@given(trips, rules, guides, facts)
def test_forgetting_an_advisory_level_never_clears(trip, asked_rules, versions, known):
    forgotten = replace(trip, stays=tuple(replace(stay, advisory_level=None) for stay in trip.stays))
    if assess(forgotten, asked_rules, versions, COURSES, **known).cleared:
        assert assess(trip, asked_rules, versions, COURSES, **known).cleared


@given(trips, rules, guides, facts)
def test_an_open_condition_never_clears(trip, asked_rules, versions, known):
    known["conditions"].append(OpenCondition("Meet the embassy first."))
    assert not assess(trip, asked_rules, versions, COURSES, **known).cleared


@given(trips, rules, guides, facts, st.randoms())
def test_the_order_of_the_facts_never_matters(trip, asked_rules, versions, known, dice):
    def shuffled(facts):
        return dice.sample(list(facts), len(facts))

    straight = assess(trip, asked_rules, versions, COURSES, **known)
    mixed = assess(
        replace(trip, stays=tuple(shuffled(trip.stays))),
        shuffled(asked_rules),
        shuffled(versions),
        shuffled(COURSES),
        **{name: shuffled(inputs) for name, inputs in known.items()},
    )
    assert mixed == straight


@given(trips, rules, guides, facts)
def test_the_verdict_is_cleared_exactly_when_nothing_blocking_is_unmet(trip, asked_rules, versions, known):
    verdict = assess(trip, asked_rules, versions, COURSES, **known)
    unmet = [item for item in verdict.items if item.requirement.blocks and item.state != "met"]
    assert verdict.cleared is (unmet == [])
    assert list(verdict.missing) == unmet
    assert all(item.why and (item.action or item.state == "met") for item in verdict.items)
