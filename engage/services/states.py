"""The only writer of an item's state and of its history of stays; every kind of item is begun and moved here."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, func, insert, or_, select, update

from engage.extensions import db
from engage.models.engagements import Item, StateSpan
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete, NotOpen, ReasonNeeded
from engage.rules.voting import Outcome
from engage.rules.workflow import BEGINNINGS, DECIDED, State, Transition
from engage.services import audit, notices, questions, sessions
from engage.services.kinds import ANY

LONGEST_REASON = 5_000  # characters

_S, _I = StateSpan.__table__.c, Item.__table__.c
_GET = select(ANY).where(ANY.id == bindparam("item"))
_amended = select(_I.amends_id).where(_I.id == bindparam("item")).scalar_subquery()
# An amendment is held with the engagement that it changes. The engagement was there first: locks are taken by number.
_HOLD = (
    select(_I.id, _I.version)
    .where(or_(_I.id == bindparam("item"), _I.id == _amended))
    .order_by(_I.id)
    .with_for_update()
)
_SPANS: Any = StateSpan.__table__  # as a table: the ORM would read every changed row back
_END_SPAN = update(_SPANS).where(_S.item_id == bindparam("item"), _S.ended_at.is_(None))
_BEGIN_SPAN = insert(_SPANS).returning(_S.id)
_STAYS = select(func.count()).where(_S.item_id == bindparam("item"), _S.state == bindparam("state"))


def get(item_id: int) -> Item:
    """An item of whatever kind that is known to be there."""
    found: Item = db.session.scalars(_GET, {"item": item_id}).one()
    return found


def hold(item: Item) -> None:
    """Lock the item's row until the commit, an amended engagement's first; of two, the second sees what changed."""
    rows = {row.id: row.version for row in db.session.execute(_HOLD, {"item": item.id})}
    if rows.get(item.id) != item.version:
        db.session.refresh(item)


def begin(
    item: Item, *, state: State = State.DRAFT, verb: str = "draft", reason: str = "", by: Actor, now: datetime,
    **facts: Any,
) -> None:  # fmt: skip
    """Begin an item that has its facts but no state yet; `state` is one of workflow.BEGINNINGS.

    A deferred one has its `deferred_until` already. Flushes, so that the item has its number.
    """
    begin_all([(item, facts)], state=state, verb=verb, reason=reason, by=by, now=now)


def begin_all(
    items: Sequence[tuple[Item, dict[str, Any]]], *, state: State = State.DRAFT, verb: str = "draft",
    reason: str = "", by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Begin many items, each beside what the trail says of it, in as many statements as one takes."""
    if state not in BEGINNINGS:
        raise NotOpen(f"Nothing begins as {state.label.lower()}.")
    for item, _ in items:
        item.state, item.state_since, item.created_at = state, now, now
        if state is not State.DRAFT:
            item.submitted_at = now
    db.session.add_all([item for item, _ in items])
    db.session.flush()
    db.session.execute(insert(_SPANS), [_span(item.id, state, by, now, reason) for item, _ in items])
    for item, facts in items:
        audit.record(verb, about=("item", item.id), by=by, now=now, after=state, **facts)


def beginning(now: datetime) -> dict[str, Any]:
    """What `begin` says of a draft, for who begins many at once as rows: its state, since when, and its version."""
    return {"state": State.DRAFT, "state_since": now, "created_at": now, "version": 1}


def first_stay(by: Actor, now: datetime) -> dict[str, Any]:
    """The first stay of each such draft, but for its number."""
    return {name: said for name, said in _span(0, State.DRAFT, by, now, "").items() if name != "item_id"}


def beginning_told(*, by: Actor, now: datetime, **facts: Any) -> dict[str, Any]:
    """The line that `begin` leaves in the trail, for each such draft, but for its number."""
    return audit.line("draft", about=("item", None), by=by, now=now, after=State.DRAFT, **facts)


def move(
    item: Item, transition: Transition, *, by: Actor, now: datetime, reason: str = "", defer_until: date | None = None,
    defer_event_id: int | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Take one arrow of the table: state, span, trail and messages. The caller holds the item and asked the policy.

    Raises ReasonNeeded, or Incomplete for a reason that is too long or a deferral that never ends.
    """
    if transition.reason and not reason:
        raise ReasonNeeded("Say why: the reason is shown to the requester and kept.")
    if len(reason) > LONGEST_REASON:
        raise Incomplete({"reason": f"Use at most {LONGEST_REASON:,} characters."})
    before, target = item.state, transition.target
    deferred = target is State.DEFERRED
    if deferred and defer_until is None:
        raise Incomplete({"defer_until": "Name the day, or the event, to defer to."})
    item.state, item.state_since = target, now
    item.deferred_until = defer_until if deferred else None
    item.deferred_event_id = defer_event_id if deferred else None
    if target is State.SUBMITTED:
        item.submitted_at = now
    elif target is State.SCHEDULED and before is not State.UNDER_SILENCE:
        item.placed_at = now
    if target in DECIDED:
        item.decided_at = now
    elif target is not State.CANCELLED:
        item.decided_at = None  # what is to be decided once more is not decided
    db.session.flush()
    db.session.execute(_END_SPAN, {"item": item.id, "ended_at": now})
    span = db.session.scalar(_BEGIN_SPAN, _span(item.id, target, by, now, reason)) or 0
    if target is State.RETURNED:
        questions.ask(item.id, reason, by=by, now=now)
    verb = f"decide_{transition.action}" if isinstance(transition.action, Outcome) else transition.action
    audit.record(verb, about=("item", item.id), by=by, now=now, before=before, after=target, reason=reason,
                 **facts | ({"until": defer_until} if deferred else {}))  # fmt: skip
    notices.moved(item, before, span=span, by=by, now=now, reason=reason, until=defer_until, today=office_day(now))


def stays(item_id: int, state: State) -> int:
    """How many times an item has been in `state`, the present stay included."""
    return db.session.scalar(_STAYS, {"item": item_id, "state": state}) or 0


def office_day(now: datetime) -> date:
    """The office's day at `now`."""
    return sessions.office_day(now, current_app.config["SETTINGS"].home_zone)


def _span(item_id: int, state: State, by: Actor, now: datetime, reason: str) -> dict[str, Any]:
    return {"item_id": item_id, "state": state, "started_at": now, "ended_at": None, "by_id": by.id, "reason": reason}
