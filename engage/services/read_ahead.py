"""The only place for a meeting's papers: given, late or in time, hidden from who stands aside, opened by whom."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from flask import current_app

from engage.extensions import db
from engage.importing.attachments import Checked
from engage.models.meetings import Meeting, MeetingPaper
from engage.reference.calendars import calendar_of
from engage.rules.canonical import canonical_json, digest
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.working_time import add_business_days
from engage.services import agendas, audit, files, meeting_rows, meetings, motions, seats
from engage.services.norms import norm_on

LONGEST = 20_000  # characters
NORM = "read_ahead_days"


def due_on(meeting: Meeting) -> date:
    """The last day on which the read-ahead is published in time: the norm's business days before the meeting."""
    day = meetings.local_day(meeting)
    days = norm_on(NORM, day)
    home = current_app.config["SETTINGS"].home_country
    first = date(day.year - 1, 1, 1)
    return add_business_days(day, -days, [calendar_of(home, first, day)])


def in_time(meeting: Meeting, last_day: date) -> bool | None:
    """Whether the read-ahead was published by `last_day`; None while it is not published."""
    if meeting.papers_at is None:
        return None
    return seats.board_day(seats.the_board(), meeting.papers_at) <= last_day


def late(meeting: Any, at: datetime | None) -> bool:
    """Whether something of `at` came after the read-ahead was published."""
    return meeting.papers_at is not None and at is not None and at > meeting.papers_at


def hidden(by: Actor, subject: Subject | None) -> bool:
    """Whether the papers of an item stay closed to `by`, who stands aside from it."""
    return subject is not None and by.id in motions.aside(subject)


def add(
    meeting: Meeting, title: str, *, text: str = "", file: Checked | None = None, entry_id: int | None = None,
    by: Actor, now: datetime,
) -> MeetingPaper:  # fmt: skip
    """Give a paper to the meeting or to one of its entries. Raises NotAllowed, NotOpen (over) or Incomplete."""
    if not may(by, Do.CONVENE) or by.id is None:
        raise NotAllowed("Only the secretariat and the chair give papers to a meeting.")
    meetings.hold(meeting.id)
    if meetings.stage(meeting) not in (meetings.Stage.SCHEDULED, meetings.Stage.OPEN):
        raise NotOpen("This meeting is over, so no paper is added.")
    at = {}
    if not title:
        at["title"] = "Give the paper a title."
    if not text and file is None:
        at["text"] = "Write the paper, or choose a file."
    if len(text) > LONGEST:
        at["text"] = f"Use at most {LONGEST:,} characters."
    if at:
        raise Incomplete(at)
    entry = agendas.live(meeting.id, entry_id) if entry_id else None
    about = ("agenda_entry", entry.id) if entry else ("meeting", meeting.id)
    kept = files.keep(file, about=about, by=by, now=now) if file else None
    paper = MeetingPaper(
        meeting_id=meeting.id, entry_id=entry and entry.id, title=title, text=text, file_id=kept and kept.id,
        sha256=digest(canonical_json({"title": title, "text": text, "file": kept.sha256 if kept else ""})),
        added_at=now, added_by_id=by.id,
    )  # fmt: skip
    db.session.add(paper)
    db.session.flush()
    audit.record(
        "add_paper", about=("meeting", meeting.id), by=by, now=now, paper=paper.id, title=title, sha256=paper.sha256,
        late=late(meeting, now),
    )  # fmt: skip
    return paper


def opened(meeting_id: int, *, by: Actor, now: datetime) -> None:
    """Note that `by` opened the papers; the first time counts. The caller is inside a transaction."""
    if by.id is not None and not meeting_rows.has_opened(meeting_id, by.id):
        meeting_rows.note_opening(meeting_id, by.id, now)
        audit.record("open_papers", about=("meeting", meeting_id), by=by, now=now)


def readable(by: Actor, rows: Collection[Any], subjects: dict[int, Subject]) -> list[Any]:
    """Those of the papers that `by` may read."""
    return [row for row in rows if row.item_id is None or not hidden(by, subjects.get(row.item_id))]
