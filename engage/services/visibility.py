"""The only place that turns policy's "may see an engagement" into a query; a test holds the two together."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, String, and_, bindparam, cast, exists, false, func, or_, select

from engage.extensions import db
from engage.models.board import Recusal
from engage.models.engagements import Item, Traveller
from engage.models.matters import amendment_traveller
from engage.models.people import Person
from engage.rules.items import ItemKind
from engage.rules.marking import OPEN_TO_ALL, OPEN_TO_OFFICE, Marking
from engage.rules.policy import Actor, Role, See, Subject, governs, handles, may
from engage.rules.workflow import APPROVED, State
from engage.services import stakes
from engage.services.kinds import ANY

_I, _T, _P, _R = Item.__table__.c, Traveller.__table__.c, Person.__table__.c, Recusal.__table__.c
_W, _amended = amendment_traveller.c, Item.__table__.alias("amended")
_me = Person.__table__.alias("me")


@dataclass(frozen=True)
class Scope:
    """What of the register a reader sees. Statements are built once per scope and take the reader as `:me`."""

    handles: bool
    governs: bool
    secretariat: bool


def scope(who: Actor) -> Scope:
    """The scope of `who`."""
    return Scope(handles(who, None), governs(who, None), Role.SECRETARIAT in who.roles)


@cache
def visible(scope: Scope) -> ColumnElement[bool]:
    """The WHERE clause over `item` that keeps what the reader `:me` may see."""
    me: BindParameter[int] = bindparam("me")
    return _visible(scope, me, _I.state, _I.marking, _I.requester_id, travels(me))


@cache
def was_visible(scope: Scope, state: Any, marking: Any, requester: Any, travellers: Any) -> ColumnElement[bool]:
    """The same for an engagement's row of history: as if it stood, were marked, asked for and manned so.

    `travellers` has a blank around each id. What may not be seen today stays hidden: ask `visible` beside this.
    """
    me: BindParameter[int] = bindparam("me")
    return _visible(scope, me, state, marking, requester, travellers.like("% " + cast(me, String) + " %"))


def _visible(scope: Scope, me: Any, state: Any, marking: Any, requester: Any, goes: Any) -> ColumnElement[bool]:
    asked = requester == me
    unclaimed = requester.is_(None) if scope.secretariat else false()
    if scope.handles:
        return or_(state != State.DRAFT, asked, goes, unclaimed)
    supervises = exists().where(_P.id == requester, _P.supervisor_id == me).correlate_except(Person.__table__)
    if scope.governs:
        return or_(and_(state != State.DRAFT, or_(marking != Marking.RED, supervises)), asked, goes)
    # Of the one that is amended by its number, never of all that are approved, which are most.
    its_state = select(_amended.c.state).where(_amended.c.id == _I.amends_id).correlate(Item.__table__)
    as_amended = and_(_I.amends_id.is_not(None), its_state.scalar_subquery().in_(sorted(APPROVED)))
    approved = or_(state.in_(sorted(APPROVED)), and_(state != State.DRAFT, as_amended))
    mine = select(_me.c.office_id).where(_me.c.id == me).scalar_subquery()
    colleague = exists().where(_P.id == requester, _P.office_id == mine).correlate_except(Person.__table__)
    open_to = or_(
        marking.in_(sorted(OPEN_TO_ALL)), and_(marking.in_(sorted(OPEN_TO_OFFICE - OPEN_TO_ALL)), colleague)
    )
    return or_(and_(approved, open_to), asked, goes, and_(state != State.DRAFT, supervises))


@cache
def called_off(scope: Scope) -> ColumnElement[bool]:
    """The WHERE clause over `item` that keeps what was approved and is cancelled, and what `:me` then saw of it.

    Who could see an engagement until it was cancelled may know that it was. It opens no page.
    """
    if scope.handles or scope.governs:
        return false()  # they see it as it is
    mine = select(_me.c.office_id).where(_me.c.id == bindparam("me")).scalar_subquery()
    colleague = exists().where(_P.id == _I.requester_id, _P.office_id == mine).correlate(Item.__table__)
    open_to = or_(
        _I.marking.in_(sorted(OPEN_TO_ALL)), and_(_I.marking.in_(sorted(OPEN_TO_OFFICE - OPEN_TO_ALL)), colleague)
    )
    return and_(_I.state == State.CANCELLED, open_to)


def travels(person: Any) -> ColumnElement[bool]:
    """The WHERE clause over `item` that keeps what `person` travels on, or would by an amendment.

    An amendment is the affair of everybody who travels on the engagement that it changes.
    """
    goes = exists().where(_T.engagement_id == func.coalesce(_I.amends_id, _I.id), _T.person_id == person)
    would = exists().where(_W.amendment_id == _I.id, _W.person_id == person)
    return or_(goes.correlate(Item.__table__), and_(_I.amends_id.is_not(None), would.correlate(Item.__table__)))


_item: BindParameter[int] = bindparam("item")


def _ids(column: ColumnElement[Any], where: ColumnElement[bool]) -> Any:
    """The ids of `column` with blanks between, as one value of a larger statement; None when there are none."""
    return select(func.aggregate_strings(cast(column, String), " ")).where(where).scalar_subquery()


def _around(item: Any) -> tuple[ColumnElement[Any], ...]:
    """Beside an item, whose columns these are: whose staff asked for it, who travels on it, who stepped aside."""
    return (
        _P.supervisor_id.label("supervisor"),
        _P.office_id.label("office"),
        _ids(_T.person_id, _T.engagement_id == func.coalesce(item.amends_id, item.id)).label("travellers"),
        _ids(_W.person_id, _W.amendment_id == _item).label("would_travel"),
        _ids(_R.person_id, _R.item_id == _item).label("recused"),
    )


_SUBJECT = (
    select(_I.state, _I.kind, _I.marking, _I.requester_id, _amended.c.state.label("amended_state"), *_around(_I))
    .select_from(
        Item.__table__.outerjoin(Person.__table__, _P.id == _I.requester_id).outerjoin(
            _amended, _amended.c.id == _I.amends_id
        )
    )
    .where(_I.id == _item)
)


def _ids_of_each(column: ColumnElement[Any], where: ColumnElement[bool]) -> Any:
    ids = select(func.aggregate_strings(cast(column, String), " ")).where(where)
    return ids.correlate(Item.__table__).scalar_subquery()


_SUBJECTS = (
    select(
        _I.id, _I.state, _I.kind, _I.marking, _I.requester_id, _P.office_id.label("office"),
        _P.supervisor_id.label("supervisor"), _amended.c.state.label("amended_state"),
        _ids_of_each(_T.person_id, _T.engagement_id == func.coalesce(_I.amends_id, _I.id)).label("travellers"),
        _ids_of_each(_W.person_id, _W.amendment_id == _I.id).label("would_travel"),
        _ids_of_each(_R.person_id, _R.item_id == _I.id).label("recused"),
    )
    .select_from(
        Item.__table__.outerjoin(Person.__table__, _P.id == _I.requester_id).outerjoin(
            _amended, _amended.c.id == _I.amends_id
        )
    )
    .where(_I.id.in_(bindparam("items", expanding=True)))
)  # fmt: skip
_FOUND = (
    select(ANY, *_around(ANY), _amended.c.state.label("amended_state"))
    .outerjoin(Person.__table__, _P.id == ANY.requester_id)
    .outerjoin(_amended, _amended.c.id == ANY.amends_id)
    .where(ANY.id == _item)
)


def subject(item_id: int) -> Subject | None:
    """The item as the policy sees it, or None when there is none. One statement, and one more for a matter."""
    row = db.session.execute(_SUBJECT, {"item": item_id}).one_or_none()
    if row is None:
        return None
    return _subject(item_id, row, row, stakes.in_matters(_matters(item_id, row.kind)))


_NAME = select(_I.id, _I.title, _I.state, _I.kind).where(_I.id == _item)


def name_of(item_id: int) -> Any:
    """The title, state and kind of an item that is known to be there: all that everybody of the board may know."""
    return db.session.execute(_NAME, {"item": item_id}).one()


def subjects(item_ids: Collection[int]) -> dict[int, Subject]:
    """Items as the policy sees them, by id; an id of no item is left out.

    One statement for each thousand, and one more where matters are among them.
    """
    ids = sorted(set(item_ids))
    found: dict[int, Subject] = {}
    for start in range(0, len(ids), 1000):
        rows = db.session.execute(_SUBJECTS, {"items": ids[start : start + 1000]}).all()
        staked = stakes.in_matters([row.id for row in rows if row.kind is ItemKind.MATTER])
        found |= {row.id: _subject(row.id, row, row, staked) for row in rows}
    return found


def find(item_id: int, *, by: Actor, kind: ItemKind | None = None) -> tuple[Any, Subject] | None:
    """The item and its subject, or None when there is none that `by` may see: to them it does not exist.

    With `kind` only an item of that kind is found.
    """
    row = db.session.execute(_FOUND, {"item": item_id}).one_or_none()
    if row is None:
        return None
    item = row[0]
    found = _subject(item_id, item, row, stakes.in_matters(_matters(item_id, item.kind)))
    return (item, found) if kind in (None, item.kind) and may(by, See.ENGAGEMENT, found) else None


def _matters(item_id: int, kind: ItemKind) -> list[int]:
    return [item_id] if kind is ItemKind.MATTER else []


def _subject(item_id: int, item: Any, around: Any, staked: dict[int, frozenset[int]]) -> Subject:
    return Subject(
        state=item.state,
        requester_id=item.requester_id,
        supervisor_id=around.supervisor,
        traveller_ids=frozenset(map(int, f"{around.travellers or ''} {around.would_travel or ''}".split())),
        kind=item.kind,
        marking=item.marking,
        office_id=around.office,
        amended_state=around.amended_state,
        recused_ids=frozenset(map(int, (around.recused or "").split())) | staked.get(item_id, frozenset()),
    )
