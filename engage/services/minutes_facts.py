"""The only place that gathers what is recorded of a meeting, in words, for its minutes."""

import json
from collections import defaultdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.board import Board
from engage.models.meetings import AgendaEntry, Meeting
from engage.models.minutes import Minutes
from engage.models.people import Person
from engage.rules import minutes
from engage.rules.agenda import Ending, Section
from engage.rules.attendance import sitters
from engage.rules.minutes import Entry, Facts, Present, Vote
from engage.rules.voting import Choice
from engage.rules.workflow import APPROVED, FINAL
from engage.services import attendance, consent, meeting_rows, meetings, seats

_ENTRY_IDS = select(AgendaEntry.id).where(AgendaEntry.meeting_id == bindparam("meeting"))
_NAMES = select(Person.id, Person.name).where(Person.id.in_(bindparam("people", expanding=True)))


def entry_ids(meeting_id: int) -> list[int]:
    """The entries of a meeting, by id."""
    return list(db.session.scalars(_ENTRY_IDS, {"meeting": meeting_id}))


def approval(meeting: Meeting, written: Minutes) -> str:
    """How and when the minutes were approved, in a sentence."""
    if written.approved_at is None or written.approved_by_id is None:
        return ""
    name = db.session.get_one(Person, written.approved_by_id).name
    return f"Approved {_moment(written.approved_at, meeting)} by {name}: {written.approved_how}"


def text_of(meeting: Meeting, narrative: dict[str, str]) -> dict[str, Any]:
    """The minutes of a meeting as it is recorded now. A fixed number of statements."""
    return minutes.minutes(_facts(meeting, narrative))


def _facts(meeting: Meeting, narrative: dict[str, str]) -> Facts:
    board = db.session.get_one(Board, meeting.board_id)
    at = meeting.opened_at or meeting.starts_at
    places = seats.places_on(board.id, seats.board_day(board, at))
    stays = attendance.stays(meeting.id)
    entries, papers = meeting_rows.entries(meeting.id), meeting_rows.papers(meeting.id)
    actions = meeting_rows.actions(meeting.id)
    names = _names(stays)
    seat_names = {place.seat.id: place.seat.name for place in places}
    came = {row.seat_id for row in stays}
    votes = _votes(meeting)
    listed = consent.last(meeting.id)
    adopted = set(consent.adopted(listed)) if listed else set()
    return Facts(
        board=board.name, title=meeting.title, when=meetings.in_words(meeting),
        where=", ".join(part for part in (meeting.place, meeting.link) if part),
        opened=_moment(meeting.opened_at, meeting), ended=_moment(meeting.ended_at, meeting),
        present=tuple(
            Present(row.person, seat_names.get(row.seat_id, ""), row.attends.label, _hour(row.came_at, meeting),
                    _hour(row.left_at, meeting), names.get(row.for_id, ""))
            for row in stays
        ),
        absent=tuple(
            f"{place.holder_name} ({place.seat.name})"
            for place in places if place.seat.holder_id and place.seat.id not in came
        ),
        vacant=tuple(place.seat.name for place in places if place.seat.holder_id is None),
        consent=_consent(meeting, listed, seat_names),
        adopted=tuple(
            f"{row.title} (version {row.version_number}, SHA-256 {row.sha256})"
            for row in entries if row.item_id in adopted
        ),
        entries=_entries(meeting, entries, adopted, votes, papers, stays, places, actions),
        actions=tuple(_action(row) for row in actions),
        open_actions=tuple(_action(row) for row in meeting_rows.open_actions(meeting.id)),
        narrative=narrative,
    )  # fmt: skip


def _entries(
    meeting: Meeting, rows: list[Any], adopted: set[int], votes: dict[int, list[Vote]], papers: list[Any],
    stays: list[Any], places: tuple[seats.Place, ...], actions: list[Any],
) -> tuple[Entry, ...]:  # fmt: skip
    aside, late, asked = defaultdict(list), defaultdict(list), defaultdict(list)
    for one in meeting_rows.recusals(meeting.id):
        if meeting.ended_at is None or one.at <= meeting.ended_at:
            aside[one.item_id].append((one.name, one.reason))
    for paper in papers:
        if meeting.papers_at and paper.added_at > meeting.papers_at:
            late[paper.entry_id].append(paper.title)
    for action in actions:
        asked[action.entry_id].append(_action(action))
    held = attendance.as_stays(stays)
    filled = sum(place.seat.holder_id is not None for place in places)
    return tuple(
        Entry(
            row.id, row.section.label, row.title or row.heading, row.item_id, _outcome(row, votes),
            from_to=_from_to(row, meeting, len(sitters(held, row.called_at)) if row.called_at else 0, filled),
            recused=tuple(sorted(set(aside[row.item_id]))) if row.item_id else (), pulled_by=row.pulled_by or "",
            votes=tuple(votes.get(row.item_id or 0, ())), late=tuple(late[row.id]), actions=tuple(asked[row.id]),
        )
        for row in rows if row.item_id not in adopted and row.section is not Section.CONSENT
    )  # fmt: skip


def _outcome(row: Any, votes: dict[int, list[Vote]]) -> str:
    if row.section is Section.RATIFICATION and row.state in APPROVED:
        return "Ratified: the emergency decision stands."
    if row.section is Section.RATIFICATION and row.state in FINAL:
        return "Not ratified: the emergency decision has lapsed."
    if row.ending is Ending.CARRIED_OVER:
        return "Not decided: it stays on the docket." if row.item_id else "Not reached."
    return ""


def _from_to(row: Any, meeting: Meeting, present: int, filled: int) -> str:
    if row.called_at is None:
        return "Not called."
    until = f" to {_hour(row.closed_at, meeting)}" if row.closed_at else ""
    at_call = f"with {present} of {filled} filled seats present at its call"
    return f"Discussed from {_hour(row.called_at, meeting)}{until}, {at_call}."


def _votes(meeting: Meeting) -> dict[int, list[Vote]]:
    """The votes of the meeting by item, in order."""
    cast, put_off = defaultdict(list), defaultdict(list)
    for one in meeting_rows.ballots(meeting.id):
        cast[one.motion_id].append((one.seat, one.person, one.choice.label, one.reason, one.entered_by or ""))
    for one in meeting_rows.put_off(meeting.id):
        put_off[one.motion_id].append(one.name)
    found: dict[int, list[Vote]] = defaultdict(list)
    for row in meeting_rows.motions(meeting.id):
        found[row.item_id].append(
            Vote(
                motion=f"{row.outcome.label} (motion {row.round})", moved_by=row.moved_by,
                moved=_hour(row.moved_at, meeting), result=_result(row),
                sums=tuple(json.loads(row.arithmetic) if row.arithmetic else ()), ballots=tuple(cast[row.id]),
                reason=row.reason, conditions=tuple(row.conditions.splitlines()), put_off=tuple(put_off[row.id]),
                until=_day(row.defer_until), decision=row.authority or "", version=row.version, sha256=row.sha256,
            )
        )  # fmt: skip
    return found


def _result(row: Any) -> str:
    if row.closed_at is None:
        return "The vote is open."
    if row.decision_id:
        return f"Carried: decision {row.decision_id}, {row.outcome.label.lower()}, by {row.authority}."
    return "The motion was lost."


def _consent(meeting: Meeting, vote: Any, seat_names: dict[int, str]) -> Vote | None:
    if vote is None:
        return None
    ballots = consent.said(vote.id)
    people = [vote.moved_by_id, *(b.person_id for b in ballots), *(b.entered_by_id or 0 for b in ballots)]
    names = dict(db.session.execute(_NAMES, {"people": people}).all())
    result = "The vote is open." if vote.closed_at is None else "Carried." if vote.carried else "The motion was lost."
    return Vote(
        motion="to adopt the consent list", moved_by=names.get(vote.moved_by_id, ""),
        moved=_hour(vote.moved_at, meeting),
        result=result,
        sums=tuple(json.loads(vote.arithmetic) if vote.arithmetic else ()),
        ballots=tuple(
            (seat_names.get(b.seat_id, ""), names.get(b.person_id, ""), Choice(b.choice).label, "",
             names.get(b.entered_by_id or 0, ""))
            for b in ballots
        ),
    )  # fmt: skip


def _names(stays: list[Any]) -> dict[int, str]:
    people = sorted({row.for_id for row in stays if row.for_id})
    return dict(db.session.execute(_NAMES, {"people": people}).all()) if people else {}


def _action(row: Any) -> str:
    done = f" Done: {row.outcome}" if row.done_at else ""
    return f"{row.owner}, by {_day(row.due_on)}: {row.text}{done}"


def _hour(moment: datetime | None, meeting: Meeting) -> str:
    return f"{moment.astimezone(ZoneInfo(meeting.zone)):%H:%M}" if moment else ""


def _moment(moment: datetime | None, meeting: Meeting) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(meeting.zone))
    return f"{local.day} {local:%B %Y, %H:%M} {local:%Z}"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""
