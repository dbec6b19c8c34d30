"""The only place that turns policy's "may see an engagement" into a query; a test holds the two together."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    exists,
    false,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

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
_nobody, _nothing = cast(null(), Integer), cast(null(), String)
_SUBJECT = union_all(
    select(
        literal_column("'item'").label("how"), _I.requester_id.label("person"), _P.supervisor_id.label("supervisor"),
        type_coerce(_I.state, String).label("state"),
    )
    .select_from(Item.__table__.outerjoin(Person.__table__, _P.id == _I.requester_id))
    .where(_I.id == _item),
    select(literal_column("'travels'"), _T.person_id, _nobody, _nothing).where(
        _T.engagement_id == _item, _T.person_id.is_not(None)
    ),
    select(literal_column("'recused'"), _R.person_id, _nobody, _nothing).where(_R.item_id == _item),
)  # fmt: skip


def subject(item_id: int) -> Subject | None:
    """The item as the policy sees it, or None when there is none. One statement."""
    item: Any = None
    people: dict[str, set[int]] = {"travels": set(), "recused": set()}
    for how, person, supervisor, state in db.session.execute(_SUBJECT, {"item": item_id}):
        if how == "item":
            item = (State(state), person, supervisor)
        else:
            people[how].add(person)
    if item is None:
        return None
    return Subject(
        state=item[0],
        requester_id=item[1],
        supervisor_id=item[2],
        traveller_ids=frozenset(people["travels"]),
        recused_ids=frozenset(people["recused"]),
    )


def find(item_id: int, *, by: Actor) -> tuple[Engagement, Subject] | None:
    """The engagement and its subject, or None when there is none that `by` may see: to them it does not exist."""
    found = subject(item_id)
    if found is None or not may(by, See.ENGAGEMENT, found):
        return None
    engagement = db.session.get(Engagement, item_id)
    return None if engagement is None else (engagement, found)
