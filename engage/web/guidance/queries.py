"""What the guidance pages read: the library, a guide in force, its versions, and facts from maintained data."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_name
from sqlalchemy import bindparam, func, select, tuple_

from engage.extensions import db
from engage.models.guidance import Guide, GuideScope, GuideVersion
from engage.models.people import Person
from engage.models.places import Country
from engage.reference.countries import country
from engage.reference.holidays import ESTIMATED, holidays_in, weekend_of
from engage.reference.zones import only_clock

PAGE = 50
VERSIONS = 25
HOLIDAYS_AHEAD = timedelta(days=90)
CLOCKS_SHOWN = 4
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_G, _V, _C, _P = Guide.__table__.c, GuideVersion.__table__.c, Country.__table__.c, Person.__table__.c
_newest = select(func.max(_V.number)).where(_V.guide_id == _G.id).correlate(Guide.__table__).scalar_subquery()
_IN_FORCE = GuideVersion.__table__.join(Guide.__table__, (_G.id == _V.guide_id) & (_V.number == _newest))
_LIBRARY = (
    select(_G.country_code, _C.name, _C.region, _V.title, _V.number, _V.starter, _V.reviewed_on)
    .select_from(_IN_FORCE.join(Country.__table__, _C.code == _G.country_code))
    .order_by(_C.name, _C.code)
    .limit(PAGE + 1)
)
_LATER = tuple_(_C.name, _C.code) > tuple_(
    bindparam("after_name", type_=_C.name.type), bindparam("after_code", type_=_C.code.type)
)
_NAMED = _C.name.icontains(bindparam("name"), autoescape=False)
_GENERAL = (
    select(_V.title, _V.number, _V.starter, _V.reviewed_on).select_from(_IN_FORCE).where(_G.scope == GuideScope.GENERAL)
)
_TEXT = (
    select(
        _G.id.label("guide_id"), _V.id, _V.number, _V.title, _V.content, _V.sha256, _V.material, _V.starter,
        _V.reviewed_on, _V.published_at, _V.change_note, _P.name.label("publisher"),
    )
    .select_from(
        GuideVersion.__table__.join(Guide.__table__, _G.id == _V.guide_id).outerjoin(
            Person.__table__, _P.id == _V.published_by_id
        )
    )
)  # fmt: skip
_OF = {True: _G.scope == GuideScope.GENERAL, False: _G.country_code == bindparam("code")}
_CURRENT = {general: _TEXT.where(of, _V.number == _newest) for general, of in _OF.items()}
_NUMBERED = {general: _TEXT.where(of, _V.number == bindparam("number")) for general, of in _OF.items()}
_VERSIONS = (
    select(_V.number, _V.published_at, _V.material, _V.starter, _V.change_note, _P.name.label("publisher"))
    .select_from(GuideVersion.__table__.outerjoin(Person.__table__, _P.id == _V.published_by_id))
    .where(_V.guide_id == bindparam("guide"), _V.number < bindparam("before"))
    .order_by(_V.number.desc())
    .limit(VERSIONS + 1)
)


def library(name: str, after: tuple[str, str] | None) -> tuple[list[Any], tuple[str, str] | None]:
    """A page of country guides whose country's name holds `name`, by name; and where the next page begins."""
    statement, given = _LIBRARY, {}
    if name:
        statement = statement.where(_NAMED)
        given["name"] = "".join("\\" + c if c in "\\%_" else c for c in name)
    if after:
        statement = statement.where(_LATER)
        given |= {"after_name": after[0], "after_code": after[1]}
    found = list(db.session.execute(statement, given))
    more = (found[PAGE - 1].name, found[PAGE - 1].country_code) if len(found) > PAGE else None
    return found[:PAGE], more


def general() -> Any:
    """The general guide's line in the library; None when there is none."""
    return db.session.execute(_GENERAL).one_or_none()


def text(code: str, number: int | None = None) -> Any:
    """The version of a guide in force, or the one with that number; None when there is none."""
    given = {"code": code, "number": number}
    statements = _CURRENT if number is None else _NUMBERED
    wanted = {key: value for key, value in given.items() if value is not None and (key != "code" or code != "general")}
    return db.session.execute(statements[code == "general"], wanted).one_or_none()


def versions(guide_id: int, before: int | None) -> tuple[list[Any], int | None]:
    """A page of a guide's versions, the newest first; and the number before which the next page begins."""
    found = list(db.session.execute(_VERSIONS, {"guide": guide_id, "before": before or 2**31 - 1}))
    return found[:VERSIONS], found[VERSIONS - 1].number if len(found) > VERSIONS else None


@dataclass(frozen=True)
class Facts:
    """What maintained data says of a country beside the guide's text."""

    name: str
    capital: str
    clocks: tuple[tuple[str, datetime], ...]
    more_clocks: int
    languages: str
    currency: str
    calling_codes: str
    weekend: str
    holidays: tuple[tuple[date, str], ...]
    caution: str


def facts(code: str, now: datetime, today: date) -> Facts | None:
    """The facts of a country as of `now`, with its holidays of the next 90 days; None for an unknown code."""
    known = country(code)
    if known is None:
        return None
    single = only_clock(code)
    zones = (single,) if single else known.zones
    return Facts(
        name=known.name,
        capital=known.capital,
        clocks=tuple((zone, now.astimezone(ZoneInfo(zone))) for zone in zones[:CLOCKS_SHOWN]),
        more_clocks=max(len(zones) - CLOCKS_SHOWN, 0),
        languages=", ".join(known.languages),
        currency=", ".join(f"{get_currency_name(c, locale='en')} ({c})" for c in known.currencies),
        calling_codes=", ".join(known.calling_codes),
        weekend=" and ".join(WEEKDAYS[day] for day in sorted(weekend_of(code))),
        holidays=tuple(holidays_in(code, today, today + HOLIDAYS_AHEAD).items()),
        caution=ESTIMATED,
    )
