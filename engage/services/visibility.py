"""The only place that turns policy's "may see an engagement" into a query; a test holds the two together."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, String, and_, bindparam, cast, exists, false, func, or_, select

from engage.extensions import db
from engage.models.board import Recusal
from engage.models.engagements import Engagement, Item, Traveller
from engage.models.people import Person
from engage.rules.policy import Actor, Role, See, Subject, governs, may
from engage.rules.workflow import APPROVED, State

_I, _T, _P, _R = Item.__table__.c, Traveller.__table__.c, Person.__table__.c, Recusal.__table__.c


@dataclass(frozen=True)
class Scope:
    """What of the register a reader sees. Statements are built once per scope and take the reader as `:me`."""

    governs: bool
    secretariat: bool


def scope(who: Actor) -> Scope:
    """The scope of `who`."""
    return Scope(governs(who, None), Role.SECRETARIAT in who.roles)


@cache
def visible(scope: Scope) -> ColumnElement[bool]:
    """The WHERE clause over `item` that keeps what the reader `:me` may see."""
    me: BindParameter[int] = bindparam("me")
    asked = _I.requester_id == me
    travels = exists().where(_T.engagement_id == _I.id, _T.person_id == me).correlate(Item.__table__)
    unclaimed = _I.requester_id.is_(None) if scope.secretariat else false()
    if scope.governs:
        return or_(_I.state != State.DRAFT, asked, travels, unclaimed)
    supervises = exists().where(_P.id == _I.requester_id, _P.supervisor_id == me).correlate(Item.__table__)
    return or_(_I.state.in_(sorted(APPROVED)), asked, travels, and_(_I.state != State.DRAFT, supervises))


_item: BindParameter[int] = bindparam("item")


def _ids(column: ColumnElement[Any], where: ColumnElement[bool]) -> Any:
    """The ids of `column` with blanks between, as one value of a larger statement; None when there are none."""
    return select(func.aggregate_strings(cast(column, String), " ")).where(where).scalar_subquery()


# Beside an item: whose staff asked for it, who travels on it, and who stepped aside from it.
_AROUND = (
    _P.supervisor_id.label("supervisor"),
    _ids(_T.person_id, _T.engagement_id == _item).label("travellers"),
    _ids(_R.person_id, _R.item_id == _item).label("recused"),
)
_SUBJECT = (
    select(_I.state, _I.requester_id, *_AROUND)
    .select_from(Item.__table__.outerjoin(Person.__table__, _P.id == _I.requester_id))
    .where(_I.id == _item)
)
_FOUND = (
    select(Engagement, *_AROUND)
    .outerjoin(Person.__table__, _P.id == Engagement.requester_id)
    .where(Engagement.id == _item)
)


def subject(item_id: int) -> Subject | None:
    """The item as the policy sees it, or None when there is none. One statement."""
    row = db.session.execute(_SUBJECT, {"item": item_id}).one_or_none()
    return row and _subject(row, row)


def find(item_id: int, *, by: Actor) -> tuple[Engagement, Subject] | None:
    """The engagement and its subject, or None when there is none that `by` may see: to them it does not exist."""
    row = db.session.execute(_FOUND, {"item": item_id}).one_or_none()
    if row is None:
        return None
    found = _subject(row.Engagement, row)
    return (row.Engagement, found) if may(by, See.ENGAGEMENT, found) else None


def _subject(item: Any, around: Any) -> Subject:
    return Subject(
        state=item.state,
        requester_id=item.requester_id,
        supervisor_id=around.supervisor,
        traveller_ids=frozenset(map(int, (around.travellers or "").split())),
        recused_ids=frozenset(map(int, (around.recused or "").split())),
    )
