"""What the requests room's pages read: lists and histories as plain rows, and names typed into a form."""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, exists, func, or_, select, union_all

from engage.extensions import db
from engage.models.asking import Question
from engage.models.board import Decision
from engage.models.engagements import Engagement, Item, ItemVersion, StateSpan, Traveller
from engage.models.files import StoredFile
from engage.models.guidance import Guide
from engage.models.matters import Amendment, GuideProposal, Reconsideration
from engage.models.norms import Goal, Objective
from engage.models.partners import Event, Forum, Partner
from engage.models.people import Person
from engage.models.reviews import Review
from engage.rules.workflow import State
from engage.services import holding
from engage.services.versions import MARKED_LATE

PAGE = 25
LAST = 2**31 - 1  # the largest id there can be, where the list begins

_I, _P, _T, _V, _S = (t.__table__.c for t in (Item, Person, Traveller, ItemVersion, StateSpan))
_W, _Q, _FI = Review.__table__.c, Question.__table__.c, StoredFile.__table__.c
_D, _E = Decision.__table__.c, Engagement.__table__.c
_A, _GP, _G_, _R = (t.__table__.c for t in (Amendment, GuideProposal, Guide, Reconsideration))
_O, _G, _PA, _F, _EV = (t.__table__.c for t in (Objective, Goal, Partner, Forum, Event))


@cache
def _mine(by_state: bool) -> Select[Any]:
    """What the reader asked for and what they travel on, newest first.

    Two branches, each ended by its own limit: one OR over both would read the whole table.
    """
    me: BindParameter[int] = bindparam("me")
    before: BindParameter[int] = bindparam("before")
    most: BindParameter[int] = bindparam("most")
    asked = select(_I.id).where(_I.requester_id == me, _I.id < before)
    travels = (
        select(_I.id)
        .join_from(Traveller, Item, _I.id == _T.engagement_id)
        .where(_T.person_id == me, _T.engagement_id < before, or_(_I.requester_id != me, _I.requester_id.is_(None)))
    )
    if by_state:
        asked, travels = (branch.where(_I.state == bindparam("state")) for branch in (asked, travels))
    ids = union_all(
        *(select(branch.order_by(_I.id.desc()).limit(most).subquery().c.id) for branch in (asked, travels))
    ).subquery()
    return (
        select(
            _I.id, _I.kind, _I.asks, _I.title, _I.marking, _I.state, _I.state_since, _I.starts_on, _I.ends_on,
            _I.requester_id, _P.name, _P.name.label("requester"), _I.deferred_until, *holding.COLUMNS,
            _V.content.like(MARKED_LATE).label("late"),
        )
        .select_from(
            Item.__table__.join(ids, ids.c.id == _I.id)
            .outerjoin(Person.__table__, _P.id == _I.requester_id)
            .outerjoin(ItemVersion.__table__, (_V.item_id == _I.id) & _V.valid_to.is_(None))
        )
        .order_by(_I.id.desc())
        .limit(most)
    )  # fmt: skip


def mine(
    me: int | None, *, day: date, state: State | None = None, before: int = LAST
) -> tuple[list[Row[Any]], int | None]:
    """One page of the reader's engagements, and the id to go on before, if there are more."""
    names = {"me": me, "day": day, "before": before, "most": PAGE + 1, **({"state": state} if state else {})}
    rows = list(db.session.execute(_mine(state is not None), names))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


_HEAD: Select[Any] = (
    select(
        _I.id, _I.title, _I.state, _I.state_since, _I.requester_id, _P.name.label("requester"), _I.created_at,
        _I.submitted_at, _I.placed_at, _I.deferred_until, _I.source_ref, _I.version, _E.direction,
        _I.starts_on, *holding.COLUMNS,
        exists().where(_W.item_id == _I.id).correlate(Item.__table__).label("reviewed"),
        exists().where(_Q.item_id == _I.id).correlate(Item.__table__).label("asked"),
        exists().where(_FI.about_kind == "item", _FI.about_id == _I.id, _FI.removed_at.is_(None))
        .correlate(Item.__table__).label("attached"),
        exists().where(_R.item_id == _I.id).label("asked_again"),
    )
    .select_from(
        Item.__table__.join(Engagement.__table__, _E.id == _I.id).outerjoin(Person.__table__, _P.id == _I.requester_id)
    )
    .where(_I.id == bindparam("item"))
)  # fmt: skip
_SPANS = (
    select(_S.state, _S.started_at, _S.reason, _P.name)
    .select_from(StateSpan.__table__.outerjoin(Person.__table__, _P.id == _S.by_id))
    .where(_S.item_id == bindparam("item"))
    .order_by(_S.id.desc())
    .limit(200)
)
_DECISION: Select[Any] = (
    select(_D.outcome, _D.reason, _D.arithmetic, _D.authority, _D.decided_at, _D.sha256, _V.number)
    .select_from(Decision.__table__.join(ItemVersion.__table__, _V.id == _D.item_version_id))
    .where(_D.item_id == bindparam("item"))
    .order_by(_D.id.desc())
    .limit(1)
)


_HEAD_OF_ANY: Select[Any] = (
    select(
        _I.id, _I.kind, _I.title, _I.state, _I.state_since, _I.requester_id, _P.name.label("requester"), _I.created_at,
        _I.submitted_at, _I.placed_at, _I.deferred_until, _I.version, _I.amends_id,
        _GP.guide_id, _GP.published_id, _G_.country_code,
    )
    .select_from(
        Item.__table__.outerjoin(Person.__table__, _P.id == _I.requester_id)
        .outerjoin(GuideProposal.__table__, _GP.id == _I.id)
        .outerjoin(Guide.__table__, _G_.id == _GP.guide_id)
    )
    .where(_I.id == bindparam("item"))
)  # fmt: skip
_AMENDMENTS = (
    select(_I.id, _I.title, _I.state, _I.deferred_until, _A.why)
    .select_from(Item.__table__.join(Amendment.__table__, _A.id == _I.id))
    .where(_I.amends_id == bindparam("item"), or_(_I.state != State.DRAFT, _I.requester_id == bindparam("me")))
    .order_by(_I.id.desc())
    .limit(50)
)
_TEXTS = (
    select(_V.number, _V.valid_from, _V.minor, _V.reason, _P.name)
    .select_from(ItemVersion.__table__.outerjoin(Person.__table__, _P.id == _V.by_id))
    .where(_V.item_id == bindparam("item"))
    .order_by(_V.number.desc())
    .limit(50)
)
_AGAIN = (
    select(_R.new_facts, _R.asked_as, _R.asked_at, _P.name)
    .select_from(Reconsideration.__table__.join(Person.__table__, _P.id == _R.asked_by_id))
    .where(_R.item_id == bindparam("item"))
)


def head_of_any(item_id: int) -> Row[Any]:
    """The facts of an item of whatever kind that is known to be there."""
    return db.session.execute(_HEAD_OF_ANY, {"item": item_id}).one()


def amendments(item_id: int, me: int | None) -> list[Row[Any]]:
    """What would change an engagement, or has, the newest first; drafts only of one's own."""
    return list(db.session.execute(_AMENDMENTS, {"item": item_id, "me": me}))


def texts(item_id: int) -> list[Row[Any]]:
    """The versions of an item, the newest first, without their texts."""
    return list(db.session.execute(_TEXTS, {"item": item_id}))


def reconsideration(item_id: int) -> Any:
    """That an item was asked to be decided once more, or None."""
    return db.session.execute(_AGAIN, {"item": item_id}).one_or_none()


def head(item_id: int, day: date) -> Row[Any]:
    """The facts of an engagement that is known to be there, and on the office's `day` who holds it."""
    return db.session.execute(_HEAD, {"item": item_id, "day": day}).one()


def spans(item_id: int) -> list[Row[Any]]:
    """The states an engagement was in, the present one first."""
    return list(db.session.execute(_SPANS, {"item": item_id}))


def decision(item_id: int) -> Row[Any] | None:
    """The newest decision on an engagement, or None."""
    return db.session.execute(_DECISION, {"item": item_id}).one_or_none()


_OBJECTIVES = (
    select(_O.id, _O.title, _O.text, _G.number, _G.title.label("goal"))
    .join_from(Objective, Goal, _G.id == _O.goal_id)
    .order_by(_G.number, _O.code)
)


def objectives() -> list[Row[Any]]:
    """Every objective of the plan with its goal."""
    return list(db.session.execute(_OBJECTIVES))


def people_called(texts: Collection[str]) -> list[Row[Any]]:
    """The people whose address or name is among `texts`."""
    addresses = [text.lower() for text in texts if "@" in text]
    return list(
        db.session.execute(
            select(_P.id, _P.name, _P.email).where(or_(_P.email.in_(addresses), _P.name.in_(list(texts))))
        )
    )


def partners_called(texts: Collection[str]) -> list[Row[Any]]:
    """The partners whose name, short name or earlier name is among `texts`, without regard to case."""
    lowered = [func.lower(text) for text in texts]
    return list(
        db.session.execute(
            select(
                func.coalesce(_PA.merged_into_id, _PA.id).label("id"), _PA.name, _PA.short_name, _PA.country_code
            )
            .where(or_(func.lower(_PA.name).in_(lowered), func.lower(_PA.short_name).in_(lowered)))
            .order_by(_PA.name, _PA.id)
        )
    )


def forums_called(text: str) -> list[Row[Any]]:
    """The forums whose code or name is `text`, without regard to case."""
    lowered = func.lower(text)
    return list(
        db.session.execute(
            select(_F.id, _F.code, _F.name).where(or_(func.lower(_F.code) == lowered, func.lower(_F.name) == lowered))
        )
    )


def events_called(text: str) -> list[Row[Any]]:
    """The events whose name is `text`, without regard to case, the latest first."""
    return list(
        db.session.execute(
            select(_EV.id, _EV.name, _EV.starts_on)
            .where(func.lower(_EV.name) == func.lower(text))
            .order_by(_EV.starts_on.desc())
        )
    )
