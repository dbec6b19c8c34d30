"""The only place that says who may have a file: whoever may see the record that it is about."""

from collections.abc import Callable
from datetime import date

from engage.extensions import db
from engage.models.files import StoredFile
from engage.models.gifts import Gift
from engage.models.meetings import AgendaEntry
from engage.models.training import Completion
from engage.rules.policy import Actor, Do, See, may
from engage.rules.recusal import Position
from engage.services import condition_lists, files, meetings, read_ahead, recusals, trips, visibility


def _item(item_id: int, by: Actor, day: date) -> bool:
    """As its papers: a member who has yet to say whether they step aside reads none of them."""
    found = visibility.find(item_id, by=by)
    if found is None or not may(by, See.CONTENT, found[1]):
        return False
    return recusals.stand(item_id, found[1], by=by, day=day).position is not Position.ASKED


def _condition(condition_id: int, by: Actor, day: date) -> bool:
    """Its owner, and whoever may judge it."""
    found = condition_lists.line(condition_id)
    subject = found and visibility.subject(found.item_id)
    return bool(found and subject and (found.owner_id == by.id or may(by, Do.MEET_CONDITION, subject)))


def _trip(trip_id: int, by: Actor, day: date) -> bool:
    return trips.find(trip_id, by=by) is not None


def _completion(completion_id: int, by: Actor, day: date) -> bool:
    """The person and whoever verifies it."""
    found = db.session.get(Completion, completion_id)
    return found is not None and (found.person_id == by.id or may(by, Do.VERIFY_COMPLETION, found.person_id))


def _meeting(meeting_id: int, by: Actor, day: date) -> bool:
    return may(by, See.MEETING) and meetings.find(meeting_id) is not None


def _entry(entry_id: int, by: Actor, day: date) -> bool:
    """Whoever sees meetings, but for those who stand aside from the item of the entry."""
    entry = db.session.get(AgendaEntry, entry_id)
    if entry is None or not may(by, See.MEETING):
        return False
    return entry.item_id is None or not read_ahead.hidden(by, visibility.subject(entry.item_id))


def _gift(gift_id: int, by: Actor, day: date) -> bool:
    found = db.session.get(Gift, gift_id)
    return found is not None and may(by, See.GIFT, found.recipient_id)


def _kept_list(list_id: int, by: Actor, day: date) -> bool:
    return may(by, See.LISTS)


# What a file may be about -> whether somebody may see that record. What is not here is nobody's to have.
MAY_SEE: dict[str, Callable[[int, Actor, date], bool]] = {
    "item": _item, "trip": _trip, "completion": _completion, "condition": _condition, "meeting": _meeting,
    "agenda_entry": _entry, "gift": _gift, "kept_list": _kept_list,
}  # fmt: skip


def find(file_id: int, *, by: Actor, day: date) -> StoredFile | None:
    """The file, or None when there is none that `by` may have on the office's `day`: to them it does not exist."""
    file = files.find(file_id)
    sees = file and MAY_SEE.get(file.about_kind)
    return file if file and sees and sees(file.about_id, by, day) else None
