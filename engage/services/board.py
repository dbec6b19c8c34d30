"""The only writer of decisions, and the board's front door: all that may be done there."""

import json
from datetime import datetime

from engage.extensions import db
from engage.models.board import Charter, Decision, Motion
from engage.rules import voting
from engage.rules.asking import Asks
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import NotAllowed, QuorumLacking
from engage.rules.voting import Outcome
from engage.services import audit, conditions, items, motions, seats, states, visibility
from engage.services.ballots import cast, count, recuse, seat_for
from engage.services.motions import Standing, void_open_motion, withdraw
from engage.services.new_motions import closing_moment, put_motion
from engage.services.seats import charter_on, places_on, seats_on, the_board

__all__ = [
    "cast", "charter_on", "close", "closing_moment", "count", "places_on", "put_motion",
    "recuse", "seat_for", "seats_on", "sums", "the_board", "verdict", "void_open_motion", "withdraw",
]  # fmt: skip


def verdict(asks: Asks, outcome: Outcome) -> str:
    """A decision in words; where the board was asked for advice it advises and decides nothing."""
    return f"Advice of the board: {outcome.label.lower()}" if asks is Asks.ADVICE else outcome.label


def sums(arithmetic: str | None) -> list[str]:
    """The sentences of a stored count."""
    return json.loads(arithmetic) if arithmetic else []


def close(motion: Motion, *, by: Actor, now: datetime) -> Decision | None:
    """Close the vote; the tally alone decides. What carries becomes a decision, which is given back.

    Item and motion are held in this order, as everywhere. A lost motion leaves the item on the docket.
    Raises NotAllowed; NotOpen or Stale (closed, off the docket, text changed); QuorumLacking with the sums,
    and then the vote stays open.
    """
    standing = motions.hold_item(motion.item_id)
    board, charter = motions.hold(motion)
    subject = visibility.subject(motion.item_id)
    if subject is None or not may(by, Do.CLOSE_VOTE, subject):
        raise NotAllowed("You may not close this vote.")
    motions.must_be_open(motion)
    motions.must_judge_current(motion, standing.state, standing)

    held = seats.seats_on(board.id, seats.board_day(board, now))
    tally = count(motion, charter, subject, held)
    if not tally.quorate:
        raise QuorumLacking(f"There is no quorum, so the vote stays open. {' '.join(tally.arithmetic)}")
    motions.settle(motion, carried=tally.carried, sums=tally.arithmetic, by=by, now=now)
    audit.record(
        "close_vote", about=("item", motion.item_id), by=by, now=now, motion=motion.id, carried=tally.carried,
        arithmetic=list(tally.arithmetic), before_asked=now < motion.closes_at,
    )  # fmt: skip
    decision = _decide(motion, charter, standing, tally, by, now) if tally.carried else None
    motions.tell_voters(
        "vote_closed", motion, charter, subject, now=now, subject_line=f"Vote closed: {standing.title}",
        title=standing.title, carried=tally.carried, arithmetic=list(tally.arithmetic),
        decision=decision and decision.id,
    )  # fmt: skip
    return decision


def _decide(
    motion: Motion, charter: Charter, standing: Standing, tally: voting.Tally, by: Actor, now: datetime
) -> Decision:
    """Write the decision of a carried motion and move the item by it."""
    decision = Decision(
        motion_id=motion.id, item_id=motion.item_id, item_version_id=standing.version_id,
        sha256=standing.sha256, outcome=motion.outcome, reason=motion.reason,
        arithmetic=canonical_json(list(tally.arithmetic)),
        authority=f"{charter.title[:150]}, in force from {charter.starts_on.day} {charter.starts_on:%B %Y}",
        decided_at=now, closed_by_id=by.id, method=motion.method,
    )  # fmt: skip
    db.session.add(decision)
    db.session.flush()
    audit.record(
        "decide", about=("item", motion.item_id), by=by, now=now, decision=decision.id,
        decided=motion.outcome, version=standing.version_number, sha256=standing.sha256,
        authority=decision.authority,
    )  # fmt: skip
    item = states.get(motion.item_id)
    if motion.conditions:
        conditions.make(decision, motion, item, by=by, now=now)
    items.decide(
        item, motion.outcome, reason=motion.reason, by=by, now=now, defer_until=motion.defer_until,
        defer_event_id=motion.defer_event_id, put_off=motions.put_off_by(motion.id), motion_id=motion.id,
    )  # fmt: skip
    return decision
