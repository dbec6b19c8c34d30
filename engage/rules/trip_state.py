"""The only place that says where a trip stands by its dates: preparing, away, returned, or cancelled."""

from datetime import date
from enum import StrEnum


class TripState(StrEnum):
    """Computed on reading, never stored."""

    PREPARING = "preparing"
    AWAY = "away"
    RETURNED = "returned"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The state in words."""
        return self.value.capitalize()


def trip_state(departs_on: date, returns_on: date, cancelled: bool, today: date) -> TripState:
    """Where a trip stands on `today`; the days of departure and return are days away."""
    if cancelled:
        return TripState.CANCELLED
    if today < departs_on:
        return TripState.PREPARING
    return TripState.AWAY if today <= returns_on else TripState.RETURNED
