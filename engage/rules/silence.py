"""The only place that says when a silence begins, when exactly it ends, and whether it was kept."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta, tzinfo

from engage.rules.working_time import ONE_DAY, Calendar, is_business_day, local_day

LONGEST_HOURS = 24 * 30


def expires(begins: datetime, hours: int, zone: tzinfo, calendars: Collection[Calendar]) -> datetime:
    """The moment (aware UTC) when `hours` have passed on business days in `zone`, counted from `begins` (aware).

    Days on which an office rests do not count; an hour that the clocks skip or repeat is counted as it passes.
    Raises ValueError for no hours, more than LONGEST_HOURS, or calendars without a business day.
    """
    if not 0 < hours <= LONGEST_HOURS:
        raise ValueError(f"A silence lasts from 1 to {LONGEST_HOURS} hours.")
    left, at, idle = timedelta(hours=hours), begins.astimezone(UTC), 0
    while True:
        day = local_day(at, zone)
        ends = datetime.combine(day + ONE_DAY, time(), zone).astimezone(UTC)
        if is_business_day(day, calendars):
            idle = 0
            if ends - at >= left:
                return at + left
            left -= ends - at
        elif (idle := idle + 1) > 60:
            raise ValueError("These calendars share no business day for 60 days on end.")
        at = ends


def may_begin(reached: Collection[int], voters: Collection[int], quorum_needed: int) -> bool:
    """Whether the text has reached a quorum of those who may vote; only then does a silence run."""
    return len(set(reached) & set(voters)) >= quorum_needed > 0


def kept(*, runs_from: datetime | None, expires_at: datetime, text_changed: bool, now: datetime) -> bool:
    """Whether the silence was kept: it ran, its exact end has come, and the text is the same. An objection ends it."""
    return runs_from is not None and now >= expires_at and not text_changed
