"""The only place that says which meetings ahead lack people, as a whole or for an item of their agenda."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.board import Board, Charter
from engage.models.engagements import Item
from engage.models.meetings import AgendaEntry, Meeting
from engage.rules import coverage
from engage.rules.coverage import STANDS_ASIDE, Step
from engage.services import meetings, motions, seats, visibility
from engage.services.coverage_facts import Look

MOST = 400  # points of the agendas looked at

_M, _A, _I, _C = (model.__table__.c for model in (Meeting, AgendaEntry, Item, Charter))
_AHEAD = (
    select(_M.id, _M.title, _M.starts_at, _M.zone, _A.item_id, _I.title.label("item"), _I.submitted_at)
    .select_from(
        Meeting.__table__.outerjoin(
            AgendaEntry.__table__,
            (_A.meeting_id == _M.id) & _A.item_id.is_not(None) & _A.ended_at.is_(None),
        ).outerjoin(Item.__table__, _I.id == _A.item_id)
    )
    .where(
        _M.board_id == bindparam("board"), _M.cancelled_at.is_(None), _M.ended_at.is_(None),
        _M.starts_at <= bindparam("until"),
    )
    .order_by(_M.starts_at, _M.id, _A.section, _A.position)
    .limit(MOST)
)  # fmt: skip
_CHARTERS = select(Charter).where(_C.board_id == bindparam("board")).order_by(_C.starts_on)


def steps(board: Board, look: Look, now: datetime, days: int) -> list[Step]:
    """Each meeting not over yet with its cover, and each item of an agenda from which somebody stands aside.

    Three statements, whatever the number of meetings.
    """
    rows = db.session.execute(_AHEAD, {"board": board.id, "until": now + timedelta(days=days)}).all()
    if not rows:
        return []
    charters = list(db.session.scalars(_CHARTERS, {"board": board.id}))
    subjects = visibility.subjects([row.item_id for row in rows if row.item_id])
    found: list[Step] = []
    met: set[int] = set()
    for row in rows:
        day = max(look.today, meetings.local_day(row))
        where = f"/board/meetings/{row.id}"
        if row.id not in met and (charter := _in_force(charters, day)) is not None:
            met.add(row.id)
            covered = look.cover(day, seats.rules_of(charter))
            found.append(Step(
                f"meeting:{row.id}", row.title, "Meeting", where, row.starts_at, day, covered,
                coverage.advice(covered, open_now=False),
            ))  # fmt: skip
        subject = subjects.get(row.item_id or 0)
        charter = _in_force(charters, seats.board_day(board, row.submitted_at)) if subject else None
        if subject is None or charter is None:
            continue
        covered = look.cover(
            day, seats.rules_of(charter, subject.kind), own=motions.own(subject), recused=subject.recused_ids,
            kind=subject.kind,
        )  # fmt: skip
        if any(one.why in STANDS_ASIDE for one in covered.lacking):
            found.append(Step(
                f"meeting:{row.id}:item:{row.item_id}", row.item, f"In the meeting “{row.title}”", where,
                row.starts_at, day, covered, coverage.advice(covered, open_now=False),
            ))  # fmt: skip
    return found


def _in_force(charters: list[Any], day: date) -> Any:
    return next((one for one in reversed(charters) if one.starts_on <= day), None)
