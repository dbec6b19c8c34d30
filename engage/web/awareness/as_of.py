"""The only place that reads from an address which day its reader looks at: today, one that is past, or one to come."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import abort, request

from engage.web import access
from engage.web.awareness.facts_queries import AsOf

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


def read(text: str) -> AsOf | None:
    """The day that `text` names, as it is looked at; None when it names none of ours.

    A past day is seen as it stood when it ended by the office's clock. Of a coming day nothing more is known than now:
    it says what will be under way and complete by then.
    """
    today = access.today()
    if not text:
        return AsOf(today)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not FIRST <= day <= LAST:
        return None
    if day >= today:
        return AsOf(day)
    return AsOf(day, datetime.combine(day + timedelta(days=1), time(), ZoneInfo(access.settings().home_zone)))


def asked() -> AsOf:
    """The day that this request's address names; an address that names none has no page."""
    return read(request.args.get("as_of", "")) or abort(404)
