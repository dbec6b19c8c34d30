"""The board's front door: all that may be done there, and how a vote is closed."""

import json
from datetime import datetime

from engage.models.board import Board, Charter, Decision, Motion
from engage.rules.asking import Asks
from engage.rules.authority import Method
from engage.rules.policy import PROGRAM, Actor, Do, Subject, may
from engage.rules.refusals import NotAllowed, NotOpen, QuorumLacking
from engage.rules.voting import Outcome
from engage.services import audit, ballots, condition_waivers, deciding, emergencies, motions, seats, visibility
from engage.services.ballots import cast, cast_on, count, recuse, seat_for
from engage.services.motions import Standing, void_open_motion, withdraw
from engage.services.new_motions import closing_moment, put_motion
from engage.services.seats import charter_on, places_on, seats_on, the_board

__all__ = [
    "cast", "cast_on", "charter_on", "close", "close_due", "closing_moment", "count", "places_on", "put_motion",
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
    motions.must_be_voted_on(motion)
    motions.must_judge_current(motion, standing.state, standing)
    return _close(motion, board, charter, standing, subject, by=by, now=now)


def close_due(motion: Motion, *, now: datetime) -> Decision | None:
    """Close a vote whose time is over, as the job does. Raises NotOpen, Stale, or QuorumLacking: then it stays open."""
    standing = motions.hold_item(motion.item_id)
    board, charter = motions.hold(motion)
    subject = visibility.subject(motion.item_id)
    motions.must_be_voted_on(motion)
    motions.must_judge_current(motion, standing.state, standing)
    if subject is None or now < motion.closes_at:
        raise NotOpen("The time for this vote is not over.")
    return _close(motion, board, charter, standing, subject, by=PROGRAM, now=now)


def _close(
    motion: Motion, board: Board, charter: Charter, standing: Standing, subject: Subject, *, by: Actor, now: datetime
) -> Decision | None:
    day = seats.board_day(board, now)
    places = seats.places_on(board.id, day)
    held = tuple(place.seat for place in places)
    tally = count(motion, charter, subject, held, day)
    if not tally.quorate:
        raise QuorumLacking(f"There is no quorum, so the vote stays open. {' '.join(tally.arithmetic)}")
    early = motion.method is Method.NOTATIONAL and now < motion.closes_at
    if early and not ballots.settled(motion, charter, subject, held, day):
        raise NotOpen(
            "Votes that are still to come could change the outcome, and the time for them is not over: "
            "the vote stays open."
        )
    motions.settle(motion, carried=tally.carried, sums=tally.arithmetic, by=by, now=now)
    audit.record(
        "close_vote", about=("item", motion.item_id), by=by, now=now, motion=motion.id, carried=tally.carried,
        arithmetic=list(tally.arithmetic), before_asked=now < motion.closes_at,
    )  # fmt: skip
    cited = deciding.by_charter(charter)
    decision = (
        deciding.write(motion, standing, tally.arithmetic, cited, places=places, by=by, now=now)
        if tally.carried else None
    )  # fmt: skip
    if decision is not None:
        condition_waivers.settle(decision, by=by, now=now)
    (emergencies.settle if decision else emergencies.lost)(motion.item_id, motion.outcome, by=by, now=now)
    motions.tell_voters(
        "vote_closed", motion, charter, subject, now=now, subject_line=f"Vote closed: {standing.title}",
        title=standing.title, carried=tally.carried, arithmetic=list(tally.arithmetic),
        decision=decision and decision.id,
    )  # fmt: skip
    return decision
