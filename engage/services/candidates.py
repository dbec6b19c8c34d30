"""The only reader of what belongs on an agenda: what the docket suggests, and what comes onto one by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, exists, or_, select, text

from engage.extensions import db
from engage.models.authority import Calendared, Emergency
from engage.models.board import Motion
from engage.models.engagements import Item, StateSpan
from engage.models.meetings import AgendaEntry, Meeting
from engage.rules import agenda
from engage.rules.agenda import Candidate
from engage.rules.asking import Asks
from engage.rules.workflow import State
from engage.services import meetings

SUGGESTED_MOST = 100

_I, _A, _S, _Q = (t.__table__.c for t in (Item, AgendaEntry, StateSpan, Motion))
_DAY: BindParameter[Any] = bindparam("day")
_comes_back = and_(_I.state == State.DEFERRED, _I.deferred_until <= _DAY)
_came_back = exists().where(_S.item_id == _I.id, _S.state == State.DEFERRED, _S.ended_at == _I.state_since)
_voted_on = exists().where(_Q.item_id == _I.id, _Q.closed_at.is_(None))
_on_one = exists().where(_A.item_id == _I.id, _A.ended_at.is_(None))
_W, _E = Calendared.__table__.c, Emergency.__table__.c
_to_ratify = exists().where(_E.matter_id == _I.id, _E.settled_at.is_(None))
_calendared = exists().where(_W.item_id == _I.id, _W.settled_at.is_(None))
_FREE: Any = (
    select(
        _I.id, _I.title, _I.kind, _I.asks, _I.placed_at, _I.starts_on, _I.state, _I.deferred_until,
        or_(_I.state == State.DEFERRED, _came_back).label("due_from_deferral"), _to_ratify.label("to_ratify"),
        _calendared.label("calendared"),
    )
    .where(or_(_I.state == State.SCHEDULED, _comes_back), ~_on_one, ~_voted_on)
    .order_by(_I.state_since, _I.id)
    .limit(SUGGESTED_MOST)
)  # fmt: skip
# What comes by itself, read from the few rows that say so, however long the docket is.
_COMES = _FREE.where(
    or_(
        _I.id.in_(select(_E.matter_id).where(text("emergency.settled_at IS NULL"))),
        _I.id.in_(select(_W.item_id).where(text("calendared.settled_at IS NULL"))),
        and_(text("item.state = 'deferred'"), _I.deferred_until <= _DAY),
        _came_back,
    )
)
_NEXT_AHEAD = (
    select(Meeting)
    .where(Meeting.cancelled_at.is_(None), Meeting.opened_at.is_(None), Meeting.starts_at > bindparam("now"))
    .order_by(Meeting.starts_at, Meeting.id)
    .limit(1)
)
_ANY_COMES = select(
    or_(
        exists().where(
            _E.matter_id == _I.id, text("emergency.settled_at IS NULL"), _I.state == State.SCHEDULED, ~_on_one,
            ~_voted_on,
        ).correlate(None),
        exists().where(
            _W.item_id == _I.id, text("calendared.settled_at IS NULL"), _I.state == State.SCHEDULED, ~_on_one,
            ~_voted_on,
        ).correlate(None),
    )
)  # fmt: skip

def suggestions(meeting: Meeting) -> list[tuple[Candidate, Any]]:
    """What of the docket is on no agenda and not voted on now, as suggested, each with its row. One statement."""
    rows = {row.id: row for row in db.session.execute(_FREE, {"day": meetings.local_day(meeting)})}
    return [(one, rows[one.item_id]) for one in agenda.suggested(_candidate(row) for row in rows.values())]


def coming(meeting: Meeting) -> list[Candidate]:
    """What comes onto the meeting's agenda by itself, in the order suggested. One statement."""
    rows = db.session.execute(_COMES, {"day": meetings.local_day(meeting)})
    return agenda.suggested(_candidate(row) for row in rows)


def something_waits() -> bool:
    """Whether an emergency decision or a calendared item waits for an agenda. One statement."""
    return bool(db.session.scalar(_ANY_COMES))


def next_ahead(now: datetime) -> Meeting | None:
    """The next meeting that was called and is not open yet, or None."""
    return db.session.scalar(_NEXT_AHEAD, {"now": now})


def _candidate(row: Any) -> Candidate:
    return Candidate(
        row.id, row.kind, row.asks is Asks.ADVICE, row.placed_at, row.starts_on,
        due_from_deferral=bool(row.due_from_deferral), to_ratify=bool(row.to_ratify),
    )  # fmt: skip
