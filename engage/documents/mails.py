"""The only place where a message of the outbox becomes a whole mail: its headers, its words twice, and its day."""

import hashlib
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import Row

from engage.documents import events, letters
from engage.documents.mime import Attachment, Letter
from engage.rules.marking import OPEN_TO_ALL, STAYS_INSIDE
from engage.rules.messages import silenceable
from engage.services import preferences
from engage.services.handling import RESTRICTED_SUBJECT

if TYPE_CHECKING:
    from engage.config import Settings

SENDER = "Engage"


def message_id(key: str, house: str) -> str:
    """The Message-ID of the message with this key, the same at every attempt for ever."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{house}>"


def sender(settings: "Settings") -> tuple[str, str]:
    """Who the mail is from: ENGAGE_MAIL_FROM, else engage at the site's own host."""
    return settings.mail_from or (SENDER, f"engage@{settings.house}")


def mail(message: Row, facts: dict[str, Any] | None = None) -> Letter:
    """The mail of a message as `outbox.claim` gives it; `facts` stand in for its own, as a digest's must.

    It says that a program wrote it (RFC 3834), and how to stop its kind where that may be stopped (RFC 8058).
    Raises letters.CannotBeWritten.
    """
    settings: Settings = current_app.config["SETTINGS"]
    facts = message.facts if facts is None else facts
    leads_to = letters.path(facts, message.about_kind, message.about_id)
    subject = message.subject
    if message.marking in STAYS_INSIDE:  # its name and its text stay here: the letter says where to read them
        told = {"marking": message.marking.label, "meaning": message.marking.meaning}
        leads_to, facts, subject = f"/inbox/{message.id}", {}, RESTRICTED_SUBJECT
        words = letters.text("restricted", told, person_name=message.name, leads_to=leads_to)
    else:
        if len(carried := list(facts.get("carried") or ())) == 1:
            subject = carried[0]["subject"]  # as it may be said today
        words = letters.text(message.template, facts, person_name=message.name, leads_to=leads_to)
        if message.marking is not None and message.marking not in OPEN_TO_ALL:
            words = f"{message.marking.label}. {message.marking.meaning}\n\n{words}"
    headers = [
        ("Date", format_datetime(message.posted_at)),
        ("Message-ID", message_id(message.key, settings.house)),
        ("Auto-Submitted", "auto-generated"),
    ]
    stop = ""
    if silenceable(message.topic):
        stop = settings.url + stop_path(message.person_id, message.topic, message.posted_at)
        headers += [("List-Unsubscribe", f"<{stop}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]
    words += letters.closing(settings.url + "/account/messages", stop)
    return Letter(
        sender(settings), (message.name, message.email), subject, tuple(headers), words,
        letters.html(words, title=subject), _noted(message, facts, settings),
    )  # fmt: skip


def stop_path(person_id: int, topic: str, at: datetime) -> str:
    """Where a person stops the mails of a topic without signing in."""
    return f"/unsubscribe/{preferences.token(person_id, topic, at.date())}"


def calendar_file(message: Row, facts: dict[str, Any], settings: "Settings") -> bytes | None:
    """The day that a message names as an iCalendar file; None when it names none. A moved day replaces the old one."""
    dated = events.of(facts, message.subject)
    if dated is None:
        return None
    kind = (facts.get("duty") or {}).get("kind") or message.template
    uid = f"{message.about_kind}-{message.about_id}-{kind}-{message.person_id}@{settings.house}"
    leads_to = letters.path(facts, message.about_kind, message.about_id)
    return events.ics(dated, uid=uid, url=letters.address(leads_to), stamp=message.posted_at)


def _noted(message: Row, facts: dict[str, Any], settings: "Settings") -> tuple[Attachment, ...]:
    file = calendar_file(message, facts, settings)
    return (Attachment(events.NAME, events.KIND, file),) if file else ()
