"""Reminders owed: by day and by moment, once each, the latest step for each audience."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.rules.schedule import (
    AGES_AGO,
    NEVER,
    Audience,
    Duty,
    ReminderRule,
    Step,
    Unit,
    anchor_window,
    due,
    moment_window,
    reached_at,
    wrong_with,
)
from engage.rules.working_time import Calendar

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


def test_the_key_names_rule_subject_person_day_and_step():
    assert [reminder.key for reminder in due([duty()], [ACKNOWLEDGE], at("2026-06-18 08:00"), NEW_YORK)] == [
        "guidance:trip:7:3:2026-06-20:-2",
        "guidance:trip:7:3:2026-06-20:-2",
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

    assert reminder.key == "vote:trip:7:3:2026-06-20:+0"


def test_a_duty_without_a_rule_owes_nothing():
    assert owed(at("2026-06-20 08:00"), duty(kind="decide")) == []


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ((), "has no steps"),
        ((Step(-2, PERSON), Step(-2, PERSON)), "has a step twice"),
        ((Step(-2, PERSON), Step(-2, PERSON, Unit.BUSINESS)), ""),
        ((Step(-2, PERSON), Step(-3, SUPERVISOR)), "the supervisor would hear before the person"),
        ((Step(-2, SUPERVISOR), Step(-3, SECRETARIAT)), "the secretariat would hear before the supervisor"),
        ((Step(-5, PERSON, Unit.BUSINESS), Step(-6, SUPERVISOR)), ""),
        ((Step(731, PERSON),), "more than two years away"),
        (tuple(Step(n, PERSON) for n in range(21)), "more than 20 steps"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(steps, sentence):
    assert wrong_with(steps) == "" if not sentence else sentence in wrong_with(steps)
    if sentence:
        with pytest.raises(ValueError, match=sentence):
            ReminderRule("broken", "acknowledge", steps)


def test_a_rule_may_speak_to_the_secretariat_alone():
    assert ReminderRule("late", "screen", (Step(3, SECRETARIAT),)).steps == (Step(3, SECRETARIAT),)


def test_the_windows_name_the_anchors_that_came_due():
    before, after = Step(-14, PERSON), Step(1, SECRETARIAT)

    assert anchor_window(before, at("2026-06-01 12:00"), at("2026-06-03 06:00"), NEW_YORK) == (
        before, date(2026, 6, 16), date(2026, 6, 17)
    )  # fmt: skip
    assert anchor_window(after, at("2026-06-01 12:00"), at("2026-06-03 06:00"), NEW_YORK) == (
        after, date(2026, 6, 1), date(2026, 6, 2)
    )  # fmt: skip
    assert anchor_window(before, at("2026-06-03 06:00"), at("2026-06-03 23:59"), NEW_YORK) is None
    assert moment_window(before, at("2026-06-03 06:00"), at("2026-06-03 06:00")) is None


US = Calendar(frozenset({date(2026, 7, 3)}))  # Independence Day, observed
RIYADH = Calendar(frozenset(), frozenset({4, 5}))  # rests on Friday and Saturday


@pytest.mark.parametrize(
    ("anchor", "days", "calendars", "expected"),
    [
        (date(2026, 7, 8), -3, [US], date(2026, 7, 2)),  # a Wednesday, back over a holiday and a weekend
        (date(2026, 6, 17), -3, [US], date(2026, 6, 12)),  # a Friday
        (date(2026, 6, 17), -3, [US, RIYADH], date(2026, 6, 11)),  # on which Riyadh rests, as we on Sunday
        (date(2026, 6, 17), -5, [US, RIYADH], date(2026, 6, 9)),
        (date(2026, 3, 1), -1, [US], date(2026, 2, 27)),  # the end of February
        (date(2028, 3, 1), -1, [US], date(2028, 2, 29)),  # of a leap year
        (date(2026, 12, 31), 1, [US], date(2027, 1, 1)),
        (date(2026, 7, 4), 0, [US], date(2026, 7, 4)),  # the day itself, whatever it is
    ],
)
def test_business_days_are_those_on_which_every_office_is_open(anchor, days, calendars, expected):
    step = Step(days, PERSON, Unit.BUSINESS)

    reached = reached_at(duty(anchor), step, NEW_YORK, lambda _: calendars)

    assert reached == datetime(expected.year, expected.month, expected.day, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("zone", "anchor", "days", "expected"),
    [
        ("America/New_York", date(2026, 3, 9), -1, "2026-03-08T05:00+00:00"),  # the day that lacks an hour
        ("America/New_York", date(2026, 11, 2), -1, "2026-11-01T04:00+00:00"),  # the day that has one more
        ("America/Santiago", date(2026, 9, 6), 0, "2026-09-06T04:00+00:00"),  # midnight itself is skipped
        ("Pacific/Kiritimati", date(2026, 1, 1), 0, "2025-12-31T10:00+00:00"),  # UTC+14
        ("America/New_York", date(2028, 3, 30), -30, "2028-02-29T05:00+00:00"),
        ("America/New_York", date(2026, 3, 31), -31, "2026-02-28T05:00+00:00"),
        ("America/New_York", date(9999, 12, 31), 1, None),
    ],
)
def test_a_day_begins_at_its_midnight_wherever_the_office_is(zone, anchor, days, expected):
    reached = reached_at(duty(anchor), Step(days, PERSON), ZoneInfo(zone))

    assert reached == (datetime.fromisoformat(expected) if expected else NEVER)


def test_a_moment_in_business_days_keeps_its_hour():
    friday = at("2026-10-30 15:00")  # the clocks change on Sunday

    reached = reached_at(duty(friday, "screen"), Step(1, PERSON, Unit.BUSINESS), NEW_YORK)

    assert reached == at("2026-11-02 15:00")


def test_what_was_reached_before_a_rule_counted_is_passed_over():
    bound = {("guidance", "-7:person"): at("2026-06-14 00:00"), ("guidance", "-14:person"): AGES_AGO}

    keys = [o.step for o in due([duty()], [ACKNOWLEDGE], at("2026-06-14 12:00"), NEW_YORK, not_before=bound)]

    assert keys == [Step(-14, PERSON)]


# Properties

steps = st.builds(Step, st.integers(-30, 10), st.sampled_from(Audience), st.sampled_from(Unit))


@st.composite
def ladders(draw):
    """A rule for one of two kinds of duty whose person, if addressed, hears first."""
    drawn = draw(st.lists(steps, min_size=1, max_size=6, unique=True).filter(lambda found: not wrong_with(found)))
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
    assert all(reached_at(owed.duty, owed.step, zone) == owed.reached_at <= now for owed in owed_now)

    expected = set()
    for position, one in enumerate(open_duties):
        for rule in ladder:
            for audience in Audience:
                reached = [
                    (reached_at(one, step, zone), step)
                    for step in rule.steps
                    if rule.kind == one.kind and step.to is audience and reached_at(one, step, zone) <= now
                ]
                if reached:
                    expected.add((position, rule.code, audience, max(reached)[1]))
    found = [
        (position, owed.rule_code, owed.to, owed.step)
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
def test_the_windows_find_every_step_reached_since_the_last_sweep(rule, anchor, since, now, zone):
    since, now = min(since, now), max(since, now)
    one = duty(anchor, rule.kind)

    for step in rule.steps:
        reached = since < reached_at(one, step, zone) <= now
        if isinstance(anchor, datetime):
            window = moment_window(step, since, now)
            found = window is not None and window.after < anchor <= window.until
        else:
            window = anchor_window(step, since, now, zone)
            found = window is not None and window.first_on <= anchor <= window.last_on
        assert found or not reached
        if step.unit is Unit.CALENDAR:
            assert found == reached


@given(ladders(), anchors, st.lists(moments, min_size=1, max_size=6), zones)
def test_any_sequence_of_runs_equals_the_run_at_its_end_but_for_those_collapsed(rule, anchor, times, zone):
    """Each run sees only what its window finds and the ledger lacks, as a sweep does."""
    one, ledger, since = duty(anchor, rule.kind), [], AGES_AGO
    for now in sorted(times):
        windows = [
            moment_window(step, since, now) if isinstance(anchor, datetime) else anchor_window(step, since, now, zone)
            for step in rule.steps
        ]
        seen = any(
            window is not None
            and (window[1] < anchor <= window[2] if isinstance(anchor, datetime) else window[1] <= anchor <= window[2])
            for window in windows
        )
        for owed in due([one] if seen else [], [rule], now, zone):
            if (owed.key, owed.to) not in ledger:
                ledger.append((owed.key, owed.to))
        since = now

    at_the_end = [(owed.key, owed.to) for owed in due([one], [rule], max(times), zone)]
    assert len(ledger) == len(set(ledger))
    assert set(at_the_end) <= set(ledger)
    reached = {(owed.key, owed.to) for now in times for owed in due([one], [rule], now, zone)}
    assert set(ledger) == reached
