"""What the guidance pages read: the library, a guide in force, its versions, and facts from maintained data."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_name
from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, tuple_

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.guidance import Guide, GuideCare, GuideScope, GuideVersion
from engage.models.people import Person, RoleGrant
from engage.models.places import Country
from engage.models.trips import Trip
from engage.reference.countries import country
from engage.reference.holidays import ESTIMATED, holidays_in, weekend_of
from engage.reference.zones import only_clock
from engage.rules.policy import Role

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
        _V.reviewed_on, _V.published_at, _V.change_note, _V.marks, _P.name.label("publisher"),
    )
    .select_from(
        GuideVersion.__table__.join(Guide.__table__, _G.id == _V.guide_id).outerjoin(
            Person.__table__, _P.id == _V.published_by_id
        )
    )
)  # fmt: skip
_OF: dict[str, ColumnElement[bool]] = {
    "general": _G.scope == GuideScope.GENERAL,
    "country": _G.country_code == bindparam("code"),
    "partner": _G.partner_id == bindparam("code"),
    "forum": _G.forum_id == bindparam("code"),
}
_CURRENT = {kind: _TEXT.where(of, _V.number == _newest) for kind, of in _OF.items()}
_NUMBERED = {kind: _TEXT.where(of, _V.number == bindparam("number")) for kind, of in _OF.items()}
_VERSIONS = (
    select(_V.number, _V.published_at, _V.material, _V.marks, _V.starter, _V.change_note, _P.name.label("publisher"))
    .select_from(GuideVersion.__table__.outerjoin(Person.__table__, _P.id == _V.published_by_id))
    .where(_V.guide_id == bindparam("guide"), _V.number < bindparam("before"))
    .order_by(_V.number.desc())
    .limit(VERSIONS + 1)
)


_OF_BODIES = (
    select(_G.country_code, _G.partner_id, _G.forum_id, _V.title, _V.number, _V.starter, _V.reviewed_on)
    .select_from(_IN_FORCE)
    .where(_G.scope.in_([GuideScope.PARTNER, GuideScope.FORUM]))
    .order_by(_V.title, _G.id)
    .limit(PAGE)
)


def of_bodies() -> list[Any]:
    """The guides of partners and forums, by title; at most a page of them."""
    return list(db.session.execute(_OF_BODIES))


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
    kind, _, id_ = code.partition("-")
    given: dict[str, Any] = {} if code == "general" else {"code": int(id_) if id_ else code}
    if number is not None:
        given["number"] = number
    statements = _CURRENT if number is None else _NUMBERED
    return db.session.execute(statements[kind if kind in _OF else "country"], given).one_or_none()


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


_GR, _T, _L, _GC = RoleGrant.__table__.c, Trip.__table__.c, Leg.__table__.c, GuideCare.__table__.c
_OWNERS = (
    select(_P.id, _P.name)
    .where(
        _P.disabled_at.is_(None),
        _P.id.in_(
            select(_GR.person_id).where(
                _GR.role == Role.CONTENT_OWNER,
                _GR.starts_on <= bindparam("today"),
                or_(_GR.ends_on.is_(None), _GR.ends_on >= bindparam("today")),
            )
        ),
    )
    .order_by(_P.name, _P.id)
)
_WANTED = (
    select(
        _C.code, _C.name, func.count(func.distinct(_T.person_id)).label("travellers"),
        func.min(_L.arrives_on).label("first_on"),
    )
    .select_from(
        Trip.__table__.join(Leg.__table__, _L.engagement_id == _T.engagement_id).join(
            Country.__table__, _C.code == _L.country_code
        )
    )
    .where(
        _T.cancelled_at.is_(None),
        _T.departs_on >= bindparam("today"),
        _C.foreign,
        ~exists().where(_G.country_code == _L.country_code).correlate(Leg.__table__),
    )
    .group_by(_C.code, _C.name)
    .order_by(func.min(_L.arrives_on), _C.code)
    .limit(PAGE)
)  # fmt: skip
_DUE = (
    select(
        _GC.part, _GC.review_by, _G.country_code, _G.partner_id, _G.forum_id, _V.title, _P.name.label("owner")
    )
    .select_from(
        GuideCare.__table__.join(Guide.__table__, _G.id == _GC.guide_id)
        .join(GuideVersion.__table__, (_V.guide_id == _G.id) & (_V.number == _newest))
        .outerjoin(Person.__table__, _P.id == _GC.owner_id)
    )
    .where(_GC.review_by <= bindparam("soon"))
    .order_by(_GC.review_by, _GC.id)
    .limit(PAGE)
)  # fmt: skip
_STARTERS = select(func.count()).select_from(_IN_FORCE).where(_V.starter)


def content_owners(today: date) -> list[tuple[int, str]]:
    """Id and name of everybody who looks after guides today."""
    return [(row.id, row.name) for row in db.session.execute(_OWNERS, {"today": today})]


def wanted(today: date) -> list[Any]:
    """Countries that travellers are going to and that have no guide, the first departure first; at most a page."""
    return list(db.session.execute(_WANTED, {"today": today}))


def reviews_due(today: date) -> list[Any]:
    """Guides and sections to be reviewed within 30 days or overdue, the longest overdue first; at most a page."""
    return list(db.session.execute(_DUE, {"soon": today + timedelta(days=30)}))


def starters() -> int:
    """How many guides in force are still starter text."""
    return db.session.scalar(_STARTERS) or 0
