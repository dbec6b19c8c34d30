"""The only writer of the board's seats and of who holds them, each with its days."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Board, Charter, Seat, SeatHolding
from engage.models.people import Person
from engage.rules.authority import Power
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, seats, sessions

_S, _H, _P, _C, _D = (model.__table__.c for model in (Seat, SeatHolding, Person, Charter, Delegation))
_LOCK = select(Board.id).where(Board.id == bindparam("board")).with_for_update()
_alternate = Person.__table__.alias("alternate")
_ALL = select(Seat).where(_S.board_id == bindparam("board")).order_by(_S.id)
_HOLDINGS = (
    select(_H.id, _H.seat_id, _H.person_id, _H.starts_on, _H.ends_on, _P.name)
    .join_from(SeatHolding.__table__, Person.__table__, _P.id == _H.person_id)
    .join(Seat.__table__, _S.id == _H.seat_id)
    .where(_S.board_id == bindparam("board"))
    .order_by(_H.starts_on.desc(), _H.id.desc())
)
_ALTERNATES = (
    select(_D.principal_id, _D.starts_on, _D.ends_on, _alternate.c.name)
    .join_from(Delegation.__table__, _alternate, _alternate.c.id == _D.holder_id)
    .where(_D.power == Power.VOTE, _D.revoked_at.is_(None), _D.ends_on >= bindparam("day"))
    .order_by(_D.starts_on, _D.id)
)
_LARGEST = select(func.max(_C.quorum_at_least)).where(_C.board_id == bindparam("board"))


def all_seats(board: Board) -> list[Seat]:
    """Every seat that there is, was or will be."""
    return list(db.session.scalars(_ALL, {"board": board.id}))


def holdings(board: Board) -> list[Any]:
    """Who held, holds or will hold each seat, the newest first."""
    return list(db.session.execute(_HOLDINGS, {"board": board.id}))


def alternates(day: date) -> list[Any]:
    """Who may vote in a holder's place on `day` or later: principal_id, name and days."""
    return list(db.session.execute(_ALTERNATES, {"day": day}))


def seat(
    seat_id: int, person_id: int, *, starts_on: date, ends_on: date | None = None, by: Actor, now: datetime
) -> SeatHolding:
    """Let somebody hold a seat from a day on; whoever held it until further notice leaves it the day before.

    Raises NotAllowed, or Incomplete with the field: days past, two holders at once, two seats of one person, somebody
    who could not vote.
    """
    place, today = _held(seat_id, by, now)
    wrong = {}
    if starts_on < today:
        wrong["starts_on"] = "Choose today or a later day: who held the seat is never changed after the fact."
    elif not _covers(place, starts_on, ends_on):
        wrong["starts_on"] = "The seat is not there on all of these days."
    if ends_on is not None and ends_on < starts_on:
        wrong["ends_on"] = "The last day is not before the first."
    if why := _unfit(person_id, starts_on):
        wrong["person"] = why
    rows = [row for row in holdings(seats.the_board()) if _overlap(row, starts_on, ends_on)]
    before = None
    for row in rows:
        if row.seat_id == place.id and row.ends_on is None and row.starts_on < starts_on:
            before = row
        elif row.seat_id == place.id:
            wrong.setdefault("starts_on", f"{row.name} holds this seat on some of these days ({_days(row)}): two people"
                             " would hold it at once.")  # fmt: skip
        elif row.person_id == person_id:
            wrong.setdefault("person", f"They hold another seat on some of these days ({_days(row)}), and one person"
                             " has one vote.")  # fmt: skip
    if wrong:
        raise Incomplete(wrong)
    if before is not None:
        db.session.get_one(SeatHolding, before.id).ends_on = starts_on - timedelta(days=1)
    made = SeatHolding(seat_id=place.id, person_id=person_id, starts_on=starts_on, ends_on=ends_on)
    db.session.add(made)
    db.session.flush()
    audit.record(
        "seat_member", about=("person", person_id), by=by, now=now, seat=place.name, starts_on=starts_on,
        ends_on=ends_on, in_place_of=before and before.person_id,
    )  # fmt: skip
    return made


def vacate(seat_id: int, *, ends_on: date, by: Actor, now: datetime) -> None:
    """Let a seat be vacant after a day. Raises NotAllowed, NotOpen (nobody holds it then) or Incomplete."""
    place, today = _held(seat_id, by, now)
    if ends_on < today:
        raise Incomplete({"last_on": "Choose today or a later day."})
    board = seats.the_board()
    rows = [row for row in holdings(board) if row.seat_id == place.id and _overlap(row, ends_on, ends_on)]
    if not rows:
        raise NotOpen("Nobody holds this seat on that day.")
    held = db.session.get_one(SeatHolding, rows[0].id)
    if held.ends_on == ends_on:
        return
    before, held.ends_on = held.ends_on, ends_on
    db.session.flush()
    audit.record("vacate_seat", about=("person", held.person_id), by=by, now=now, seat=place.name, before=before,
                 after=ends_on)  # fmt: skip


def add(name: str, *, is_chair: bool, starts_on: date, by: Actor, now: datetime) -> Seat:
    """Give the board a further seat from a day after today on. Raises NotAllowed or Incomplete with the field."""
    board, today = _board(by, now)
    wrong = {}
    rows = all_seats(board)
    if not name or len(name) > 200:
        wrong["name"] = "Use at most 200 characters." if name else "Give the seat a name."
    elif any(row.name.casefold() == name.casefold() for row in rows):
        wrong["name"] = "The board has, or had, a seat of this name."
    if starts_on <= today:
        wrong["starts_on"] = "Choose a day after today: open votes are counted over the seats of their day."
    if is_chair and any(row.is_chair and (row.ends_on is None or row.ends_on >= starts_on) for row in rows):
        wrong["is_chair"] = "The board has a chair on these days. Close that seat first."
    if wrong:
        raise Incomplete(wrong)
    made = Seat(board_id=board.id, name=name, is_chair=is_chair, starts_on=starts_on)
    db.session.add(made)
    db.session.flush()
    audit.record("add_seat", about=("seat", made.id), by=by, now=now, name=name, is_chair=is_chair,
                 starts_on=starts_on)  # fmt: skip
    return made


def close(seat_id: int, *, ends_on: date, by: Actor, now: datetime) -> None:
    """Let a seat be there through a day, and no longer; its holder leaves it then.

    Raises NotAllowed, or Incomplete where too few would be left for the quorum that a charter names.
    """
    place, today = _held(seat_id, by, now)
    board = seats.the_board()
    left = [
        row for row in all_seats(board) if row.id != place.id and _covers(row, ends_on + timedelta(days=1), None)
    ]
    least = db.session.scalar(_LARGEST, {"board": board.id}) or 1
    if ends_on < today:
        raise Incomplete({"closes_on": "Choose today or a later day."})
    if len(left) < least:
        raise Incomplete({"closes_on": f"{len(left)} seats would be left, and a charter asks for a quorum of {least}."})
    place.ends_on = ends_on
    for row in holdings(board):
        if row.seat_id == place.id and (row.ends_on is None or row.ends_on > ends_on) and row.starts_on <= ends_on:
            db.session.get_one(SeatHolding, row.id).ends_on = ends_on
    db.session.flush()
    audit.record("close_seat", about=("seat", place.id), by=by, now=now, name=place.name, ends_on=ends_on)


def _board(by: Actor, now: datetime) -> tuple[Board, date]:
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator changes the seats of the board.")
    board = seats.the_board()
    db.session.execute(_LOCK, {"board": board.id})
    return board, seats.board_day(board, now)


def _held(seat_id: int, by: Actor, now: datetime) -> tuple[Seat, date]:
    board, today = _board(by, now)
    place = db.session.get(Seat, seat_id)
    if place is None or place.board_id != board.id:
        raise NotOpen("The board has no such seat.")
    return place, today


def _overlap(row: Any, first: date, last: date | None) -> bool:
    return (last is None or row.starts_on <= last) and (row.ends_on is None or row.ends_on >= first)


def _covers(place: Seat, first: date, last: date | None) -> bool:
    if place.starts_on is not None and place.starts_on > first:
        return False
    return place.ends_on is None or (last is not None and last <= place.ends_on)


def _unfit(person_id: int, day: date) -> str:
    who = db.session.get(Person, person_id)
    if who is None or who.disabled_at is not None:
        return "Choose somebody who has an account."
    roles = sessions.actor_for(person_id, today=day).roles
    if not roles & {Role.MEMBER, Role.CHAIR}:
        return "Grant them the role of board member from that day first: without it the seat would count as vacant."
    if roles & {Role.ADMINISTRATOR, Role.SECRETARIAT}:
        return "Administrators and the secretariat never vote, so they hold no seat."
    return ""


def _days(row: Any) -> str:
    first = f"{row.starts_on.day} {row.starts_on:%B %Y}"
    return f"from {first}" if row.ends_on is None else f"{first} to {row.ends_on.day} {row.ends_on:%B %Y}"
