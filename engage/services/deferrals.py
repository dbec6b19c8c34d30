"""The only place that brings deferred items back: on their day, by themselves."""

from datetime import date, datetime

from sqlalchemy import BindParameter, Integer, bindparam, select, text, update

from engage.extensions import db
from engage.models.engagements import Item
from engage.rules import workflow
from engage.rules.policy import PROGRAM
from engage.rules.workflow import Action, State
from engage.services import audit, new_motions, states

MOST = 200  # items that one sweep brings back; the next takes the rest

_I = Item.__table__.c
_DAY: BindParameter[date] = bindparam("day")
_DEFERRED = text("item.state = 'deferred'")  # as the partial indexes say it, not as a parameter
# Read along the index of what is deferred, up to the day and no further.
_DUE = (
    select(_I.id)
    .where(_DEFERRED, _I.deferred_until <= _DAY)
    .order_by(_I.deferred_until, _I.id)
    .limit(bindparam("most", type_=Integer))
)
_AFTER_EVENT = (
    select(_I.id)
    .where(_DEFERRED, _I.deferred_event_id == bindparam("event"))
    .order_by(_I.id)
    .with_for_update()
)
_FOLLOW = update(Item.__table__).where(_I.id.in_(bindparam("ids", expanding=True)))  # type: ignore[arg-type]


def due(day: date, *, most: int = MOST) -> list[int]:
    """The items whose deferral ends by `day`, the earliest first. One statement; its cost is that of what is due."""
    return list(db.session.scalars(_DUE, {"day": day, "most": most}))


def bring_back(now: datetime, *, most: int = MOST) -> int:
    """Put what is due back on the docket; gives how many. The runner calls it; twice is the same as once."""
    count = 0
    for item_id in due(states.office_day(now), most=most):
        item = states.get(item_id)
        states.hold(item)
        if item.state is not State.DEFERRED:
            continue  # somebody was faster
        states.move(item, workflow.step(item.state, Action.RESUME, item.kind), by=PROGRAM, now=now)
        count += 1
    return count


def follow_event(event_id: int, *, now: datetime) -> int:
    """Let what is deferred until an event follow its days, which somebody has changed; gives how many items moved."""
    until = new_motions.day_of_event(event_id)
    ids = list(db.session.scalars(_AFTER_EVENT, {"event": event_id}))
    if until is None or not ids:
        return 0
    db.session.execute(_FOLLOW, {"ids": ids, "deferred_until": until})
    for item_id in ids:
        audit.record("deferral_follows", about=("item", item_id), by=PROGRAM, now=now, event=event_id, until=until)
    return len(ids)
