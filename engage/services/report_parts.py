"""The only writer of whom the group met, of lessons, and of what outside payers gave: the smaller parts of a report."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from engage.extensions import db
from engage.models.engagements import Engagement
from engage.models.places import Country
from engage.models.reports import Lesson, OutsidePayment, PersonMet
from engage.rules.passports import looks_like_passport_number
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services import audit, partners, report_doors

LONGEST = 4_000  # characters of a lesson
LONGEST_LINE = 200
MOST_USD = Decimal(10**9)
REACHES = re.compile(r"@|https?:|www\.|(?:\+?\d[\s()/.-]*){7,}")  # what reaches somebody: addresses and numbers
ONLY = "Name, function and house are enough: leave out addresses, telephone and document numbers."


@dataclass(frozen=True)
class Kind:
    """A kind of part: its table, what it is called, and what would be wrong with one."""

    model: type[Any]
    word: str
    wrong: Callable[[Mapping[str, Any], Engagement, date], dict[str, str]]


def _line(said: Mapping[str, Any], name: str, needed: str) -> dict[str, str]:
    if not said[name]:
        return {name: needed} if needed else {}
    return {name: f"Use at most {LONGEST_LINE} characters."} if len(said[name]) > LONGEST_LINE else {}


def _partner(said: Mapping[str, Any]) -> dict[str, str]:
    unknown = said["partner_id"] and not partners.live(said["partner_id"])
    return {"partner_id": "Choose a partner of the register."} if unknown else {}


def _met(said: Mapping[str, Any], engagement: Engagement, today: date) -> dict[str, str]:
    at = _line(said, "name", "Give the name.") | _line(said, "function", "Say what they do there.")
    at |= _line(said, "organisation", "" if said["partner_id"] else "Choose the partner, or name the house.")
    for name in ("name", "function", "organisation"):
        if REACHES.search(said[name]) or looks_like_passport_number(said[name]):
            at[name] = ONLY
    return at | _partner(said)


def _lesson(said: Mapping[str, Any], engagement: Engagement, today: date) -> dict[str, str]:
    at = {}
    if not said["text"] or len(said["text"]) > LONGEST:
        needed = "Say what the next traveller should know."
        at["text"] = f"Use at most {LONGEST:,} characters." if said["text"] else needed
    if db.session.get(Country, said["country_code"] or "") is None:
        at["country_code"] = "Choose the country it is about."
    return at | _partner(said)


def _payment(said: Mapping[str, Any], engagement: Engagement, today: date) -> dict[str, str]:
    at = _line(said, "payer", "Name who paid.") | _line(said, "what", "Say what was given: airfare, lodging, a fee.")
    amount, day = said["amount"], said["received_on"]
    if amount is None or not 0 <= amount < MOST_USD:
        at["amount"] = "Give the amount in US dollars; for what was given in kind, its value. 0 if nothing came."
    if day is None or day > today:
        at["received_on"] = "Give the day on which it was given: today or earlier."
    return at


KINDS: Mapping[str, Kind] = MappingProxyType({
    "met": Kind(PersonMet, "person", _met),
    "lessons": Kind(Lesson, "lesson", _lesson),
    "payments": Kind(OutsidePayment, "payment", _payment),
})


def put(
    name: str, engagement: Engagement, said: Mapping[str, Any], part_id: int | None = None, *, by: Actor,
    now: datetime, today: date,
) -> Any:  # fmt: skip
    """Write a part of the kind `name` into a draft report, or change one. Raises NotAllowed, NotOpen or Incomplete."""
    kind = KINDS[name]
    report_doors.draft(engagement, by=by, now=now)
    if at := kind.wrong(said, engagement, today):
        raise Incomplete(at)
    made = find(name, engagement, part_id) if part_id else kind.model(engagement_id=engagement.id)
    if made is None:
        raise Incomplete({next(iter(said)): "This was taken out of the report meanwhile."})
    for field, value in said.items():
        setattr(made, field, value)
    if name == "payments":
        made.recorded_at, made.recorded_by_id = now, by.id
    db.session.add(made)
    db.session.flush()
    audit.record(f"write_{kind.word}", about=("item", engagement.id), by=by, now=now, part=made.id)
    return made


def remove(name: str, engagement: Engagement, part_id: int, *, by: Actor, now: datetime) -> None:
    """Take a part out of a draft report. Raises NotAllowed or NotOpen."""
    report_doors.draft(engagement, by=by, now=now)
    made = find(name, engagement, part_id)
    if made is not None:
        db.session.delete(made)
        db.session.flush()
        audit.record(f"remove_{KINDS[name].word}", about=("item", engagement.id), by=by, now=now, part=part_id)


def find(name: str, engagement: Engagement, part_id: int) -> Any:
    """A part of this engagement's report, or None."""
    found = db.session.get(KINDS[name].model, part_id)
    return found if found is not None and found.engagement_id == engagement.id else None
