"""What stands on a day of the calendar beside engagements: days of rest at home and with hosts, and board meetings."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from engage.reference.countries import country
from engage.reference.holidays import holidays_in
from engage.rules.policy import Role, See, may
from engage.services import agreements
from engage.web import access
from engage.web.awareness import queries

ONE_DAY = timedelta(days=1)


class Note(NamedTuple):
    """A line of a day: a holiday, or a meeting of the board, which has an address."""

    text: str
    url: str = ""


def codes(row: queries.Row) -> set[str]:
    """The countries of an engagement."""
    return {place.rpartition(", ")[2] for place in row.places}


def named(code: str) -> str:
    """A country's name."""
    known = country(code)
    return known.name if known else code


def notes(rows: Iterable[queries.Row], first: date, last: date) -> dict[date, list[Note]]:
    """The notes of each day from `first` to `last`: a host's holiday counts on days on which somebody is there.

    Days on which a post receives nobody are named for every country to which somebody goes in that time.
    """
    found: dict[date, list[Note]] = defaultdict(list)
    for day, name in holidays_in(access.settings().home_country, first, last).items():
        found[day].append(Note(f"Holiday at home: {name}"))
    hosts: dict[str, set[date]] = defaultdict(set)
    for row in rows:
        day = max(row.starts_on, first)
        while day <= min(row.ends_on or row.starts_on, last):
            for code in codes(row) - {access.settings().home_country}:
                hosts[code].add(day)
            day += ONE_DAY
    for code in sorted(hosts):
        for day, name in holidays_in(code, first, last).items():
            if day in hosts[code]:
                found[day].append(Note(f"Holiday in {named(code)}: {name}"))
    for closed in queries.blackouts(first, last):
        day = max(closed.starts_on, first)
        while day <= min(closed.ends_on, last):
            if closed.country_code in hosts:
                found[day].append(Note(f"No visits to {named(closed.country_code)}: {closed.why}"))
            day += ONE_DAY
    for agreement in _expiring(first, last):
        said = f"Agreement with {agreement.partner} expires: {agreement.title}"
        found[agreement.expires_on].append(Note(said, f"/agreements/{agreement.id}"))
    if may(access.me(), See.MEETING):
        for meeting in queries.meetings(first, last, access.me().zone):
            found[meeting.day].append(Note(f"Board meets: {meeting.title}", f"/board/meetings/{meeting.id}"))
    return found


def _expiring(first: date, last: date) -> Iterable[Any]:
    """The agreements whose last day this is: those that who leads and the secretariat may see, and one's own."""
    me = access.me()
    names = {"until"} | (set() if me.roles & {Role.LEADERSHIP, Role.SECRETARIAT} else {"mine"})
    return agreements.listed(me, access.today(), frozenset(names), since=first, until=last)[0]
