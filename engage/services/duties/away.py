"""The only place that knows what travellers owe while they are away and after: a word, and the device they borrowed."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, select

from engage.extensions import db
from engage.models.away import Loan
from engage.models.engagements import Item
from engage.models.trips import Trip
from engage.services.duties.declared import OpenDuty, Subjects

_I, _L, _T = Item.__table__.c, Loan.__table__.c, Trip.__table__.c

_AWAY = (
    select(_T.id, _T.person_id, _T.check_in_due_at, _I.title)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .where(_T.cancelled_at.is_(None))
    .order_by(_T.check_in_due_at, _T.id)
)
_OUT = (
    select(_L.id, _L.trip_id, _L.device, _L.tag, _L.due_back_on, _T.person_id)
    .join_from(Loan.__table__, Trip.__table__, _T.id == _L.trip_id)
    .where(_L.inspected_at.is_(None), _L.issued_at.is_not(None), _L.returned_at.is_(None))
    .order_by(_L.due_back_on, _L.id)
)


def _to_check_in(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """Somebody away of whom nothing was heard since silence began; who is back owes nothing."""
    for row in db.session.execute(_AWAY.where(which, _T.departs_on <= today, _T.returns_on >= today)):
        yield OpenDuty(
            "check_in", "trip", row.id, row.person_id, row.check_in_due_at, "Check in from your trip",
            title=row.title, path=f"/trips/{row.id}",
        )  # fmt: skip


def _to_bring_back(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A loaner device that is out; a wish not answered yet owes nothing."""
    for row in db.session.execute(_OUT.where(which)):
        yield OpenDuty(
            "loan_back", "loan", row.id, row.person_id, row.due_back_on,
            f"Bring back the {row.device.value} {row.tag}", title=f"{row.device.label} {row.tag}",
            path=f"/trips/{row.trip_id}",
        )  # fmt: skip


CHECK_IN = Subjects(
    kind="check_in", label="Travellers of whom nothing is heard", counted_from="The moment at which silence begins",
    anchor_name="trip.check_in_due_at", anchor=_T.check_in_due_at, by_day=False, about_kind="trip", about=_T.id,
    open=_to_check_in, changes={"trip": _T.id, "item": _T.engagement_id},
)  # fmt: skip
LOAN_BACK = Subjects(
    kind="loan_back", label="Loaner devices that are out", counted_from="The day the device is due back",
    anchor_name="loan.due_back_on", anchor=_L.due_back_on, by_day=True, about_kind="loan", about=_L.id,
    open=_to_bring_back, changes={"trip": _L.trip_id},
)  # fmt: skip
