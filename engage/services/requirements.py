"""The only writer of RequirementRule: what a trip demands, changed from a day on and never back in time."""

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from engage.extensions import db
from engage.models.norms import RequirementRule
from engage.models.places import Country
from engage.models.training import Course
from engage.rules.asking import EngagementKind
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.requirements import Kind
from engage.rules.trip_facts import ClearanceKind
from engage.services import audit, sessions, watch

# Who may sign waivers at all; a rule names two or more of them, or nobody.
SIGNERS = (Role.SECRETARIAT, Role.CHAIR, Role.LEADERSHIP, Role.REVIEWER, Role.TRAINING_OWNER, Role.DUTY_OFFICER)
MOST_LEAD_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule as somebody writes it down; lists are words with spaces between, empty: all (waivable_by: nobody)."""

    label: str
    kind: str
    target: str
    source: str
    lead_days: int
    blocks: bool = True
    min_level: int | None = None
    min_trip_days: int | None = None
    min_days_abroad: int | None = None
    only_of_concern: bool = False
    countries: str = ""
    roles: str = ""
    natures: str = ""
    markings: str = ""
    on_transit: bool = True
    waivable_by: str = ""


def targets() -> list[tuple[str, str, str]]:
    """What a rule may ask for, as (kind, target, words)."""
    courses = db.session.execute(select(Course.code, Course.name).order_by(Course.name))
    return [
        (Kind.GUIDANCE, "general", "Guidance: the general guide"),
        (Kind.GUIDANCE, "country", "Guidance: the guide of each country"),
        (Kind.GUIDANCE, "body", "Guidance: the guides of partners and forum"),
        *((Kind.TRAINING, row.code, f"Training: {row.name}") for row in courses),
        *((Kind.CLEARANCE, kind.value, f"Clearance: {kind.value}") for kind in ClearanceKind),
    ]


def add(rule: Rule, *, starts_on: date, by: Actor, now: datetime) -> RequirementRule:
    """Write a new rule, in force from a day on, today at the earliest. Raises NotAllowed or Incomplete."""
    _allowed(by)
    code = re.sub(r"[^a-z0-9]+", "-", rule.label.lower()).strip("-")[:40].strip("-")
    wrong = _wrong(rule, starts_on, by, now)
    if not code:
        wrong.setdefault("label", "Name the rule in words.")
    elif db.session.scalar(select(RequirementRule.id).where(RequirementRule.code == code).limit(1)):
        wrong.setdefault("label", "There is a rule of this name already. Change that one, or give another name.")
    if wrong:
        raise Incomplete(wrong)
    return _write(code, rule, starts_on, None, by, now)


def change(code: str, rule: Rule, *, starts_on: date, by: Actor, now: datetime) -> RequirementRule:
    """Replace a rule from a day on; until then it stays as it is. Raises NotAllowed, KeyError or Incomplete."""
    _allowed(by)
    rows = _rows(code)
    wrong = _wrong(rule, starts_on, by, now)
    if rows[-1].starts_on >= starts_on:
        wrong.setdefault("starts_on", "The rule changes on that day or later already. Choose a later day.")
    if wrong:
        raise Incomplete(wrong)
    before = {name: getattr(rows[-1], name) for name in asdict(rule)}
    _end(rows, starts_on - timedelta(days=1))
    return _write(code, rule, starts_on, before, by, now)


def end(code: str, *, last_on: date, by: Actor, now: datetime) -> None:
    """End a rule after a day, yesterday at the earliest. Raises NotAllowed, KeyError, NotOpen or Incomplete."""
    _allowed(by)
    today = sessions.office_day(now, by.zone)
    rows = _rows(code)
    if rows[-1].ends_on is not None and rows[-1].ends_on < today:
        raise NotOpen("This rule has ended already.")
    if last_on < today - timedelta(days=1):
        raise Incomplete({"last_on": "This day is past: what was asked then stays asked."})
    if last_on < rows[-1].starts_on - timedelta(days=1):
        raise Incomplete({"last_on": "The rule changes after that day. Choose a later one."})
    _end(rows, last_on)
    db.session.flush()
    audit.record("end_requirement", about=("requirement_rule", rows[-1].id), by=by, now=now, code=code, last_on=last_on)
    watch.everybody(f"The rule “{rows[-1].label}” ends.", today=today)


def _allowed(by: Actor) -> None:
    if not may(by, Do.EDIT_REQUIREMENTS):
        raise NotAllowed("Only content owners and administrators change what a trip demands.")


def _rows(code: str) -> list[RequirementRule]:
    """The rows of a rule, the oldest first, held."""
    rows = db.session.scalars(
        select(RequirementRule)
        .where(RequirementRule.code == code)
        .order_by(RequirementRule.starts_on)
        .with_for_update()
    ).all()
    if not rows:
        raise KeyError(code)
    return list(rows)


def _end(rows: list[RequirementRule], last_on: date) -> None:
    """No older row comes back to life when a newer one ends."""
    for row in rows:
        if row.ends_on is None or row.ends_on > last_on:
            row.ends_on = last_on


def _write(
    code: str, rule: Rule, starts_on: date, before: dict[str, object] | None, by: Actor, now: datetime
) -> RequirementRule:
    made = RequirementRule(code=code, starts_on=starts_on, ends_on=None, **asdict(rule))
    db.session.add(made)
    db.session.flush()
    audit.record(
        "set_requirement", about=("requirement_rule", made.id), by=by, now=now, before=before, after=asdict(rule),
        code=code, starts_on=starts_on,
    )  # fmt: skip
    today = sessions.office_day(now, by.zone)
    if starts_on <= today:
        watch.everybody(f"The rule “{rule.label}” is new or changed.", today=today)
    return made


def _wrong(rule: Rule, starts_on: date, by: Actor, now: datetime) -> dict[str, str]:
    """Field -> sentence, for each field that cannot stand as it is."""
    wrong = {}
    if (rule.kind, rule.target) not in {(kind, target) for kind, target, _ in targets()}:
        wrong["asks_for"] = "Choose what the rule asks for."
    if not rule.label:
        wrong["label"] = "Name the rule."
    if not rule.source:
        wrong["source"] = "Say who decided it, and where that is written."
    if not 0 <= rule.lead_days <= MOST_LEAD_DAYS:
        wrong["lead_days"] = f"Give 0 to {MOST_LEAD_DAYS} days."
    for name in ("min_trip_days", "min_days_abroad"):
        if (value := getattr(rule, name)) is not None and not 1 <= value <= 366:
            wrong[name] = "Give 1 to 366 days, or nothing."
    if rule.min_level is not None and rule.min_level not in (1, 2, 3, 4):
        wrong["min_level"] = "A level is 1, 2, 3 or 4."
    known = set(db.session.scalars(select(Country.code)))
    if unknown := [code for code in rule.countries.split() if code not in known]:
        wrong["countries"] = f"“{unknown[0][:20]}” is no country we know. Write two-letter codes with spaces between."
    if set(rule.roles.split()) - set(Role):
        wrong["roles"] = "Choose roles of the list."
    if set(rule.natures.split()) - {kind.value for kind in EngagementKind}:
        wrong["natures"] = "Choose kinds of the list."
    signers = set(rule.waivable_by.split())
    if signers - {role.value for role in SIGNERS}:
        wrong["waivable_by"] = "Choose roles of the list."
    elif len(signers) == 1:
        wrong["waivable_by"] = "A waiver takes two different roles: choose at least two, or none."
    if starts_on < sessions.office_day(now, by.zone):
        wrong["starts_on"] = "This day is past: what was asked then stays asked."
    return wrong
