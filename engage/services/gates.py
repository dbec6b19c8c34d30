"""The only place that gathers what rules.gates must know: dated lead times, advisory levels, calendars."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import Integer, String, bindparam, cast, func, literal_column, or_, select, union_all

from engage.extensions import db
from engage.models.asking import LeadTime
from engage.models.meetings import Meeting
from engage.models.places import Advisory
from engage.reference.calendars import calendar_of, calendars_of
from engage.rules import gates
from engage.rules.asking import Content, Direction
from engage.rules.completeness import HIGH_LEVEL
from engage.rules.gates import Gate, LastDay, Lead
from engage.rules.working_time import add_business_days
from engage.services import meetings, norms

LOW, HIGH = "lead_days_level_1_2", "lead_days_level_3_4"
READ_AHEAD = "read_ahead_days"

_L, _A, _M = LeadTime.__table__.c, Advisory.__table__.c, Meeting.__table__.c
_newer, _later = Advisory.__table__.alias("newer"), LeadTime.__table__.alias("later")
_zero: Any = literal_column("0")
_blank: Any = literal_column("''")
_codes: Any = bindparam("countries", expanding=True)
_day: Any = bindparam("day")
_LEVELS = select(
    literal_column("'level'").label("what"), cast(_A.country_code, String).label("code"), _A.level.label("number"),
    _zero.label("level"), _zero.label("business"), _blank.label("source"),
).where(
    _A.country_code.in_(_codes),
    _A.as_of
    == select(func.max(_newer.c.as_of))
    .where(_newer.c.country_code == _A.country_code, _newer.c.as_of <= _day)
    .correlate(Advisory.__table__)
    .scalar_subquery(),
)  # fmt: skip
_numbers = norms.numbers(LOW, HIGH, READ_AHEAD).subquery("numbers")
_NUMBERS = select(literal_column("'norm'"), _numbers.c.key, _numbers.c.value, _zero, _zero, _blank)
_newest = select(func.max(_later.c.starts_on)).where(
    _later.c.gate == _L.gate, _later.c.country_code == _L.country_code, _later.c.min_level == _L.min_level,
    _later.c.starts_on <= _day,
)  # fmt: skip
_LEADS = select(
    cast(_L.gate, String), _L.country_code, _L.days, _L.min_level, cast(_L.business, Integer), _L.source
).where(
    _L.gate.in_(bindparam("gates", expanding=True)),
    or_(_L.country_code == "", _L.country_code.in_(_codes)),
    _L.applies,
    _L.starts_on == _newest.correlate(LeadTime.__table__).scalar_subquery(),
)
BRANCHES: tuple[Any, ...] = (_LEVELS, _NUMBERS, _LEADS)  # for statements that ask for more in the same breath
_FACTS = union_all(*BRANCHES)
_NEXT = (
    select(_M.id, _M.title, _M.starts_at, _M.zone)
    .where(_M.starts_at > bindparam("since"), _M.cancelled_at.is_(None), _M.opened_at.is_(None))
    .order_by(_M.starts_at, _M.id)
    .limit(1)
)


@dataclass(frozen=True)
class Facts:
    """What the gates of one request are counted with: levels by country, lead times, days of read-ahead."""

    levels: dict[str, int]
    leads: tuple[Lead, ...]
    read_ahead_days: int


@dataclass(frozen=True)
class Papers:
    """The next meeting of the board, and the last day on which its papers go out in time."""

    title: str
    meets_on: date
    on: date


def asked(content: Content, *, today: date, wanted: Iterable[Gate]) -> dict[str, Any]:
    """The names that BRANCHES take for a request on the office's day."""
    countries = sorted({leg.country_code for leg in content.legs})
    return {"countries": countries, "day": today, "gates": sorted(wanted)}


def facts(content: Content, rows: Iterable[Any]) -> Facts:
    """What BRANCHES gave; rows of other branches are passed over."""
    levels = {leg.country_code: 0 for leg in content.legs}
    norm, leads, known = {READ_AHEAD: 5}, [], set(Gate)
    for what, code, number, level, business, source, *_ in rows:
        if what == "level":
            levels[code] = number
        elif what == "norm":
            norm[code] = number
        elif what in known:
            leads.append(Lead(Gate(what), code, level, number, bool(business), source))
    for key, least in ((LOW, 0), (HIGH, HIGH_LEVEL)):
        leads.append(Lead(Gate.SUBMISSION, "", least, norm[key], False, "The organisation's numbers"))
    return Facts(levels, tuple(leads), norm[READ_AHEAD])


def counted(content: Content) -> bool:
    """Whether there is a departure to count back from: somebody of ours travels, on days that are known."""
    return content.direction is Direction.OUTBOUND and content.first_day is not None and bool(content.legs)


def last_days(content: Content, known: Facts, tier: Lead | None = None) -> list[LastDay]:
    """The last safe day of each gate of a journey, the earliest first; none where nobody of ours travels."""
    departs_on = content.first_day
    if departs_on is None or not counted(content):
        return []
    hosts = [leg.country_code for leg in content.legs if not leg.transit]
    calendars = calendars_of((_home(), *hosts), date(departs_on.year - 2, 1, 1), departs_on)
    try:
        return gates.last_days(departs_on, known.levels, known.leads, calendars, tier)
    except ValueError:  # these calendars share no business day: home's alone counts
        return gates.last_days(departs_on, known.levels, known.leads, calendars[:1], tier)


def of(content: Content, *, today: date, tier: Lead | None = None) -> tuple[list[LastDay], Facts]:
    """The last safe days of a journey as it is being written, and what they were counted with. One statement."""
    rows = db.session.execute(_FACTS, asked(content, today=today, wanted=Gate)).all()
    known = facts(content, rows)
    return last_days(content, known, tier), known


def next_papers(known: Facts, *, now: datetime) -> Papers | None:
    """By when the papers of the board's next meeting go out; None where none is called. One statement.

    A meeting whose papers are out already is passed over by nobody: they may still be given, marked late.
    """
    row = db.session.execute(_NEXT, {"since": now}).one_or_none()
    if row is None:
        return None
    day = meetings.local_day(row)
    calendar = calendar_of(_home(), date(day.year - 1, 1, 1), day)
    return Papers(row.title, day, add_business_days(day, -known.read_ahead_days, [calendar]))


def _home() -> str:
    return str(current_app.config["SETTINGS"].home_country)
