"""The only writer of charters."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from engage.extensions import db
from engage.models.board import Board, Charter, Seat
from engage.rules.charter import wrong_with
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit, seats

SAID = (  # what a charter says, beside its day: the names of its columns
    "title", "quorum_share", "quorum_at_least", "recused_leave_the_base", "vacant_leave_the_base", "chair_votes",
    "chair_breaks_ties", "threshold_share", "second_share", "second_of", "thresholds", "meeting_kinds", "notice_days",
    "endorsement", "reviews_together", "late_reports", "calendar_days", "silence_kinds", "silence_cost",
    "silence_hours", "silence_least_hours", "alone_kinds", "alone_cost", "ratify_days", "standing_months",
    "reconsider_days", "prevailing_may_reconsider", "source",
)  # fmt: skip

_C, _S = Charter.__table__.c, Seat.__table__.c
_SEATS = select(func.count()).where(
    _S.board_id == bindparam("board"),
    or_(_S.starts_on.is_(None), _S.starts_on <= bindparam("day")),
    or_(_S.ends_on.is_(None), _S.ends_on >= bindparam("day")),
)


def said_by(charter: Charter) -> dict[str, Any]:
    """All that a charter says, beside its day."""
    return {name: getattr(charter, name) for name in SAID}


def add(said: Mapping[str, Any], *, starts_on: date, by: Actor, now: datetime) -> Charter:
    """Put a charter in force from a day after today; items submitted before keep the one they have.

    Raises NotAllowed, or Incomplete with a sentence at each name, having changed nothing.
    """
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change the charter.")
    board = seats.the_board()
    must_be_sound(board, said, starts_on=starts_on, now=now)
    made = Charter(board_id=board.id, starts_on=starts_on, **{name: said[name] for name in SAID})
    before = seats.find_charter(board.id, starts_on)
    was = said_by(before) if before else {}
    db.session.add(made)
    db.session.flush()
    changed = [name for name in SAID if was.get(name) != said[name]]
    audit.record(
        "set_charter", about=("charter", made.id), by=by, now=now,
        before={name: _plain(was.get(name)) for name in changed},
        after={name: _plain(said[name]) for name in changed}, starts_on=starts_on,
    )  # fmt: skip
    return made


def must_be_sound(board: Board, said: Mapping[str, Any], *, starts_on: date, now: datetime) -> None:
    """Raises Incomplete with a sentence at each name where a charter could not hold from that day."""
    wrong = wrong_with(said, seats_of_board=db.session.scalar(_SEATS, {"board": board.id, "day": starts_on}) or 0)
    if starts_on <= seats.board_day(board, now):
        wrong["starts_on"] = "Choose a day after today: what was submitted under the old charter keeps it."
    elif db.session.scalar(select(_C.id).where(_C.board_id == board.id, _C.starts_on == starts_on)):
        wrong["starts_on"] = "Another charter begins on that day, and two would be in force at once. Choose another."
    if wrong:
        raise Incomplete(wrong)


def all_of(board: Board) -> list[Charter]:
    """Every charter of the board, the newest first."""
    return list(db.session.scalars(select(Charter).where(_C.board_id == board.id).order_by(_C.starts_on.desc())))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
