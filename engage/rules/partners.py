"""The only place that says what may be written down of a partner: agreements, contacts, and when it is silent."""

import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from engage.rules.forbidden import forbidden


class AgreementKind(StrEnum):
    """How binding an agreement is, and for what."""

    TREATY = "treaty"
    ARRANGEMENT = "arrangement"
    MEMORANDUM = "memorandum"
    SHARING = "information_sharing"
    CONFIDENTIALITY = "confidentiality"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            "treaty": "Treaty or executive agreement", "arrangement": "Arrangement between agencies",
            "memorandum": "Memorandum of understanding", "information_sharing": "Information sharing arrangement",
            "confidentiality": "Confidentiality agreement", "other": "Other",
        }[self]  # fmt: skip


class AgreementStanding(StrEnum):
    """Where an agreement stands on a day."""

    IN_FORCE = "in_force"
    RUNS_OUT = "runs_out"
    EXPIRED = "expired"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The standing in words."""
        return {"in_force": "In force", "runs_out": "Expires soon", "expired": "Expired", "ended": "Ended"}[self]

    @property
    def mark(self) -> str:
        """The kind of mark that shows it."""
        return {"in_force": "good", "runs_out": "warn", "expired": "bad", "ended": "plain"}[self]


SOON = timedelta(days=90)  # before its last day an agreement is shown as one that runs out


def agreement_standing(expires_on: date | None, ended_on: date | None, today: date) -> AgreementStanding:
    """Where an agreement stands; on its last day it is still in force."""
    if ended_on is not None and ended_on <= today:
        return AgreementStanding.ENDED
    if expires_on is None or expires_on - SOON > today:
        return AgreementStanding.IN_FORCE
    return AgreementStanding.RUNS_OUT if expires_on >= today else AgreementStanding.EXPIRED


def faulty_contact(
    name: str, role: str, work_address: str, purpose: str, delete_on: date | None, *, today: date, longest: int
) -> dict[str, str]:
    """What is wrong with a contact, by field; nothing when it may be kept. `longest`: days one may be kept."""
    at = {}
    if not name:
        at["name"] = "Give the name."
    if not role:
        at["role"] = "Give the role: without it nobody knows why to call."
    if not purpose:
        at["purpose"] = "Say what the contact is kept for. Personal data is kept for a purpose or not at all."
    if delete_on is None or not today < delete_on <= today + timedelta(days=longest):
        last = today + timedelta(days=longest)
        at["delete_on"] = f"Give a day after today, and no later than {last.day} {last:%B %Y}."
    said = {"name": name, "role": role, "work_address": work_address, "purpose": purpose}
    return {field: why for field, text in said.items() if (why := forbidden(text))} | at


def months_before(day: date, months: int) -> date:
    """The day so many months before; the month's last where that month is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Named(Protocol):
    """What is compared of two partners."""

    @property
    def name(self) -> str: ...
    @property
    def short_name(self) -> str: ...
    @property
    def url(self) -> str: ...


SMALL_WORDS = frozenset({"of", "the", "for", "and", "de", "la", "national", "centre", "center"})


def alike(one: Named, other: Named) -> str:
    """What two partners of one country have in common that makes them look like one; "" for nothing."""
    if one.short_name and one.short_name.casefold() == other.short_name.casefold():
        return "The same short name"
    if _host(one.url) and _host(one.url) == _host(other.url):
        return "The same web site"
    ours, theirs = _words(one.name), _words(other.name)
    if ours and ours == theirs:
        return "The same name but for small words and signs"
    if len(ours & theirs) >= 3:
        return "Nearly the same name"
    return ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _words(name: str) -> frozenset[str]:
    letters = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKD", name.casefold()))
    return frozenset(letters.split()) - SMALL_WORDS
