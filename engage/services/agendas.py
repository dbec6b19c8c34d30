"""The only writer of what stands on an agenda: entries, their order, the consent list, and the published record."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.meetings import AgendaEntry, Meeting, PublishedAgenda
from engage.rules import agenda
from engage.rules.agenda import Candidate, Ending, Section
from engage.rules.asking import Asks
from engage.rules.canonical import canonical_json, digest
from engage.rules.items import ItemKind
from engage.rules.policy import PROGRAM, Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.workflow import State
from engage.services import audit, candidates, emergencies, meeting_rows, meetings

LONGEST_NOTE = 2_000  # characters
MOST_ENTRIES = 200

_I, _A = Item.__table__.c, AgendaEntry.__table__.c
_ENTRIES = select(AgendaEntry).where(AgendaEntry.meeting_id == bindparam("meeting")).execution_options(
    populate_existing=True
)
_ENTRY = _ENTRIES.where(AgendaEntry.id == bindparam("entry"))
_LIVE = _ENTRIES.where(AgendaEntry.ended_at.is_(None)).order_by(AgendaEntry.position, AgendaEntry.id)
_OF_ITEM = select(AgendaEntry.meeting_id, Meeting.title).join(Meeting, Meeting.id == AgendaEntry.meeting_id).where(
    AgendaEntry.item_id == bindparam("item"), AgendaEntry.ended_at.is_(None)
)
_ITEM = select(_I.id, _I.title, _I.state, _I.kind, _I.asks, _I.deferred_until, _I.placed_at).where(
    _I.id == bindparam("item")
)
_LAST = select(func.coalesce(func.max(_A.position), 0)).where(
    _A.meeting_id == bindparam("meeting"), _A.section == bindparam("section")
)
_PUBLISHED = select(func.coalesce(func.max(PublishedAgenda.number), 0)).where(
    PublishedAgenda.meeting_id == bindparam("meeting")
)


def gather(meeting: Meeting, *, now: datetime) -> int:
    """Put by itself on the agenda what belongs there: deferrals that are due, what a member calendared,
    and emergency decisions to ratify. Gives how many; twice is once. The caller holds the meeting."""
    coming = candidates.coming(meeting)
    for one in coming:
        _place(meeting, one.item_id, agenda.section_of(one), by=PROGRAM, now=now)
    return len(coming)


def gather_ahead(now: datetime) -> int:
    """Put on the next meeting's agenda what waits for a meeting since it was called. The runner calls it.

    Gives how many. One statement while nothing waits.
    """
    meeting = candidates.next_ahead(now) if candidates.something_waits() else None
    if meeting is None:
        return 0
    meetings.hold(meeting.id)
    return gather(meeting, now=now) if meetings.stage(meeting) is meetings.Stage.SCHEDULED else 0


def add(
    meeting: Meeting, item_id: int, *, section: Section | None = None, by: Actor, now: datetime
) -> AgendaEntry:
    """Put an item of the docket on the agenda, at the end of its section.

    Raises NotAllowed, or NotOpen: the meeting is over, the item is not on the docket, or it is on an agenda.
    """
    _hold_to_build(meeting, by)
    row = db.session.execute(_ITEM, {"item": item_id}).one_or_none()
    if row is None:
        raise NotOpen("There is no such item on the docket.")
    due = row.state is State.DEFERRED and row.deferred_until <= meetings.local_day(meeting)
    if row.state is not State.SCHEDULED and not due:
        raise NotOpen(f"“{row.title}” is not on the docket: it is {row.state.label.lower()}.")
    if (known := db.session.execute(_OF_ITEM, {"item": item_id}).first()) is not None:
        raise NotOpen(f"“{row.title}” is on an agenda already: {known.title}.")
    advice = row.asks is Asks.ADVICE
    chosen = section or agenda.section_of(
        Candidate(
            item_id, row.kind, advice, row.placed_at or now, due_from_deferral=due,
            to_ratify=row.kind is ItemKind.MATTER and bool(emergencies.to_ratify([item_id])),
        )
    )  # fmt: skip
    return _place(meeting, item_id, chosen, by=by, now=now)


def add_heading(meeting: Meeting, heading: str, section: Section, *, by: Actor, now: datetime) -> AgendaEntry:
    """Put a point that is no item on the agenda. Raises NotAllowed, NotOpen or Incomplete."""
    _hold_to_build(meeting, by)
    if not heading:
        raise Incomplete({"heading": "Say what the point is."})
    if section is Section.CONSENT:
        raise Incomplete({"section": "Only items stand on the consent list."})
    entry = AgendaEntry(
        meeting_id=meeting.id, section=section, heading=heading, added_at=now, added_by_id=by.id,
        position=_next(meeting, section),
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    audit.record("add_to_agenda", about=("meeting", meeting.id), by=by, now=now, heading=heading, section=section)
    return entry


def remove(meeting: Meeting, entry_id: int, *, by: Actor, now: datetime) -> None:
    """Take an entry off the agenda; its item is on the docket still. Raises NotAllowed, or NotOpen."""
    _hold_to_build(meeting, by)
    entry = live(meeting.id, entry_id)
    if entry.called_at is not None:
        raise NotOpen("The meeting has called this already, so it stays on the agenda.")
    entry.ended_at, entry.ending = now, Ending.REMOVED
    db.session.flush()
    audit.record(
        "take_off_agenda", about=("meeting", meeting.id), by=by, now=now, item=entry.item_id, heading=entry.heading
    )


def arrange(
    meeting: Meeting, entry_id: int, *, up: bool | None = None, position: int | None = None,
    section: Section | None = None, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Move an entry: one `up` or down, to a `position` (from 1) in its section, or into another section's end.

    Raises NotAllowed, NotOpen (gone, or called already), or Incomplete.
    """
    _hold_to_build(meeting, by)
    entry = live(meeting.id, entry_id)
    if entry.called_at is not None:
        raise NotOpen("The meeting has called this already, so it keeps its place.")
    before = {"section": entry.section, "position": entry.position}
    if section is not None and section is not entry.section:
        if section is Section.CONSENT and entry.item_id is None:
            raise Incomplete({"section": "Only items stand on the consent list."})
        entry.section, entry.position = section, _next(meeting, section)
    others = [one for one in _live(meeting.id) if one.section is entry.section]
    others.sort(key=lambda one: (one.position, one.id))
    at = others.index(entry)
    to = at - 1 if up else at + 1 if up is False else at if position is None else position - 1
    others.insert(max(0, min(to, len(others) - 1)), others.pop(at))
    for number, one in enumerate(others, 1):
        one.position = number
    db.session.flush()
    after = {"section": entry.section, "position": entry.position}
    if after != before:
        audit.record(
            "arrange_agenda", about=("meeting", meeting.id), by=by, now=now, entry=entry.id, before=before, after=after
        )


def pull(meeting: Meeting, entry_id: int, *, by: Actor, now: datetime) -> AgendaEntry:
    """Take an item off the consent list, to be discussed by itself: one member's wish is enough, and no second.

    The meeting's row is held, so that the list is adopted with the item or without it. A second pull changes
    nothing. Raises NotAllowed, or NotOpen once it is adopted.
    """
    if not may(by, Do.PULL_ITEM):
        raise NotAllowed("Only members of the board take an item off the consent list.")
    meetings.hold(meeting.id)
    entry = of(meeting.id, entry_id)
    if entry.pulled_at is not None:
        return entry
    if entry.section is not Section.CONSENT or entry.ended_at is not None or entry.item_id is None:
        raise NotOpen("This is not on the consent list any more.")
    if meetings.stage(meeting) in (meetings.Stage.ENDED, meetings.Stage.CANCELLED):
        raise NotOpen("This meeting is over.")
    row = db.session.execute(_ITEM, {"item": entry.item_id}).one()
    entry.section = agenda.section_of(Candidate(row.id, row.kind, row.asks is Asks.ADVICE, now))
    entry.position = _next(meeting, entry.section)
    entry.pulled_at, entry.pulled_by_id = now, by.id
    db.session.flush()
    audit.record("pull_from_consent", about=("meeting", meeting.id), by=by, now=now, item=entry.item_id)
    return entry


def publish(meeting: Meeting, *, by: Actor, now: datetime) -> PublishedAgenda:
    """Freeze the agenda as it stands, with the texts it is about, and tell the members once that papers are there.

    Raises NotAllowed, NotOpen, or Incomplete when nothing stands on it.
    """
    if not may(by, Do.CONVENE) or by.id is None:
        raise NotAllowed("Only the secretariat and the chair publish an agenda.")
    meetings.hold(meeting.id)
    meetings.must_be_ahead(meeting)
    gather(meeting, now=now)
    rows = meeting_rows.entries(meeting.id)
    if not rows:
        raise Incomplete({"agenda": "Nothing stands on the agenda, so there is nothing to publish."})
    content = canonical_json(_frozen(meeting, rows))
    number = (db.session.scalar(_PUBLISHED, {"meeting": meeting.id}) or 0) + 1
    made = PublishedAgenda(
        meeting_id=meeting.id, number=number, content=content, sha256=digest(content), published_at=now,
        published_by_id=by.id,
    )  # fmt: skip
    db.session.add(made)
    first = meeting.papers_at is None
    if first:
        meeting.papers_at = now
    db.session.flush()
    audit.record(
        "publish_agenda", about=("meeting", meeting.id), by=by, now=now, number=number, sha256=made.sha256,
        entries=len(rows),
    )  # fmt: skip
    if first:
        meetings.tell(meeting, "published", by=by, now=now, entries=len(rows))
    return made


def published(record: PublishedAgenda) -> dict[str, Any]:
    """What a published agenda says."""
    said: dict[str, Any] = json.loads(record.content)
    return said


def of(meeting_id: int, entry_id: int) -> AgendaEntry:
    """An entry of this meeting. Raises NotOpen when there is none."""
    entry = db.session.scalar(_ENTRY, {"meeting": meeting_id, "entry": entry_id})
    if entry is None:
        raise NotOpen("This is not on the agenda.")
    return entry


def live(meeting_id: int, entry_id: int) -> AgendaEntry:
    """An entry that stands on the agenda still. Raises NotOpen."""
    entry = of(meeting_id, entry_id)
    if entry.ended_at is not None:
        raise NotOpen("This is not on the agenda any more.")
    return entry


def _live(meeting_id: int) -> list[AgendaEntry]:
    return list(db.session.scalars(_LIVE, {"meeting": meeting_id}))


def _hold_to_build(meeting: Meeting, by: Actor) -> None:
    if not may(by, Do.CONVENE):
        raise NotAllowed("Only the secretariat and the chair make the agenda.")
    meetings.hold(meeting.id)
    if meetings.stage(meeting) not in (meetings.Stage.SCHEDULED, meetings.Stage.OPEN):
        raise NotOpen("This meeting is over, so its agenda stays as it is.")


def _place(meeting: Meeting, item_id: int, section: Section, *, by: Actor, now: datetime) -> AgendaEntry:
    entry = AgendaEntry(
        meeting_id=meeting.id, section=section, item_id=item_id, added_at=now, added_by_id=by.id,
        position=_next(meeting, section),
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    audit.record("add_to_agenda", about=("meeting", meeting.id), by=by, now=now, item=item_id, section=section)
    return entry


def _next(meeting: Meeting, section: Section) -> int:
    return (db.session.scalar(_LAST, {"meeting": meeting.id, "section": section}) or 0) + 1


def _frozen(meeting: Meeting, rows: list[Any]) -> dict[str, Any]:
    return {
        "meeting": meetings.said(meeting),
        "entries": [
            {
                "section": row.section, "title": row.title or row.heading, "item": row.item_id,
                "version": row.version_number, "sha256": row.sha256,
            }
            for row in rows
        ],
    }  # fmt: skip
