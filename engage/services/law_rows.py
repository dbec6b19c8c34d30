"""The only reader of what the lists of a law hold: the rows of each, and what is missing for it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, exists, func, or_, select

from engage.extensions import db
from engage.models.board import Decision
from engage.models.engagements import CostLine, Engagement, Item, Leg
from engage.models.files import StoredFile
from engage.models.gifts import Gift
from engage.models.lists import TravelJustification
from engage.models.norms import Norm
from engage.models.people import Person
from engage.models.places import Country
from engage.models.reports import OutsidePayment
from engage.models.trips import Trip
from engage.rules.gifts import HOME_CURRENCY, Disposition
from engage.rules.lists import ListKind, Period
from engage.rules.workflow import APPROVED
from engage.services import norms

Missing = list[tuple[str, str | None]]
Rows = list[list[str]]
YEARS_IN_FORCE = 3  # the minimal value is redefined every three years, 5 U.S.C. 7342(a)(5)

COLUMNS: Mapping[ListKind, tuple[str, ...]] = {
    ListKind.PAYMENTS: (
        "Event", "Places", "First day", "Last day", "Travellers", "Source of the payment", "What was given",
        "In kind or money", "Amount in US dollars", "Received on",
    ),
    ListKind.GIFTS: (
        "Recipient", "Position", "Gift and circumstances", "Received on", "Estimated value in US dollars",
        "Value as given", "Donor", "Donor's position and government", "Where it is now",
    ),
    ListKind.JUSTIFICATIONS: (
        "Engagement", "Places", "Departure", "Return", "Travellers", "Purpose", "Why the travel was needed",
        "Estimated cost in US dollars", "Approved by",
    ),
}  # fmt: skip

_I, _E, _T, _L, _C, _P, _K, _Y, _G, _D, _J, _N, _F = (
    t.__table__.c for t in (
        Item, Engagement, Trip, Leg, Country, Person, CostLine, OutsidePayment, Gift, Decision, TravelJustification,
        Norm, StoredFile,
    )
)  # fmt: skip
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_PLACES = (
    select(_L.engagement_id, _L.city, _C.name)
    .join_from(Leg.__table__, Country.__table__, _C.code == _L.country_code)
    .where(_L.engagement_id.in_(_ids))
    .order_by(_L.engagement_id, _L.position)
)
_GOING = (
    select(_T.engagement_id, _P.name)
    .join_from(Trip.__table__, Person.__table__, _P.id == _T.person_id)
    .where(_T.engagement_id.in_(_ids), _T.cancelled_at.is_(None))
    .order_by(_T.engagement_id, _T.id)
)
# What was given in the period; or earlier, and told after the list before was due.
_PAID = (
    select(
        _Y.engagement_id, _Y.payer, _Y.what, _Y.in_kind, _Y.amount, _Y.received_on, _I.title, _I.starts_on, _I.ends_on,
    )
    .join_from(OutsidePayment.__table__, Item.__table__, _I.id == _Y.engagement_id)
    .where(
        _Y.amount > 0,
        or_(
            _Y.received_on.between(bindparam("first"), bindparam("last")),
            and_(_Y.received_on < bindparam("first"), _Y.recorded_at >= bindparam("late_from")),
        ),
    )
    .order_by(_I.starts_on, _Y.engagement_id, _Y.id)
)  # fmt: skip
_UNPAID = (
    select(_I.id, _I.title)
    .where(
        _I.state.in_(sorted(APPROVED)),
        _I.ends_on.between(bindparam("first"), bindparam("last")),
        exists().where(_K.engagement_id == _I.id, _K.non_federal).correlate(Item.__table__),
        ~exists().where(_Y.engagement_id == _I.id).correlate(Item.__table__),
    )
    .order_by(_I.ends_on, _I.id)
)
_photographed = exists().where(
    _F.about_kind == "gift", _F.about_id == _G.id, _F.removed_at.is_(None)
).correlate(Gift.__table__)  # fmt: skip
_GIVEN = (
    select(Gift.__table__, _P.name.label("recipient"), _C.name.label("country"), _photographed.label("photographed"))
    .select_from(
        Gift.__table__.join(Person.__table__, _P.id == _G.recipient_id).join(
            Country.__table__, _C.code == _G.donor_country
        )
    )
    .where(
        _G.due_on.is_not(None),
        or_(
            _G.received_on.between(bindparam("first"), bindparam("last")),
            and_(_G.received_on < bindparam("first"), _G.recorded_at >= bindparam("late_from")),
        ),
    )
    .order_by(_G.received_on, _G.id)
)
_MINIMAL = (
    select(_N.value, _N.starts_on)
    .where(_N.key == "gift_minimal_value", _N.starts_on <= bindparam("last"))
    .order_by(_N.starts_on.desc())
    .limit(1)
)
_newest = select(func.max(_D.id)).where(_D.item_id == _I.id).correlate(Item.__table__).scalar_subquery()
_LEFT = (
    select(
        _I.id, _I.title, _I.starts_on, _I.ends_on, _E.purpose, _J.words, _D.reason, _D.authority,
        select(func.coalesce(func.sum(_K.amount), 0)).where(_K.engagement_id == _I.id).correlate(Item.__table__)
        .scalar_subquery().label("cost"),
    )
    .select_from(
        Item.__table__.join(Engagement.__table__, _E.id == _I.id)
        .outerjoin(TravelJustification.__table__, _J.engagement_id == _I.id)
        .outerjoin(Decision.__table__, _D.id == _newest)
    )
    .where(
        _I.state.in_(sorted(APPROVED)),
        exists().where(
            _T.engagement_id == _I.id, _T.cancelled_at.is_(None),
            _T.departs_on.between(bindparam("first"), bindparam("last")),
        ).correlate(Item.__table__),
    )
    .order_by(_I.starts_on, _I.id)
)  # fmt: skip


def _given(period: Period, before: Period) -> dict[str, Any]:
    late_from = datetime.combine(before.due_on + timedelta(days=1), time(), UTC)
    return {"first": period.starts_on, "last": period.ends_on, "late_from": late_from}


def _around(ids: Collection[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The places and the travellers of engagements, in words."""
    places: dict[int, dict[str, None]] = defaultdict(dict)
    going: dict[int, list[str]] = defaultdict(list)
    wanted = {"ids": sorted(set(ids))}
    for row in db.session.execute(_PLACES, wanted) if wanted["ids"] else ():
        places[row.engagement_id][f"{row.city}, {row.name}" if row.city else row.name] = None
    for gone in db.session.execute(_GOING, wanted) if wanted["ids"] else ():
        going[gone.engagement_id].append(gone.name)
    return {k: "; ".join(v) for k, v in places.items()}, {k: ", ".join(v) for k, v in going.items()}


def _usd(amount: Any) -> str:
    return f"{Decimal(amount):.2f}"


def _payments(period: Period, before: Period) -> tuple[Rows, Missing]:
    """Payments of outside sources above the least that is reported, for one event together."""
    given = _given(period, before)
    least = norms.on(period.ends_on, {"outside_payment_least": 250})["outside_payment_least"]
    paid = db.session.execute(_PAID, given).all()
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for row in paid:
        sums[row.engagement_id] += row.amount
    told = [row for row in paid if sums[row.engagement_id] > least]
    places, going = _around([row.engagement_id for row in told])
    rows = [
        [
            row.title, places.get(row.engagement_id, ""), str(row.starts_on), str(row.ends_on),
            going.get(row.engagement_id, ""), row.payer, row.what, "In kind" if row.in_kind else "Money",
            _usd(row.amount), str(row.received_on),
        ]
        for row in told
    ]  # fmt: skip
    missing: Missing = [
        (f"“{row.title}” named an outside payer, and nobody has said what was given.", f"/engagements/{row.id}/report")
        for row in db.session.execute(_UNPAID, given)
    ]
    return rows, missing


def _gifts(period: Period, before: Period) -> tuple[Rows, Missing]:
    """Gifts above the minimal value of their day; those of earlier years that were told late as well."""
    given = _given(period, before)
    rows: Rows = []
    missing: Missing = []
    for gift in db.session.execute(_GIVEN, given):
        as_given = "" if gift.currency == HOME_CURRENCY else f" at {gift.rate.normalize():f} ({gift.rate_source})"
        rows.append([
            gift.recipient, gift.position, f"{gift.description} {gift.circumstances}", str(gift.received_on),
            _usd(gift.value_usd), f"{gift.amount:.2f} {gift.currency}{as_given}", gift.donor_name,
            f"{gift.donor_position}, {gift.country}", gift.disposition.label,
        ])  # fmt: skip
        where = f"/gifts/{gift.id}"
        if gift.disposition is Disposition.RECEIVED:
            missing.append((f"A gift of {gift.donor_name} to {gift.recipient} has not been handed in.", where))
        if not gift.photographed and gift.disposition is not Disposition.REPORTED:
            missing.append((f"A gift of {gift.donor_name} to {gift.recipient} has no photograph.", where))
    value = db.session.execute(_MINIMAL, {"last": period.ends_on}).one_or_none()
    if value and value.starts_on.year + YEARS_IN_FORCE <= period.ends_on.year:
        missing.append((
            f"The minimal value of ${value.value:,} is that of {value.starts_on.year}, and it is redefined every "
            f"{YEARS_IN_FORCE} years: have an administrator look for a newer figure.", None,
        ))  # fmt: skip
    return rows, missing


def _justifications(period: Period, before: Period) -> tuple[Rows, Missing]:
    """Engagements whose travellers left in the month: the words written for the list, else the approver's reason."""
    left = db.session.execute(_LEFT, _given(period, before)).all()
    places, going = _around([row.id for row in left])
    rows = [
        [
            row.title, places.get(row.id, ""), str(row.starts_on), str(row.ends_on), going.get(row.id, ""),
            " ".join(row.purpose.split()), row.words or row.reason or "", _usd(row.cost), row.authority or "",
        ]
        for row in left
    ]  # fmt: skip
    missing: Missing = [
        (f"Nobody has written why the travel of “{row.title}” was needed.", f"/lists/justify/{row.id}")
        for row in left
        if not row.words and not row.reason
    ]
    return rows, missing


READ: Mapping[ListKind, Callable[[Period, Period], tuple[Rows, Missing]]] = {
    ListKind.PAYMENTS: _payments,
    ListKind.GIFTS: _gifts,
    ListKind.JUSTIFICATIONS: _justifications,
}


def due(today: date, sent: Collection[tuple[ListKind, date]], periods: Collection[tuple[ListKind, Period]]) -> list[
    tuple[ListKind, Period]
]:
    """Those of `periods` that have ended and of which nothing was sent yet, those due first first."""
    waiting = [
        (kind, one) for kind, one in periods if one.ends_on < today and (kind, one.starts_on) not in sent
    ]  # fmt: skip
    return sorted(waiting, key=lambda pair: pair[1].due_on)
