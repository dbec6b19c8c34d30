"""The only place for the silence procedure: proposed, begun once the text has reached a quorum, broken or kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.board import Board, Charter, Motion
from engage.models.engagements import Item
from engage.models.outbox import Delivery, OutboxMessage
from engage.reference.calendars import calendar_of
from engage.rules import authority, silence, voting, workflow
from engage.rules.authority import Limits, Method
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Outcome
from engage.rules.workflow import Action
from engage.services import audit, ballots, calendared, deciding, motions, routing, seats, states, visibility
from engage.services.new_motions import closing_moment

_O = OutboxMessage.__table__.c
_REACHED = select(_O.person_id).where(
    _O.key.in_(bindparam("keys", expanding=True)), (_O.delivery == Delivery.SENT) | _O.read_at.is_not(None)
)


@dataclass(frozen=True)
class Hearing:
    """Whom the text of a silence must reach, whom it has reached, and how many are needed."""

    voters: list[int]
    reached: frozenset[int]
    needed: int


def propose(
    item: Item, subject: Subject, *, reason: str = "", hours: int | None = None, by: Actor, now: datetime
) -> Motion:
    """Propose that the item be approved unless somebody objects. It runs once the text has reached a quorum.

    `hours` count on business days where the board sits; the charter says how many are usual, and the fewest.
    Raises NotAllowed (who, or where the charter does not allow it), NotOpen, or Incomplete at "hours" or "reason".
    """
    if not may(by, Do.PUT_MOTION, subject):
        raise NotAllowed("You may not put a motion on this item.")
    standing = motions.hold_item(item.id)
    step = workflow.step(standing.state, Action.CIRCULATE, item.kind)
    if motions.open_on(item.id) is not None:
        raise NotOpen("A motion is open on this item already. Close that vote first.")
    calendared.must_not_wait(item.id)
    board = seats.the_board()
    charter = seats.charter_on(board.id, seats.board_day(board, standing.submitted_at))
    routing.must_allow(item.id, Method.SILENCE, item.kind, charter)
    if why := not_allowed(item.id, subject, charter):
        raise NotAllowed(why)
    lasts = charter.silence_hours if hours is None else hours
    if not charter.silence_least_hours <= lasts <= silence.LONGEST_HOURS:
        raise Incomplete({
            "hours": f"Give from {charter.silence_least_hours} to {silence.LONGEST_HOURS} hours: so the charter says."
        })
    if len(reason) > motions.LONGEST_REASON:
        raise Incomplete({"reason": f"Use at most {motions.LONGEST_REASON:,} characters."})
    motion = Motion(
        board_id=board.id, charter_id=charter.id, item_id=item.id, item_version_id=standing.version_id,
        round=deciding.next_round(item.id), outcome=Outcome.APPROVE, reason=reason, moved_by_id=by.id, moved_at=now,
        method=Method.SILENCE, hours=lasts, closes_at=closing_moment(board, now) + timedelta(days=1),
    )  # fmt: skip
    db.session.add(motion)
    states.hold(item)
    states.move(item, step, by=by, now=now, reason=reason)
    audit.record(
        "put_motion", about=("item", item.id), by=by, now=now, motion=motion.id, round=motion.round,
        proposes=motion.outcome, version=standing.version_number, reason=reason, method=motion.method, hours=lasts,
    )  # fmt: skip
    motions.tell_voters(
        "silence_open", motion, charter, subject, now=now, subject_line=f"Silence procedure: {standing.title}"[:200],
        title=standing.title, moved_by=by.name, reason=reason, hours=lasts,
    )  # fmt: skip
    return motion


def not_allowed(item_id: int, subject: Subject, charter: Charter) -> str:
    """Why the charter does not allow silence for this item, as a sentence; empty when it does."""
    limits = Limits(authority.kinds_of(charter.silence_kinds), charter.silence_cost)
    why = authority.beyond(limits, deciding.case_of(item_id, subject))
    return f"The charter does not allow the silence procedure here. {why}" if why else ""


def hearing(motion: Motion, board: Board, charter: Charter, subject: Subject, now: datetime) -> Hearing:
    """Whom the text has reached: sent by mail, or opened in the inbox. Two statements."""
    held = seats.seats_on(board.id, seats.board_day(board, now))
    voters = motions.voters(held, subject, chair_votes=charter.chair_votes)
    needed = voting.tally(held, motions.aside(subject), [], seats.rules_of(charter)).quorum_needed
    keys = [f"silence_open:{motion.id}:{person}" for person in voters]
    reached = db.session.scalars(_REACHED, {"keys": keys}) if keys else ()
    return Hearing(voters, frozenset(reached), needed)


def begin(motion: Motion, *, by: Actor, now: datetime) -> bool:
    """Let a proposed silence run from `now` when its text has reached a quorum; gives whether it does."""
    standing = motions.hold_item(motion.item_id)
    board, charter = motions.hold(motion)
    subject = visibility.subject(motion.item_id)
    if subject is None or motion.closed_at is not None or motion.runs_from is not None or not motion.hours:
        return False
    heard = hearing(motion, board, charter, subject, now)
    if not silence.may_begin(heard.reached, heard.voters, heard.needed):
        return False
    today = seats.board_day(board, now)
    home = current_app.config["SETTINGS"].home_country
    rest = [calendar_of(home, today, today + timedelta(days=200))]
    motion.runs_from, motion.escalated_at = now, None
    motion.closes_at = silence.expires(now, motion.hours, ZoneInfo(board.zone), rest)
    db.session.flush()
    audit.record(
        "begin_silence", about=("item", motion.item_id), by=by, now=now, motion=motion.id,
        reached=sorted(heard.reached), needed=heard.needed, expires_at=motion.closes_at,
    )  # fmt: skip
    local = motion.closes_at.astimezone(ZoneInfo(board.zone))
    motions.tell_voters(
        "silence_runs", motion, charter, subject, now=now, subject_line=f"Silence runs: {standing.title}"[:200],
        title=standing.title, expires=f"{local:%A} {local.day} {local:%B %Y, %H:%M} {local:%Z}",
    )  # fmt: skip
    return True


def object_to(motion: Motion, *, text: str, by: Actor, now: datetime) -> None:
    """Break a silence by an objection or an amendment, in writing. The item is back on the docket, to be voted on.

    Raises NotAllowed, NotOpen (no silence, over already) or Incomplete at "text".
    """
    standing = motions.hold_item(motion.item_id)
    board, charter = motions.hold(motion)
    subject = visibility.subject(motion.item_id)
    if subject is None:
        raise NotOpen("This item is gone.")
    ballots.seat_for(by, subject, seats.seats_on(board.id, seats.board_day(board, now)), charter)
    if motion.method is not Method.SILENCE:
        raise NotOpen("This is not a silence procedure. Vote no instead.")
    motions.must_be_open(motion)
    if motion.runs_from is not None and now >= motion.closes_at:
        raise NotOpen("The silence has ended: its exact end has passed.")
    if not text or len(text) > motions.LONGEST_REASON:
        raise Incomplete({
            "text": f"Use at most {motions.LONGEST_REASON:,} characters." if text else "Write what you object to."
        })
    why = f"{by.name} objected: {text}"
    motions.settle(motion, carried=False, sums=[f"The silence was broken. {why}"], by=by, now=now)
    audit.record("object", about=("item", motion.item_id), by=by, now=now, motion=motion.id, reason=text)
    motions.tell_voters(
        "vote_void", motion, charter, subject, now=now, subject_line=f"Silence broken: {standing.title}"[:200],
        title=standing.title, why=f"{why} The item is back on the docket.",
    )  # fmt: skip


def citing(motion: Motion, charter: Charter, heard: Collection[int]) -> tuple[str, list[str]]:
    """The authority that a kept silence gives, and the sentences of its record."""
    sums = [
        f"Silence was kept: {motion.hours} hours on business days, without an objection.",
        f"The text had reached {len(heard)} of those who may vote, which is a quorum, before it began.",
    ]
    return f"Silence procedure of the {deciding.by_charter(charter)}", sums
