"""The only writer of delegations: who may vote or decide in whose place, for what, and until when."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, or_, select

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Board
from engage.models.people import Person
from engage.rules import authority
from engage.rules.authority import Case, Granted, Limits, Power
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, seats, sessions

LONGEST = timedelta(days=366)
MOST_REASON = 5000  # characters

_D, _P = Delegation.__table__.c, Person.__table__.c
_MINE = select(Delegation).where(
    _D.board_id == bindparam("board"),
    _D.ends_on >= bindparam("day"),
    _D.starts_on <= bindparam("day"),
    _D.revoked_at.is_(None),
    or_(_D.holder_id == bindparam("me"), _D.alternate_id == bindparam("me")),
).order_by(_D.id)
_THESE = select(Delegation).where(_D.id.in_(bindparam("ids", expanding=True))).execution_options(
    populate_existing=True
)
_IN_FORCE = select(Delegation).where(
    _D.board_id == bindparam("board"), _D.power == Power.VOTE, _D.ends_on >= bindparam("day"),
    _D.starts_on <= bindparam("day"), _D.revoked_at.is_(None),
).order_by(_D.id)  # fmt: skip
_OVERLAPS = select(_D.id).where(
    _D.principal_id == bindparam("principal"),
    _D.power == bindparam("power"),
    _D.revoked_at.is_(None),
    _D.ends_on >= bindparam("first"),
    _D.starts_on <= bindparam("last"),
).limit(1)
_LOCK_BOARD = select(Board.id).where(Board.id == bindparam("board")).with_for_update()
_LOCK = select(Delegation).where(_D.id == bindparam("delegation")).with_for_update().execution_options(
    populate_existing=True
)


def granted(row: Delegation) -> Granted:
    """A delegation as the rules see it."""
    return Granted(
        row.power, row.principal_id, row.holder_id, row.alternate_id,
        Limits(authority.kinds_of(row.kinds), row.most_cost), row.starts_on, row.ends_on, row.revoked_at is not None,
    )  # fmt: skip


def usable(by: Actor, power: Power, case: Case, board: Board, day: date) -> list[Delegation]:
    """The delegations of `power` under which `by` may act on the item on `day`, oldest first. One statement."""
    if by.id is None or Role.SECRETARIAT in by.roles:
        return []
    rows = db.session.scalars(_MINE, {"board": board.id, "day": day, "me": by.id}).all()
    return [row for row in rows if authority.of_whom([granted(row)], power, by.id, case, day)]


def still_stands(row: Delegation, person_id: int, case: Case, day: date) -> bool:
    """Whether what `person_id` says under the delegation counts on `day`: it is in force, reaches the item, and they
    are somebody who may act for a member still. A ballot is asked again when it is counted."""
    return bool(authority.of_whom([granted(row)], row.power, person_id, case, day)) and not _unfit(person_id, day)


def held(ids: Collection[int]) -> dict[int, Delegation]:
    """These delegations by id, read afresh. One statement, and none for none."""
    return {row.id: row for row in db.session.scalars(_THESE, {"ids": list(ids)})} if ids else {}


def for_seats_on(board: Board, day: date) -> list[Delegation]:
    """The delegations of a vote in force on `day`, oldest first. One statement."""
    return list(db.session.scalars(_IN_FORCE, {"board": board.id, "day": day}))


def delegate(
    *, principal_id: int, holder_id: int, power: Power, kinds: frozenset[ItemKind], most_cost: Decimal | None,
    starts_on: date, ends_on: date, reason: str, by: Actor, now: datetime, alternate_id: int | None = None,
) -> Delegation:  # fmt: skip
    """Let somebody act in the principal's place. The principal does, or the secretariat for them.

    Only a seat's own holder is a principal, so nothing that was delegated is passed on. Raises NotAllowed, or
    Incomplete with the field: overlapping days, somebody who may not hold it, days past or beyond a year.
    """
    if not may(by, Do.DELEGATE, principal_id):
        raise NotAllowed("Only whoever holds a seat, or the secretariat for them, delegates its power.")
    board = seats.the_board()
    db.session.execute(_LOCK_BOARD, {"board": board.id})
    today = seats.board_day(board, now)
    held = {seat.holder_id: seat for seat in seats.seats_on(board.id, today) if seat.holder_id}
    wrong: dict[str, str] = {}
    seat = held.get(principal_id)
    if seat is None:
        wrong["principal"] = "Only whoever holds a seat today can be stood in for."
    elif power is Power.DECIDE and not seat.is_chair:
        wrong["principal"] = "Only the chair decides alone, so only the chair delegates that."
    if holder_id == principal_id:
        wrong["holder"] = "Name somebody else: nobody stands in for themselves."
    elif why := _unfit(holder_id, today):
        wrong["holder"] = why
    if alternate_id is not None:
        if alternate_id in (principal_id, holder_id):
            wrong["alternate"] = "The alternate is a third person."
        elif why := _unfit(alternate_id, today):
            wrong["alternate"] = why
    if not kinds:
        wrong["kinds"] = "Choose at least one kind of item."
    if most_cost is not None and most_cost < 0:
        wrong["most_cost"] = "A ceiling is never less than nothing."
    if starts_on < today:
        wrong["starts_on"] = "It begins today or later: nothing is allowed after the fact."
    if ends_on < starts_on:
        wrong["ends_on"] = "The last day is not before the first."
    elif ends_on - starts_on > LONGEST:
        wrong["ends_on"] = "A delegation lasts a year at most."
    if not reason or len(reason) > MOST_REASON:
        wrong["reason"] = f"Use at most {MOST_REASON:,} characters." if reason else "Say why somebody else acts."
    if not wrong and db.session.scalar(
        _OVERLAPS, {"principal": principal_id, "power": power, "first": starts_on, "last": ends_on}
    ):
        wrong["starts_on"] = "Another delegation of this power covers some of these days. Revoke that one first."
    if wrong:
        raise Incomplete(wrong)
    made = Delegation(
        board_id=board.id, power=power, principal_id=principal_id, holder_id=holder_id, alternate_id=alternate_id,
        kinds=" ".join(sorted(kinds)), most_cost=most_cost, starts_on=starts_on, ends_on=ends_on, reason=reason,
        made_by_id=by.id, made_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        "delegate", about=("person", principal_id), by=by, now=now, delegation=made.id, power=power, holder=holder_id,
        alternate=alternate_id, kinds=made.kinds, most_cost=most_cost and str(most_cost), starts_on=starts_on,
        ends_on=ends_on, reason=reason,
    )  # fmt: skip
    return made


def revoke(delegation_id: int, *, reason: str, by: Actor, now: datetime) -> Delegation:
    """End a delegation at once; what was done under it stands. Raises NotAllowed, NotOpen or Incomplete."""
    row = db.session.scalar(_LOCK, {"delegation": delegation_id})
    if row is None:
        raise NotOpen("There is no such delegation.")
    if not may(by, Do.DELEGATE, row.principal_id):
        raise NotAllowed("Only whoever delegated it, or the secretariat for them, takes it back.")
    if row.revoked_at is not None:
        raise NotOpen("This delegation was revoked already.")
    if not reason or len(reason) > MOST_REASON:
        raise Incomplete({"reason": f"Use at most {MOST_REASON:,} characters." if reason else "Say why it ends."})
    row.revoked_at, row.revoked_by_id, row.revoke_reason = now, by.id, reason
    db.session.flush()
    audit.record("revoke_delegation", about=("person", row.principal_id), by=by, now=now, delegation=row.id,
                 reason=reason)  # fmt: skip
    return row


def _unfit(person_id: int, day: date) -> str:
    disabled = db.session.execute(select(_P.disabled_at).where(_P.id == person_id)).one_or_none()
    if disabled is None or disabled.disabled_at is not None:
        return "There is nobody of this name who could act."
    roles = sessions.actor_for(person_id, today=day).roles
    if not roles & {Role.MEMBER, Role.CHAIR} or roles & {Role.ADMINISTRATOR, Role.SECRETARIAT}:
        return "Only somebody with the role of board member acts for one; the secretariat and administrators never do."
    return ""
