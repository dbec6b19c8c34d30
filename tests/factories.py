"""One valid thing each, no surprises; a test names only what matters to it."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from engage.extensions import db
from engage.models.board import Board, Charter, Motion, Seat, SeatHolding
from engage.models.engagements import (
    Asks,
    CostLine,
    Direction,
    Engagement,
    EngagementKind,
    Item,
    ItemVersion,
    Leg,
    StateSpan,
    Traveller,
)
from engage.models.norms import Objective
from engage.models.partners import Partner
from engage.models.people import Office, Person, RoleGrant
from engage.models.trips import Trip
from engage.rules.policy import PROGRAM, Actor, ReviewKind, Role
from engage.rules.trip_state import silence_begins
from engage.rules.workflow import APPROVED, DECIDED, State
from engage.services import contents, sessions, versions

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in Washington
TODAY = date(2026, 3, 2)
_number = count(1)


def person(*roles: Role, name: str | None = None, email: str | None = None, **facts: Any) -> Person:
    """A person who may sign in; everybody is a requester. Their password hash stays None: tests start sessions."""
    n = next(_number)
    granted = {Role.REQUESTER, *roles}
    who = Person(
        name=name or f"Person {n}", email=email or f"p{n}@example.gov", created_at=NOON, **facts,
        grants=[RoleGrant(role=r, starts_on=date(2024, 1, 1),
                          review_kind=ReviewKind.SECURITY if r is Role.REVIEWER else None) for r in sorted(granted)],
    )  # fmt: skip
    db.session.add(who)
    db.session.flush()
    return who


def reviewer(*kinds: ReviewKind, name: str | None = None) -> Person:
    """Somebody who reviews what is of these kinds."""
    who = person(name=name)
    held = {"person_id": who.id, "role": Role.REVIEWER, "starts_on": date(2024, 1, 1)}
    db.session.add_all(RoleGrant(**held, review_kind=kind) for kind in kinds)
    db.session.flush()
    return who


def actor(who: Person) -> Actor:
    """The person as the rules see them today."""
    return sessions.actor_for(who.id, today=TODAY)


def office(name: str = "International Affairs") -> Office:
    """A part of the agency."""
    made = Office(name=f"{name} {next(_number)}")
    db.session.add(made)
    db.session.flush()
    return made


def partner(name: str | None = None, country: str | None = "EE") -> Partner:
    """A partner organisation."""
    made = Partner(name=name or f"Partner {next(_number)}", country_code=country, kind="national_csirt")
    db.session.add(made)
    db.session.flush()
    return made


def engagement(state: State = State.DRAFT, *, by: Person | None = None, travellers: list[Person] | None = None,
               starts: date = TODAY + timedelta(days=90), days: int = 5, country: str = "EE", city: str = "Tallinn",
               zone: str = "Europe/Tallinn", partners: list[Partner] | None = None,
               **facts: Any) -> Engagement:  # fmt: skip
    """A complete outbound engagement that stands in `state`, with the span (but no version) that goes with it.

    Tests that need the real path submit, place and vote through the services instead.
    """
    by = by or person()
    going = [by] if travellers is None else travellers
    n = next(_number)
    ends = starts + timedelta(days=days)
    known: dict[str, Any] = {
        "title": f"Engagement {n}", "nature": EngagementKind.BILATERAL, "direction": Direction.OUTBOUND,
        "asks": Asks.DECISION, "purpose": "To agree a joint exercise.", "outcome_sought": "A date and a scope.",
        "why_not_virtual": "The partner shows the range on site only.",
        "why_this_many": "One policy and one technical traveller." if len(going) > 1 else "",
        "deferred_until": TODAY + timedelta(days=30) if state is State.DEFERRED else None,
    }  # fmt: skip
    made = Engagement(
        **{**known, **facts}, state=state, state_since=NOON, requester_id=by.id, starts_on=starts, ends_on=ends,
        created_at=NOON,
        submitted_at=None if state in (State.DRAFT, State.WITHDRAWN) else NOON,
        placed_at=NOON if state in DECIDED | {State.SCHEDULED} else None,
        decided_at=NOON if state in DECIDED | {State.CANCELLED} else None,
        legs=[Leg(position=0, country_code=country, city=city, zone=zone, arrives_on=starts, departs_on=ends)],
        travellers=[Traveller(position=i, person_id=p.id, is_lead=i == 0) for i, p in enumerate(going)],
        costs=[CostLine(position=0, what="Airfare", amount=1200)],
        partners=partners or [partner()],
        objectives=[db.session.get(Objective, 1)],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    db.session.add(StateSpan(item_id=made.id, state=state, started_at=NOON, by_id=by.id))
    if state in APPROVED:
        db.session.add_all(
            Trip(engagement_id=made.id, person_id=p.id, departs_on=starts, returns_on=ends, opened_at=NOON,
                 check_in_due_at=silence_begins(starts, UTC, 24))
            for p in going
        )
    db.session.flush()
    return made


def board(seats: int = 7, chair: Person | None = None) -> tuple[Board, list[Person]]:
    """The board that ships, its first `seats` of seven seats filled; the first holder is the chair."""
    made = db.session.get_one(Board, 1)
    holders = [chair or person(Role.CHAIR, Role.MEMBER), *(person(Role.MEMBER) for _ in range(seats - 1))]
    places = db.session.scalars(db.select(Seat).where(Seat.board_id == made.id).order_by(Seat.id))
    for seat, holder in zip(places, holders, strict=False):
        db.session.add(SeatHolding(seat_id=seat.id, person_id=holder.id, starts_on=date(2024, 1, 1)))
    db.session.flush()
    return made, holders


def decides_anything_on_paper() -> None:
    """Let the charter that ships keep nothing for a meeting."""
    db.session.execute(db.update(Charter).values(meeting_kinds=""))


def version(item: Item, at: datetime = NOON) -> ItemVersion:
    """The text of an item as the board judges it: frozen as submitting freezes it, and ending the one before."""
    number, _ = versions.freeze(item.id, contents.content_of(item.id), by=PROGRAM, now=at)
    return db.session.scalars(
        db.select(ItemVersion).where(ItemVersion.item_id == item.id, ItemVersion.number == number)
    ).one()


def time_is_up() -> None:
    """Let the time for every open vote be over, so that it may be closed with votes still to come."""
    db.session.execute(db.update(Motion).where(Motion.closed_at.is_(None)).values(closes_at=NOON))
