"""The only place for the seven statements that read what readiness rests on; services.readiness asks them.

Each takes the trips as `ids` and the office's day as `today`, whatever their number.
"""

from sqlalchemy import (
    BindParameter,
    Date,
    String,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from engage.models.board import Condition
from engage.models.clearing import Waiver
from engage.models.engagements import Engagement, Item, Leg, engagement_partner
from engage.models.guidance import Acknowledgement, Guide, GuideScope, GuideVersion
from engage.models.norms import RequirementRule
from engage.models.people import Person, RoleGrant
from engage.models.places import Advisory, Country, CountryOfConcern
from engage.models.training import Completion, Course, course_satisfies
from engage.models.trips import Clearance, Trip
from engage.rules.requirements import Kind

_T, _I, _R, _L, _C = (
    Trip.__table__.c,
    Item.__table__.c,
    RoleGrant.__table__.c,
    Leg.__table__.c,
    Country.__table__.c,
)
_A, _K, _G, _V = (
    Advisory.__table__.c,
    CountryOfConcern.__table__.c,
    Guide.__table__.c,
    GuideVersion.__table__.c,
)
_Q, _M, _X, _D, _O = (
    Acknowledgement.__table__.c,
    Completion.__table__.c,
    Clearance.__table__.c,
    Condition.__table__.c,
    Course.__table__.c,
)
_N, _E, _W = RequirementRule.__table__.c, Engagement.__table__.c, Waiver.__table__.c

_ids: BindParameter[int] = bindparam(
    "ids", expanding=True, literal_execute=True
)  # whole numbers of ours: no limit of parameters
_today = bindparam("today", type_=Date)
_MINE = _T.id.in_(_ids)

TRIPS = (
    select(
        _T.id,
        _T.engagement_id,
        _T.person_id,
        _T.departs_on,
        _T.returns_on,
        _T.cancelled_at,
        _I.state,
        _I.marking,
        _E.nature,
        _R.role,
    )
    .select_from(
        Trip.__table__.join(Item.__table__, _I.id == _T.engagement_id)
        .join(Engagement.__table__, _E.id == _T.engagement_id)
        .outerjoin(
            RoleGrant.__table__,
            (_R.person_id == _T.person_id) & (_R.starts_on <= _today) & or_(_R.ends_on.is_(None), _R.ends_on >= _today),
        )
    )
    .where(_MINE)
)
_level = (
    select(_A.level)
    .where(_A.country_code == _L.country_code, _A.as_of <= _today)
    .order_by(_A.as_of.desc())
    .limit(1)
    .correlate(Leg.__table__)
    .scalar_subquery()
)
_of_concern = (
    exists()
    .where(
        _K.country_code == _L.country_code,
        _K.starts_on <= _L.departs_on,
        or_(_K.ends_on.is_(None), _K.ends_on >= _L.arrives_on),
    )
    .correlate(Leg.__table__)
)
_other = Trip.__table__.alias("other")
# Their stays, and those of the same people's other trips that may count towards days abroad.
STAYS = (
    select(
        _T.id.label("trip_id"),
        (_other.c.id == _T.id).label("own"),
        _L.country_code,
        _C.name,
        _L.arrives_on,
        _L.departs_on,
        _L.transit,
        _level.label("level"),
        _of_concern.label("of_concern"),
    )
    .select_from(
        Trip.__table__.join(_other, _other.c.person_id == _T.person_id)
        .join(Leg.__table__, _L.engagement_id == _other.c.engagement_id)
        .join(Country.__table__, _C.code == _L.country_code)
    )
    .where(
        _MINE,
        _C.foreign,
        _other.c.departs_on <= _T.returns_on,  # both walk the index of a person's trips, however many they made
        _other.c.departs_on > bindparam("early", type_=Date),
        or_(
            _other.c.id == _T.id,
            _other.c.cancelled_at.is_(None)
            & (_other.c.returns_on > bindparam("since", type_=Date)),
        ),
    )
    .order_by(_T.id, _L.position)
)
RULES = (
    select(*_N)
    .where(_N.starts_on <= _today, or_(_N.ends_on.is_(None), _N.ends_on >= _today))
    .order_by(_N.code, _N.starts_on)
)
_countries = (
    select(_L.country_code)
    .select_from(Leg.__table__.join(Trip.__table__, _T.engagement_id == _L.engagement_id))
    .where(_MINE)
)
_body_trip = (
    select(_T.id.label("trip_id"), Guide.__table__.c.id.label("guide_id"))
    .select_from(Trip.__table__.join(Engagement.__table__, _E.id == _T.engagement_id))
    .join(
        Guide.__table__,
        (_G.forum_id == _E.forum_id)
        | exists()
        .where(engagement_partner.c.engagement_id == _E.id, engagement_partner.c.partner_id == _G.partner_id)
        .correlate(Engagement.__table__, Guide.__table__),
    )
    .where(_MINE, _G.scope.in_([GuideScope.PARTNER, GuideScope.FORUM]))
    .cte("body_trip")
)
_guide_facts = (
    _V.guide_id, _V.id, _G.country_code, _G.partner_id, _G.forum_id, _V.title, _V.sha256, _V.published_at, _V.material,
)  # fmt: skip
_versions = GuideVersion.__table__.join(Guide.__table__, _G.id == _V.guide_id)
# The general guide and those of the countries, whichever trip asks; then those of partners and forums by their trip.
GUIDES = union_all(
    select(null().label("trip_id"), *_guide_facts)
    .select_from(_versions)
    .where(or_(_G.scope == GuideScope.GENERAL, _G.country_code.in_(_countries))),
    select(_body_trip.c.trip_id, *_guide_facts).select_from(
        _versions.join(_body_trip, _body_trip.c.guide_id == _G.id)
    ),
)
READ = (
    select(_Q.trip_id, _Q.guide_version_id, _V.guide_id)
    .select_from(Acknowledgement.__table__.join(GuideVersion.__table__, _V.id == _Q.guide_version_id))
    .where(_Q.trip_id.in_(_ids))
)
# Every course with what stands for it (codes with blanks between), and every completion of it by these people.
_taken = Course.__table__.alias("taken")
_stand_for_it = (
    select(func.aggregate_strings(_taken.c.code, " "))
    .select_from(course_satisfies.join(_taken, _taken.c.id == course_satisfies.c.course_id))
    .where(course_satisfies.c.satisfies_id == _O.id)
    .correlate(Course.__table__)
    .scalar_subquery()
)
COURSES = select(
    _O.code,
    _O.name,
    _stand_for_it.label("satisfied_by"),
    _M.person_id,
    _M.completed_on,
    _M.valid_until,
    _M.verified_at,
).select_from(
    Course.__table__.outerjoin(
        Completion.__table__,
        (_M.course_id == _O.id) & _M.declined_at.is_(None) & _M.person_id.in_(select(_T.person_id).where(_MINE)),
    )
)
WAIVER = "waiver"
_first, _second = Person.__table__.alias("first_by"), Person.__table__.alias("second_by")
# Clearances, open conditions, and waivers with both signatures: one statement, told apart by `kind`.
CLEARED_AND_OPEN = union_all(
    select(
        _X.trip_id,
        type_coerce(_X.kind, String).label("kind"),
        _X.country_code,
        type_coerce(_X.status, String).label("status"),
        _X.valid_until.label("day"),
        _X.restriction.label("text"),
        literal("").label("signed"),
    ).where(_X.trip_id.in_(_ids)),
    select(_T.id, literal(Kind.CONDITION.value), null(), cast(_D.due_days_before, String), _D.due_on,
           _D.text, literal(""))
    .select_from(Trip.__table__.join(Condition.__table__, _D.item_id == _T.engagement_id))
    .where(_MINE, _D.blocking, _D.met_at.is_(None), _D.waived_at.is_(None)),
    select(
        _W.trip_id,
        literal(WAIVER),
        _W.country_code,
        _W.kind + ":" + _W.target + ":" + _W.country_code,
        _W.ends_on,
        _W.reason,
        _first.c.name + " (" + _W.first_role + ") and " + _second.c.name + " (" + _W.second_role + ")",
    )
    .join_from(Waiver.__table__, _first, _first.c.id == _W.first_by_id)
    .join(_second, _second.c.id == _W.second_by_id)
    .where(_W.trip_id.in_(_ids), _W.revoked_at.is_(None)),
)
