"""The only reader of who will be there: seats, absences, travel and stand-ins on each of the days ahead."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, or_, select

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Board, Seat, SeatHolding
from engage.models.people import Absence, Person, RoleGrant
from engage.models.trips import Trip
from engage.rules import coverage, voting
from engage.rules.authority import Power, kinds_of
from engage.rules.coverage import Cover, Why
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.services import recusals

_S, _H, _P, _G, _A, _T, _D = (
    model.__table__.c for model in (Seat, SeatHolding, Person, RoleGrant, Absence, Trip, Delegation)
)
_first: BindParameter[date] = bindparam("first")
_last: BindParameter[date] = bindparam("last")
_HELD = (
    select(
        _S.id, _S.name, _S.is_chair, _S.starts_on.label("seat_from"), _S.ends_on.label("seat_until"),
        _H.starts_on, _H.ends_on, _P.id.label("person"), _P.name.label("holder"),
        _P.disabled_at, _G.role, _G.starts_on.label("from_on"), _G.ends_on.label("through"),
    )
    .select_from(
        Seat.__table__.outerjoin(
            SeatHolding.__table__,
            and_(_H.seat_id == _S.id, _H.starts_on <= _last, or_(_H.ends_on.is_(None), _H.ends_on >= _first)),
        )
        .outerjoin(Person.__table__, _P.id == _H.person_id)
        .outerjoin(RoleGrant.__table__, and_(_G.person_id == _P.id, _G.starts_on <= _last))
    )
    .where(
        _S.board_id == bindparam("board"),
        or_(_S.starts_on.is_(None), _S.starts_on <= _last),
        or_(_S.ends_on.is_(None), _S.ends_on >= _first),
    )
    .order_by(_S.id, _H.starts_on, _H.id)
)  # fmt: skip
_ABSENT = select(_A.person_id, _A.starts_on, _A.ends_on).where(_A.starts_on <= _last, _A.ends_on >= _first)
_GONE = select(_T.person_id, _T.departs_on, _T.returns_on).where(
    _T.cancelled_at.is_(None), _T.departs_on <= _last, _T.returns_on >= _first
)
_STANDS_IN = select(_D.principal_id, _D.holder_id, _D.kinds, _D.starts_on, _D.ends_on).where(
    _D.board_id == bindparam("board"), _D.power == Power.VOTE, _D.revoked_at.is_(None), _D.starts_on <= _last,
    _D.ends_on >= _first,
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What is known of the days from `today` on."""

    today: date
    held: list[Any]
    spans: list[tuple[int, date, date, Why]]
    stand_ins: list[Any]

    def cover(
        self, day: date, rules: voting.CharterRules, *, own: Collection[int] = (), recused: Collection[int] = (),
        kind: ItemKind | None = None, voted: Collection[int] = (),
    ) -> Cover:  # fmt: skip
        """How a step of that day is covered; `kind` None: of whatever kind, as a whole meeting is."""
        places, names = _places(self.held, day)
        away = {person: why for person, first, until, why in self.spans if first <= day <= until}
        seated = {seat.holder_id for seat in places}
        acting = {
            row.principal_id
            for row in self.stand_ins
            if row.starts_on <= day <= row.ends_on and row.holder_id not in {*away, *own, *recused, *seated}
            and (kind is None or kind in kinds_of(row.kinds))
        }  # fmt: skip
        return coverage.cover(
            places, names, rules, own=own, recused=recused, away=away, voted=voted, stood_in=acting
        )


def look(board: Board, today: date, days: int) -> Look:
    """Who will be there in the `days` from `today`. Four statements."""
    given = {"board": board.id, "first": today, "last": today + timedelta(days=days)}
    held = list(db.session.execute(_HELD, given))
    spans = [(row.person_id, row.starts_on, row.ends_on, Why.ABSENT) for row in db.session.execute(_ABSENT, given)]
    spans += [(row.person_id, row.departs_on, row.returns_on, Why.TRAVELS) for row in db.session.execute(_GONE, given)]
    return Look(today, held, spans, list(db.session.execute(_STANDS_IN, given)))


def _places(held: Iterable[Any], day: date) -> tuple[list[voting.Seat], dict[int, str]]:
    """Who holds each seat on `day`, as services.seats says: the newest holding, and a holder who may vote."""
    known: dict[int, tuple[str, bool]] = {}
    holders: dict[int, dict[int, tuple[str, set[Role], bool]]] = {}
    for row in held:
        if (row.seat_from and row.seat_from > day) or (row.seat_until and row.seat_until < day):
            continue
        known[row.id] = (row.name, row.is_chair)
        sits = row.person is not None and row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)
        if not sits:
            continue
        of = holders.setdefault(row.id, {}).setdefault(row.person, (row.holder, set(), row.disabled_at is None))
        if row.role is not None and row.from_on <= day and (row.through is None or row.through >= day):
            of[1].add(row.role)
    places, names = [], {}
    for seat_id, (name, is_chair) in known.items():
        person, (holder, roles, enabled) = list(holders.get(seat_id, {0: ("", set(), False)}).items())[-1]
        sits = enabled and bool(roles & recusals.VOTERS) and Role.ADMINISTRATOR not in roles
        places.append(voting.Seat(seat_id, name, person if sits else None, is_chair))
        if sits:
            names[person] = holder
    return places, names
