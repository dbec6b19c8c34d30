"""The only place that says who has a stake in what a matter settles: a waiver, or an emergency decision to ratify.

It is asked when it matters and kept nowhere: who joins the party, or takes a condition over, stands aside from then.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, exists, func, literal, or_, select, union_all

from engage.extensions import db
from engage.models.authority import Emergency
from engage.models.board import Condition, Recusal
from engage.models.engagements import Item, Traveller
from engage.models.matters import Matter

_I, _M, _C, _E, _T, _R = (t.__table__.c for t in (Item, Matter, Condition, Emergency, Traveller, Recusal))
_settled = Item.__table__.alias("settled")
_S = _settled.c
_IDS: Any = bindparam("ids", expanding=True)
_about = union_all(
    select(_M.id.label("matter"), _C.item_id.label("item"), _C.owner_id.label("owner"))
    .join_from(Matter.__table__, Condition.__table__, _C.id == _M.waives_id)
    .where(_M.id.in_(_IDS)),
    select(_E.matter_id, _E.item_id, literal(None, Integer)).where(_E.matter_id.in_(_IDS)),
).subquery("about")
_A = _about.c


def _with(person: Any, joined: Any) -> Select[Any]:
    return select(_A.matter, person.label("person")).select_from(joined).where(person.is_not(None))


_known = _about.join(_settled, _S.id == _A.item)
_WHO = union_all(
    _with(_A.owner, _about),
    _with(_S.requester_id, _known),
    _with(_T.person_id, _known.join(Traveller.__table__, _T.engagement_id == func.coalesce(_S.amends_id, _S.id))),
    _with(_R.person_id, _known.join(Recusal.__table__, _R.item_id == _S.id)),
)

_WHAT = select(_M.waives_id, select(_E.id).where(_E.matter_id == _M.id).scalar_subquery().label("ratifies")).where(
    _M.id == bindparam("item")
)


def in_matters(matter_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Who has a stake in what each of these matters settles, by matter. One statement, and none for none.

    They own the condition, or asked for, travel on or stepped aside from the item behind it.
    """
    found: dict[int, set[int]] = {}
    for row in db.session.execute(_WHO, {"ids": list(matter_ids)}) if matter_ids else ():
        found.setdefault(row.matter, set()).add(row.person)
    return {matter: frozenset(people) for matter, people in found.items()}


def settled_by(item_id: int) -> str:
    """What a matter settles, in words: a condition to waive, or an emergency decision to ratify; "" for neither."""
    row = db.session.execute(_WHAT, {"item": item_id}).one_or_none()
    if row is None or not (row.waives_id or row.ratifies):
        return ""
    return "Condition to waive" if row.waives_id else "Emergency decision to ratify"


def stands_aside(person: Any) -> ColumnElement[bool]:
    """The WHERE clause over `item` that keeps that from which `person` stands aside though it is not their own."""
    travels = exists().where(_T.engagement_id == func.coalesce(_S.amends_id, _S.id), _T.person_id == person)
    stepped = exists().where(_R.item_id == _S.id, _R.person_id == person)
    theirs = or_(_S.requester_id == person, travels.correlate(_settled), stepped.correlate(_settled))
    waives = exists().where(
        _M.id == _I.id, _C.id == _M.waives_id, _S.id == _C.item_id, or_(_C.owner_id == person, theirs)
    )
    ratifies = exists().where(_E.matter_id == _I.id, _S.id == _E.item_id, theirs)
    here = exists().where(_R.item_id == _I.id, _R.person_id == person)
    return or_(*(one.correlate(Item.__table__) for one in (here, waives, ratifies)))
