"""The only place that gathers the facts of trips and asks the rule for their verdicts.

Nothing here is stored. Seven statements whatever the number of trips: thirty cost as many as one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from engage.extensions import db
from engage.rules.readiness import Verdict, assess
from engage.rules.requirements import Kind, RequirementRule
from engage.rules.trip_facts import (
    Acknowledged,
    Clearance,
    Completion,
    Course,
    GuideVersion,
    OpenCondition,
    Stay,
    TripFacts,
    Waived,
)
from engage.rules.validity import months_later
from engage.rules.workflow import State
from engage.services.guide_places import code_of
from engage.services.readiness_facts import (
    CLEARED_AND_OPEN,
    COURSES,
    GUIDES,
    READ,
    RULES,
    STAYS,
    TRIPS,
    WAIVER,
)

LONGEST = timedelta(days=3653)  # a trip that began so long before the days that count is over


def verdict(trip_id: int, today: date) -> Verdict:
    """The checklist and verdict of one trip as of the office's day `today`. KeyError: no such trip."""
    return verdicts((trip_id,), today)[trip_id]


def verdicts(trip_ids: Iterable[int], today: date) -> dict[int, Verdict]:
    """The verdicts of trips by their ids, as of `today`; an id of no trip is left out. Seven statements."""
    ids = sorted(set(trip_ids))
    if not ids:
        return {}
    given = {"ids": ids, "today": today}
    rows = db.session.execute(TRIPS, given).all()
    if not rows:
        return {}
    trips: dict[int, Any] = {row.id: row for row in rows}
    roles: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.role:
            roles[row.id].add(row.role.value)

    stays, abroad = _stays(given, trips)
    rules = _rules(given)
    guides = _guides(given)
    read = _grouped(READ, given, lambda row: Acknowledged(row.guide_version_id, row.guide_id))
    courses, completed = _courses(given)
    clearances, conditions, waivers = _clearances(given)
    return {
        id_: assess(
            TripFacts(
                departs_on=trip.departs_on,
                returns_on=trip.returns_on,
                stays=tuple(stays[id_]),
                roles=frozenset(roles[id_]),
                engagement_state=State.CANCELLED if trip.cancelled_at else trip.state,
                days_abroad_12_months=abroad[id_],
                nature=trip.nature,
                marking=trip.marking,
            ),
            rules,
            [v for place in {None, id_, *(stay.country_code for stay in stays[id_])} for v in guides[place]],
            courses,
            read[id_],
            completed[trip.person_id],
            clearances[id_],
            conditions[id_],
            waivers[id_],
            today,
        )
        for id_, trip in trips.items()
    }


def _grouped(statement: Any, given: Mapping[str, Any], fact: Any) -> dict[int, list[Any]]:
    """The facts of a statement by the id in its first column."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(statement, given):
        found[row[0]].append(fact(row))
    return found


class _Days(NamedTuple):
    """Days abroad of one trip's traveller count after `after` and through `until`."""

    after: date
    until: date

    def of(self, arrives_on: date, departs_on: date) -> range:
        first, last = max(arrives_on, self.after + timedelta(1)), min(departs_on, self.until)
        return range(first.toordinal(), last.toordinal() + 1)


def _stays(given: Mapping[str, Any], trips: Mapping[int, Any]) -> tuple[dict[int, list[Stay]], dict[int, int]]:
    """Each trip's foreign stays, and its traveller's days abroad in the 12 months that end with it."""
    windows = {id_: _Days(months_later(trip.returns_on, -12), trip.returns_on) for id_, trip in trips.items()}
    since = min(window.after for window in windows.values())
    stays: dict[int, list[Stay]] = defaultdict(list)
    days: dict[int, set[int]] = defaultdict(set)
    for row in db.session.execute(STAYS, {**given, "since": since, "early": since - LONGEST}):
        if row.own:
            stays[row.trip_id].append(
                Stay(
                    row.country_code,
                    row.arrives_on,
                    row.departs_on,
                    row.level,
                    bool(row.of_concern),
                    row.name,
                    row.transit,
                )
            )
        days[row.trip_id].update(windows[row.trip_id].of(row.arrives_on, row.departs_on))
    return stays, {id_: len(days[id_]) for id_ in trips}


def _rules(given: Mapping[str, Any]) -> tuple[RequirementRule, ...]:
    """The rules in force, the latest row of each."""
    latest = {row.code: row for row in db.session.execute(RULES, given)}
    return tuple(
        RequirementRule(
            code=row.code,
            kind=Kind(row.kind),
            target=row.target,
            label=row.label,
            source=row.source,
            lead_days=row.lead_days,
            blocks=row.blocks,
            min_level=row.min_level,
            min_trip_days=row.min_trip_days,
            min_days_abroad=row.min_days_abroad,
            only_of_concern=row.only_of_concern,
            countries=frozenset(row.countries.split()),
            roles=frozenset(row.roles.split()),
            natures=frozenset(row.natures.split()),
            markings=frozenset(row.markings.split()),
            on_transit=row.on_transit,
            waivable_by=frozenset(row.waivable_by.split()),
        )
        for row in latest.values()
    )


def _guides(given: Mapping[str, Any]) -> dict[str | int | None, list[GuideVersion]]:
    """All published versions of the guides concerned, by country or by the trip whose bodies they are of.

    None is the general guide.
    """
    found: dict[str | int | None, list[GuideVersion]] = defaultdict(list)
    for row in db.session.execute(GUIDES, given):
        found[row.trip_id or row.country_code].append(
            GuideVersion(
                row.guide_id, row.id, row.country_code, row.title, row.sha256, row.published_at, row.material,
                code_of(row) if row.trip_id else "",
            )
        )  # fmt: skip
    return found


def _courses(given: Mapping[str, Any]) -> tuple[tuple[Course, ...], dict[int, list[Completion]]]:
    """Every course, and what these people completed, by person."""
    courses: dict[str, Course] = {}
    completed: dict[int, list[Completion]] = defaultdict(list)
    for row in db.session.execute(COURSES, given):
        if row.code not in courses:
            courses[row.code] = Course(row.code, row.name, frozenset((row.satisfied_by or "").split()))
        if row.person_id is not None:
            completed[row.person_id].append(
                Completion(row.code, row.completed_on, row.valid_until, row.verified_at is not None)
            )
    return tuple(courses.values()), completed


def _clearances(
    given: Mapping[str, Any],
) -> tuple[dict[int, list[Clearance]], dict[int, list[OpenCondition]], dict[int, list[Waived]]]:
    clearances: dict[int, list[Clearance]] = defaultdict(list)
    conditions: dict[int, list[OpenCondition]] = defaultdict(list)
    waivers: dict[int, list[Waived]] = defaultdict(list)
    for row in db.session.execute(CLEARED_AND_OPEN, given):
        if row.kind == Kind.CONDITION:
            conditions[row.trip_id].append(OpenCondition(row.text, row.day, int(row.status) if row.status else None))
        elif row.kind == WAIVER:
            waivers[row.trip_id].append(Waived(row.status, row.day, row.signed.replace("_", " "), row.text))
        else:
            clearances[row.trip_id].append(Clearance(row.kind, row.country_code, row.status, row.day, row.text))
    return clearances, conditions, waivers
