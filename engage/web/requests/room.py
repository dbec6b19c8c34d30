"""The requests room's blueprint, and what its pages share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint

from engage.rules.policy import See, Subject, may
from engage.rules.workflow import Action
from engage.services import visibility
from engage.web import access
from engage.web.requests import queries

bp = Blueprint("requests", __name__)
ACTS = {"submit": Action.SUBMIT, "withdraw": Action.WITHDRAW, "cancel": Action.CANCEL}
DONE = {
    Action.SUBMIT: "Submitted. The secretariat has it now.",
    Action.WITHDRAW: "Withdrawn.",
    Action.CANCEL: "Cancelled. The party has been told.",
}


@dataclass(frozen=True)
class Entry:
    """One line of the history, as the timeline shows it."""

    at: datetime
    what: str
    who: str | None
    note: str


def history(item_id: int) -> list[Entry]:
    """The states an item was in, the present one first."""
    return [Entry(s.started_at, s.state.label, s.name, s.reason) for s in queries.spans(item_id)]


def seen(item_id: int) -> Subject | None:
    """The item's subject, where the reader may see it."""
    subject = visibility.subject(item_id)
    return subject if subject and may(access.me(), See.ENGAGEMENT, subject) else None


def number(text: str) -> int:
    """A number as the database keeps them. ValueError for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        raise ValueError
    return min(int(text), queries.LAST)


def version_of(form: Any) -> int:
    """The version that a form was made from; what is no number was made from none."""
    try:
        return number(form.version.data or "")
    except ValueError:
        return 0
