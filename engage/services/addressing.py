"""The only place that says who hears a reminder, and when they would read it: their hours, where they are that day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row, bindparam, select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.people import Person
from engage.models.trips import Trip
from engage.reference.calendars import calendar_of
from engage.rules.policy import Role
from engage.rules.schedule import Audience, Owed
from engage.rules.working_time import Place, next_reading_moment
from engage.services import duties
from engage.services.reminder_rules import ROLE_OF, Rule

_P, _L, _T = Person.__table__.c, Leg.__table__.c, Trip.__table__.c
_BATCH = 1_000
_PEOPLE = select(_P.id, _P.name, _P.supervisor_id, _P.home_zone).where(
    _P.id.in_(bindparam("ids", expanding=True)), _P.disabled_at.is_(None)
)
_AWAY = (
    select(_T.person_id, _L.zone, _L.country_code, _L.arrives_on, _L.departs_on)
    .join_from(Trip.__table__, Leg.__table__, _L.engagement_id == _T.engagement_id)
    .where(
        _T.person_id.in_(bindparam("ids", expanding=True)),
        _T.cancelled_at.is_(None),
        _T.departs_on <= bindparam("until"),
        _T.returns_on >= bindparam("since"),
    )
    .order_by(_L.arrives_on, _L.id)
)
LOOK_AHEAD = timedelta(days=90)  # nobody's hours are looked for further ahead


class Hearing(NamedTuple):
    """One owed reminder and one person who is to hear it."""

    rule: Rule
    owed: Owed
    owner: Row
    reader: Row


def addressed(found: Iterable[tuple[Rule, Owed]], today: date, *, at_once: bool = True) -> list[Hearing]:
    """Each owed reminder once for everybody who hears it; an escalation that finds nobody goes to the secretariat.

    Of several steps of one rule and duty that reach one person together, only the latest is kept: with `at_once`
    those of one sweep, else those reached in one moment.
    """
    owing = list(found)
    if not owing:
        return []
    in_role = {audience: duties.holding(role, today) for audience, role in ROLE_OF.items()}
    owners = {owed.duty.owner_id for _, owed in owing}
    people = _people(owners)
    hearing = {person.supervisor_id for person in people.values() if person.supervisor_id}
    people |= _people((hearing | {id_ for ids in in_role.values() for id_ in ids}) - owners)

    latest: dict[tuple[Any, ...], Hearing] = {}
    for rule, owed in owing:
        owner = people.get(owed.duty.owner_id)
        if owner is None:
            continue  # disabled: what they owed is the secretariat's to see in its lists
        for id_ in _readers(owed, owner, people, in_role):
            together = None if at_once else owed.reached_at
            same = (rule.code, owed.duty.about_kind, owed.duty.about_id, owner.id, id_, together)
            if same not in latest or latest[same].owed.reached_at <= owed.reached_at:
                latest[same] = Hearing(rule, owed, owner, people[id_])
    return list(latest.values())


def reaches_nobody(audience: Audience, today: date) -> bool:
    """Whether a step to this audience would find nobody at all today, not even the secretariat in its stead."""
    return audience in ROLE_OF and not duties.holding(ROLE_OF[audience], today) and not duties.holding(
        Role.SECRETARIAT, today
    )


def _readers(
    owed: Owed, owner: Row, people: Mapping[int, Row], in_role: Mapping[Audience, list[int]]
) -> list[int]:
    match owed.to:
        case Audience.PERSON:
            return [owner.id]
        case Audience.SUPERVISOR:
            return [owner.supervisor_id] if owner.supervisor_id in people else in_role[Audience.SECRETARIAT]
        case _:
            return in_role[owed.to] or in_role[Audience.SECRETARIAT]


def _people(ids: Collection[int]) -> dict[int, Row]:
    ordered, found = sorted(ids), {}
    for start in range(0, len(ordered), _BATCH):
        rows = db.session.execute(_PEOPLE, {"ids": ordered[start : start + _BATCH]})
        found.update({row.id: row for row in rows})
    return found


class Whereabouts:
    """Where people are on the days from `today` on: at home, or on the leg of a trip."""

    def __init__(self, people: Mapping[int, str], today: date) -> None:
        """`people` maps ids to home zones. One statement for each thousand of them."""
        self._people, self._today = people, today
        self._legs: dict[int, list[Row]] = defaultdict(list)
        ids = sorted(people)
        for start in range(0, len(ids), _BATCH):
            given = {"ids": ids[start : start + _BATCH], "since": today - timedelta(2), "until": today + LOOK_AHEAD}
            for row in db.session.execute(_AWAY, given):
                self._legs[row.person_id].append(row)

    def on(self, person_id: int, day: date) -> Place:
        """Where somebody is on `day`; the later of two stays that meet."""
        home = self._people[person_id]
        country = current_app.config["SETTINGS"].home_country
        for leg in reversed(self._legs.get(person_id, ())):
            if leg.arrives_on <= day <= leg.departs_on:
                return _place(leg.zone or home, leg.country_code, day)
        return _place(home, country, day)

    def leaves_at(self, rule: Rule, person_id: int, now: datetime, deadline: datetime | None) -> datetime:
        """When a message under `rule` leaves for its reader: at once when urgent, else in their working hours.

        Where those would come after the `deadline` it warns of, days of rest count too; else it leaves at once.
        """
        if rule.urgent:
            return now
        def where(day: date) -> Place:
            return self.on(person_id, day)

        moment = next_reading_moment(now, where, rule.opens_at, rule.closes_at)
        if deadline is None or deadline <= now or moment < deadline:
            return moment
        moment = next_reading_moment(now, where, rule.opens_at, rule.closes_at, any_day=True)
        return moment if moment < deadline else now


def _place(zone: str, country: str, day: date) -> Place:
    return Place(ZoneInfo(zone), calendar_of(country, day, day))
