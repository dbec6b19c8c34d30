"""Which days a country rests."""

from datetime import date

import pytest

from engage.reference.countries import countries
from engage.reference.holidays import holidays_in, weekend_of


def test_holidays_are_named_in_english_and_lie_in_the_span():
    assert holidays_in("JP", date(2026, 4, 29), date(2026, 5, 4)) == {
        date(2026, 4, 29): "Showa Day",
        date(2026, 5, 3): "Constitution Day",
        date(2026, 5, 4): "Greenery Day",
    }


def test_a_span_over_new_year_takes_both_years():
    assert list(holidays_in("EE", date(2026, 12, 26), date(2027, 1, 1))) == [
        date(2026, 12, 26),
        date(2027, 1, 1),
    ]


def test_an_unknown_country_and_a_reversed_span_have_none():
    assert holidays_in("XX", date(2026, 1, 1), date(2026, 12, 31)) == {}
    assert holidays_in("EE", date(2026, 12, 31), date(2026, 1, 1)) == {}


def test_a_span_of_many_years_is_refused():
    with pytest.raises(ValueError, match="10 years"):
        holidays_in("EE", date(2000, 1, 1), date(2026, 1, 1))


def test_weekends_differ():
    assert [weekend_of(code) for code in ("SA", "BN", "DE", "XX")] == [{4, 5}, {4, 6}, {5, 6}, {5, 6}]


def test_every_country_can_be_asked():
    assert all(
        isinstance(holidays_in(c.code, date(2026, 1, 1), date(2026, 1, 31)), dict) for c in countries()
    )
