"""Reminders owed: by day and by moment, once each, the latest step for each audience."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.rules.schedule import (
    Audience,
    Duty,
    ReminderRule,
    Step,
    anchor_windows,
    due,
    moment_windows,
    reached_between,
)

NEW_YORK = ZoneInfo("America/New_York")
PERSON, SUPERVISOR, SECRETARIAT = Audience.PERSON, Audience.SUPERVISOR, Audience.SECRETARIAT
ACKNOWLEDGE = ReminderRule(
    "guidance",
    "acknowledge",
    (Step(-14, PERSON), Step(-7, PERSON), Step(-2, PERSON), Step(-2, SUPERVISOR), Step(1, SECRETARIAT)),
)
DEPARTURE = date(2026, 6, 20)


def duty(anchor=DEPARTURE, kind="acknowledge", about=7, owner=3):
    return Duty(kind, "trip", about, owner, anchor, "Read the guidance for Japan and acknowledge it.")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def owed(now, *duties, rules=(ACKNOWLEDGE,)):
    return [(reminder.step.offset_days, reminder.to) for reminder in due(duties, rules, now, NEW_YORK)]


# Sentences


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-06-05 23:59", []),
        ("2026-06-06 00:00", [(-14, PERSON)]),
        ("2026-06-13 09:00", [(-7, PERSON)]),
        ("2026-06-17 23:59", [(-7, PERSON)]),
        ("2026-06-18 00:00", [(-2, PERSON), (-2, SUPERVISOR)]),
        ("2026-06-21 00:00", [(-2, PERSON), (-2, SUPERVISOR), (1, SECRETARIAT)]),
        ("2027-06-21 00:00", [(-2, PERSON), (-2, SUPERVISOR), (1, SECRETARIAT)]),
    ],
)
def test_the_ladder_is_climbed_day_by_day(now, expected):
    assert owed(at(now), duty()) == expected


def test_the_key_names_rule_subject_person_day_step_and_audience():
    assert [reminder.key for reminder in due([duty()], [ACKNOWLEDGE], at("2026-06-18 08:00"), NEW_YORK)] == [
        "guidance:trip:7:3:2026-06-20:-2:person",
        "guidance:trip:7:3:2026-06-20:-2:supervisor",
    ]


def test_a_moment_is_reached_to_the_second():
    closes = datetime(2026, 6, 20, 21, 0, tzinfo=UTC)
    rule = ReminderRule("vote", "vote", (Step(-1, PERSON),))

    assert owed(closes - timedelta(days=1, seconds=1), duty(closes, "vote"), rules=[rule]) == []
    assert owed(closes - timedelta(days=1), duty(closes, "vote"), rules=[rule]) == [(-1, PERSON)]


def test_a_moments_key_names_its_day_in_the_office():
    late_evening = datetime(2026, 6, 21, 2, 0, tzinfo=UTC)  # the 20th in New York
    rule = ReminderRule("vote", "vote", (Step(0, PERSON),))

    (reminder,) = due([duty(late_evening, "vote")], [rule], late_evening, NEW_YORK)

    assert reminder.key == "vote:trip:7:3:2026-06-20:+0:person"


def test_a_duty_without_a_rule_owes_nothing():
    assert owed(at("2026-06-20 08:00"), duty(kind="decide")) == []


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ((), "has no steps"),
        ((Step(-2, PERSON), Step(-2, PERSON)), "has a step twice"),
        ((Step(-2, PERSON), Step(-3, SUPERVISOR)), "others would hear before the person"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(steps, sentence):
    with pytest.raises(ValueError, match=sentence):
        ReminderRule("broken", "acknowledge", steps)


def test_a_rule_may_speak_to_the_secretariat_alone():
    assert ReminderRule("late", "screen", (Step(3, SECRETARIAT),)).steps == (Step(3, SECRETARIAT),)


def test_the_windows_name_the_anchors_that_came_due():
    rule = ReminderRule("guidance", "acknowledge", (Step(-14, PERSON), Step(1, SECRETARIAT)))

    assert anchor_windows(rule, at("2026-06-01 12:00"), at("2026-06-03 06:00"), NEW_YORK) == [
        (Step(-14, PERSON), date(2026, 6, 16), date(2026, 6, 17)),
        (Step(1, SECRETARIAT), date(2026, 6, 1), date(2026, 6, 2)),
    ]
    assert anchor_windows(rule, at("2026-06-03 06:00"), at("2026-06-03 23:59"), NEW_YORK) == []
    assert moment_windows(rule, at("2026-06-03 06:00"), at("2026-06-03 06:00")) == []


# Properties

steps = st.builds(Step, st.integers(-30, 10), st.sampled_from(Audience))


@st.composite
def ladders(draw):
    """A rule for one of two kinds of duty whose person, if addressed, hears first."""
    drawn = draw(st.lists(steps, min_size=1, max_size=6, unique=True))
    if any(step.to is PERSON for step in drawn):
        drawn.append(Step(-31, PERSON))
    return ReminderRule(f"rule{draw(st.integers(0, 99))}", draw(st.sampled_from("ab")), tuple(drawn))


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
moments = st.datetimes(datetime(2025, 11, 1), datetime(2027, 2, 1), timezones=st.just(UTC))
anchors = days | moments
duties = st.lists(
    st.builds(
        Duty,
        st.sampled_from("ab"),
        st.just("trip"),
        st.integers(1, 9),
        st.integers(1, 9),
        anchors,
        st.just("Do"),
    ),
    max_size=5,
)
rules = st.lists(ladders(), max_size=3, unique_by=lambda rule: rule.code)
zones = st.sampled_from(["America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"]).map(ZoneInfo)


def reached_at(anchor, step, zone):
    """The moment at which a step is reached."""
    if isinstance(anchor, datetime):
        return anchor + timedelta(days=step.offset_days)
    midnight = datetime.combine(anchor + timedelta(days=step.offset_days), datetime.min.time(), zone)
    return midnight.astimezone(UTC)


@given(duties, rules, moments, zones)
def test_asking_twice_gives_the_same_keys(open_duties, ladder, now, zone):
    keys = [reminder.key for reminder in due(open_duties, ladder, now, zone)]
    assert keys == [reminder.key for reminder in due(open_duties, ladder, now, zone)]
    assert keys == [reminder.key for reminder in due(open_duties, ladder, now.astimezone(zone), zone)]


@given(duties, rules, moments, zones)
def test_nothing_is_owed_before_its_time_and_each_audience_hears_its_latest_step(
    open_duties, ladder, now, zone
):
    owed_now = list(due(open_duties, ladder, now, zone))
    assert all(reached_at(owed.duty.anchor, owed.step, zone) <= now for owed in owed_now)

    expected = set()
    for position, one in enumerate(open_duties):
        for rule in ladder:
            for audience in Audience:
                offsets = [
                    step.offset_days
                    for step in rule.steps
                    if rule.kind == one.kind
                    and step.to is audience
                    and reached_at(one.anchor, step, zone) <= now
                ]
                if offsets:
                    expected.add((position, rule.code, audience, max(offsets)))
    found = [
        (position, owed.rule_code, owed.to, owed.step.offset_days)
        for position, one in enumerate(open_duties)
        for owed in due([one], ladder, now, zone)
    ]
    assert len(found) == len(set(found)) == len(owed_now)
    assert set(found) == expected


@given(ladders(), days, st.integers(1, 400), moments, zones)
def test_an_anchor_moved_to_another_day_earns_new_keys(rule, anchor, later, now, zone):
    before = {owed.key for owed in due([duty(anchor, rule.kind)], [rule], now, zone)}
    moved = duty(anchor + timedelta(days=later), rule.kind)
    after = {owed.key for owed in due([moved], [rule], now, zone)}
    assert not before & after


@given(duties, rules, st.lists(moments, min_size=1, max_size=5), zones)
def test_catching_up_after_a_sleep_owes_what_the_last_of_many_sweeps_would(open_duties, ladder, times, zone):
    swept = [{owed.key for owed in due(open_duties, ladder, now, zone)} for now in sorted(times)]
    slept = {owed.key for owed in due(open_duties, ladder, max(times), zone)}
    assert slept == swept[-1]
    assert slept <= set().union(*swept)


@given(ladders(), anchors, moments, moments, zones)
def test_the_windows_find_exactly_the_steps_reached_since_the_last_sweep(rule, anchor, since, now, zone):
    since, now = min(since, now), max(since, now)
    expected = [s for s in sorted(rule.steps) if since < reached_at(anchor, s, zone) <= now]

    assert list(reached_between(rule, anchor, since, now, zone)) == expected
    if isinstance(anchor, datetime):
        found = [w.step for w in moment_windows(rule, since, now) if w.after < anchor <= w.until]
    else:
        found = [w.step for w in anchor_windows(rule, since, now, zone) if w.first_on <= anchor <= w.last_on]
    assert found == expected
