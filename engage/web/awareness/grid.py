"""The only place that lays engagements into the cells of a calendar: each on every day on which it is on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import request

from engage.web.awareness import days as noted
from engage.web.awareness import queries

SHOWN_A_DAY = 4  # engagements in a month's cell; the register has them all


@dataclass(frozen=True)
class Entry:
    """An engagement on one day of the calendar."""

    title: str
    url: str
    state: str
    label: str
    note: str
    continues: bool  # it began on an earlier day of this page: a phone's agenda names it once


@dataclass
class Day:
    """One cell of the calendar."""

    date: date
    in_month: bool
    is_today: bool
    entries: list[Entry] = field(default_factory=list)
    notes: list[noted.Note] = field(default_factory=list)
    more: int = 0
    more_url: str = ""


def cells(
    rows: Iterable[queries.Row], weeks: list[list[date]], marked: date, *, first: date | None = None,
    shown: int = SHOWN_A_DAY,
) -> list[list[Day]]:  # fmt: skip
    """The cells of `weeks` with what is on each day and what is to know of it, up to `shown` engagements a day.

    `first` is the month's first day, outside of whose month a day is pale; None: none is. `marked` is today.
    """
    rows, begin, end = list(rows), weeks[0][0], weeks[-1][-1]
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for row in rows:
        day, first_shown, places = max(row.starts_on, begin), max(row.starts_on, first or begin), "; ".join(row.places)
        while day <= min(row.ends_on or row.starts_on, end):
            by_day[day].append(
                Entry(row.title, f"/engagements/{row.id}", row.state, row.standing.label, places, day > first_shown)
            )
            day += timedelta(days=1)
    notes = noted.notes(rows, begin, end)
    return [
        [
            Day(
                day, first is None or day.month == first.month, day == marked, by_day[day][:shown], notes.get(day, []),
                max(0, len(by_day[day]) - shown), list_url(day),
            )
            for day in week
        ]
        for week in weeks
    ]  # fmt: skip


def list_url(first: date) -> str:
    """The register from a day on, seen on the same day as this page."""
    seen = request.args.get("as_of")
    return "/register?" + urlencode({"from": first} | ({"as_of": seen} if seen else {}))
