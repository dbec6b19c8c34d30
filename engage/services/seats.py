"""The only reader of who sits on the board, and under which charter, on a given day."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, or_, select

from engage.extensions import db
from engage.models.board import Board, Charter, Seat, SeatHolding
from engage.models.people import Person, RoleGrant
from engage.rules import thresholds, voting
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.refusals import NotOpen
from engage.rules.thresholds import Measure
from engage.services import sessions

_S, _H, _P, _G = Seat.__table__.c, SeatHolding.__table__.c, Person.__table__.c, RoleGrant.__table__.c
_DAY: BindParameter[date] = bindparam("day")
# Every seat with each holding and each role that counts on the day; the newest holding of a seat comes last.
_ON = (
    select(_S.id, _S.name, _S.is_chair, _P.id.label("holder_id"), _P.name.label("holder_name"), _G.role)
    .select_from(
        Seat.__table__.outerjoin(
            SeatHolding.__table__,
            and_(_H.seat_id == _S.id, _H.starts_on <= _DAY, or_(_H.ends_on.is_(None), _H.ends_on >= _DAY)),
        )
        .outerjoin(Person.__table__, and_(_P.id == _H.person_id, _P.disabled_at.is_(None)))
        .outerjoin(
            RoleGrant.__table__,
            and_(_G.person_id == _P.id, _G.starts_on <= _DAY, or_(_G.ends_on.is_(None), _G.ends_on >= _DAY)),
        )
    )
    .where(
        _S.board_id == bindparam("board"),
        or_(_S.starts_on.is_(None), _S.starts_on <= _DAY),
        or_(_S.ends_on.is_(None), _S.ends_on >= _DAY),
    )
    .order_by(_S.id, _H.starts_on, _H.id)
)
_CHARTER = (
    select(Charter)
    .where(Charter.board_id == bindparam("board"), Charter.starts_on <= _DAY)
    .order_by(Charter.starts_on.desc())
    .limit(1)
)
_BOARD = select(Board).order_by(Board.id).limit(1)
_VOTING = frozenset({Role.MEMBER, Role.CHAIR})


@dataclass(frozen=True)
class Place:
    """A seat as the count sees it, and its holder's name as a page shows it ("" when vacant)."""

    seat: voting.Seat
    holder_name: str


def the_board() -> Board:
    """The board that every item goes to. Raises NotOpen before one is set up."""
    board = db.session.scalar(_BOARD)
    if board is None:
        raise NotOpen("No board has been set up yet.")
    return board


def board_day(board: Board, now: datetime) -> date:
    """The calendar day of `now` where the board sits."""
    return sessions.office_day(now, board.zone)


def find_charter(board_id: int, day: date) -> Charter | None:
    """The board's charter in force on `day`, or None."""
    return db.session.scalar(_CHARTER, {"board": board_id, "day": day})


def charter_on(board_id: int, day: date) -> Charter:
    """The board's charter in force on `day`. Raises NotOpen when none was."""
    charter = find_charter(board_id, day)
    if charter is None:
        raise NotOpen(f"No charter of the board was in force on {day:%d %B %Y}.")
    return charter


def rules_of(charter: Any, kind: ItemKind | None = None) -> voting.CharterRules:
    """The charter's numbers as the count wants them; takes the record, or a row with its columns.

    For a kind of item, or for all that the charter says nothing else of.
    """
    second = charter.second_share and Fraction(charter.second_share)
    of = Measure(charter.second_of) if charter.second_of else None
    needed = thresholds.Needed(Fraction(charter.threshold_share), second or None, of)
    if kind is not None and (charter.thresholds or "{}") != "{}":
        needed = thresholds.by_kind(charter.thresholds).get(kind, needed)
    return voting.CharterRules(
        quorum=Fraction(charter.quorum_share),
        quorum_at_least=charter.quorum_at_least,
        threshold=needed.cast,
        second=needed.second,
        second_of=needed.of,
        recused_leave_the_base=charter.recused_leave_the_base,
        vacant_leave_the_base=charter.vacant_leave_the_base,
        chair_votes=charter.chair_votes,
        chair_breaks_ties=bool(charter.chair_breaks_ties),
    )


def chair_is_asked(charter: Charter) -> bool:
    """Whether the chair is asked for a vote: like anyone, or in case of a tie."""
    return charter.chair_votes or charter.chair_breaks_ties


def places_on(board_id: int, day: date) -> tuple[Place, ...]:
    """The seats of the board and their holders on `day`, in the order of the seats. One statement.

    A seat counts as vacant while its holder could not vote on anything: disabled, without the role of member
    or chair, or an administrator (docs/decisions/0010-vacant-seats.md).
    """
    found: dict[int, tuple[str, bool, dict[int | None, tuple[str, set[Role]]]]] = {}
    for row in db.session.execute(_ON, {"board": board_id, "day": day}):
        holders = found.setdefault(row.id, (row.name, row.is_chair, {}))[2]
        holders.setdefault(row.holder_id, (row.holder_name or "", set()))[1].add(row.role)
    return tuple(
        _place(seat_id, name, is_chair, holders) for seat_id, (name, is_chair, holders) in found.items()
    )


def seats_on(board_id: int, day: date) -> tuple[voting.Seat, ...]:
    """The seats of the board as the count sees them on `day`."""
    return tuple(place.seat for place in places_on(board_id, day))


def _place(
    seat_id: int, name: str, is_chair: bool, holders: dict[int | None, tuple[str, set[Role]]]
) -> Place:
    holder_id, (holder_name, roles) = list(holders.items())[-1]
    if not roles & _VOTING or Role.ADMINISTRATOR in roles:
        holder_id, holder_name = None, ""
    return Place(voting.Seat(seat_id, name, holder_id, is_chair), holder_name)
