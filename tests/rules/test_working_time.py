"""Business days in one or two calendars, lead times, and hours in which messages may leave."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.rules.working_time import (
    Calendar,
    add_business_days,
    business_days_between,
    is_business_day,
    last_safe_day,
    local_day,
    next_sending_moment,
)

HOME = Calendar(holidays=frozenset({date(2026, 7, 3)}))
QATAR = Calendar(weekend=frozenset({4, 5}))
NEW_YORK, KIRITIMATI = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Kiritimati")
OPENS, CLOSES = time(8), time(18)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 7, 2), 1, date(2026, 7, 6)),  # over the holiday and the weekend
        (date(2026, 7, 6), -1, date(2026, 7, 2)),
        (date(2026, 7, 4), 0, date(2026, 7, 4)),
        (date(2026, 7, 4), 1, date(2026, 7, 6)),
        (date(2028, 2, 28), 2, date(2028, 3, 1)),  # leap day
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
    ],
)
def test_business_days_skip_holidays_and_weekends(start, count, end):
    assert add_business_days(start, count, [HOME]) == end


def test_two_offices_both_work_only_from_monday_to_thursday():
    week = [date(2026, 6, 15) + timedelta(days=n) for n in range(7)]

    assert [day.weekday() for day in week if is_business_day(day, [HOME, QATAR])] == [0, 1, 2, 3]
    assert add_business_days(date(2026, 6, 18), 1, [HOME, QATAR]) == date(2026, 6, 22)


def test_without_a_calendar_every_day_counts():
    assert add_business_days(date(2026, 7, 2), 3, []) == date(2026, 7, 5)


def test_calendars_that_never_meet_are_refused():
    never = [Calendar(weekend=frozenset({0, 1, 2, 3})), Calendar(weekend=frozenset({4, 5, 6}))]

    with pytest.raises(ValueError, match="share no business day"):
        add_business_days(date(2026, 7, 2), 1, never)


@pytest.mark.parametrize(
    ("departs_on", "lead_days", "safe"),
    [
        (date(2026, 7, 31), 30, date(2026, 7, 1)),
        (date(2026, 8, 2), 30, date(2026, 7, 2)),  # the 3rd is a holiday
        (date(2026, 8, 4), 30, date(2026, 7, 2)),  # the 5th is a Sunday, the 3rd a holiday
        (date(2026, 7, 31), 0, date(2026, 7, 31)),
    ],
)
def test_the_last_safe_day_is_one_on_which_the_office_is_open(departs_on, lead_days, safe):
    assert last_safe_day(departs_on, lead_days, [HOME]) == safe


days = st.dates(date(2020, 1, 1), date(2032, 12, 31))
calendars = st.lists(
    st.builds(
        Calendar,
        holidays=st.frozensets(st.dates(date(2025, 12, 1), date(2026, 2, 1)), max_size=9),
        weekend=st.sampled_from([frozenset({5, 6}), frozenset({4, 5}), frozenset({6}), frozenset()]),
    ),
    max_size=2,
)


@given(days, st.integers(-60, 60), calendars)
def test_adding_days_and_counting_them_agree(day, count, places):
    assert business_days_between(day, add_business_days(day, count, places), places) == count


@given(days, st.integers(0, 40), st.integers(0, 40), calendars)
def test_days_added_in_two_parts_are_days_added_at_once(day, some, more, places):
    in_parts = add_business_days(add_business_days(day, some, places), more, places)
    assert in_parts == add_business_days(day, some + more, places)


@given(days, days, calendars)
def test_counting_equals_a_walk_through_the_calendar(start, end, places):
    walk, day = 0, start
    while day < end:
        day += timedelta(days=1)
        walk += all(place.works(day) for place in places)
    if end >= start:
        assert business_days_between(start, end, places) == walk
    else:
        assert business_days_between(start, end, places) <= 0


@given(days, st.integers(0, 90), calendars)
def test_the_last_safe_day_leaves_the_lead_and_no_later_business_day_does(departs_on, lead_days, places):
    safe = last_safe_day(departs_on, lead_days, places)
    assert is_business_day(safe, places)
    assert (departs_on - safe).days >= lead_days
    assert business_days_between(safe, departs_on - timedelta(days=lead_days), places) == 0


# Hours in which messages leave


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-06-17 12:00", "2026-06-17 12:00"),  # 08:00 in New York: the hours begin
        ("2026-06-17 09:00", "2026-06-17 12:00"),  # 05:00: waits for the opening
        ("2026-06-17 21:59", "2026-06-17 21:59"),
        ("2026-06-17 22:00", "2026-06-18 12:00"),  # 18:00: the hours are over
        ("2026-06-19 22:00", "2026-06-22 12:00"),  # Friday evening: Monday
        ("2026-06-20 15:00", "2026-06-22 12:00"),  # Saturday
        ("2026-03-06 23:00", "2026-03-09 12:00"),  # the clocks go forward that weekend: 08:00 is 12:00 UTC
        ("2026-10-30 22:00", "2026-11-02 13:00"),  # and back: 08:00 is 13:00 UTC
        ("2026-12-31 23:30", "2027-01-01 13:00"),
    ],
)
def test_messages_leave_in_the_readers_working_hours(now, leaves):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    sent = next_sending_moment(moment, NEW_YORK, OPENS, CLOSES)

    assert f"{sent:%Y-%m-%d %H:%M}" == leaves
    assert sent.tzinfo is UTC


def test_an_hour_that_the_clocks_skip_moves_forward():
    midnight = datetime(2026, 3, 8, 5, tzinfo=UTC)  # in New York, 02:30 does not exist that Sunday

    sent = next_sending_moment(midnight, NEW_YORK, time(2, 30), CLOSES, weekend=frozenset())

    assert f"{sent.astimezone(NEW_YORK):%H:%M}" == "03:30"


def test_hours_that_the_clocks_skip_whole_wait_for_the_next_day():
    midnight = datetime(2026, 3, 8, 5, tzinfo=UTC)

    sent = next_sending_moment(midnight, NEW_YORK, time(2, 30), time(3, 0), weekend=frozenset())

    assert sent == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)


def test_an_hour_that_the_clocks_repeat_counts_once():
    hours = {"opens": time(1, 15), "closes": time(1, 45), "weekend": frozenset()}
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 in New York, for the first time that Sunday
    again = first + timedelta(hours=1)

    assert next_sending_moment(first, NEW_YORK, **hours) == first
    assert next_sending_moment(again, NEW_YORK, **hours) == datetime(2026, 11, 2, 6, 15, tzinfo=UTC)


def test_friday_and_saturday_are_the_weekend_where_they_are():
    friday = datetime(2026, 6, 19, 9, tzinfo=UTC)

    sent = next_sending_moment(friday, ZoneInfo("Asia/Qatar"), OPENS, CLOSES, weekend=frozenset({4, 5}))

    assert sent == datetime(2026, 6, 21, 5, tzinfo=UTC)


def test_a_day_that_a_place_skipped_sends_nothing():
    """Samoa had no 30 December 2011."""
    thursday = datetime(2011, 12, 30, 5, tzinfo=UTC)  # 19:00 on the 29th

    sent = next_sending_moment(thursday, ZoneInfo("Pacific/Apia"), OPENS, CLOSES)

    assert sent.astimezone(ZoneInfo("Pacific/Apia")).date() == date(2012, 1, 2)


def test_the_local_day_is_ahead_of_utc_by_up_to_fourteen_hours():
    moment = datetime(2026, 6, 17, 10, 0, tzinfo=UTC)

    assert local_day(moment, KIRITIMATI) == date(2026, 6, 18)
    assert local_day(moment, NEW_YORK) == date(2026, 6, 17)


@pytest.mark.parametrize("hours", [(time(18), time(8)), (time(8), time(8))])
def test_hours_must_open_before_they_close(hours):
    with pytest.raises(ValueError, match="open before they close"):
        next_sending_moment(datetime(2026, 6, 17, tzinfo=UTC), NEW_YORK, *hours)


def test_a_weekend_of_seven_days_is_refused():
    with pytest.raises(ValueError, match="leaves no day"):
        next_sending_moment(datetime(2026, 6, 17, tzinfo=UTC), NEW_YORK, OPENS, CLOSES, weekend=range(7))


def test_a_moment_without_a_zone_is_refused():
    naive = datetime(2026, 6, 17)
    with pytest.raises(ValueError, match="needs a time zone"):
        local_day(naive, NEW_YORK)
    with pytest.raises(ValueError, match="needs a time zone"):
        next_sending_moment(naive, NEW_YORK, OPENS, CLOSES)


zones = st.sampled_from(["America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu", "Pacific/Apia"]).map(
    ZoneInfo
)
moments = st.datetimes(datetime(2011, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))


@given(moments, zones, st.integers(0, 22))
def test_it_is_never_before_now_and_always_in_hours_and_settled(now, zone, opening_hour):
    opens, closes = time(opening_hour), time(23)
    sent = next_sending_moment(now, zone, opens, closes)
    there = sent.astimezone(zone)
    assert sent >= now
    assert there.weekday() not in {5, 6}
    assert there.time() < closes
    assert there.time() >= opens or there.utcoffset() != (there - timedelta(hours=3)).utcoffset()
    assert next_sending_moment(sent, zone, opens, closes) == sent
