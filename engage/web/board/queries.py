"""What the board's pages read: Core rows, statements built once.

Everyone whom the door lets in governs, and so sees every item that was submitted; `visibility` says so for one
item, and the lists hold only what is, or was, before the board.
"""

from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from engage.extensions import db
from engage.models.authority import Delegation, Emergency
from engage.models.board import Ballot, Charter, Decision, Motion, Recusal, Seat, motion_put_off
from engage.models.engagements import Item, ItemVersion, Leg, StateSpan, Traveller
from engage.models.files import StoredFile
from engage.models.matters import Amendment, Reconsideration
from engage.models.meetings import Attendance
from engage.models.partners import Event
from engage.models.people import Person
from engage.models.places import Country
from engage.rules.workflow import WITH_THE_BOARD, State
from engage.services import stakes, visibility

PAGE = 25
RECENT = 5

_closer, _votes = Person.__table__.alias("closer"), Ballot.__table__.alias("votes")
_principal, _absent = Person.__table__.alias("principal"), Person.__table__.alias("absent")
_I, _M, _B, _C = Item.__table__.c, Motion.__table__.c, Ballot.__table__.c, Charter.__table__.c
_RE = Reconsideration.__table__.c
_SP, _E, _A = StateSpan.__table__.c, Event.__table__.c, Amendment.__table__.c
_P, _R, _T, _V = Person.__table__.c, Recusal.__table__.c, Traveller.__table__.c, ItemVersion.__table__.c
_D, _S, _L = Decision.__table__.c, Seat.__table__.c, Leg.__table__.c
_K, _G, _EM, _AT = (table.__table__.c for table in (Country, Delegation, Emergency, Attendance))
_FI = StoredFile.__table__.c
_me: BindParameter[int] = bindparam("me")
_item: BindParameter[int] = bindparam("item")

# --- The docket ------------------------------------------------------------------------------------------------

_own = or_(_I.requester_id == _me, visibility.travels(_me))
# How often it was put off: from the third time on the chair sees it marked.
_deferrals = (
    select(func.count())
    .where(_SP.item_id == _I.id, _SP.state == State.DEFERRED)
    .correlate(Item.__table__)
    .scalar_subquery()
    .label("deferrals")
)
_recused = stakes.stands_aside(_me)
_silent_chair = and_(not_(_C.chair_votes), not_(_C.chair_breaks_ties), bindparam("chair", type_=Boolean))
_waits = and_(_M.id.is_not(None), _M.hours.is_(None), _B.id.is_(None), not_(_own), not_(_recused), not_(_silent_chair))
_SCHEDULED = (
    select(
        _I.id, _I.kind, _I.title, _I.marking, _I.starts_on, _I.ends_on, _I.state_since, _I.asks,
        _P.name.label("requester"),
        _L.city, _K.name.label("country"), _M.id.label("motion_id"), _M.outcome, _M.closes_at, _M.hours,
        _M.runs_from, _B.choice,
        _own.label("own"), _recused.label("recused"), _deferrals,
        select(func.count()).where(_votes.c.motion_id == _M.id).scalar_subquery().label("votes"),
    )
    .select_from(
        Item.__table__.join(Person.__table__, _P.id == _I.requester_id)
        .outerjoin(Leg.__table__, and_(_L.engagement_id == _I.id, _L.position == 0))
        .outerjoin(Country.__table__, _K.code == _L.country_code)
        .outerjoin(Motion.__table__, and_(_M.item_id == _I.id, _M.closed_at.is_(None)))
        .outerjoin(Charter.__table__, _C.id == _M.charter_id)
        .outerjoin(Ballot.__table__, and_(_B.motion_id == _M.id, _B.person_id == _me))
    )
    .where(_I.state.in_(sorted(WITH_THE_BOARD)))
)  # fmt: skip
_WAITING = _SCHEDULED.where(_waits).order_by(_M.closes_at, _M.id).limit(PAGE + 1)


@cache
def _docket(seated: bool, later: bool) -> Select[Any]:
    waits = func.coalesce(_waits, false()) if seated else false()
    statement = _SCHEDULED.where(not_(waits)).order_by(_I.state_since, _I.id).limit(PAGE + 1)
    if later:
        at = tuple_(bindparam("after_at", type_=_I.state_since.type), bindparam("after_id", type_=_I.id.type))
        statement = statement.where(tuple_(_I.state_since, _I.id) > at)
    return statement


def waiting(me: int | None, *, chair: bool) -> list[Row[Any]]:
    """Open votes that wait for the seat of `me`, the most urgent first; one more than a page when there are more."""
    return list(db.session.execute(_WAITING, {"me": me, "chair": chair}))


def docket(
    me: int | None, *, seated: bool, chair: bool, after: tuple[datetime, int] | None
) -> tuple[list[Row[Any]], tuple[datetime, int] | None]:
    """The other items on the docket, the longest placed first; and where the next page begins, or None."""
    given: dict[str, Any] = {"me": me, "chair": chair}
    if after:
        given |= {"after_at": after[0], "after_id": after[1]}
    found = list(db.session.execute(_docket(seated, after is not None), given))
    more = (found[PAGE - 1].state_since, found[PAGE - 1].id) if len(found) > PAGE else None
    return found[:PAGE], more


# --- The paper: what was put to the vote, and who said what --------------------------------------------------------

_ROUNDS = (
    select(
        _M.id, _M.round, _M.outcome, _M.reason, _M.conditions, _M.defer_until, _E.name.label("event"),
        _M.moved_by_id, _M.moved_at, _M.closes_at, _M.closed_at, _M.carried, _M.arithmetic, _M.method,
        _M.runs_from, _M.hours, _P.name.label("moved_by"),
        _closer.c.name.label("closed_by"), _V.number.label("version"), _V.sha256, _D.id.label("decision_id"),
    )
    .select_from(
        Motion.__table__.join(Person.__table__, _P.id == _M.moved_by_id)
        .join(ItemVersion.__table__, _V.id == _M.item_version_id)
        .outerjoin(_closer, _closer.c.id == _M.closed_by_id)
        .outerjoin(Decision.__table__, _D.motion_id == _M.id)
        .outerjoin(Event.__table__, _E.id == _M.defer_event_id)
    )
    .where(_M.item_id == _item)
    .order_by(_M.round.desc())
)  # fmt: skip
_sat_for = (  # in a meeting a stand-in sits in the seat; on paper the ballot itself names the delegation
    select(_absent.c.name)
    .join_from(Attendance.__table__, _absent, _absent.c.id == _AT.for_id)
    .where(
        _AT.meeting_id == select(_M.meeting_id).where(_M.id == bindparam("motion")).scalar_subquery(),
        _AT.seat_id == _B.seat_id, _AT.person_id == _B.person_id, _AT.came_at <= _B.cast_at,
    )
    .order_by(_AT.came_at.desc())
    .limit(1)
    .correlate(Ballot.__table__)
    .scalar_subquery()
)  # fmt: skip
_SAID = (
    select(
        _B.motion_id, _B.seat_id, func.coalesce(_G.principal_id, _B.person_id).label("person_id"), _B.choice, _B.reason,
        _B.cast_at, _B.delegation_id.is_not(None).label("stood_in"), _B.entered_by_id,
        _S.name.label("seat"),
        _P.name.label("person"), func.coalesce(_principal.c.name, _sat_for).label("stood_for"),
        _V.number.label("version"), _V.sha256,
    )
    .select_from(
        Ballot.__table__.join(Seat.__table__, _S.id == _B.seat_id).join(Person.__table__, _P.id == _B.person_id)
        .join(ItemVersion.__table__, _V.id == _B.item_version_id)
        .outerjoin(Delegation.__table__, _G.id == _B.delegation_id)
        .outerjoin(_principal, _principal.c.id == _G.principal_id)
    )
    .where(_B.motion_id == bindparam("motion"))
    .order_by(_B.seat_id)
)  # fmt: skip
_ASIDE = (
    select(_R.person_id, _P.name, _R.reason, _R.at)
    .select_from(Recusal.__table__.join(Person.__table__, _P.id == _R.person_id))
    .where(_R.item_id == _item)
    .order_by(_R.at, _R.id)
)


def rounds(item_id: int) -> list[Row[Any]]:
    """The motions put on an item, the newest first."""
    return list(db.session.execute(_ROUNDS, {"item": item_id}))


def said(motion_id: int) -> list[Row[Any]]:
    """The ballots on a motion, by seat."""
    return list(db.session.execute(_SAID, {"motion": motion_id}))


def stepped_aside(item_id: int) -> list[Row[Any]]:
    """The recusals from an item, oldest first."""
    return list(db.session.execute(_ASIDE, {"item": item_id}))


# --- Decisions -------------------------------------------------------------------------------------------------------

_COUNTS = (  # of the charter: all that a count needs
    _C.quorum_share, _C.quorum_at_least, _C.threshold_share, _C.recused_leave_the_base, _C.vacant_leave_the_base,
    _C.chair_votes, _C.chair_breaks_ties, _C.second_share, _C.second_of, _C.thresholds,
)  # fmt: skip
_DECIDED = (
    select(
        _D.id, _D.item_id, _D.outcome, _D.decided_at, _D.sha256, _D.reason, _D.arithmetic, _D.authority, _D.method,
        _D.motion_id, _I.kind, _I.title, _I.marking, _I.asks, _I.state, _V.number.label("version"), _M.round,
        _M.defer_until,
        _M.moved_at, _P.name.label("moved_by"), _closer.c.name.label("closed_by"), _D.seats, _C.title.label("charter"),
        _C.starts_on.label("charter_from"), *_COUNTS,
    )
    .select_from(
        Decision.__table__.join(Item.__table__, _I.id == _D.item_id)
        .join(ItemVersion.__table__, _V.id == _D.item_version_id)
        .join(Motion.__table__, _M.id == _D.motion_id)
        .join(Charter.__table__, _C.id == _M.charter_id)
        .join(Person.__table__, _P.id == _M.moved_by_id)
        .join(_closer, _closer.c.id == _D.closed_by_id)
    )
)  # fmt: skip
_PUT_OFF = (
    select(_P.name, _A.id.label("amendment_id"), _A.id.is_not(None).label("waits"))
    .select_from(
        motion_put_off.join(Person.__table__, _P.id == motion_put_off.c.person_id)
        .outerjoin(Amendment.__table__, _A.put_off_by_id == motion_put_off.c.motion_id)
    )
    .where(motion_put_off.c.motion_id == bindparam("motion"))
    .order_by(_P.name)
)
_EVENTS = select(_E.id, _E.name, _E.starts_on).where(
    func.coalesce(_E.ends_on, _E.starts_on) > bindparam("today")
).order_by(_E.starts_on, _E.id).limit(200)
_newest_emergency = (
    select(func.max(_EM.id)).where(or_(_EM.item_id == _item, _EM.matter_id == _item)).scalar_subquery()
)
_PAST = (
    select(
        _deferrals, _RE.new_facts, _RE.asked_as, _RE.asked_at, _RE.decision_id, _P.name,
        _EM.item_id.label("at_once"), _EM.decision_id.label("at_once_by"), _EM.matter_id, _EM.ratify_by,
        _EM.settled_at, _EM.ratified, _EM.why,
        exists().where(_FI.about_kind == "item", _FI.about_id == _item, _FI.removed_at.is_(None)).label("attached"),
    )
    .select_from(
        Item.__table__.outerjoin(Reconsideration.__table__, _RE.item_id == _I.id)
        .outerjoin(Person.__table__, _P.id == _RE.asked_by_id)
        .outerjoin(Emergency.__table__, _EM.id == _newest_emergency)
    )
    .where(_I.id == _item)
)  # fmt: skip
_REGISTER = _DECIDED.where(_D.id < bindparam("before")).order_by(_D.id.desc()).limit(bindparam("most"))
_DECISION = _DECIDED.where(_D.id == bindparam("decision"))
LAST = 2**31 - 1  # before every decision there will ever be: where the register begins


def put_off(motion_id: int) -> list[Row[Any]]:
    """Whom a split motion puts off, and the amendment that waits for them once it carried."""
    return list(db.session.execute(_PUT_OFF, {"motion": motion_id}))


def events(today: date) -> list[Row[Any]]:
    """The events in the register that are not over on `today`, the next first."""
    return list(db.session.execute(_EVENTS, {"today": today}))


def past(item_id: int) -> Any:
    """How often an item was deferred; who asked that it be decided once more, on which facts (None: nobody); and the
    newest emergency decision that it is about, or that it is to ratify; whether files are attached."""
    return db.session.execute(_PAST, {"item": item_id}).one()


def decisions(*, before: int = LAST, most: int = PAGE) -> list[Row[Any]]:
    """The board's decisions older than the decision `before`, the newest first; at most `most` and one more."""
    return list(db.session.execute(_REGISTER, {"before": before, "most": most + 1}))


def decision(decision_id: int) -> Any:
    """One decision with everything its page says, or None."""
    return db.session.execute(_DECISION, {"decision": decision_id}).one_or_none()
