"""The only writer of minutes: what the secretariat adds, who approved them, the seal, and addenda."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.meetings import Meeting
from engage.models.minutes import Minutes, MinutesAddendum, SealedMinutes
from engage.rules.canonical import canonical_json, digest
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.services import audit, meetings, minutes_facts, sittings

LONGEST = 5_000  # characters of one narrative field, and of an addendum

_MINUTES = select(Minutes).where(Minutes.meeting_id == bindparam("meeting")).execution_options(populate_existing=True)
_SEALED = select(SealedMinutes).where(SealedMinutes.meeting_id == bindparam("meeting"))
_ADDENDA = (
    select(MinutesAddendum).where(MinutesAddendum.meeting_id == bindparam("meeting")).order_by(MinutesAddendum.number)
)
_LAST = select(func.coalesce(func.max(MinutesAddendum.number), 0)).where(
    MinutesAddendum.meeting_id == bindparam("meeting")
)


def of(meeting_id: int) -> Minutes | None:
    """What was written for the minutes of a meeting, or None."""
    return db.session.scalar(_MINUTES, {"meeting": meeting_id})


def narrative(written: Minutes | None) -> dict[str, str]:
    """The words of the secretariat: "opening", "closing", and by entry."""
    said: dict[str, str] = json.loads(written.narrative) if written else {}
    return said


def sealed(meeting_id: int) -> SealedMinutes | None:
    """The sealed minutes of a meeting, or None."""
    return db.session.scalar(_SEALED, {"meeting": meeting_id})


def addenda(meeting_id: int) -> list[MinutesAddendum]:
    """The addenda to sealed minutes, in order."""
    return list(db.session.scalars(_ADDENDA, {"meeting": meeting_id}))


def draft(meeting: Meeting) -> dict[str, Any]:
    """The minutes as they would be sealed now: recorded acts and the words of the secretariat."""
    return minutes_facts.text_of(meeting, narrative(of(meeting.id)))


def intact(record: SealedMinutes) -> bool:
    """Whether sealed minutes still have the digest they were sealed under."""
    return digest(record.content) == record.sha256


def write(
    meeting: Meeting, said: Mapping[str, str], *, version: int | None, by: Actor, now: datetime
) -> Minutes:
    """Write the narrative of the minutes: "opening", "closing" and by entry; nothing else is edited by hand.

    `version` is that of the text which was edited, None when there was none. An approval given before is void.
    Raises NotAllowed, NotOpen (sealed, or not yet opened), Stale or Incomplete.
    """
    if not may(by, Do.KEEP_MINUTES) or by.id is None:
        raise NotAllowed("Only the secretariat writes the minutes.")
    _hold_unsealed(meeting)
    allowed = {"opening", "closing", *map(str, minutes_facts.entry_ids(meeting.id))}
    kept = {key: text for key, text in said.items() if text and key in allowed}
    if wrong := {key: f"Use at most {LONGEST:,} characters." for key, text in kept.items() if len(text) > LONGEST}:
        raise Incomplete(wrong)
    written = of(meeting.id)
    if (written.version if written else None) != version:
        raise Stale("Somebody else changed the minutes since you opened them.")
    before = narrative(written)
    if written is None:
        written = Minutes(meeting_id=meeting.id, narrative="{}", changed_at=now, changed_by_id=by.id)
        db.session.add(written)
    elif kept == before:
        return written
    written.narrative, written.changed_at, written.changed_by_id = canonical_json(kept), now, by.id
    written.approved_at, written.approved_by_id, written.approved_how = None, None, ""
    db.session.flush()
    audit.record("write_minutes", about=("meeting", meeting.id), by=by, now=now, before=before, after=kept)
    return written


def approve(meeting: Meeting, *, how: str, by: Actor, now: datetime) -> None:
    """The chair approves the minutes as they stand; `how` says by which authority. Raises NotAllowed or NotOpen."""
    if not may(by, Do.APPROVE_MINUTES) or by.id is None:
        raise NotAllowed("Only the chair approves minutes, alone or by a motion that carried.")
    _hold_unsealed(meeting)
    _must_be_over(meeting)
    if not how:
        raise Incomplete({"how": "Say how they were approved: by the chair, or by a motion."})
    written = of(meeting.id)
    if written is None:
        written = Minutes(meeting_id=meeting.id, narrative="{}", changed_at=now, changed_by_id=by.id)
        db.session.add(written)
    written.approved_at, written.approved_by_id, written.approved_how = now, by.id, how
    db.session.flush()
    audit.record("approve_minutes", about=("meeting", meeting.id), by=by, now=now, how=how)


def seal(meeting: Meeting, *, by: Actor, now: datetime) -> SealedMinutes:
    """Seal approved minutes for ever. Raises NotAllowed, or NotOpen: not over, a vote is open, not approved, sealed."""
    if not may(by, Do.KEEP_MINUTES) or by.id is None:
        raise NotAllowed("Only the secretariat seals minutes.")
    _hold_unsealed(meeting)
    sittings.no_vote_open(meeting, "sealing the minutes")
    _must_be_over(meeting)
    written = of(meeting.id)
    if written is None or written.approved_at is None:
        raise NotOpen("The minutes are not approved yet, so they cannot be sealed.")
    said = minutes_facts.text_of(meeting, narrative(written))
    said["approved"] = minutes_facts.approval(meeting, written)
    content = canonical_json(said)
    record = SealedMinutes(
        meeting_id=meeting.id, content=content, sha256=digest(content), sealed_at=now, sealed_by_id=by.id
    )
    db.session.add(record)
    db.session.flush()
    audit.record("seal_minutes", about=("meeting", meeting.id), by=by, now=now, sha256=record.sha256)
    return record


def add_addendum(meeting: Meeting, text: str, *, by: Actor, now: datetime) -> MinutesAddendum:
    """Correct sealed minutes by an addendum, which is as final as they are. Raises NotAllowed, NotOpen, Incomplete."""
    if not may(by, Do.KEEP_MINUTES) or by.id is None:
        raise NotAllowed("Only the secretariat adds to minutes.")
    meetings.hold(meeting.id)
    record = sealed(meeting.id)
    if record is None:
        raise NotOpen("The minutes are not sealed yet: correct the draft.")
    if not text or len(text) > LONGEST:
        raise Incomplete({"text": f"Use at most {LONGEST:,} characters." if text else "Write what is corrected."})
    known = addenda(meeting.id)
    number = (db.session.scalar(_LAST, {"meeting": meeting.id}) or 0) + 1
    follows = known[-1].sha256 if known else record.sha256
    made = MinutesAddendum(
        meeting_id=meeting.id, number=number, text=text, added_at=now, added_by_id=by.id,
        sha256=digest(canonical_json({"follows": follows, "number": number, "text": text})),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("add_addendum", about=("meeting", meeting.id), by=by, now=now, number=number, sha256=made.sha256)
    return made


def _hold_unsealed(meeting: Meeting) -> None:
    meetings.hold(meeting.id)
    if sealed(meeting.id) is not None:
        raise NotOpen("These minutes are sealed. An addendum corrects them.")
    if meeting.opened_at is None:
        raise NotOpen("The meeting has not been opened, so there is nothing to minute.")


def _must_be_over(meeting: Meeting) -> None:
    if meeting.ended_at is None:
        raise NotOpen("The meeting is still in session.")
