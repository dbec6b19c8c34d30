"""Who walks the journeys: one person per role, and the shipped board with its seven seats filled."""

from dataclasses import dataclass
from datetime import date

import factories as make
import sqlalchemy as sa
from pages import Visitor

from engage.extensions import db
from engage.models.board import Seat, SeatHolding
from engage.models.people import Person
from engage.rules.policy import ReviewKind, Role
from engage.services.transaction import transaction


@dataclass(frozen=True)
class Cast:
    """The people of a story, by what they do in it."""

    requester: Person
    secretary: Person
    chair: Person
    members: list[Person]
    lead: Person
    second: Person
    trainer: Person
    leader: Person
    auditor: Person
    reviewer: Person


def assemble() -> Cast:
    """Everybody, in one committed transaction; the shipped seats get their holders."""
    with transaction():
        supervisor = make.person(Role.SUPERVISOR, name="Sasha Supervisor")
        cast = Cast(
            requester=make.person(name="Robin Requester", supervisor_id=supervisor.id),
            secretary=make.person(Role.SECRETARIAT, name="Sidney Secretary"),
            chair=make.person(Role.CHAIR, Role.MEMBER, name="Charlie Chair"),
            members=[make.person(Role.MEMBER, name=f"Member {n}") for n in range(1, 7)],
            lead=make.person(name="Taylor Traveller", supervisor_id=supervisor.id),
            second=make.person(name="Jamie Journey", supervisor_id=supervisor.id),
            trainer=make.person(Role.TRAINING_OWNER, name="Terry Trainer"),
            leader=make.person(Role.LEADERSHIP, name="Lou Leader"),
            auditor=make.person(Role.AUDITOR, name="Alex Auditor"),
            reviewer=make.reviewer(*ReviewKind, name="Ray Reviewer"),
        )
        holders = iter(cast.members)
        for seat in db.session.scalars(sa.select(Seat).order_by(Seat.id)):
            holder = cast.chair if seat.is_chair else next(holders)
            db.session.add(SeatHolding(seat_id=seat.id, person_id=holder.id, starts_on=date(2024, 1, 1)))
    return cast


def review_all(reviewer: Visitor) -> None:
    """The reviewer gives every review that waits, each with a remark."""
    while urls := [url for url in reviewer.get("/reviews").links if url.startswith("/reviews/")]:
        reviewer.get(urls[0])
        reviewer.submit({"finding": "clear_with_remarks", "note": "The paperwork is announced."})
