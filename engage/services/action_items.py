"""The only writer of ActionItem: what a meeting asks people to do by a day, until it is done."""

from datetime import date, datetime

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.meetings import Meeting
from engage.models.minutes import ActionItem
from engage.models.people import Person
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import agendas, audit, meetings, minutes, outbox

LONGEST = 1_000  # characters

_ONE = select(ActionItem).where(ActionItem.id == bindparam("action")).with_for_update().execution_options(
    populate_existing=True
)


def add(
    meeting: Meeting, text: str, *, owner_id: int | None, due_on: date | None, entry_id: int | None, by: Actor,
    now: datetime,
) -> ActionItem:  # fmt: skip
    """Ask somebody to do something by a day, and tell them. Raises NotAllowed, NotOpen (sealed) or Incomplete."""
    if not may(by, Do.RUN_MEETING) or by.id is None:
        raise NotAllowed("Only the chair and the secretariat record action items.")
    meetings.hold(meeting.id)
    if meeting.opened_at is None:
        raise NotOpen("The meeting has not been opened yet.")
    if minutes.sealed(meeting.id) is not None:
        raise NotOpen("The minutes are sealed, so nothing is added to this meeting.")
    at = {}
    if not text or len(text) > LONGEST:
        at["text"] = f"Use at most {LONGEST:,} characters." if text else "Say what is to be done."
    owner = db.session.get(Person, owner_id) if owner_id else None
    if owner is None or owner.disabled_at is not None:
        at["owner"] = "Choose who does it."
    if due_on is None or due_on < meetings.local_day(meeting):
        at["due_on"] = "Name the day by which it is done: that of the meeting, or later."
    if at or owner is None or due_on is None:
        raise Incomplete(at)
    entry = agendas.of(meeting.id, entry_id) if entry_id else None
    action = ActionItem(
        meeting_id=meeting.id, entry_id=entry and entry.id, text=text, owner_id=owner.id, due_on=due_on,
        created_at=now, created_by_id=by.id,
    )  # fmt: skip
    db.session.add(action)
    db.session.flush()
    audit.record(
        "add_action", about=("action", action.id), by=by, now=now, meeting=meeting.id, owner=owner.id, due_on=due_on,
        text=text,
    )  # fmt: skip
    if owner.id != by.id:
        outbox.post(
            outbox.message(
                f"action:{action.id}:{owner.id}", to=owner.id, template="action_asked",
                subject=f"For you to do: {text}", about=("action", action.id), now=now,
                path=f"/actions/{action.id}", text=text, due_on=f"{due_on.day} {due_on:%B %Y}",
                meeting=meeting.title, by=by.name,
            )
        )  # fmt: skip
    return action


def find(action_id: int) -> ActionItem | None:
    """An action item, or None."""
    return db.session.get(ActionItem, action_id)


def finish(action: ActionItem, *, outcome: str, by: Actor, now: datetime) -> None:
    """Say that it is done, and what came of it. Raises NotAllowed, NotOpen (done already) or Incomplete."""
    db.session.scalars(_ONE, {"action": action.id}).one()
    if not may(by, Do.FINISH_ACTION, action.owner_id) or by.id is None:
        raise NotAllowed("Only its owner and the secretariat say that this is done.")
    if action.done_at is not None:
        raise NotOpen("This is done already.")
    if not outcome or len(outcome) > LONGEST:
        raise Incomplete({"outcome": f"Use at most {LONGEST:,} characters." if outcome else "Say what came of it."})
    action.done_at, action.done_by_id, action.outcome = now, by.id, outcome
    db.session.flush()
    audit.record("finish_action", about=("action", action.id), by=by, now=now, came_of_it=outcome)
