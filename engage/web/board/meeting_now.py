"""The only place that says in words what a meeting is at: the quorum, each seat, and who may sit in an empty one."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from engage.rules import attendance as sums
from engage.rules.attendance import Quorum
from engage.rules.canonical import canonical_json, digest
from engage.rules.voting import Tally
from engage.services import attendance, ballots, consent, meeting_rows, motions, seats, visibility
from engage.services.meetings import stage
from engage.web import access
from engage.web.board import queries
from engage.web.board.bench import MARKS


@dataclass(frozen=True)
class Line:
    """One seat in the room: who holds it, who sits there now, and what they said on the open vote."""

    id: int
    name: str
    holder: str
    holder_id: int | None
    sitter: str
    sitter_id: int | None
    here: str  # in words
    said: str
    kind: str
    note: str
    votes: bool  # its ballot may be entered now


@dataclass(frozen=True)
class Now:
    """What the meeting is at: the entry called, the open motion with its count, and the quorum for it."""

    entry: Any
    motion: Any
    tally: Tally | None
    quorum: Quorum
    lines: list[Line]
    aside: frozenset[int]
    asks: str = ""


def at(
    meeting_id: int, rows: list[Any], stays: list[Any], places: Any, charter: Any, vote: Any, day: date
) -> Now:
    """What the meeting is at on `day`: from its entries, its stays, the seats of the day and the open vote, if any."""
    here = {row.seat_id: row for row in stays if row.seat_id is not None and row.left_at is None}
    held = tuple(place.seat for place in places)
    entry = next((row for row in rows if row.called_at and not row.closed_at), None)
    subject = visibility.subject(entry.item_id) if entry is not None and entry.item_id else None
    motion = motions.open_on(entry.item_id) if entry is not None and entry.motion_id else None
    aside = motions.aside(subject) if subject else frozenset[int]()
    sitting = {seat_id: row.person_id for seat_id, row in here.items()}
    if entry is not None and subject is not None and any(row.for_id for row in here.values()):
        sitting = attendance.here_for(meeting_id, entry.item_id, subject, day)
    said: dict[int, Any] = {}
    tally = None
    if motion is not None and subject is not None:
        _, charter = motions.setting_of(motion)
        tally = ballots.count(motion, charter, subject, held, day)
        said = {one.seat_id: one for one in queries.said(motion.id)}
    elif vote is not None:
        said = {one.seat_id: one for one in consent.said(vote.id)}
        tally = consent.count_of(held, sitting, list(said.values()), charter)
    quorum = sums.quorum(held, sitting, aside, seats.rules_of(charter, subject.kind if subject else None))
    voting = motion is not None or vote is not None
    lines = [_line(place, here, said, aside, charter, voting, sitting) for place in places]
    return Now(entry, motion, tally, quorum, lines, aside)


def _line(
    place: Any, here: dict[int, Any], said: dict[int, Any], aside: Any, charter: Any, voting: bool,
    sitting: dict[int, int],
) -> Line:  # fmt: skip
    seat, stay = place.seat, here.get(place.seat.id)
    present = f"{stay.attends.label}, since {_hour(stay.came_at)}" if stay else ""
    sitter, sitter_id = (stay.person, stay.person_id) if stay else ("", None)
    silent = seat.is_chair and not seats.chair_is_asked(charter)
    words, kind, note, votes = "", "plain", "", False
    if seat.holder_id is None:
        words = "Vacant"
    elif seat.holder_id in aside or sitter_id in aside:
        words = "Stands aside"
    elif stay is None:
        words, kind = "Absent", "warn"
    elif seat.id not in sitting:
        words, kind, note = "Not counted", "warn", "Their delegation does not reach this item."
    elif silent:
        words = "Does not vote"
    elif voting:
        votes, ballot = True, said.get(seat.id)
        words, kind = (ballot.choice.label, MARKS[ballot.choice]) if ballot else ("Not yet", "wait")
        note = getattr(ballot, "reason", "") if ballot else ""
        if ballot is not None and ballot.entered_by_id:
            note = f"{note} Entered in the roll call.".strip()
    else:
        words, kind = "Present", "good"
    return Line(
        seat.id, seat.name, place.holder_name, seat.holder_id, sitter, sitter_id, present, words, kind, note, votes
    )


def stand_ins(meeting: Any, now: Now) -> list[tuple[Line, list[tuple[int, str]]]]:
    """The empty seats whose holders let somebody sit there today, each with the stand-in and the alternate."""
    empty = [line for line in now.lines if line.holder_id and not line.sitter]
    allowed = attendance.may_stand_in(meeting, access.clock()) if empty else {}
    names = meeting_rows.names({one for line in empty for one in allowed.get(line.holder_id or 0, [])})
    here = {line.sitter_id for line in now.lines} | {line.holder_id for line in now.lines}
    return [
        (line, found) for line in empty
        if (found := [(one, names[one]) for one in allowed.get(line.holder_id or 0, []) if one not in here])
    ]  # fmt: skip


def _hour(moment: Any) -> str:
    return f"{moment.astimezone(ZoneInfo(access.me().zone)):%H:%M}"


def stamp(record: Any, rows: list[Any], stays: list[Any], now: Now, vote: Any) -> str:
    """What tells a page that it is out of date."""
    return digest(
        canonical_json([
            stage(record).value, record.version, vote.id if vote else 0, now.motion.id if now.motion else 0,
            [[row.id, str(row.section), row.position, row.called_at, row.closed_at, str(row.state)] for row in rows],
            [[row.id, row.left_at] for row in stays], [[line.said, line.note] for line in now.lines],
        ])
    )[:16]  # fmt: skip
