"""When a silence ends and whether it was kept; what an authority reaches. Over all days, hours and people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.rules import silence
from engage.rules.authority import Case, Granted, Limits, Power, must_hold
from engage.rules.items import ItemKind
from engage.rules.prior_approval import Asked, Cap, why_not
from engage.rules.refusals import NotAllowed
from engage.rules.working_time import Calendar, local_day

ZONES = [ZoneInfo(name) for name in ("America/New_York", "Europe/Tallinn", "Asia/Kathmandu", "Pacific/Kiritimati")]
CALENDAR = Calendar(frozenset({date(2026, 3, 4), date(2026, 12, 25)}))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
hours = st.integers(1, silence.LONGEST_HOURS)
zones = st.sampled_from(ZONES)


def worked(begins, ends, zone):
    """The time between two moments that lies on business days, counted minute by minute of each day's span."""
    total, at = timedelta(), begins
    while at < ends:
        tomorrow = datetime.combine(local_day(at, zone) + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
        until = min(ends, tomorrow)
        total += until - at if CALENDAR.works(local_day(at, zone)) else timedelta()
        at = until
    return total


@given(moments, hours, zones)
def test_a_silence_lasts_exactly_its_hours_on_business_days(begins, lasts, zone):
    ends = silence.expires(begins, lasts, zone, [CALENDAR])
    assert worked(begins, ends, zone) == timedelta(hours=lasts)
    assert CALENDAR.works(local_day(ends - timedelta(microseconds=1), zone))


@given(moments, hours, zones)
def test_more_hours_or_a_later_beginning_never_end_sooner(begins, lasts, zone):
    ends = silence.expires(begins, lasts, zone, [CALENDAR])
    if lasts < silence.LONGEST_HOURS:
        assert silence.expires(begins, lasts + 1, zone, [CALENDAR]) > ends
    assert silence.expires(begins + timedelta(hours=7), lasts, zone, [CALENDAR]) >= ends


@pytest.mark.parametrize("lasts", [-1, 0, silence.LONGEST_HOURS + 1])
def test_a_silence_of_no_hours_or_too_many_is_refused(lasts):
    with pytest.raises(ValueError, match="A silence lasts from 1 to 720 hours"):
        silence.expires(datetime(2026, 3, 2, tzinfo=UTC), lasts, UTC, [])


people = st.frozensets(st.integers(1, 5))


@given(people, people, st.integers(0, 6))
def test_a_silence_begins_only_when_a_quorum_of_those_who_vote_has_the_text(reached, voters, needed):
    assert silence.may_begin(reached, voters, needed) == (0 < needed <= len(reached & voters))


@given(moments, moments, st.booleans(), st.one_of(st.none(), moments))
def test_a_silence_is_kept_only_if_it_ran_to_its_end_on_the_same_text(now, ends, changed, since):
    assert silence.kept(runs_from=since, expires_at=ends, text_changed=changed, now=now) == (
        since is not None and not changed and ends <= now
    )


ids = st.integers(1, 5)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
costs = st.decimals(0, 5000, places=2)
kinds = st.frozensets(st.sampled_from(ItemKind))


@given(
    st.builds(Granted, st.sampled_from(Power), ids, ids, st.one_of(st.none(), ids),
              st.builds(Limits, kinds, st.one_of(st.none(), costs)), days, days, st.booleans()),
    st.one_of(st.none(), ids),
    st.builds(Case, st.sampled_from(ItemKind), costs, people),
    days,
)  # fmt: skip
def test_nobody_acts_under_a_delegation_that_is_dead_too_small_or_on_an_item_of_their_own(granted, who, case, day):
    try:
        must_hold(granted, who, case, day)
    except NotAllowed:
        return
    assert who in (granted.holder_id, granted.alternate_id)
    assert who != granted.principal_id
    assert who not in case.aside
    assert granted.starts_on <= day <= granted.ends_on
    assert not granted.revoked
    assert case.kind in granted.limits.kinds
    assert granted.limits.most_cost is None or case.cost <= granted.limits.most_cost
    assert granted.power is Power.DECIDE or granted.principal_id not in case.aside


@given(st.lists(costs, max_size=8), st.integers(1, 6), st.decimals(0, 9000, places=2))
def test_no_cap_is_ever_overrun_by_uses_that_fit(wishes, most_uses, most_cost):
    cap = Cap(date(2026, 1, 1), date(2026, 12, 31), most_uses, most_cost, country_code="EE")
    spent: list[Decimal] = []
    for cost in wishes:
        asked = Asked(frozenset({"EE"}), frozenset(), None, None, 1, cost, None)
        if not why_not(cap, asked, spent, date(2026, 3, 2)):
            spent.append(cost)
    assert len(spent) <= most_uses
    assert sum(spent, Decimal(0)) <= most_cost
