"""The only place that says how a message bears the marking of the engagement that it is about, as SQL.

A message keeps the words it was posted with; what its engagement is marked today decides who reads them, and
whether they leave the program.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, or_, select

from engage.extensions import db
from engage.models.away import Loan
from engage.models.board import Condition, Motion
from engage.models.engagements import Item
from engage.models.trips import Trip
from engage.rules.marking import OPEN_TO_ALL, Marking
from engage.services.visibility import Scope, visible

RESTRICTED_SUBJECT = "About a restricted engagement"

_I, _T, _M, _C, _L = (t.__table__.c for t in (Item, Trip, Motion, Condition, Loan))
_MARKINGS = select(_I.id, _I.marking).where(_I.id.in_(bindparam("items", expanding=True)))


def item_of(about: Any) -> Any:
    """The id of the item that a row with `about_kind` and `about_id` is about, as an expression; NULL for none."""

    def of(column: Any, key: Any) -> Any:
        return select(column).where(key == about.about_id).correlate(row).scalar_subquery()

    row = about.about_id.table  # named, for it may stand two queries further out, where nothing is tied by itself
    trip = select(_T.engagement_id).join_from(Loan.__table__, Trip.__table__, _T.id == _L.trip_id)
    return case(
        (about.about_kind == "item", about.about_id),
        (about.about_kind == "trip", of(_T.engagement_id, _T.id)),
        (about.about_kind == "motion", of(_M.item_id, _M.id)),
        (about.about_kind == "condition", of(_C.item_id, _C.id)),
        (about.about_kind == "loan", trip.where(_L.id == about.about_id).correlate(row).scalar_subquery()),
    )


def marking_of(about: Any) -> Any:
    """The marking of the item that such a row is about, as an expression; NULL for none."""
    return select(_I.marking).where(_I.id == item_of(about)).scalar_subquery()


def shown_subject(about: Any) -> Any:
    """The subject of such a row for readers who may not see every engagement, as an expression."""
    restricted = exists().where(_I.id == item_of(about), _I.marking.not_in(sorted(OPEN_TO_ALL)))
    return case((restricted, RESTRICTED_SUBJECT), else_=about.subject).label("subject")


def hidden_from(scope: Scope, about: Any) -> Any:
    """Whether the reader `:me` may not see, or see no longer, the item of such a row, which is marked for few.

    Of trips that is not asked: who is told of a trip prepares it, or answers for who is on it.
    """
    kept = or_(_I.marking.in_(sorted(OPEN_TO_ALL)), visible(scope))
    lost = exists().where(_I.id == item_of(about), ~kept)
    return and_(about.about_kind.in_(("item", "motion")), lost).label("hidden")


def markings(item_ids: Collection[int]) -> dict[int, Marking]:
    """The markings of items by id. One statement, or none."""
    if not item_ids:
        return {}
    return {row.id: row.marking for row in db.session.execute(_MARKINGS, {"items": sorted(item_ids)})}
