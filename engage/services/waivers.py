"""The only writer of Waiver: an exception to one requirement of one trip, signed by two people of different roles."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from engage.extensions import db
from engage.models.clearing import Waiver
from engage.models.engagements import Item as ItemRow
from engage.models.people import Person
from engage.models.trips import Trip
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.readiness import SETTLED, Item
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, duties, outbox, readiness, sessions, trips, watch

_W = Waiver.__table__.c
_first, _second, _revoked = (Person.__table__.alias(name) for name in ("first_by", "second_by", "revoked_by"))
_OF_TRIP = (
    select(
        _W.id, _W.kind, _W.target, _W.country_code, _W.reason, _W.ends_on, _W.first_by_id, _W.first_role, _W.first_at,
        _W.second_role, _W.second_at, _W.revoked_at, _W.revoke_reason, _first.c.name.label("first"),
        _second.c.name.label("second"), _revoked.c.name.label("revoked_by"),
    )
    .join_from(Waiver.__table__, _first, _first.c.id == _W.first_by_id)
    .outerjoin(_second, _second.c.id == _W.second_by_id)
    .outerjoin(_revoked, _revoked.c.id == _W.revoked_by_id)
    .where(_W.trip_id == bindparam("trip"))
    .order_by(_W.id)
)  # fmt: skip
_TRIP = (
    select(Trip.person_id, Trip.cancelled_at, ItemRow.requester_id, ItemRow.title, Person.name.label("traveller"))
    .join(ItemRow, ItemRow.id == Trip.engagement_id)
    .join(Person, Person.id == Trip.person_id)
    .where(Trip.id == bindparam("trip"))
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be waived, by the requirement's key; `ends_on` is its last day."""

    key: str
    reason: str
    ends_on: date


def of_trip(trip_id: int) -> list[Row]:
    """Every waiver of a trip, signed or not, revoked or not, the oldest first, with the names of who gave it."""
    return list(db.session.execute(_OF_TRIP, {"trip": trip_id}))


def roles_for(item: Item, by: Actor) -> list[Role]:
    """The roles in which `by` may sign a waiver of this requirement, in order."""
    return sorted(role for role in by.roles if role.value in item.requirement.waivable_by)


def propose(trip_id: int, wanted: Wanted, *, by: Actor, now: datetime) -> Waiver:
    """Sign a waiver first, in a role the rule names; it counts for nothing until somebody of another role signs.

    Raises NotAllowed (the traveller and the requester as well), NotOpen, or Incomplete at its field.
    """
    trip, item = _asked(trip_id, wanted.key, by, now)
    role = _role(item, by)
    today = sessions.office_day(now, by.zone)
    wrong = {}
    if not wanted.reason:
        wrong["reason"] = "Say why. It is printed on the verdict."
    if wanted.ends_on < today:
        wrong["ends_on"] = "This day is past."
    elif wanted.ends_on > item.requirement.through:
        through = item.requirement.through
        wrong["ends_on"] = f"It is asked for through {through.day} {through:%B %Y}; a waiver lasts no longer."
    if wrong:
        raise Incomplete(wrong)
    if _open(trip_id, item) is not None:
        raise NotOpen("A waiver of this waits for its second signature already.")
    kind, target, country = wanted.key.split(":")
    made = Waiver(
        trip_id=trip_id, kind=kind, target=target, country_code=country, reason=wanted.reason, ends_on=wanted.ends_on,
        first_by_id=by.id, first_role=role, first_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        "propose_waiver", about=("trip", trip_id), by=by, now=now, reason=wanted.reason, waiver=made.id,
        requirement=wanted.key, role=role, ends_on=wanted.ends_on,
    )  # fmt: skip
    others = {r for r in item.requirement.waivable_by if r != role}
    people = {id_ for other in sorted(others) for id_ in duties.holding(Role(other), today)}
    for to in sorted(people - {by.id, trip.person_id, trip.requester_id}):
        outbox.post(
            _message(
                "waiver_asked",
                f"waiver:{made.id}:asked:{to}",
                to,
                f"To sign: a waiver for {trip.traveller}",
                made,
                item,
                trip,
                now,
                first=f"{by.name} ({role.label.lower()})",
                path=f"/trips/{trip_id}/waivers",
            )
        )
    return made


def sign(waiver_id: int, *, by: Actor, now: datetime) -> Waiver:
    """Give the second signature, in another role than the first: from now on the waiver counts.

    Raises NotAllowed, or NotOpen when it is signed, revoked or over.
    """
    waiver = _locked(waiver_id)
    trip, item = _asked(waiver.trip_id, key_of(waiver), by, now)
    if waiver.second_at is not None or waiver.revoked_at is not None:
        raise NotOpen("This waiver is signed or revoked already.")
    if waiver.ends_on < sessions.office_day(now, by.zone):
        raise NotOpen("The last day of this waiver is past.")
    if waiver.first_by_id == by.id:
        raise NotAllowed("You gave the first signature. Somebody else gives the second, in another role.")
    role = _role(item, by, other_than=waiver.first_role)
    waiver.second_by_id, waiver.second_role, waiver.second_at = by.id, role, now
    db.session.flush()
    audit.record(
        "sign_waiver",
        about=("trip", waiver.trip_id),
        by=by,
        now=now,
        waiver=waiver.id,
        requirement=key_of(waiver),
        role=role,
    )
    first = db.session.get_one(Person, waiver.first_by_id).name
    signed = f"{first} ({Role(waiver.first_role).label.lower()}) and {by.name} ({role.label.lower()})"
    outbox.post(
        _message(
            "waiver_signed",
            f"waiver:{waiver.id}:signed",
            trip.person_id,
            f"Waived: {item.requirement.title}",
            waiver,
            item,
            trip,
            now,
            signed=signed,
        )
    )
    watch.trip(waiver.trip_id, f"{item.requirement.title} was waived.")
    return waiver


def revoke(waiver_id: int, reason: str, *, by: Actor, now: datetime) -> Waiver:
    """Take a waiver back, signed or not; whoever might have signed it may. Raises NotAllowed, NotOpen, Incomplete."""
    waiver = _locked(waiver_id)
    trip, item = _asked(waiver.trip_id, key_of(waiver), by, now, settled=True)
    _role(item, by)
    if waiver.revoked_at is not None:
        raise NotOpen("This waiver is revoked already.")
    if not reason:
        raise Incomplete({"reason": "Say why. The traveller reads it."})
    counted = waiver.second_at is not None
    waiver.revoked_at, waiver.revoked_by_id, waiver.revoke_reason = now, by.id, reason
    db.session.flush()
    audit.record("revoke_waiver", about=("trip", waiver.trip_id), by=by, now=now, reason=reason, waiver=waiver.id)
    if counted:
        outbox.post(
            _message(
                "waiver_revoked",
                f"waiver:{waiver.id}:revoked",
                trip.person_id,
                f"Waiver revoked: {item.requirement.title}",
                waiver,
                item,
                trip,
                now,
            )
        )
        watch.trip(waiver.trip_id, f"The waiver of {item.requirement.title} was revoked: {reason}")
    return waiver


def key_of(waiver: Any) -> str:
    """The key of the requirement a waiver names, as rules.requirements writes it."""
    return f"{waiver.kind}:{waiver.target}:{waiver.country_code}"


def _locked(waiver_id: int) -> Waiver:
    waiver = db.session.scalar(select(Waiver).where(Waiver.id == waiver_id).with_for_update())
    if waiver is None:
        raise NotOpen("There is no such waiver.")
    return waiver


def _asked(trip_id: int, key: str, by: Actor, now: datetime, *, settled: bool = False) -> tuple[Any, Item]:
    """The trip and the requirement as they stand; nobody waives for a journey of their own, or one they asked for."""
    trip = db.session.execute(_TRIP, {"trip": trip_id}).one_or_none()
    if trip is None or trip.cancelled_at is not None:
        raise NotOpen("This trip was cancelled.")
    today = sessions.office_day(now, by.zone)
    if not may(by, Do.WAIVE, trips.subject(trip_id, today=today)):
        raise NotAllowed("Nobody waives a requirement of a journey of their own, or one that they asked for.")
    found = [item for item in readiness.verdict(trip_id, today).items if item.requirement.key == key]
    if not found:
        raise NotOpen("This trip does not ask for that any more.")
    if not settled and found[0].state in SETTLED:
        raise NotOpen("This is met or waived already.")
    return trip, found[0]


def _role(item: Item, by: Actor, other_than: str = "") -> Role:
    mine = [role for role in roles_for(item, by) if role.value != other_than]
    if not mine:
        names = " and ".join(Role(role).label.lower() for role in sorted(item.requirement.waivable_by))
        raise NotAllowed(
            f"This requirement is waived by two people of different roles of these: {names}."
            if names else "Nobody may waive this requirement."
        )  # fmt: skip
    return mine[0]


def _open(trip_id: int, item: Item) -> int | None:
    kind, target, country = item.requirement.key.split(":")
    return db.session.scalar(
        select(Waiver.id).where(
            Waiver.trip_id == trip_id, Waiver.kind == kind, Waiver.target == target, Waiver.country_code == country,
            Waiver.second_at.is_(None), Waiver.revoked_at.is_(None),
        )
    )  # fmt: skip


def _message(
    template: str, key: str, to: int, subject: str, waiver: Waiver, item: Item, trip: Any, now: datetime, **facts: Any
) -> dict[str, Any]:
    return outbox.message(
        key, to=to, template=template, subject=subject, about=("trip", waiver.trip_id), now=now, title=trip.title,
        traveller=trip.traveller, what=item.requirement.title, reason=waiver.revoke_reason or waiver.reason,
        ends_on=f"{waiver.ends_on.day} {waiver.ends_on:%B %Y}", **facts,
    )  # fmt: skip
