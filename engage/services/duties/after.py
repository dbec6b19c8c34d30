"""The only place that knows what is owed after a trip: report, journey, claim; and promises and gifts."""

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, select

from engage.extensions import db
from engage.models.commitments import Commitment
from engage.models.engagements import Item, Traveller
from engage.models.gifts import Gift
from engage.models.partners import Partner
from engage.models.reports import TripReport
from engage.models.returned import Claim, Itinerary
from engage.models.trips import Trip
from engage.rules.commitments import Side
from engage.rules.gifts import Disposition
from engage.rules.workflow import APPROVED
from engage.services.duties.declared import OpenDuty, Subjects

SHORT = 80  # characters of a promise or a gift within a sentence

_I, _T, _TR, _R, _J, _K, _C, _G, _P = (
    t.__table__.c for t in (Item, Trip, Traveller, TripReport, Itinerary, Claim, Commitment, Gift, Partner)
)
_BACK = (
    select(_T.id, _T.person_id, _T.returns_on, _T.engagement_id, _I.title)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .where(_T.cancelled_at.is_(None), _I.state.in_(sorted(APPROVED)))
    .order_by(_T.returns_on, _T.id)
)
_UNREPORTED = (
    _BACK.add_columns(_TR.is_lead, _TR.position)
    .join(Traveller.__table__, (_TR.engagement_id == _T.engagement_id) & (_TR.person_id == _T.person_id))
    .where(
        ~exists()
        .where(_R.engagement_id == _T.engagement_id, _R.first_filed_at.is_not(None))
        .correlate(Trip.__table__)
    )
    .order_by(None)
    .order_by(_T.engagement_id, _TR.is_lead.desc(), _TR.position)
)
_UNSAID = _BACK.where(~exists().where(_J.trip_id == _T.id).correlate(Trip.__table__))
_UNCLAIMED = _BACK.where(~exists().where(_K.trip_id == _T.id).correlate(Trip.__table__))
_PROMISED = (
    select(_C.id, _C.owner_id, _C.due_on, _C.side, _C.what, _C.counterpart, _P.name.label("partner"))
    .outerjoin_from(Commitment.__table__, Partner.__table__, _P.id == _C.partner_id)
    .where(_C.settled_on.is_(None))
    .order_by(_C.due_on, _C.id)
)
_HELD = (
    select(_G.id, _G.recipient_id, _G.due_on, _G.description)
    .where(_G.disposition == Disposition.RECEIVED, _G.due_on.is_not(None))
    .order_by(_G.due_on, _G.id)
)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHORT else flat[: SHORT - 1].rsplit(" ", 1)[0] + "…"


def _to_report(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """The group's one report is its lead's to file; where the lead did not go, the next one's."""
    last = None
    for row in db.session.execute(_UNREPORTED.where(which, _T.returns_on < today)):
        if row.engagement_id != last:
            last = row.engagement_id
            yield OpenDuty(
                "report", "item", row.engagement_id, row.person_id, row.returns_on, f"Report on “{row.title}”",
                title=row.title, path=f"/engagements/{row.engagement_id}/report",
            )  # fmt: skip


def _of_trip(kind: str, what: str, statement: Select[tuple[object, ...]]) -> Callable[..., Iterator[OpenDuty]]:
    """A trip that is over, and of which its traveller has yet to say this."""

    def to_do(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
        for row in db.session.execute(statement.where(which, _T.returns_on < today)):
            yield OpenDuty(
                kind, "trip", row.id, row.person_id, row.returns_on, what.replace("{}", row.title), title=row.title,
                path=f"/trips/{row.id}/after",
            )  # fmt: skip

    return to_do


def _to_keep(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A promise is its owner's: ours to keep, the other side's to ask after."""
    for row in db.session.execute(_PROMISED.where(which)):
        whom, short = row.partner or row.counterpart, _short(row.what)
        ours = row.side is Side.OURS
        what = f"Keep the promise to {whom}: {short}" if ours else f"Ask {whom} after their promise: {short}"
        yield OpenDuty(
            "commitment", "commitment", row.id, row.owner_id, row.due_on, what, title=short,
            path=f"/commitments/{row.id}",
        )  # fmt: skip


def _to_hand_in(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A gift above the minimal value that its recipient still has."""
    for row in db.session.execute(_HELD.where(which)):
        short = _short(row.description)
        yield OpenDuty(
            "gift", "gift", row.id, row.recipient_id, row.due_on, f"Hand in the gift: {short}", title=short,
            path=f"/gifts/{row.id}",
        )  # fmt: skip


_CHANGES = {"trip": _T.id, "item": _T.engagement_id}
REPORT = Subjects(
    kind="report", label="Engagements without their report", counted_from="The day of return",
    anchor_name="trip.returns_on", anchor=_T.returns_on, by_day=True, about_kind="item", about=_T.engagement_id,
    open=_to_report, changes=_CHANGES, moves=True,
)  # fmt: skip
JOURNEY = Subjects(
    kind="journey", label="Trips of which nobody said how they went", counted_from="The day of return",
    anchor_name="trip.returns_on", anchor=_T.returns_on, by_day=True, about_kind="trip", about=_T.id,
    open=_of_trip("journey", "Say whether “{}” went as approved", _UNSAID), changes=_CHANGES, moves=True,
)  # fmt: skip
CLAIM = Subjects(
    kind="claim", label="Trips without a travel claim", counted_from="The day of return",
    anchor_name="trip.returns_on", anchor=_T.returns_on, by_day=True, about_kind="trip", about=_T.id,
    open=_of_trip("claim", "Hand in the travel claim for “{}”", _UNCLAIMED), changes=_CHANGES, moves=True,
)  # fmt: skip
COMMITMENT = Subjects(
    kind="commitment", label="Promises not kept yet", counted_from="The day the promise is due",
    anchor_name="commitment.due_on", anchor=_C.due_on, by_day=True, about_kind="commitment", about=_C.id,
    open=_to_keep, changes={"commitment": _C.id},
)  # fmt: skip
GIFT = Subjects(
    kind="gift", label="Gifts to be handed in", counted_from="The last day to hand the gift in",
    anchor_name="gift.due_on", anchor=_G.due_on, by_day=True, about_kind="gift", about=_G.id, open=_to_hand_in,
    changes={"gift": _G.id},
)  # fmt: skip
