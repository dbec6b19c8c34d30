"""The only place that puts into words, for any page, what became of a reminder."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engage.services.reminder_rules import zone

_MARKS = {
    "queued": ("wait", "Queued"), "claimed": ("wait", "Being sent"), "sent": ("good", "Sent"),
    "for_digest": ("wait", "For the daily message"), "digested": ("good", "In a daily message"),
    "refused": ("bad", "Refused"), "parked": ("bad", "Parked"), "suppressed": ("plain", "Suppressed"),
    "inbox_only": ("plain", "Inbox only"), "held": ("warn", "Held"),
}  # fmt: skip


MOST = 200  # reminders of one record; the ledger has all


def shown(rows: Iterable[Any], now: datetime) -> list[tuple[Any, tuple[str, str, str]]]:
    """Rows of the ledger, each with its status in words."""
    return [(row, status(row, now)) for row in rows]


def status(row: Any, now: datetime) -> tuple[str, str, str]:
    """The status of a row of the ledger: the kind of its mark, a word, and why or when in a sentence."""
    word = str(row.delivery or row.standing)
    why = " ".join(filter(None, (row.last_error, row.why)))
    mark, label = _MARKS.get(word, ("plain", word.replace("_", " ").capitalize()))
    if word == "queued" and row.due_at and row.due_at > now:
        leaves = row.due_at.astimezone(zone())
        return "wait", "Deferred", f"Leaves on {leaves:%a} {leaves.day} {leaves:%b, %H:%M %Z}. {row.why}".strip()
    return mark, label, why
