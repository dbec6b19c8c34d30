"""What the results pages offer for choosing: objectives, the engagement's partners and countries, its people."""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, case, func, select

from engage.extensions import db
from engage.models.engagements import Engagement, Item, Traveller, engagement_objective, engagement_partner
from engage.models.engagements import Leg as Stay
from engage.models.norms import Goal, Objective
from engage.models.partners import Forum, Partner
from engage.models.people import Person
from engage.models.places import Country
from engage.models.reports import Lesson, ReportVersion, TripReport
from engage.models.trips import Trip
from engage.rules.policy import Actor
from engage.rules.workflow import APPROVED
from engage.services.visibility import Scope, scope, visible

PAGE = 30

_I, _E, _T, _P, _O, _G, _PA, _C, _L, _TR, _R, _V, _F = (
    t.__table__.c for t in (
        Item, Engagement, Trip, Person, Objective, Goal, Partner, Country, Stay, Traveller, TripReport, ReportVersion,
        Forum,
    )
)  # fmt: skip
_EO, _EP = engagement_objective.c, engagement_partner.c
_mine: BindParameter[int] = bindparam("engagement")
_OBJECTIVES = (
    select(_O.id, _O.code, _O.title, _G.number, case((_EO.engagement_id.is_(None), 1), else_=0).label("foreign"))
    .select_from(
        Objective.__table__.join(Goal.__table__, _G.id == _O.goal_id).outerjoin(
            engagement_objective, (_EO.objective_id == _O.id) & (_EO.engagement_id == _mine)
        )
    )
    .order_by("foreign", _O.code)
)
_PARTNERS = (
    select(_PA.id, _PA.name)
    .join_from(engagement_partner, Partner.__table__, _PA.id == _EP.partner_id)
    .where(_EP.engagement_id == _mine)
    .order_by(_PA.name)
)
_COUNTRIES = (
    select(_C.code, _C.name)
    .where(
        _C.code.in_(select(_L.country_code).where(_L.engagement_id == _mine))
        | _C.code.in_(
            select(_PA.country_code)
            .join_from(engagement_partner, Partner.__table__, _PA.id == _EP.partner_id)
            .where(_EP.engagement_id == _mine)
        )
    )
    .order_by(_C.name)
)
_GROUP = (
    select(_P.id, _P.name)
    .where(
        _P.id.in_(select(_TR.person_id).where(_TR.engagement_id == _mine))
        | (_P.id == select(_I.requester_id).where(_I.id == _mine).scalar_subquery()),
        _P.disabled_at.is_(None),
    )
    .order_by(_P.name)
)


def objectives(engagement_id: int) -> list[Row[Any]]:
    """The objectives, those of the engagement first."""
    return list(db.session.execute(_OBJECTIVES, {"engagement": engagement_id}))


def partners(engagement_id: int) -> list[Row[Any]]:
    """The partners that the engagement names."""
    return list(db.session.execute(_PARTNERS, {"engagement": engagement_id}))


def countries(engagement_id: int) -> list[Row[Any]]:
    """The countries of its stays and of its partners."""
    return list(db.session.execute(_COUNTRIES, {"engagement": engagement_id}))


def group(engagement_id: int) -> list[Row[Any]]:
    """Who travels, and who asked."""
    return list(db.session.execute(_GROUP, {"engagement": engagement_id}))


_BY_EMAIL = select(_P.id).where(_P.email == bindparam("email"), _P.disabled_at.is_(None))


def person_at(email: str) -> int | None:
    """The person with an account at this address, or None."""
    return db.session.scalar(_BY_EMAIL, {"email": email.strip().lower()}) if email else None


_LAST = select(func.max(_V.number)).where(_V.engagement_id == _I.id).correlate(Item.__table__).scalar_subquery()
_MY_TRIP = (
    select(_T.id)
    .where(_T.engagement_id == _I.id, _T.person_id == bindparam("me"), _T.cancelled_at.is_(None))
    .correlate(Item.__table__)
    .scalar_subquery()
)
_OWN = (
    select(_I.id, _I.title, _I.ends_on, _R.filed_at, _R.first_filed_at, _LAST.label("versions"), _MY_TRIP.label("trip"))
    .select_from(Item.__table__.outerjoin(TripReport.__table__, _R.engagement_id == _I.id))
    .where(
        _I.id.in_(select(_T.engagement_id).where(_T.person_id == bindparam("me"), _T.cancelled_at.is_(None))),
        _I.state.in_(sorted(APPROVED)),
        _I.starts_on <= bindparam("today"),
    )
    .order_by(_I.ends_on.desc(), _I.id.desc())
    .limit(PAGE)
)  # fmt: skip


@cache
def _filed(seen_by: Scope) -> Select[Any]:
    return (
        select(_V.id, _V.engagement_id, _V.number, _V.filed_at, _I.title, _P.name.label("by"))
        .select_from(
            ReportVersion.__table__.join(Item.__table__, _I.id == _V.engagement_id).join(
                Person.__table__, _P.id == _V.filed_by_id
            )
        )
        .where(visible(seen_by))
        .order_by(_V.id.desc())
        .limit(PAGE)
    )


_VERSIONS = (
    select(_V.number, _V.filed_at, _V.reason, _V.sha256, _P.name.label("by"))
    .join_from(ReportVersion.__table__, Person.__table__, _P.id == _V.filed_by_id)
    .where(_V.engagement_id == _mine)
    .order_by(_V.number.desc())
)


def own(me: int | None, today: date) -> list[Row[Any]]:
    """The engagements on which somebody travelled or travels, with how their report stands, the latest first."""
    return list(db.session.execute(_OWN, {"me": me, "today": today}))


def filed(who: Actor) -> list[Row[Any]]:
    """The reports filed last, of engagements that `who` may see."""
    return list(db.session.execute(_filed(scope(who)), {"me": who.id}))


def versions(engagement_id: int) -> list[Row[Any]]:
    """A report as it was filed, each time, the newest first."""
    return list(db.session.execute(_VERSIONS, {"engagement": engagement_id}))


_GOALS = select(_G.id, _G.number, _G.title).order_by(_G.number)
_FORUMS = select(_F.id, _F.name).where(_F.id.in_(select(_E.forum_id).where(_E.forum_id.is_not(None)))).order_by(_F.name)
_NAMED = select(_C.code, _C.name).where(_C.foreign).order_by(_C.name)
_ONE_PARTNER = select(_PA.id, _PA.name).where(_PA.id == bindparam("partner"))


def goals() -> list[Row[Any]]:
    """The goals of the plan."""
    return list(db.session.execute(_GOALS))


def forums() -> list[Row[Any]]:
    """The forums in which there was an engagement."""
    return list(db.session.execute(_FORUMS))


def foreign_countries() -> list[Row[Any]]:
    """Every foreign country."""
    return list(db.session.execute(_NAMED))


def partner_named(partner_id: int) -> Any:
    """A partner's name, or None."""
    return db.session.execute(_ONE_PARTNER, {"partner": partner_id}).one_or_none()


_LESSONED = (
    select(_PA.id, _PA.name)
    .where(_PA.id.in_(select(Lesson.__table__.c.partner_id).where(Lesson.__table__.c.partner_id.is_not(None))))
    .order_by(_PA.name)
    .limit(500)
)


def partners_of_lessons() -> list[Row[Any]]:
    """The partners of whom a lesson speaks; at most 500."""
    return list(db.session.execute(_LESSONED))
