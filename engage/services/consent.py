"""The only writer of the consent list's vote: one motion adopts what no member wished to discuss."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select

from engage.extensions import db
from engage.models.board import Ballot, Board, Charter
from engage.models.meetings import AgendaEntry, ConsentBallot, ConsentVote, Meeting
from engage.rules import attendance as sums
from engage.rules import voting
from engage.rules.agenda import Section
from engage.rules.canonical import canonical_json
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import NotAllowed, NotOpen, QuorumLacking, Refusal
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import (
    attendance,
    audit,
    board,
    meetings,
    motions,
    new_motions,
    seats,
    sittings,
    states,
    visibility,
)

_OPEN = (
    select(ConsentVote)
    .where(ConsentVote.meeting_id == bindparam("meeting"), ConsentVote.closed_at.is_(None))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LAST = (
    select(ConsentVote).where(ConsentVote.meeting_id == bindparam("meeting")).order_by(ConsentVote.id.desc()).limit(1)
)
_SAID = select(ConsentBallot).where(ConsentBallot.vote_id == bindparam("vote")).order_by(ConsentBallot.seat_id)
_LISTED = (
    select(AgendaEntry)
    .where(
        AgendaEntry.meeting_id == bindparam("meeting"), AgendaEntry.section == Section.CONSENT,
        AgendaEntry.item_id.is_not(None), AgendaEntry.ended_at.is_(None),
    )
    .order_by(AgendaEntry.item_id)
    .execution_options(populate_existing=True)
)  # fmt: skip


def last(meeting_id: int) -> ConsentVote | None:
    """The meeting's newest vote on its consent list, open or closed."""
    return db.session.scalar(_LAST, {"meeting": meeting_id})


def said(vote_id: int) -> list[ConsentBallot]:
    """The ballots on a consent list, by seat."""
    return list(db.session.scalars(_SAID, {"vote": vote_id}))


def put(meeting: Meeting, *, by: Actor, now: datetime) -> ConsentVote:
    """Put the consent list to the vote. Raises NotAllowed, or NotOpen (empty, or a vote is open)."""
    if not may(by, Do.RUN_MEETING) or by.id is None:
        raise NotAllowed("Only the chair and the secretariat put the consent list to the vote.")
    meetings.hold(meeting.id)
    meetings.must_be_in_session(meeting)
    sittings.no_vote_open(meeting, "putting the consent list to the vote")
    if not _listed(meeting):
        raise NotOpen("Nothing stands on the consent list.")
    vote = ConsentVote(meeting_id=meeting.id, moved_by_id=by.id, moved_at=now)
    db.session.add(vote)
    db.session.flush()
    audit.record("put_consent_list", about=("meeting", meeting.id), by=by, now=now, vote=vote.id)
    return vote


def cast(meeting: Meeting, choice: Choice, *, by: Actor, now: datetime) -> None:
    """Vote on the consent list for the seat in which one sits. Raises NotAllowed or NotOpen."""
    vote = _open(meeting)
    if not may(by, Do.PULL_ITEM):
        raise NotAllowed("Only members of the board vote, and administrators never do.")
    seat_id = next((seat for seat, person in attendance.here(meeting.id).items() if person == by.id), None)
    if seat_id is None:
        raise NotAllowed("You are not recorded as present in this meeting, so you may not vote.")
    _write(vote, meeting, seat_id, by.id or 0, choice, entered_by=None, by=by, now=now)


def roll_call(meeting: Meeting, given: Mapping[int, Choice], *, by: Actor, now: datetime) -> int:
    """Record what seats said aloud on the list; each ballot names who entered it. Raises NotAllowed or NotOpen."""
    if not may(by, Do.RUN_MEETING):
        raise NotAllowed("Only the chair and the secretariat record a roll call.")
    meetings.hold(meeting.id)
    vote, here = _open(meeting), attendance.here(meeting.id)
    for seat_id, choice in given.items():
        if seat_id not in here:
            raise NotAllowed("Nobody is recorded as present in this seat, so it is not called.")
        _write(vote, meeting, seat_id, here[seat_id], choice, entered_by=by.id, by=by, now=now)
    return len(given)


def close(meeting: Meeting, *, by: Actor, now: datetime) -> ConsentVote:
    """Close the vote. Where it carries, each item still on the list is decided, with its own count and record.

    An item whose own recusals leave it without a quorum, or without a majority, is discussed by itself instead.
    Raises NotAllowed, NotOpen, or QuorumLacking; then the vote stays open.
    """
    if not may(by, Do.RUN_MEETING) or by.id is None:
        raise NotAllowed("Only the chair and the secretariat close a vote.")
    meetings.hold(meeting.id)
    meetings.must_be_in_session(meeting)
    vote, listed = _open(meeting), _listed(meeting)
    given, here = said(vote.id), attendance.here(meeting.id)
    the_board = db.session.get_one(Board, meeting.board_id)
    held = seats.seats_on(the_board.id, seats.board_day(the_board, now))
    charter = seats.charter_on(the_board.id, seats.board_day(the_board, now))
    count = _count(held, here, given, frozenset(), charter)
    if not count.quorate:
        raise QuorumLacking(f"There is no quorum, so the vote stays open. {' '.join(count.arithmetic)}")
    adopted: list[AgendaEntry] = []
    apart: list[AgendaEntry] = []
    for entry in listed if count.carried else ():
        (adopted if _adopt(entry, meeting, given, held, by=by, now=now) else apart).append(entry)
    for entry in apart:
        entry.section, entry.pulled_at, entry.pulled_by_id = Section.DECISION, now, by.id
    vote.closed_at, vote.closed_by_id, vote.carried = now, by.id, count.carried
    vote.arithmetic = canonical_json(list(count.arithmetic))
    vote.adopted = canonical_json([entry.item_id for entry in adopted])
    db.session.flush()
    audit.record(
        "close_consent_list", about=("meeting", meeting.id), by=by, now=now, vote=vote.id, carried=count.carried,
        arithmetic=list(count.arithmetic), adopted=[entry.item_id for entry in adopted],
        apart=[entry.item_id for entry in apart],
    )  # fmt: skip
    return vote


def adopted(vote: ConsentVote) -> list[int]:
    """The items that the vote adopted."""
    found: list[int] = json.loads(vote.adopted) if vote.adopted else []
    return found


def _adopt(
    entry: AgendaEntry, meeting: Meeting, given: list[ConsentBallot], held: tuple[voting.Seat, ...], *, by: Actor,
    now: datetime,
) -> bool:  # fmt: skip
    """Decide one item by the list's ballots of those who do not stand aside from it; whether it was adopted."""
    item_id = entry.item_id or 0
    standing, subject = motions.hold_item(item_id), visibility.subject(item_id)
    if subject is None or standing.state is not State.SCHEDULED or motions.open_on(item_id) is not None:
        return False
    the_board = db.session.get_one(Board, meeting.board_id)
    charter = seats.charter_on(meeting.board_id, seats.board_day(the_board, standing.submitted_at))
    aside = motions.aside(subject)
    here = attendance.here_for(meeting.id, item_id, subject, seats.board_day(the_board, now))
    if not _count(held, here, given, aside, charter, subject.kind).carried:
        return False
    ends_at = max(meeting.starts_at + timedelta(minutes=meeting.minutes_long), now + sittings.A_VOTE_TAKES)
    try:
        motion = new_motions.put_motion(
            states.get(item_id), subject, Outcome.APPROVE, reason="Adopted with the consent list.",
            meeting_id=meeting.id, closes_at=ends_at, by=by, now=now,
        )  # fmt: skip
    except Refusal:
        return False  # the closer's own journey, or a kind that needs more than a plain yes
    rows = [
        {"motion_id": motion.id, "seat_id": one.seat_id, "person_id": one.person_id, "choice": one.choice,
         "item_version_id": standing.version_id, "reason": "", "cast_at": one.cast_at,
         "entered_by_id": one.entered_by_id}
        for one in given if one.person_id not in aside and here.get(one.seat_id) == one.person_id
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Ballot), rows)
    board.close(motion, by=by, now=now)
    return True


def _count(
    held: tuple[voting.Seat, ...], here: dict[int, int], given: list[ConsentBallot], aside: frozenset[int],
    charter: Charter, kind: ItemKind | None = None,
) -> voting.Tally:  # fmt: skip
    at_table = sums.seated(held, here, aside)
    cast = [voting.Ballot(one.seat_id, one.person_id, one.choice) for one in given]
    return voting.tally(at_table, aside, sums.with_the_silent(at_table, here, cast), seats.rules_of(charter, kind))


def count_of(
    held: tuple[voting.Seat, ...], here: dict[int, int], given: list[ConsentBallot], charter: Charter
) -> voting.Tally:
    """What a vote on the whole list comes to with these ballots; `here` is who sits in each seat."""
    return _count(held, here, given, frozenset(), charter)


def _open(meeting: Meeting) -> ConsentVote:
    vote = db.session.scalar(_OPEN, {"meeting": meeting.id})
    if vote is None:
        raise NotOpen("No vote on the consent list is open.")
    return vote


def _listed(meeting: Meeting) -> list[AgendaEntry]:
    return list(db.session.scalars(_LISTED, {"meeting": meeting.id}))


def _write(
    vote: ConsentVote, meeting: Meeting, seat_id: int, person_id: int, choice: Choice, *, entered_by: int | None,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    held = {one.seat_id: one for one in said(vote.id)}
    ballot = held.get(seat_id)
    if ballot is None:
        ballot = ConsentBallot(vote_id=vote.id, seat_id=seat_id)
        db.session.add(ballot)
    elif (ballot.person_id, ballot.choice) == (person_id, choice):
        return
    ballot.person_id, ballot.choice, ballot.cast_at, ballot.entered_by_id = person_id, choice, now, entered_by
    db.session.flush()
    audit.record(
        "vote_on_consent_list", about=("meeting", meeting.id), by=by, now=now, vote=vote.id, seat=seat_id,
        person=person_id, choice=choice, entered_by=entered_by,
    )  # fmt: skip
