"""The only writer of decisions: what a carried motion, a kept silence or somebody empowered has decided."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.board import Board, Charter, Decision, Motion
from engage.rules import workflow
from engage.rules.authority import Case, Method
from engage.rules.canonical import canonical_json
from engage.rules.policy import PROGRAM, Actor, Subject
from engage.rules.refusals import Incomplete, NotOpen, Stale
from engage.rules.search_words import Kind
from engage.rules.voting import Outcome
from engage.rules.workflow import Action, State
from engage.services import audit, calendared, conditions, items, motions, search_index, seats, states, versions
from engage.services.motions import Standing

_M = Motion.__table__.c
_LAST_ROUND = select(func.coalesce(func.max(_M.round), 0)).where(_M.item_id == bindparam("item"))


def by_charter(charter: Charter) -> str:
    """The charter as an authority that a decision cites."""
    return f"{charter.title[:100]}, in force from {charter.starts_on.day} {charter.starts_on:%B %Y}"


def case_of(item_id: int, subject: Subject) -> Case:
    """The item as an authority's limits see it: the text in force says what it costs."""
    version = versions.current(item_id)
    total = (version.content.get("total") if version else None) or Decimal(0)
    return Case(subject.kind, Decimal(total), motions.aside(subject))


def write(
    motion: Motion, standing: Standing, sums: Sequence[str], authority: str, *, by: Actor, now: datetime,
    places: Sequence[seats.Place] | None = None,
) -> Decision:  # fmt: skip
    """Write what a settled motion decided, and move the item by it. The caller holds both, and asked who may.

    `places` are the seats of the day, when the caller has read them: who held each stays with the decision.
    """
    if places is None:
        places = seats.places_on(motion.board_id, seats.board_day(db.session.get_one(Board, motion.board_id), now))
    decision = Decision(
        motion_id=motion.id, item_id=motion.item_id, item_version_id=standing.version_id,
        sha256=standing.sha256, outcome=motion.outcome, reason=motion.reason,
        arithmetic=canonical_json(list(sums)), authority=authority[:200], method=motion.method,
        decided_at=now, closed_by_id=motion.closed_by_id,
        seats=canonical_json([[place.seat.name, place.holder_name] for place in places]),
    )  # fmt: skip
    db.session.add(decision)
    db.session.flush()
    audit.record(
        "decide", about=("item", motion.item_id), by=by, now=now, decision=decision.id,
        decided=motion.outcome, version=standing.version_number, sha256=standing.sha256,
        authority=decision.authority, method=motion.method,
    )  # fmt: skip
    search_index.note(Kind.DECISION, [decision.id])
    calendared.settle(motion.item_id, now)
    item = states.get(motion.item_id)
    if motion.conditions:
        conditions.make(decision, motion, item, by=by, now=now)
    items.decide(
        item, motion.outcome, reason=motion.reason, by=by, now=now, defer_until=motion.defer_until,
        defer_event_id=motion.defer_event_id, put_off=motions.put_off_by(motion.id), motion_id=motion.id,
    )  # fmt: skip
    return decision


def alone(
    standing: Standing, version: int, *, method: Method, authority: str, reason: str, sums: Sequence[str], by: Actor,
    now: datetime, outcome: Outcome = Outcome.APPROVE,
) -> Decision:  # fmt: skip
    """Decide an item without a vote, under an authority that the caller has proved. The caller holds the item.

    `version` is the number of the text that was read. An item that is not on the docket yet is placed there first.
    Raises Stale, NotOpen (a motion is open, or the item is nowhere where it can be decided) or Incomplete.
    """
    if version != standing.version_number:
        raise Stale("The text changed since you opened it, so nothing was decided. Read it again.")
    if not reason or len(reason) > motions.LONGEST_REASON:
        raise Incomplete({
            "reason": f"Use at most {motions.LONGEST_REASON:,} characters." if reason else "Say why you decide so."
        })
    if motions.open_on(standing.item_id) is not None:
        raise NotOpen("A motion is open on this item, so nobody decides it alone.")
    item = states.get(standing.item_id)
    states.hold(item)
    if item.state is not State.SCHEDULED:
        states.move(item, workflow.step(item.state, Action.PLACE, item.kind), by=PROGRAM, now=now)
    board = seats.the_board()
    charter = seats.charter_on(board.id, seats.board_day(board, standing.submitted_at))
    motion = Motion(
        board_id=board.id, charter_id=charter.id, item_id=item.id, item_version_id=standing.version_id,
        round=next_round(item.id), outcome=outcome, reason=reason, moved_by_id=by.id, moved_at=now, closes_at=now,
        method=method,
    )  # fmt: skip
    db.session.add(motion)
    db.session.flush()
    motions.settle(motion, carried=True, sums=sums, by=by, now=now)
    return write(motion, standing, sums, authority, by=by, now=now)


def next_round(item_id: int) -> int:
    """The number of the next motion on an item, whose row the caller holds."""
    return (db.session.scalar(_LAST_ROUND, {"item": item_id}) or 0) + 1
