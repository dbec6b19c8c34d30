"""The only place that asks the database what waits for somebody: statements built once, each capped."""

from typing import Any

from sqlalchemy import BindParameter, bindparam, case, exists, func, or_, select

from engage.models.audit import AuditEvent, Verdict
from engage.models.board import Ballot, Motion, SeatHolding
from engage.models.engagements import Item, Leg, Traveller
from engage.models.guidance import Guide, GuideVersion
from engage.models.people import Person, RoleGrant
from engage.models.places import Country
from engage.models.reviews import Review
from engage.models.training import Completion, Course
from engage.models.trips import Trip
from engage.rules.items import ItemKind
from engage.rules.marking import OPEN_TO_ALL, RESTRICTED
from engage.rules.policy import Role
from engage.rules.workflow import APPROVED, WITH_THE_BOARD, WITH_THE_REQUESTER, WITH_THE_SECRETARIAT, State
from engage.services import stakes, visibility

SHOWN = 5  # lines of a part; its link leads to all of them

_I, _P, _T, _TR = Item.__table__.c, Person.__table__.c, Trip.__table__.c, Traveller.__table__.c
_M, _S, _B = Motion.__table__.c, SeatHolding.__table__.c, Ballot.__table__.c
_C, _K, _A, _G = Completion.__table__.c, Course.__table__.c, AuditEvent.__table__.c, GuideVersion.__table__.c
_W, _GR = Review.__table__.c, RoleGrant.__table__.c
_ME: BindParameter[Any] = bindparam("me")
_TODAY: BindParameter[Any] = bindparam("today")

OWN = (
    select(_I.id, _I.kind, _I.title, _I.state, _I.state_since, _I.starts_on)
    .where(_I.requester_id == _ME, _I.state.in_(sorted(WITH_THE_REQUESTER)))
    .order_by(_I.state.desc(), _I.starts_on, _I.id)
    .limit(SHOWN + 1)
)
WITH_OTHERS = (
    select(_I.id, _I.kind, _I.title, _I.state, _I.state_since, _I.starts_on)
    .where(_I.requester_id == _ME, _I.state.in_(sorted(WITH_THE_SECRETARIAT | WITH_THE_BOARD)))
    .order_by(_I.starts_on, _I.id)
    .limit(SHOWN + 1)
)
TRIPS = (
    select(_T.id, _T.departs_on, _T.returns_on, _T.opened_at, _I.title)
    .join(Item.__table__, _I.id == _T.engagement_id)
    .where(_T.person_id == _ME, _T.cancelled_at.is_(None), _T.returns_on >= _TODAY)
    .order_by(_T.departs_on, _T.id)
    .limit(SHOWN + 1)
)
SCREENING = (
    select(_I.id, _I.title, _I.state_since, _I.starts_on)
    .where(
        or_(
            _I.state == State.SUBMITTED,
            (_I.state == State.UNDER_REVIEW)
            & ~exists().where(_W.item_id == _I.id, _W.done_at.is_(None)).correlate(Item.__table__),
        )
    )
    .order_by(_I.state_since, _I.id)
    .limit(SHOWN + 1)
)
_my_kinds = select(_GR.review_kind).where(
    _GR.person_id == _ME, _GR.role == Role.REVIEWER, _GR.starts_on <= _TODAY,
    or_(_GR.ends_on.is_(None), _GR.ends_on >= _TODAY),
)  # fmt: skip
REVIEWS = (
    select(_W.id, _W.kind, _W.begun_at, _W.due_on, _I.title)
    .join_from(Review.__table__, Item.__table__, _I.id == _W.item_id)
    .where(
        _W.done_at.is_(None), _W.begun_at.is_not(None), _W.kind.in_(_my_kinds),
        or_(_W.owner_id.is_(None), _W.owner_id == _ME), _I.requester_id != _ME,
    )
    .order_by(_W.due_on, _W.id)
    .limit(SHOWN + 1)
)  # fmt: skip
UNCLAIMED = (
    select(_I.id, _I.title, _I.created_at, _I.starts_on)
    .where(_I.requester_id.is_(None))
    .order_by(_I.starts_on, _I.id)
    .limit(SHOWN + 1)
)
_interested = or_(
    _I.requester_id == _ME,
    visibility.travels(_ME),
    stakes.stands_aside(_ME),
)
VOTES = (
    select(_I.id, _I.title, _M.moved_at, _M.closes_at, _M.outcome)
    .join(Item.__table__, _I.id == _M.item_id)
    .where(
        _M.closed_at.is_(None),
        ~_interested,
        exists()
        .where(_S.person_id == _ME, _S.starts_on <= _TODAY, or_(_S.ends_on.is_(None), _S.ends_on >= _TODAY))
        .correlate(None),
        ~exists().where(_B.motion_id == _M.id, _B.person_id == _ME).correlate(Motion.__table__),
    )
    .order_by(_M.closes_at, _M.id)
    .limit(SHOWN + 1)
)
DOCKET = (
    select(_I.id, _I.title, _I.placed_at, _I.starts_on)
    .where(
        _I.state == State.SCHEDULED,
        ~exists().where(_M.item_id == _I.id, _M.closed_at.is_(None)).correlate(Item.__table__),
    )
    .order_by(_I.starts_on, _I.id)
    .limit(SHOWN + 1)
)
OF_MY_PEOPLE = (
    select(_I.id, _I.kind, _I.title, _I.state, _I.state_since, _I.starts_on, _P.name)
    .join(Person.__table__, _P.id == _I.requester_id)
    .where(
        _P.supervisor_id == _ME,
        _I.state.not_in([State.DRAFT, State.WITHDRAWN, State.CANCELLED, State.DISAPPROVED]),
        _I.starts_on >= _TODAY,
    )
    .order_by(_I.starts_on, _I.id)
    .limit(SHOWN + 1)
)
UNVERIFIED = (
    select(_C.id, _C.recorded_at, _C.completed_on, _P.name, _K.name.label("course"))
    .join(Person.__table__, _P.id == _C.person_id)
    .join(Course.__table__, _K.id == _C.course_id)
    .where(_C.verified_at.is_(None), _C.person_id != _ME)
    .order_by(_C.id)
    .limit(SHOWN + 1)
)
DENIED = (
    select(_A.id, _A.at, _A.action, _P.name)
    .outerjoin(Person.__table__, _P.id == _A.actor_id)
    .where(_A.outcome == Verdict.DENIED)
    .order_by(_A.id.desc())
    .limit(SHOWN + 1)
)
AWAY = (
    select(func.count())
    .select_from(Trip.__table__)
    .where(_T.cancelled_at.is_(None), _T.departs_on <= _TODAY, _T.returns_on >= _TODAY)
)
LEAVING = (
    select(
        _T.id, _T.departs_on, _T.opened_at, _P.name,
        case((_I.marking.in_(sorted(OPEN_TO_ALL)), _I.title), else_=RESTRICTED).label("title"),
    )
    .join(Item.__table__, _I.id == _T.engagement_id)
    .join(Person.__table__, _P.id == _T.person_id)
    .where(_T.cancelled_at.is_(None), _T.departs_on > _TODAY, _T.departs_on <= bindparam("soon"))
    .order_by(_T.departs_on, _T.id)
    .limit(SHOWN + 1)
)
_LEADERS = visibility.Scope(handles=False, governs=True, secretariat=False)
AHEAD = (
    select(_I.id, _I.title, _I.state, _I.decided_at, _I.starts_on)
    .where(
        _I.kind == ItemKind.ENGAGEMENT, _I.starts_on >= _TODAY, _I.state.in_(sorted(APPROVED)),
        visibility.visible(_LEADERS),
    )
    .order_by(_I.starts_on, _I.id)
    .limit(SHOWN + 1)
)
STARTER = select(func.count()).select_from(GuideVersion.__table__).where(_G.starter)
_L, _N, _W = Leg.__table__.c, Country.__table__.c, Guide.__table__.c
# Countries that travellers are going to and that have no guide, the first arrival first.
WANTED = (
    select(_N.code, _N.name, func.min(_L.arrives_on).label("first_on"))
    .select_from(
        Trip.__table__.join(Leg.__table__, _L.engagement_id == _T.engagement_id).join(
            Country.__table__, _N.code == _L.country_code
        )
    )
    .where(
        _T.cancelled_at.is_(None),
        _T.departs_on >= _TODAY,
        _N.foreign,
        ~exists().where(_W.country_code == _L.country_code).correlate(Leg.__table__),
    )
    .group_by(_N.code, _N.name)
    .order_by(func.min(_L.arrives_on), _N.code)
    .limit(SHOWN + 1)
)
INVITED = (
    select(_P.id, _P.name, _P.created_at)
    .where(_P.password_hash.is_(None), _P.disabled_at.is_(None))
    .order_by(_P.id)
    .limit(SHOWN + 1)
)
