"""A country's calendar has its weekend and its holidays."""

from datetime import date

import pytest

from engage.reference.calendars import calendar_of, calendars_of
from engage.rules.working_time import add_business_days, is_business_day

SPRING = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("code, day, works", [
    ("US", date(2026, 7, 3), False),   # Independence Day, kept on the Friday
    ("US", date(2026, 7, 6), True),
    ("KW", date(2026, 3, 6), False),   # a Friday
    ("KW", date(2026, 3, 8), True),    # a Sunday
    ("ZZ", date(2026, 3, 7), False),   # nobody knows the place: Saturday and Sunday rest
])  # fmt: skip
def test_an_office_is_open_on_the_days_its_country_works(code, day, works):
    assert calendar_of(code, *SPRING).works(day) is works


def test_what_needs_two_offices_skips_the_days_of_rest_of_both():
    both = calendars_of(("US", "KW", "US"), *SPRING)

    assert len(both) == 2
    assert not is_business_day(date(2026, 3, 6), both)
    assert add_business_days(date(2026, 3, 5), 1, both) == date(2026, 3, 9)


def test_more_than_ten_years_are_refused():
    with pytest.raises(ValueError, match="10 years"):
        calendar_of("US", date(2026, 1, 1), date(2040, 1, 1))
