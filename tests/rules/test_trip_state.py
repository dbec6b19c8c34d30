"""Where a trip stands by its dates."""

from datetime import date

import pytest

from engage.rules.trip_state import TripState, trip_state

LEAVES, RETURNS = date(2026, 5, 4), date(2026, 5, 9)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 5, 3), TripState.PREPARING),
        (LEAVES, TripState.AWAY),
        (RETURNS, TripState.AWAY),
        (date(2026, 5, 10), TripState.RETURNED),
    ],
)
def test_the_days_of_departure_and_return_are_days_away(today, state):
    assert trip_state(LEAVES, RETURNS, False, today) is state


def test_a_cancelled_trip_is_cancelled_whatever_the_day():
    states = {trip_state(LEAVES, RETURNS, True, day) for day in (date(2026, 1, 1), LEAVES, date(2027, 1, 1))}
    assert states == {TripState.CANCELLED}
