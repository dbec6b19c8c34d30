"""What a traveller owes and why; cleared, or exactly why not."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from engage.rules.marking import Marking
from engage.rules.readiness import Standing, assess
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
from engage.rules.workflow import State

DEPARTS, RETURNS = date(2026, 6, 1), date(2026, 6, 12)
JAPAN = Stay("JP", date(2026, 6, 1), date(2026, 6, 5), advisory_level=1, country_name="Japan")
JORDAN = Stay("JO", date(2026, 6, 5), date(2026, 6, 12), advisory_level=3, country_name="Jordan")
TRIP = TripFacts(DEPARTS, RETURNS, (JAPAN, JORDAN), frozenset({"requester"}), "approved", 30)

GUIDANCE = RequirementRule(
    code="guidance", kind=Kind.GUIDANCE, target="country", label="Etiquette", source="The plan", lead_days=7
)
CTAT = RequirementRule(
    code="ctat", kind=Kind.TRAINING, target="CTAT", label="Counter-threat", source="13 FAM 030", lead_days=14
)
FACT = replace(CTAT, code="fact", target="FACT", min_days_abroad=90)
CLEARANCE = RequirementRule(
    code="ecc", kind=Kind.CLEARANCE, target="country", label="Clearance", source="State-77", lead_days=30
)

COURSES = (Course("CTAT", "Counter-Threat Awareness", frozenset({"FACT"})), Course("FACT", "Foreign Affairs"))


def version(number, guide=1, country="JP", material=True):
    published = datetime(2026, 1, number, tzinfo=UTC)
    return GuideVersion(guide, 100 * guide + number, country, f"Guide {guide}", "0" * 64, published, material)


GENERAL = version(1, guide=9, country=None)


def only(verdict):
    """The one item besides the approval."""
    (item,) = [item for item in verdict.items if item.requirement.kind != Kind.APPROVAL]
    return item


# What is asked


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({}, True),
        ({"min_level": 3}, True),
        ({"min_level": 4}, False),
        ({"min_trip_days": 12}, True),
        ({"min_trip_days": 13}, False),
        ({"min_days_abroad": 30}, True),
        ({"min_days_abroad": 31}, False),
        ({"only_of_concern": True}, False),
        ({"countries": frozenset({"JP"})}, True),
        ({"countries": frozenset({"FR"})}, False),
        ({"countries": frozenset({"JP"}), "min_level": 3}, False),  # both must hold of one stay
        ({"roles": frozenset({"requester", "leadership"})}, True),
        ({"roles": frozenset({"leadership"})}, False),
        ({"natures": frozenset({"conference"})}, True),  # nobody has said the kind: it asks
        ({"markings": frozenset({"red"})}, True),
    ],
)
def test_a_rule_asks_when_every_condition_it_names_holds(changed, asked):
    assert bool(requirements(TRIP, [replace(CTAT, **changed)], [])) is asked


@pytest.mark.parametrize(("marking", "asked"), [(Marking.AMBER, False), (Marking.AMBER_STRICT, True)])
def test_a_rule_may_ask_of_marked_engagements_alone(marking, asked):
    close = replace(CTAT, markings=frozenset({"amber_strict", "red"}))

    found = requirements(replace(TRIP, marking=marking), [close], [])

    assert [one.because for one in found] == ["Stay in Japan, Jordan; handling marking: TLP:AMBER+STRICT."] * asked


def test_a_level_that_nobody_recorded_triggers_every_rule_about_levels():
    unknown = replace(TRIP, stays=(replace(JAPAN, advisory_level=None),))

    (asked,) = requirements(unknown, [replace(CTAT, min_level=4)], [])

    assert asked.because == "Stay in Japan (advisory level not recorded)."


def test_a_requirement_says_what_made_the_rule_ask():
    rule = replace(
        CTAT,
        min_level=2,
        min_trip_days=3,
        min_days_abroad=20,
        only_of_concern=True,
        roles=frozenset({"requester"}),
    )
    trip = replace(TRIP, stays=(replace(JORDAN, of_concern=True),))

    (asked,) = requirements(trip, [rule], [])

    assert asked.because == (
        "Stay in Jordan (advisory level 3); country of concern; trip of 12 days; "
        "30 days abroad in 12 months; role: requester."
    )


def test_a_trip_without_foreign_stays_owes_nothing_but_approval():
    verdict = assess(replace(TRIP, stays=()), [GUIDANCE, CTAT, CLEARANCE], [GENERAL])

    assert [item.requirement.kind for item in verdict.items] == [Kind.APPROVAL]
    assert verdict.cleared


def test_due_days_are_counted_back_from_departure():
    assert [(asked.rule_code, asked.due_on) for asked in requirements(TRIP, [GUIDANCE, CTAT], [GENERAL])] == [
        ("ctat", date(2026, 5, 18)),
        ("guidance", date(2026, 5, 25)),
    ]


def test_country_clearance_is_owed_to_each_foreign_country_until_its_last_stay_ends():
    again = Stay("JP", date(2026, 6, 12), date(2026, 6, 14), 1, country_name="Japan")
    trip = replace(TRIP, stays=(JAPAN, JORDAN, again))

    assert [(asked.title, asked.through) for asked in requirements(trip, [CLEARANCE], [])] == [
        ("Country clearance for Jordan", date(2026, 6, 12)),
        ("Country clearance for Japan", date(2026, 6, 14)),
    ]


def test_a_medical_clearance_is_owed_once():
    medical = replace(CLEARANCE, target="medical")

    assert [asked.title for asked in requirements(TRIP, [medical], [])] == ["Medical clearance"]
    assert assess(TRIP, [medical], clearances=[Clearance("medical", "JP", "granted")]).cleared


def test_two_rules_for_one_thing_are_one_requirement_as_strict_as_both():
    early = replace(CTAT, code="early", lead_days=60, blocks=False, label="Early")

    (asked,) = requirements(TRIP, [CTAT, early], [])

    assert (asked.rule_label, asked.due_on, asked.blocks) == ("Early", date(2026, 4, 2), True)


def test_a_country_without_a_guide_owes_the_general_one():
    owed = requirements(TRIP, [GUIDANCE], [version(1), GENERAL])

    assert [(asked.target, asked.version) for asked in owed] == [
        ("country", version(1)),
        ("general", GENERAL),
    ]


def test_guidance_that_nobody_published_holds_the_traveller():
    item = only(assess(TRIP, [GUIDANCE]))

    assert (item.state, item.why) == (Standing.MISSING, "No such guidance has been published.")


# How each thing stands
READ_1, READ_2 = Acknowledged(101, 1), Acknowledged(102, 1)


@pytest.mark.parametrize(
    ("versions", "read", "state"),
    [
        ([version(1)], [], Standing.MISSING),
        ([version(1)], [READ_1], Standing.MET),
        ([version(1), version(2)], [READ_1], Standing.EXPIRED),
        ([version(1), version(2)], [READ_1, READ_2], Standing.MET),
        ([version(1), version(2, material=False)], [READ_1], Standing.MET),
        ([version(1), version(2), version(3, material=False)], [READ_1], Standing.EXPIRED),
        ([version(1), version(2), version(3, material=False)], [READ_2], Standing.MET),
        ([version(1), version(2, material=False), version(3)], [READ_2], Standing.EXPIRED),
        ([version(1)], [Acknowledged(101, 2)], Standing.MISSING),
        ([version(2, material=False)], [READ_1], Standing.EXPIRED),  # what changed since is not known
    ],
)
def test_an_acknowledgement_counts_while_no_later_version_is_material(versions, read, state):
    trip = replace(TRIP, stays=(JAPAN,))

    assert only(assess(trip, [GUIDANCE], versions, acknowledged=read)).state == state


def done(course="CTAT", until=RETURNS, verified=True, on=date(2025, 1, 1)):
    return Completion(course, on, until, verified)


@pytest.mark.parametrize(
    ("completions", "state", "why"),
    [
        ([], "missing", "No completion of Counter-Threat Awareness is recorded."),
        ([done()], "met", "Counter-Threat Awareness: valid until 12 June 2026."),
        ([done(until=None)], "met", "Counter-Threat Awareness: valid without end."),
        ([done("FACT")], "met", "Counter-Threat Awareness: valid until 12 June 2026."),
        ([done("OTHER")], "missing", "No completion of Counter-Threat Awareness is recorded."),
        (
            [done(verified=False)],
            "waiting",
            "Counter-Threat Awareness is recorded, but nobody has verified it.",
        ),
        ([done(verified=False), done("FACT")], "met", "Counter-Threat Awareness: valid until 12 June 2026."),
        ([done(on=date(2026, 6, 2))], "missing", "No completion of Counter-Threat Awareness is recorded."),
        (
            [done(until=date(2026, 6, 11)), done(until=date(2020, 1, 1))],
            "expired",
            "Counter-Threat Awareness: valid until 11 June 2026, but the trip ends on 12 June 2026.",
        ),
    ],
)
def test_training_is_verified_and_valid_through_the_day_of_return(completions, state, why):
    item = only(assess(TRIP, [CTAT], courses=COURSES, completions=completions))

    assert (item.state, item.why) == (state, why)


def test_online_training_does_not_stand_for_the_course_in_person():
    often_abroad = replace(TRIP, days_abroad_12_months=90)

    verdict = assess(often_abroad, [CTAT, FACT], courses=COURSES, completions=[done("CTAT")])

    assert [(item.requirement.target, item.state) for item in verdict.items[1:]] == [
        ("CTAT", "met"),
        ("FACT", "missing"),
    ]


@pytest.mark.parametrize(
    ("clearances", "state", "why"),
    [
        ([], "missing", "Country clearance for Japan is not recorded."),
        ([("JP", "requested")], "waiting", "Country clearance for Japan is requested, not yet granted."),
        ([("JP", "granted")], "met", "Country clearance for Japan: granted."),
        ([("JO", "granted")], "missing", "Country clearance for Japan is not recorded."),
        ([(None, "granted")], "missing", "Country clearance for Japan is not recorded."),
        (
            [("JP", "restricted", None, "Tokyo only")],
            "met",
            "Country clearance for Japan: granted, on condition: Tokyo only.",
        ),
        ([("JP", "refused"), ("JP", "granted")], "refused", "Country clearance for Japan was refused."),
        (
            [("JP", "granted", date(2026, 6, 4))],
            "expired",
            "Country clearance for Japan: valid until 4 June 2026, but it must hold to 5 June 2026.",
        ),
        (
            [("JP", "granted", date(2026, 6, 4)), ("JP", "requested")],
            "waiting",
            "Country clearance for Japan is requested, not yet granted.",
        ),
        ([("JP", "granted", date(2026, 6, 5))], "met", "Country clearance for Japan: granted."),
    ],
)
def test_a_clearance_is_granted_to_the_end_of_the_stay(clearances, state, why):
    trip = replace(TRIP, stays=(JAPAN,))

    item = only(assess(trip, [CLEARANCE], clearances=[Clearance("country", *facts) for facts in clearances]))

    assert (item.state, item.why) == (state, why)


@pytest.mark.parametrize("state", State)
def test_only_an_approved_engagement_clears(state):
    verdict = assess(replace(TRIP, engagement_state=state), [])

    assert verdict.cleared is (state in {"approved", "approved_with_conditions"})
    assert verdict.items[0].why == f"The engagement is {state.label.lower()}."


def test_an_open_condition_of_the_decision_holds_the_traveller():
    verdict = assess(TRIP, [], conditions=[OpenCondition("Send the read-ahead to post.", date(2026, 5, 1))])

    assert [(item.why, item.due_on) for item in verdict.missing] == [
        ("Send the read-ahead to post.", date(2026, 5, 1))
    ]
    assert verdict.sentence == "Not cleared to travel: 1 thing is missing."


def test_what_does_not_block_is_shown_and_holds_nobody():
    verdict = assess(TRIP, [replace(CTAT, blocks=False)])

    assert (verdict.cleared, verdict.sentence) == (True, "Cleared to travel.")
    assert only(verdict).state == "missing"


def test_the_verdict_names_everything_that_is_missing_with_its_rule_and_what_to_do():
    verdict = assess(TRIP, [GUIDANCE, CTAT, CLEARANCE], [version(1), GENERAL], COURSES)

    assert verdict.sentence == "Not cleared to travel: 5 things are missing."
    assert [
        (item.requirement.title, item.rule_label, item.source, item.action) for item in verdict.missing
    ] == [
        ("Country clearance for Jordan", "Clearance", "State-77", "Request it and record the answer."),
        ("Country clearance for Japan", "Clearance", "State-77", "Request it and record the answer."),
        ("Counter-threat", "Counter-threat", "13 FAM 030", "Take the course and record its completion."),
        ("Guide 1", "Etiquette", "The plan", "Read it and acknowledge it."),
        ("Guide 9", "Etiquette", "The plan", "Read it and acknowledge it."),
    ]
