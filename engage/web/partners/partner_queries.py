"""What the partners' pages read: their list by what narrows it, and one with forums, people met and earlier names."""

from collections import defaultdict
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, or_, select, tuple_

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.partners import Forum, Partner, PartnerContact, PartnerMerge, partner_forum
from engage.models.people import Person
from engage.models.places import Country
from engage.models.reports import PersonMet, TripReport
from engage.rules.partners import alike
from engage.rules.policy import Actor
from engage.services import lost_touch
from engage.services.partners import FIRST
from engage.services.visibility import Scope, scope, visible

PAGE = 50
MOST = 5_000  # partners among which doubles are looked for

_P, _F, _C, _M = Partner.__table__.c, Forum.__table__.c, Country.__table__.c, partner_forum.c
_I, _X, _R, _O, _G = (t.__table__.c for t in (Item, PersonMet, TripReport, Person, PartnerMerge))
# A partner belongs to the forums it joined, and to FIRST where that one's list says so.
_belongs = or_(
    exists().where(_M.partner_id == _P.id, _M.forum_id == _F.id).correlate(Partner.__table__, Forum.__table__),
    and_(_F.code == FIRST, _P.first_member == "yes"),
)
_COLUMNS = (
    _P.id, _P.name, _P.short_name, _P.country_code, _P.kind, _P.first_member, _P.url, _P.source_url, _P.merged_into_id,
    _P.version, _C.name.label("country"),
)  # fmt: skip
_ALL = select(*_COLUMNS).outerjoin(Country.__table__, _C.code == _P.country_code)
_LIVE = _P.merged_into_id.is_(None)
_ONE = _ALL.where(_P.id == bindparam("id"))
_FORUMS = (
    select(_F.id, _F.code, _F.name)
    .where(exists().where(_P.id == bindparam("id"), _belongs).correlate(Forum.__table__))
    .order_by(_F.name)
)
_MEMBERS = (
    select(_P.id, _P.name, _C.name.label("country"))
    .outerjoin(Country.__table__, _C.code == _P.country_code)
    .where(_LIVE, exists().where(_F.id == bindparam("id"), _belongs).correlate(Partner.__table__))
    .order_by(_P.name, _P.id)
    .limit(500)
)
_NAMES = (
    select(_P.id, _P.name, _G.id.label("merge_id"), _G.merged_at, _G.reason, _O.name.label("who"))
    .select_from(
        Partner.__table__.join(PartnerMerge.__table__, and_(_G.gone_id == _P.id, _G.undone_at.is_(None))).join(
            Person.__table__, _O.id == _G.merged_by_id
        )
    )
    .where(_P.merged_into_id == bindparam("id"))
    .order_by(_P.name)
)


@cache
def _list(seen_by: Scope, names: frozenset[str], later: bool) -> Select[Any]:
    words = func.lower(_P.name)
    narrowed: dict[str, ColumnElement[bool]] = {
        "q": words.like(bindparam("prefix"), escape="\\") | words.like(bindparam("inside"), escape="\\")
        | func.lower(_P.short_name).like(bindparam("prefix"), escape="\\"),
        "country": _P.country_code == bindparam("country"),
        "kind": _P.kind == bindparam("kind"),
        "forum": exists().where(_F.code == bindparam("forum"), _belongs).correlate(Partner.__table__),
        "quiet": lost_touch.silent(seen_by),
    }  # fmt: skip
    wanted = (
        select(*_COLUMNS, lost_touch.last_on(seen_by).label("last_on"))
        .outerjoin(Country.__table__, _C.code == _P.country_code)
        .where(_LIVE, *(narrowed[name] for name in sorted(names)))
        .order_by(_P.name, _P.id)
        .limit(PAGE + 1)
    )
    if later:
        wanted = wanted.where(tuple_(_P.name, _P.id) > tuple_(bindparam("after"), bindparam("after_id")))
    return wanted


def partners(
    who: Actor, today: date, chosen: dict[str, Any], after: tuple[str, int] | None
) -> tuple[list[Row[Any]], tuple[str, int] | None]:
    """A page of partners by name. `chosen`: q (words), country, kind, forum (code), quiet (True). Two statements."""
    given = lost_touch.given(who, today) | {name: value for name, value in chosen.items() if name != "q"}
    if "q" in chosen:
        plain = chosen["q"].lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        given |= {"prefix": f"{plain}%", "inside": f"% {plain}%"}
    if after:
        given |= {"after": after[0], "after_id": after[1]}
    rows = list(db.session.execute(_list(scope(who), frozenset(chosen), after is not None), given))
    return rows[:PAGE], (rows[PAGE - 1].name, rows[PAGE - 1].id) if len(rows) > PAGE else None


def partner(partner_id: int) -> Any:
    """One partner, or None."""
    return db.session.execute(_ONE, {"id": partner_id}).one_or_none()


def record(partner_id: int) -> Partner | None:
    """One partner to be changed, or None."""
    return db.session.get(Partner, partner_id)


def merge(merge_id: int) -> PartnerMerge | None:
    """One merge to be taken back, or None."""
    return db.session.get(PartnerMerge, merge_id)


def contact(contact_id: int) -> PartnerContact | None:
    """One contact, or None."""
    return db.session.get(PartnerContact, contact_id)


def forums_of(partner_id: int) -> list[Row[Any]]:
    """The forums to which a partner belongs."""
    return list(db.session.execute(_FORUMS, {"id": partner_id}))


def members(forum_id: int) -> list[Row[Any]]:
    """The partners on the register that belong to a forum."""
    return list(db.session.execute(_MEMBERS, {"id": forum_id}))


def earlier_names(partner_id: int) -> list[Row[Any]]:
    """The partners that were found to be this one, with who said so and when."""
    return list(db.session.execute(_NAMES, {"id": partner_id}))


def forums_coded(codes: list[str]) -> dict[str, int]:
    """The forums of these codes, whatever their case: code in lower case to id."""
    rows = db.session.execute(select(_F.id, _F.code).where(func.lower(_F.code).in_([code.lower() for code in codes])))
    return {row.code.lower(): row.id for row in rows}


def person_at(email: str) -> int | None:
    """The id of the person who has an account at this address."""
    return db.session.scalar(select(_O.id).where(_O.email == email.lower(), _O.disabled_at.is_(None)))


def email_of(person_id: int) -> str:
    """The address of a person."""
    return db.session.scalar(select(_O.email).where(_O.id == person_id)) or ""


@cache
def _met(seen_by: Scope) -> Select[Any]:
    return (
        select(_X.name, _X.function, _I.id.label("item_id"), _I.title, _I.starts_on)
        .select_from(
            PersonMet.__table__.join(Item.__table__, _I.id == _X.engagement_id).join(
                TripReport.__table__, _R.engagement_id == _X.engagement_id
            )
        )
        .where(_X.partner_id == bindparam("id"), _R.filed_at.is_not(None), visible(seen_by))
        .order_by(_I.starts_on.desc(), _X.id.desc())
        .limit(20)
    )


def met(who: Actor, partner_id: int) -> list[Row[Any]]:
    """Whom our people met there, as filed reports that `who` may see say, the latest first."""
    return list(db.session.execute(_met(scope(who)), {"id": partner_id, "me": who.id}))


def doubles(partner_id: int | None = None) -> list[tuple[Row[Any], Row[Any], str]]:
    """The pairs of partners that may be one, with what they have in common; of one partner only, where it is given."""
    by_country: dict[str | None, list[Any]] = defaultdict(list)
    for row in db.session.execute(_ALL.where(_LIVE).order_by(_P.name, _P.id).limit(MOST)):
        by_country[row.country_code].append(row)
    return [
        (one, other, why)
        for rows in by_country.values()
        for one, other in combinations(rows, 2)
        if partner_id in (None, one.id, other.id) and (why := alike(one, other))
    ]
