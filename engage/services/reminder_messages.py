"""The only place where an owed reminder becomes a message: its words, its reader, and when it leaves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engage.models.reminders import Standing
from engage.rules import schedule
from engage.rules.reminder_text import fill
from engage.rules.schedule import Owed
from engage.services import outbox
from engage.services.addressing import Hearing, Whereabouts
from engage.services.duties import OpenDuty
from engage.services.reminder_rules import Rule, office_day, zone

TEMPLATE = "reminder"


@dataclass(frozen=True)
class Reminder:
    """A reminder that is owed and was not posted yet: to whom, since when, why, when it leaves, and the message."""

    to_id: int
    to_name: str
    reached_at: datetime  # when its step was reached, aware UTC
    leaves_at: datetime  # when it is mailed: within the reader's hours, aware UTC
    why: str
    rule: Rule
    owed: Owed
    message: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Its name for ever, in the outbox and in the ledger."""
        return str(self.message["key"])

    def row(self, standing: Standing, now: datetime, *, why: str = "") -> dict[str, Any]:
        """Its row of the ledger."""
        duty = self.owed.duty
        return {
            "key": self.key, "rule_code": self.rule.code, "kind": duty.kind, "about_kind": duty.about_kind,
            "about_id": duty.about_id, "owner_id": duty.owner_id, "person_id": self.to_id,
            "anchor_on": schedule.anchor_day(duty, zone()), "step": self.owed.step.name,
            "reached_at": self.reached_at, "noted_at": now, "standing": standing, "why": why[:500],
            "subject": self.message["subject"],
        }  # fmt: skip


def key_of(hearing: Hearing) -> str:
    """The key of what one person is to hear."""
    return f"{hearing.owed.key}:{hearing.reader.id}"


def compose(hearings: Collection[Hearing], now: datetime, *, foresee: bool = False) -> list[Reminder]:
    """The messages of `hearings`, in the order in which they fell due.

    They leave from `now` on or, when they are foreseen, from the moment each is reached.
    """
    places = Whereabouts({one.reader.id: one.reader.home_zone for one in hearings}, office_day(now))
    made = [_compose(one, max(now, one.owed.reached_at) if foresee else now, places) for one in hearings]
    return sorted(made, key=lambda one: (not one.rule.urgent, one.reached_at, one.key))


def words(rule: Rule, duty: OpenDuty, step: schedule.Step, *, owner: str, reader: str, own: bool) -> tuple[str, str]:
    """The subject and the text that a rule says about a duty to its owner (`own`) or to somebody above."""
    facts = {
        "title": duty.title,
        "what": duty.what[:1].lower() + duty.what[1:],
        "anchor": in_words(schedule.anchor_day(duty, zone())),
        "when": step.in_words,
        "days": str(abs(step.offset_days)),
        "owner": owner,
        "reader": reader,
        "missing": "\n".join(f"- {' '.join(thing.split())}" for thing in duty.missing),
    }
    subject, text = (rule.subject, rule.text) if own else (rule.others_subject, rule.others_text)
    return " ".join(fill(subject, facts).split())[:200], fill(text, facts).strip()


def _compose(hearing: Hearing, leaves_from: datetime, places: Whereabouts) -> Reminder:
    rule, owed, owner, reader = hearing
    duty, step = owed.duty, owed.step
    assert isinstance(duty, OpenDuty)  # noqa: S101  what the duties gave
    own = reader.id == owner.id
    subject, text = words(rule, duty, step, owner=owner.name, reader=reader.name, own=own)
    anchor_on = schedule.anchor_day(duty, zone())
    leaves_at = places.leaves_at(rule, reader.id, leaves_from, _deadline(duty, step, anchor_on))
    message = outbox.message(
        key_of(hearing), to=reader.id, template=TEMPLATE, subject=subject, about=(duty.about_kind, duty.about_id),
        now=leaves_from, due=leaves_at, path=duty.path, title=duty.title, what=duty.what, missing=list(duty.missing),
        own=own, owner=owner.name, anchor=in_words(anchor_on), when=step.in_words, days=step.offset_days, text=text,
        rule=rule.label, rule_code=rule.code, urgent=rule.urgent, topic=_topic(rule),
        duty={"kind": duty.kind, "owner_id": duty.owner_id, "anchor_on": anchor_on.isoformat()},
    )  # fmt: skip
    why = f"{rule.label}, {step.in_words} {in_words(anchor_on)}"
    return Reminder(reader.id, reader.name, owed.reached_at, leaves_at, why, rule, owed, message)


def _deadline(duty: OpenDuty, step: schedule.Step, anchor_on: date) -> datetime | None:
    """The moment that a reminder warns of; None when it comes after it anyway."""
    if step.offset_days >= 0:
        return None
    if isinstance(duty.anchor, datetime):
        return duty.anchor
    return schedule.reached_at(duty, schedule.Step(0, step.to), zone())


def _topic(rule: Rule) -> str:
    """What its reader chooses by (rules.messages)."""
    if not rule.mandatory:
        return "nudge"
    return "vote" if rule.kind == "vote" else "duty"


def in_words(day: date) -> str:
    """A day as letters name it: Sunday 22 March 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"
