"""The only place that says where a trip stands by its dates: preparing, away, returned, or cancelled."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
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


def silence_begins(departs_on: date, zone: tzinfo, hours: int) -> datetime:
    """When a traveller who never checked in is silent: `hours` after noon of the first day away, aware UTC."""
    return datetime.combine(departs_on, time(12), zone).astimezone(UTC) + timedelta(hours=hours)
