"""The only place for what happens in a meeting: items called, motions put and closed there, the end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.board import Decision, Motion
from engage.models.engagements import Item
from engage.models.meetings import AgendaEntry, ConsentVote, Meeting
from engage.rules.agenda import Ending
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import NotAllowed, NotOpen
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import (
    agendas,
    attendance,
    audit,
    ballots,
    board,
    emergencies,
    meetings,
    new_motions,
    states,
    visibility,
)

A_VOTE_TAKES = timedelta(hours=1)  # until when a vote in a meeting is asked for; nothing happens by itself then

_A, _I = AgendaEntry.__table__.c, Item.__table__.c
_CALLED = select(AgendaEntry).where(
    AgendaEntry.meeting_id == bindparam("meeting"), AgendaEntry.called_at.is_not(None), AgendaEntry.closed_at.is_(None)
).execution_options(populate_existing=True)
_OPEN_MOTION = select(Motion.id).where(Motion.meeting_id == bindparam("meeting"), Motion.closed_at.is_(None))
_OPEN_CONSENT = select(ConsentVote.id).where(
    ConsentVote.meeting_id == bindparam("meeting"), ConsentVote.closed_at.is_(None)
)
_STANDING = (
    select(AgendaEntry, _I.state)
    .outerjoin(Item, Item.id == AgendaEntry.item_id)
    .where(AgendaEntry.meeting_id == bindparam("meeting"), AgendaEntry.ended_at.is_(None))
    .order_by(AgendaEntry.id)
    .execution_options(populate_existing=True)
)
_DECIDED_HERE = select(Motion.item_id).where(Motion.meeting_id == bindparam("meeting"), Motion.carried.is_(True))


def called(meeting_id: int) -> AgendaEntry | None:
    """The entry that the meeting discusses now, or None."""
    return db.session.scalar(_CALLED, {"meeting": meeting_id})


def begin(meeting: Meeting, *, by: Actor, now: datetime) -> None:
    """Open the meeting, with what waits for one on its agenda. Raises what meetings.open_ raises."""
    meetings.open_(meeting, by=by, now=now)
    agendas.gather(meeting, now=now)


def call(meeting: Meeting, entry_id: int, *, by: Actor, now: datetime) -> AgendaEntry:
    """Call an entry: what was discussed until now is over. Raises NotAllowed, or NotOpen while a vote is open."""
    _hold_in_session(meeting, by)
    no_vote_open(meeting, "calling the next item")
    entry = agendas.live(meeting.id, entry_id)
    before = called(meeting.id)
    if before is not None and before.id == entry.id:
        return entry
    if before is not None:
        before.closed_at = now
        db.session.flush()
    entry.called_at, entry.closed_at = entry.called_at or now, None
    db.session.flush()
    audit.record(
        "call_item", about=("meeting", meeting.id), by=by, now=now, entry=entry.id, item=entry.item_id,
        heading=entry.heading or None,
    )  # fmt: skip
    return entry


def put(
    meeting: Meeting, entry_id: int, outcome: Outcome, *, by: Actor, now: datetime, **said: Any
) -> Motion:
    """Put a motion on the item that is called; those present vote on it. `said` is as new_motions.put_motion takes it.

    Raises NotAllowed, NotOpen (not called, not on the docket, a motion is open) or Incomplete.
    """
    _hold_in_session(meeting, by)
    entry = agendas.live(meeting.id, entry_id)
    if entry.item_id is None:
        raise NotOpen("Nothing is decided under this point: it is no item of the docket.")
    now_called = called(meeting.id)
    if now_called is None or now_called.id != entry.id:
        raise NotOpen("Call the item first: a motion is put on what the meeting discusses.")
    item, subject = _item(entry.item_id)
    ends_at = meeting.starts_at + timedelta(minutes=meeting.minutes_long)
    until = max(ends_at, now + A_VOTE_TAKES)
    return new_motions.put_motion(
        item, subject, outcome, meeting_id=meeting.id, closes_at=until, by=by, now=now, **said
    )


def close_vote(meeting: Meeting, motion: Motion, *, by: Actor, now: datetime) -> Decision | None:
    """Close a vote of this meeting. The decision, or None when the motion is lost.

    Raises what board.close raises: without a quorum of those present nothing is recorded, and the vote stays open.
    """
    _hold_in_session(meeting, by)
    if motion.meeting_id != meeting.id:
        raise NotOpen("This motion was not put in this meeting.")
    return board.close(motion, by=by, now=now)


def roll_call(
    meeting: Meeting, motion: Motion, said: Mapping[int, Choice], *, by: Actor, now: datetime
) -> int:
    """Record what seats said aloud, seat by seat; each ballot names who entered it. Gives how many were recorded.

    Nobody votes by it: only seats of those present are called. Raises NotAllowed, NotOpen or Stale.
    """
    _hold_in_session(meeting, by)
    if motion.meeting_id != meeting.id:
        raise NotOpen("This motion was not put in this meeting.")
    for seat_id, choice in said.items():
        ballots.enter(motion, seat_id, choice, by=by, now=now)
    return len(said)


def end(meeting: Meeting, *, by: Actor, now: datetime) -> None:
    """End the meeting: whoever is there leaves, what was not decided is carried over to the docket.

    An emergency decision that stood on the agenda and was not ratified lapses. Raises NotAllowed, or NotOpen while a
    vote is open.
    """
    _hold_in_session(meeting, by)
    no_vote_open(meeting, "ending the meeting")
    decided = set(db.session.scalars(_DECIDED_HERE, {"meeting": meeting.id}))
    undecided: dict[int, AgendaEntry] = {}
    for entry, state in db.session.execute(_STANDING, {"meeting": meeting.id}):
        if entry.called_at is not None and entry.closed_at is None:
            entry.closed_at = now
        left = entry.item_id in decided or state is not State.SCHEDULED  # the docket, by a decision or otherwise
        done = left if entry.item_id else entry.called_at is not None
        entry.ended_at, entry.ending = now, Ending.DEALT_WITH if done else Ending.CARRIED_OVER
        if entry.item_id and not done:
            undecided[entry.item_id] = entry
    db.session.flush()
    for item_id in emergencies.to_ratify(undecided):
        undecided[item_id].ending = Ending.DEALT_WITH
        emergencies.refuse(item_id, "The meeting ended and had not ratified it.", by=by, now=now)
    attendance.all_go(meeting, now=now)
    meeting.ended_at = now
    db.session.flush()
    audit.record("end_meeting", about=("meeting", meeting.id), by=by, now=now)


def _hold_in_session(meeting: Meeting, by: Actor) -> None:
    if not may(by, Do.RUN_MEETING):
        raise NotAllowed("Only the chair and the secretariat run a meeting.")
    meetings.hold(meeting.id)
    meetings.must_be_in_session(meeting)


def no_vote_open(meeting: Meeting, before: str) -> None:
    """Raises NotOpen while the meeting votes; `before` is what must wait."""
    given = {"meeting": meeting.id}
    if db.session.scalar(_OPEN_MOTION, given) or db.session.scalar(_OPEN_CONSENT, given):
        raise NotOpen(f"A vote is open. Close it before {before}.")


def _item(item_id: int) -> tuple[Item, Any]:
    subject = visibility.subject(item_id)
    if subject is None:
        raise NotOpen("This item is gone.")
    return states.get(item_id), subject
