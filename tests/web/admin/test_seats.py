"""Seats of the board: who holds them from which day, vacancies, further seats, and what is refused."""

from datetime import date, timedelta

import factories as make
import pytest
import sqlalchemy as sa
from factories import TODAY

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.board import Charter, Seat, SeatHolding
from engage.rules.policy import Role
from engage.services import seats
from engage.services.transaction import transaction

LATER = TODAY + timedelta(days=30)


@pytest.fixture
def house(store):
    """A full board, an administrator, and a member who waits for a seat."""
    with transaction():
        _, holders = make.board()
        new = make.person(Role.MEMBER, email="new@example.gov", name="Nia New")
        return make.person(Role.ADMINISTRATOR), holders, new


def held(day: date) -> dict[str, int | None]:
    """Who holds each seat on a day."""
    with transaction():
        return {place.name: place.holder_id for place in seats.seats_on(1, day)}


def test_a_successor_holds_the_seat_from_a_day_and_the_one_before_leaves_the_day_before(visitor, house):
    admin, holders, new = house
    visitor.sign_in(admin).get("/admin/seats/5")
    visitor.submit({"act": "hold", "person": " New@example.gov", "starts_on": str(LATER)})

    assert "The seat has its holder." in visitor.follow().text
    assert held(LATER - timedelta(days=1))["Legal counsel"] == holders[4].id
    assert held(LATER)["Legal counsel"] == new.id
    assert "Nia New" in visitor.get("/admin/seats").text
    line = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (line.action, f'"in_place_of":{holders[4].id}' in line.details) == ("seat_member", True)


def test_a_seat_is_vacant_after_a_day_and_the_quorum_knows(visitor, house):
    admin, *_ = house
    visitor.sign_in(admin).get("/admin/seats/7")
    visitor.submit({"act": "vacate", "last_on": str(TODAY)})

    assert held(TODAY + timedelta(days=1))["Training and exercises"] is None
    visitor.get("/admin/seats/7")
    visitor.submit({"act": "vacate", "last_on": str(LATER)}, status=409)


@pytest.mark.parametrize(("seat", "form", "sentence"), [
    (2, {"act": "hold", "starts_on": "2026-03-01"}, "Choose today or a later day"),
    (2, {"act": "hold", "starts_on": "2023-01-01"}, "Choose today or a later day"),
    (2, {"act": "hold", "person": "who@example.gov"}, "Nobody has an account at this address."),
    (2, {"act": "hold", "person": "fifth@example.gov"}, "They hold another seat on some of these days"),
    (2, {"act": "hold", "person": "desk@example.gov"}, "the secretariat never vote, so they hold no seat"),
    (2, {"act": "hold", "person": "asker@example.gov"}, "Grant them the role of board member from that day first"),
    (2, {"act": "hold", "ends_on": "2026-03-05"}, "The last day is not before the first."),
    (3, {"act": "hold", "ends_on": "2026-06-05"}, "two people would hold it at once"),
    (2, {"act": "vacate", "last_on": "2026-03-01"}, "Choose today or a later day."),
    (2, {"act": "close", "closes_on": "2026-03-01"}, "Choose today or a later day."),
    (2, {"act": "close", "closes_on": "2026-06-01"}, "6 seats would be left, and a charter asks for a quorum of 7."),
    (2, {"act": "close", "closes_on": ""}, "Give the last day."),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_changes(visitor, house, seat, form, sentence):
    admin, holders, _ = house
    with transaction():
        db.session.get_one(make.Person, holders[4].id).email = "fifth@example.gov"
        make.person(Role.SECRETARIAT, Role.MEMBER, email="desk@example.gov")
        make.person(email="asker@example.gov")
        third = db.session.scalar(sa.select(SeatHolding).where(SeatHolding.seat_id == 3))
        third.ends_on = LATER + timedelta(days=20)
        db.session.execute(sa.update(Charter).values(quorum_at_least=7))
    before = db.session.execute(sa.select(SeatHolding.seat_id, SeatHolding.ends_on)).all()
    db.session.rollback()
    visitor.sign_in(admin).get(f"/admin/seats/{seat}")
    visitor.submit({"person": "new@example.gov", "starts_on": str(LATER), **form}, status=422)

    assert sentence in visitor.page.text
    assert db.session.execute(sa.select(SeatHolding.seat_id, SeatHolding.ends_on)).all() == before


def test_a_further_seat_begins_after_today_and_an_ended_one_is_counted_no_longer(visitor, house):
    admin, *_ = house
    visitor.sign_in(admin).get("/admin/seats/new")
    visitor.submit({"name": "legal Counsel", "starts_on": str(LATER)}, status=422)
    visitor.submit({"name": "Science", "is_chair": "y", "starts_on": str(LATER)}, status=422)
    assert "The board has a chair on these days." in visitor.page.text
    visitor.submit({"name": "Science", "is_chair": "", "starts_on": str(TODAY)}, status=422)
    visitor.submit({"starts_on": str(LATER), "is_chair": ""})
    visitor.get("/admin/seats/2")
    visitor.submit({"act": "close", "closes_on": str(LATER)})

    assert (len(held(TODAY)), len(held(LATER)), len(held(LATER + timedelta(days=1)))) == (7, 8, 7)
    assert "International affairs" not in held(LATER + timedelta(days=1))
    assert db.session.scalar(sa.select(SeatHolding.ends_on).where(SeatHolding.seat_id == 2)) == LATER
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Seat)) == 8


def test_only_administrators_change_seats(visitor, house):
    _, holders, _ = house
    visitor.sign_in(holders[0]).get("/admin/seats", status=403)
