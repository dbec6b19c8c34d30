"""The only place that begins a request from something that is there: an invitation, an event, an earlier engagement."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.importing.attachments import Checked
from engage.importing.invitations import parse_invitation
from engage.models.engagements import Engagement
from engage.models.partners import Event, Forum
from engage.reference.places import zone_for
from engage.rules.asking import Content, ContentLeg, ContentTraveller, EngagementKind
from engage.rules.marking import Marking
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services import changes, contents, engagements, files, markings, states
from engage.services.imports.invitation_content import content_of_invitation
from engage.services.imports.known import known

_E, _F = Event.__table__.c, Forum.__table__.c
_EVENT = select(_E.id, _E.name, _E.series, _E.organiser, _E.city, _E.country_code, _E.starts_on, _E.ends_on, _E.kind,
                _E.url).where(_E.id == bindparam("event"))  # fmt: skip
_FORUMS = select(_F.id, _F.code, _F.name)


def from_invitation(file: Checked, *, by: Actor, now: datetime) -> tuple[Engagement, tuple[str, ...]]:
    """Begin a draft of `by` from an iCalendar file, with the file attached; and what it left open.

    Raises NotAllowed, or Incomplete at "file" with what is wrong with it, or when the meeting was called off.
    """
    parsed = parse_invitation(file.content)
    if parsed.problems:
        raise Incomplete({"file": " ".join(problem.reason for problem in parsed.problems[:5])})
    row = parsed.rows[0]
    if row.cancelled:
        raise Incomplete({"file": "The organiser called this event off, so there is nothing to ask for."})
    content = content_of_invitation(row, known())
    event = db.session.execute(_EVENT, {"event": content.event_id}).one_or_none() if content.event_id else None
    said = replace(
        content, marking=_marking(now), travellers=_myself(by), missing="", forum_id=event and _forum_of(event),
        legs=content.legs or (_stays(event) if event else ()),
    )  # fmt: skip
    made = engagements.draft(said, by=by, now=now)
    files.keep(file, about=("item", made.id), by=by, now=now)
    left = [line for line in content.missing.splitlines() if not (said.legs and line.startswith("The country"))]
    return made, tuple(left)


def from_event(event_id: int, *, by: Actor, now: datetime) -> Engagement:
    """Begin a draft of `by` to go to an event of the register. Raises NotAllowed, or Incomplete at "event"."""
    event = db.session.execute(_EVENT, {"event": event_id}).one_or_none()
    if event is None:
        raise Incomplete({"event": "Choose an event of the register."})
    notes = f"From the register of events. Page: {event.url}" if event.url else "From the register of events."
    return engagements.draft(
        Content(
            title=event.name[:200], marking=_marking(now), nature=EngagementKind(event.kind), event_id=event.id,
            forum_id=_forum_of(event),
            starts_on=event.starts_on, ends_on=event.ends_on, legs=_stays(event), travellers=_myself(by), notes=notes,
        ),
        by=by, now=now,
    )  # fmt: skip


def copied(item_id: int, first_on: date, *, by: Actor, now: datetime) -> Engagement:
    """Begin a draft of `by` that says what an engagement said, with its days moved to begin on `first_on`.

    What belonged to that occasion alone stays behind: the event, why it was late, what an import left open. The
    caller has asked whether `by` may read it.
    """
    before = contents.asked_by(contents.content_of(item_id))
    said = replace(changes.moved(before, first_on), event_id=None, late_reason="", missing="")
    return engagements.draft(said, by=by, now=now)


def _marking(now: datetime) -> Marking:
    return markings.default_on(states.office_day(now))


def _myself(by: Actor) -> tuple[ContentTraveller, ...]:
    return (ContentTraveller(by.id, is_lead=True),)


def _stays(event: Any) -> tuple[ContentLeg, ...]:
    if not event.country_code:
        return ()
    zone = zone_for(event.country_code, event.city)
    return (ContentLeg(event.country_code, event.city, zone, event.starts_on, event.ends_on or event.starts_on),)


def _forum_of(event: Any) -> int | None:
    """The forum that an event surely is of: its code or name is the organiser's, or the series'."""
    words = {part.strip().casefold() for part in [*event.organiser.split(";"), event.series] if part.strip()}
    found = [row.id for row in db.session.execute(_FORUMS) if {row.code.casefold(), row.name.casefold()} & words]
    return found[0] if len(found) == 1 else None
