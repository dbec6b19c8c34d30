"""The only writer of Advisory, and the reader of a country's level on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.places import Advisory, Country
from engage.models.trips import Trip
from engage.rules.policy import PROGRAM, Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit, duties, outbox, sessions, watch

MEANINGS = {
    1: "Exercise normal precautions",
    2: "Exercise increased caution",
    3: "Reconsider travel",
    4: "Do not travel",
}  # the four levels as the Department of State names them
_A = Advisory.__table__.c
_newest = (
    select(_A.country_code, func.max(_A.as_of).label("as_of"))
    .where(_A.country_code.in_(bindparam("countries", expanding=True)), _A.as_of <= bindparam("day"))
    .group_by(_A.country_code)
    .subquery()
)
ON = select(_A.country_code, _A.level, _A.as_of, _A.source).join(
    _newest, (_newest.c.country_code == _A.country_code) & (_newest.c.as_of == _A.as_of)
)

_T, _L = Trip.__table__.c, Leg.__table__.c
_THERE = (
    select(_T.person_id, func.min(_T.id).label("trip_id"))
    .join_from(Trip.__table__, Leg.__table__, _L.engagement_id == _T.engagement_id)
    .where(
        _T.cancelled_at.is_(None),
        _L.country_code == bindparam("country"),
        _L.arrives_on <= bindparam("today"),
        _L.departs_on >= bindparam("today"),
    )
    .group_by(_T.person_id)
)


@dataclass(frozen=True)
class Level:
    """A travel advisory as it stood on a day."""

    level: int
    as_of: date
    source: str

    @property
    def meaning(self) -> str:
        """The level in words."""
        return MEANINGS[self.level]


def on(day: date, countries: Iterable[str]) -> dict[str, Level]:
    """The level of each country on `day`; a country without one on record is left out. One statement."""
    rows = db.session.execute(ON, {"countries": sorted(set(countries)), "day": day})
    return {row.country_code: Level(row.level, row.as_of, row.source) for row in rows}


def record(country_code: str, level: int, as_of: date, source: str, *, by: Actor, now: datetime) -> bool:
    """Write down an advisory as published on `as_of`; gives whether it is new. Twice is as once.

    Whoever prepares a trip there is asked about again; a rise tells those who are there now, and the duty officers.
    Raises NotAllowed, or Incomplete at "as_of" where that day has another level, or at "level" or "country_code".
    """
    if by is not PROGRAM and not may(by, Do.RECORD_ADVISORY):
        raise NotAllowed("Only the secretariat and duty officers record advisories.")
    today = sessions.office_day(now, by.zone)
    if wrong := _wrong(country_code, level, as_of, as_of if by is PROGRAM else today):
        raise Incomplete(wrong)
    known = db.session.scalar(
        select(Advisory.level).where(Advisory.country_code == country_code, Advisory.as_of == as_of)
    )
    if known == level:
        return False
    if known is not None:
        raise Incomplete({"as_of": f"Level {known} is recorded as of that day. Give the day of the newer advisory."})
    before = on(today, [country_code]).get(country_code)
    made = Advisory(country_code=country_code, level=level, as_of=as_of, source=source)
    db.session.add(made)
    db.session.flush()
    audit.record(
        "record_advisory",
        about=("country", None),
        by=by,
        now=now,
        before=before.level if before else None,
        after=level,
        country=country_code,
        as_of=as_of,
    )
    after = on(today, [country_code]).get(country_code)
    if after and (before is None or before.level != after.level):
        name = db.session.scalar(select(Country.name).where(Country.code == country_code)) or country_code
        moved = f"rose from level {before.level}" if before and before.level < after.level else "is now"
        moved = f"fell from level {before.level}" if before and before.level > after.level else moved
        to = f"to level {after.level}" if before else f"level {after.level}"
        cause = f"The travel advisory for {name} {moved} {to} ({after.meaning.lower()}), as of {_day(after.as_of)}."
        watch.country(country_code, cause, today=today)
        if before and before.level < after.level:
            _tell_of_rise(made, name, before, after, today, now)
    return True


def record_all(rows: Iterable[tuple[str, int, date, str]], *, by: Actor, now: datetime) -> int:
    """Write down many advisories, all or none; gives how many were new. An older one beside a newer is history."""
    return sum(record(code, level, as_of, source, by=by, now=now) for code, level, as_of, source in rows)


def _wrong(country_code: str, level: int, as_of: date, today: date) -> dict[str, str]:
    wrong = {}
    if level not in MEANINGS:
        wrong["level"] = "A level is 1, 2, 3 or 4."
    if as_of > today:
        wrong["as_of"] = "This day is still to come. Give the day on which the advisory was published."
    foreign = db.session.scalar(select(Country.foreign).where(Country.code == country_code))
    if not foreign:
        wrong["country_code"] = "Choose a foreign country." if foreign is None else "This is not a foreign country."
    return wrong


def _tell_of_rise(made: Advisory, name: str, before: Level, after: Level, today: date, now: datetime) -> None:
    """Tell whoever is there today, and every duty officer, once each."""
    there = db.session.execute(_THERE, {"country": made.country_code, "today": today}).all()
    officers = duties.holding(Role.DUTY_OFFICER, today)
    count = len({row.person_id for row in there})
    abroad = f"{count} of our travellers {'is' if count == 1 else 'are'} there today." if officers else ""
    facts: dict[str, Any] = {
        "country": name, "before": before.level, "level": after.level, "meaning": after.meaning,
        "as_of": _day(after.as_of), "source": after.source,
    }  # fmt: skip
    told: dict[int, Any] = {id_: {"path": "/abroad", "abroad": abroad} for id_ in officers}
    told |= {row.person_id: {"path": f"/trips/{row.trip_id}", "abroad": "You are there today."} for row in there}
    outbox.post(*(
        outbox.message(
            f"advisory:{made.id}:{to}", to=to, template="advisory_risen", about=("country", None), now=now,
            subject=f"Advisory for {name}: now level {after.level}", **facts, **more,
        )
        for to, more in told.items()
    ))  # fmt: skip


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
