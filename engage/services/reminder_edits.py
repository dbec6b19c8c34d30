"""The only writer of reminder rules and of who muted which, and what it tells before: whom a change would reach."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select, update

from engage.extensions import db
from engage.models.reminders import ReminderMute, ReminderRule, Standing
from engage.rules import schedule
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.reminder_text import wrong_with_text
from engage.rules.schedule import AGES_AGO, Step
from engage.services import addressing, audit, forecast, ledger, reminder_rules, reminders
from engage.services.duties import SUBJECTS, still_open
from engage.services.reminder_messages import Reminder, compose
from engage.services.reminder_rules import Mark, Marks, Rule, office_day, zone

FAR = timedelta(days=366)  # how far back "the past too" looks
AHEAD = timedelta(days=30)  # what a preview tells
_R = ReminderRule.__table__.c


@dataclass(frozen=True)
class Draft:
    """A rule as somebody wants it from `starts_on` on; `past`: whether those who stand on a step already hear now."""

    code: str
    duty: str
    label: str
    anchor: str
    steps: tuple[Step, ...]
    subject: str
    text: str
    others_subject: str
    others_text: str
    source: str
    starts_on: date
    ends_on: date | None = None
    urgent: bool = False
    mandatory: bool = True
    opens_at: time = time(8)
    closes_at: time = time(18)
    past: bool = False

    def rule(self) -> Rule:
        """The rule as a sweep reads it. Raises ValueError for a ladder that cannot stand."""
        return Rule(
            self.code, self.duty, self.steps, self.label, None, self.subject, self.text, self.others_subject,
            self.others_text or self.text, self.urgent, self.mandatory, self.opens_at, self.closes_at,
        )  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """Whom a rule would mail: as soon as it is in force, and in the 30 days after that."""

    now: Sequence[Reminder]
    later: Sequence[Reminder]


def code_for(label: str) -> str:
    """A code for a new rule, made of its name and free so far."""
    stem = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:34] or "rule"
    taken = set(db.session.scalars(select(_R.code).where(_R.code.like(stem + "%")).distinct()))
    return next(code for n in range(1, 10_000) if (code := stem if n == 1 else f"{stem}_{n}") not in taken)


def check(draft: Draft, today: date) -> None:
    """Raises Incomplete with a sentence for each field that cannot stand."""
    wrong: dict[str, str] = {}
    of = SUBJECTS.get(draft.duty)
    if of is None:
        wrong["duty"] = "Choose what the rule is about."
    elif not draft.anchor:
        wrong["anchor"] = "Choose what the days are counted from: an offset needs an anchor."
    elif draft.anchor != of.anchor_name:
        wrong["anchor"] = f"{of.label} are counted from: {of.counted_from.lower()}."
    if problem := schedule.wrong_with(draft.steps):
        wrong["steps"] = problem
    elif empty := next((s.to for s in draft.steps if addressing.reaches_nobody(s.to, today)), None):
        wrong["steps"] = (
            f"Nobody would hear: nobody is {empty.label.lower()} now, and nobody of the secretariat could stand in."
        )
    for field, text in (("subject", draft.subject), ("others_subject", draft.others_subject)):
        if problem := wrong_with_text(text, one_line=True):
            wrong[field] = problem
    for field, text in (("text", draft.text), ("others_text", draft.others_text)):
        if problem := wrong_with_text(text):
            wrong[field] = problem
    if not draft.opens_at < draft.closes_at:
        wrong["closes_at"] = "The hours must open before they close."
    if draft.starts_on < today:
        wrong["starts_on"] = "Choose today or a later day: what went by an older rule stays so."
    if draft.ends_on and draft.ends_on < draft.starts_on:
        wrong["ends_on"] = "This is before its first day."
    if wrong:
        raise Incomplete(wrong)


def reach(draft: Draft, now: datetime) -> Reach:
    """Whom the rule would mail when saved so: what the next sweep posts under it, and what goes in 30 days.

    Nothing is written. What is in the ledger goes to nobody again, whatever the rule says.
    """
    at = max(now, _begins(draft))
    rule = draft.rule()
    marks = _marks_after(draft, now)
    owed = reminders.owed_at([rule], marks, at)
    cap = {one.key for one in owed}
    ahead = forecast.foresee(at, at + AHEAD, rules=[rule], marks=marks)
    return Reach(owed, [one for one in ahead if one.key not in cap])


def save(draft: Draft, *, by: Actor, now: datetime) -> str:
    """Put a rule in force from its first day on; gives its code. What was in force until then stays on record.

    A second change for the same first day replaces the row; the trail keeps both. Steps that stay as they are go
    on counting from where they were; new ones count from now, or over the past too when the draft says so.
    Raises NotAllowed or Incomplete.
    """
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change when people are reminded.")
    check(draft, office_day(now))
    marks = _marks_after(draft, now)
    row = {
        "code": draft.code, "duty": draft.duty, "label": draft.label, "anchor": draft.anchor,
        "steps": [{"days": s.offset_days, "unit": s.unit.value, "to": s.to.value} for s in draft.steps],
        "subject": draft.subject, "text": draft.text, "others_subject": draft.others_subject,
        "others_text": draft.others_text, "urgent": draft.urgent, "mandatory": draft.mandatory,
        "opens_at": draft.opens_at, "closes_at": draft.closes_at, "source": draft.source,
        "starts_on": draft.starts_on, "ends_on": draft.ends_on,
    }  # fmt: skip
    table = cast(Table, ReminderRule.__table__)
    before = _in_words(draft.code, draft.starts_on)
    db.session.execute(delete(table).where(_R.code == draft.code, _R.starts_on == draft.starts_on))
    db.session.execute(insert(table), row)
    for step in draft.steps:
        mark = marks[draft.code, step.name]
        reminder_rules.place(draft.code, [step], at=mark.swept_until, not_before=mark.not_before)
    after = _in_words(draft.code, draft.starts_on)
    audit.record(
        "set_reminder_rule", about=("reminder_rule", None), by=by, now=now, rule=draft.code, before=before, after=after,
        past=draft.past,
    )  # fmt: skip
    return draft.code


def end(code: str, *, by: Actor, now: datetime) -> None:
    """Let a rule end today: from tomorrow on nobody is reminded under it. Raises NotAllowed or NotOpen."""
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change when people are reminded.")
    today = office_day(now)
    ended = db.session.execute(
        update(cast(Table, ReminderRule.__table__))
        .where(_R.code == code, _R.ends_on.is_(None) | (_R.ends_on > today))
        .values(ends_on=db.func.max(today, _R.starts_on) if db.engine.dialect.name == "sqlite"
                else db.func.greatest(today, _R.starts_on))
    )  # fmt: skip
    if not ended.rowcount:  # type: ignore[attr-defined]
        raise NotOpen("No such rule is in force.")
    audit.record("end_reminder_rule", about=("reminder_rule", None), by=by, now=now, rule=code)


def mute(code: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Keep a rule silent until somebody lets it speak; what it owes meanwhile is noted, and never said later.

    Raises NotAllowed, NotOpen when there is no such rule or it is muted already, or Incomplete at "reason".
    """
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may mute a rule.")
    if not reason.strip():
        raise Incomplete({"reason": "Say why: everybody who looks after reminders reads it."})
    if code not in {rule.code for rule in reminder_rules.in_force(now)}:
        raise NotOpen("No such rule is in force.")
    if code in reminder_rules.muted():
        raise NotOpen("This rule is muted already.")
    db.session.add(ReminderMute(rule_code=code, reason=reason, muted_at=now, muted_by_id=cast(int, by.id)))
    db.session.flush()
    audit.record("mute_reminder_rule", about=("reminder_rule", None), by=by, now=now, rule=code, reason=reason)


def unmute(code: str, *, by: Actor, now: datetime) -> None:
    """Let a muted rule speak again, of what comes from now on. Raises NotAllowed or NotOpen."""
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may let a rule speak again.")
    found = db.session.scalar(
        select(ReminderMute).where(ReminderMute.rule_code == code, ReminderMute.ended_at.is_(None)).with_for_update()
    )
    if found is None:
        raise NotOpen("This rule is not muted.")
    found.ended_at, found.ended_by_id = now, by.id
    db.session.flush()
    audit.record("unmute_reminder_rule", about=("reminder_rule", None), by=by, now=now, rule=code)


def let_go(*, by: Actor, now: datetime) -> tuple[int, int]:
    """Post what the cap held and is still worth saying; gives how many were posted and how many were not.

    What was done meanwhile, or is overtaken by a later step, is suppressed, with the reason. Raises NotAllowed.
    """
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may let held reminders go.")
    held = ledger.held(ledger.MOST_COUNTED)
    current = {one.key: one for one in _current(held, now)}
    going = [current[row.key] for row in held if row.key in current]
    over = [row.id for row in held if row.key not in current]
    reminders.post(going)
    posted = ledger.settle_held([row.id for row in held if row.key in current], Standing.POSTED)
    dropped = ledger.settle_held(over, Standing.SUPPRESSED, why="It was done, moved or overtaken while it was held.")
    audit.record("release_reminders", about=("reminder_rule", None), by=by, now=now, posted=posted, dropped=dropped)
    return posted, dropped


def drop_held(reason: str, *, by: Actor, now: datetime) -> int:
    """Never send what the cap held; gives how many that are. Raises NotAllowed or Incomplete at "reason"."""
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may drop held reminders.")
    if not reason.strip():
        raise Incomplete({"reason": "Say why these people are not told."})
    ids = [row.id for row in ledger.held(ledger.MOST_COUNTED)]
    dropped = ledger.settle_held(ids, Standing.SUPPRESSED, why=f"Dropped by {by.name}: {reason}")
    audit.record("drop_reminders", about=("reminder_rule", None), by=by, now=now, dropped=dropped, reason=reason)
    return dropped


def _current(held: Sequence[Any], now: datetime) -> list[Reminder]:
    """What of the held is still owed, as messages of today."""
    rules = reminder_rules.in_force(now)
    found: list[tuple[Rule, schedule.Owed]] = []
    for kind in {row.kind for row in held}:
        of_kind = [rule for rule in rules if rule.kind == kind]
        open_now = still_open(kind, {row.about_id for row in held if row.kind == kind}, office_day(now))
        by_code = {rule.code: rule for rule in of_kind}
        owed = schedule.due(open_now, of_kind, now, zone(), reminders.calendars)
        found += [(by_code[one.rule_code], one) for one in owed]
    return compose(addressing.addressed(found, office_day(now)), now)


def _begins(draft: Draft) -> datetime:
    """The first moment of the rule's first day, aware UTC."""
    return datetime.combine(draft.starts_on, time(), zone()).astimezone(AGES_AGO.tzinfo)


def _marks_after(draft: Draft, now: datetime) -> Marks:
    """How far each step of the draft would have been looked at once it is saved."""
    at = max(now, _begins(draft))
    known = reminder_rules.marks()
    in_force = {rule.code: rule for rule in reminder_rules.in_force(now)}.get(draft.code)
    same = {step.name for step in in_force.steps} if in_force and in_force.kind == draft.duty else set()
    marks: Marks = {}
    for step in draft.steps:
        place = draft.code, step.name
        if draft.past:
            marks[place] = Mark(AGES_AGO, at - FAR)
        else:
            marks[place] = known[place] if step.name in same and place in known else Mark(at, at)
    return marks


def _in_words(code: str, starts_on: date) -> Any:
    """A rule's row as the trail keeps it; None when there is none."""
    row = db.session.execute(select(*_R).where(_R.code == code, _R.starts_on == starts_on)).mappings().one_or_none()
    said = {name: value for name, value in (row or {}).items() if name != "id"}
    return {name: v.isoformat() if isinstance(v, date | time) else v for name, v in said.items()} or None
