"""The only place that gathers what outside clearance and booking systems ask of an engagement, in their order."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select

from engage.extensions import db
from engage.models.board import Decision
from engage.models.engagements import Item, Traveller
from engage.models.people import Office, Person
from engage.models.places import Country
from engage.models.trips import Clearance, Trip
from engage.services import contents

_I, _T, _P, _O, _K, _TR, _C, _D = (
    t.__table__.c for t in (Item, Traveller, Person, Office, Clearance, Trip, Country, Decision)
)
_item: Any = bindparam("item")
_PARTY = (
    select(_P.name, _T.name_given, _P.email, _O.name.label("office"), _T.is_lead)
    .select_from(
        Traveller.__table__.outerjoin(Person.__table__, _P.id == _T.person_id).outerjoin(
            Office.__table__, _O.id == _P.office_id
        )
    )
    .where(_T.engagement_id == _item)
    .order_by(_T.is_lead.desc(), _T.position)
)
_CLEARANCES = (
    select(
        _P.name, _K.kind, _C.name.label("country"), _K.status, _K.reference, _K.decided_on, _K.valid_until,
        _K.restriction,
    )
    .join_from(Clearance.__table__, Trip.__table__, _TR.id == _K.trip_id)
    .join(Person.__table__, _P.id == _TR.person_id)
    .join(Country.__table__, _C.code == _K.country_code)
    .where(_TR.engagement_id == _item, _TR.cancelled_at.is_(None))
    .order_by(_P.name, _K.kind, _C.name)
    .limit(200)
)  # fmt: skip
_HEAD: Any = (
    select(
        _I.id, _I.title, _I.state, _I.marking, _I.state_since, _P.name.label("requester"), _P.email,
        _O.name.label("office"),
    )
    .select_from(
        Item.__table__.outerjoin(Person.__table__, _P.id == _I.requester_id).outerjoin(
            Office.__table__, _O.id == _P.office_id
        )
    )
    .where(_I.id == _item)
)  # fmt: skip
_DECISION = (
    select(_D.id, _D.outcome, _D.decided_at, _D.authority)
    .where(_D.item_id == _item)
    .order_by(_D.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class FieldSheet:
    """Everything that is typed again elsewhere; `content` is shaped as contents.content_of gives it."""

    head: Any
    content: dict[str, Any]
    party: list[Row[Any]]
    clearances: list[Row[Any]]
    decision: Any


def of(item_id: int) -> FieldSheet:
    """The field sheet of an engagement that is known to be there. A fixed number of statements."""
    given = {"item": item_id}
    return FieldSheet(
        db.session.execute(_HEAD, given).one(),
        contents.content_of(item_id),
        list(db.session.execute(_PARTY, given)),
        list(db.session.execute(_CLEARANCES, given)),
        db.session.execute(_DECISION, given).one_or_none(),
    )
