"""The only place that reads reminder rules, and the only writer of how far each of their steps was looked at."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row, Table, bindparam, delete, insert, or_, select, tuple_, update

from engage.extensions import db
from engage.models.reminders import ReminderMark, ReminderMute, ReminderRule, ReminderSweep
from engage.rules import schedule
from engage.rules.policy import Role
from engage.rules.schedule import Audience, Step, Unit
from engage.rules.working_time import local_day
from engage.services.duties import SUBJECTS, trail_head

log = logging.getLogger("engage.reminders")

# A rule that nobody introduced looks back no further than this: a new rule does not blast the past.
FIRST_LOOK_BACK = timedelta(days=1)
ROLE_OF = {Audience.SECRETARIAT: Role.SECRETARIAT, Audience.DUTY_OFFICER: Role.DUTY_OFFICER}

_R, _K, _U = ReminderRule.__table__.c, ReminderMark.__table__.c, ReminderMute.__table__.c
_MARK = cast(Table, ReminderMark.__table__)
_IN_FORCE = (
    select(*_R)
    .where(_R.starts_on <= bindparam("today"), or_(_R.ends_on.is_(None), _R.ends_on >= bindparam("today")))
    .order_by(_R.code, _R.starts_on)
)
_MARKS = select(_K.rule_code, _K.step, _K.not_before, _K.swept_until)
_SWEPT = update(_MARK).where(_K.rule_code.in_(bindparam("rules", expanding=True)), _K.swept_until < bindparam("now"))
_MUTED = select(_U.rule_code, _U.reason, _U.muted_at, _U.muted_by_id).where(_U.ended_at.is_(None))
_READ_FROM = update(cast(Table, ReminderSweep.__table__)).where(ReminderSweep.__table__.c.trail_until.is_(None))


@dataclass(frozen=True)
class Rule(schedule.ReminderRule):
    """A rule: its ladder, what a message under it says, whether it is urgent, and when it may leave."""

    id: int | None = None
    subject: str = ""
    text: str = ""
    others_subject: str = ""
    others_text: str = ""
    urgent: bool = False
    mandatory: bool = True
    opens_at: time = time(8)
    closes_at: time = time(18)


@dataclass(frozen=True)
class Mark:
    """How far a step was looked at, and before when nothing counts; aware UTC."""

    not_before: datetime
    swept_until: datetime


Marks = dict[tuple[str, str], Mark]


def zone() -> ZoneInfo:
    """The office's time zone."""
    return ZoneInfo(current_app.config["SETTINGS"].home_zone)


def office_day(now: datetime) -> date:
    """The office's calendar day."""
    return local_day(now, zone())


def in_force(now: datetime) -> list[Rule]:
    """The newest row of each rule in force at `now`; one that cannot be read is left out, and stops no other."""
    return [rule for rule in map(_readable, rows_in_force(now)) if rule]


def unreadable(now: datetime) -> list[str]:
    """The codes of the rules in force that cannot be read."""
    return [row.code for row in rows_in_force(now) if _readable(row) is None]


def rows_in_force(now: datetime) -> list[Row]:
    """The newest row of each rule in force at `now`, as it is kept."""
    rows = db.session.execute(_IN_FORCE, {"today": office_day(now)})
    return list({row.code: row for row in rows}.values())


def _readable(row: Row) -> Rule | None:
    try:
        return rule_of(row)
    except (KeyError, TypeError, ValueError):
        log.exception("the reminder rule %s cannot be read", row.code)
        return None


def rule_of(row: Row) -> Rule:
    """The rule that a row keeps. Raises KeyError, TypeError or ValueError where it makes no sense."""
    if row.duty not in SUBJECTS:
        raise ValueError(f"nobody knows what “{row.duty}” is")
    return Rule(
        row.code, row.duty, steps_of(row.steps), row.label, row.id, row.subject, row.text, row.others_subject,
        row.others_text or row.text, row.urgent, row.mandatory, row.opens_at, row.closes_at,
    )  # fmt: skip


def steps_of(kept: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of a rule as they are kept."""
    return tuple(
        Step(int(step["days"]), Audience(step["to"]), Unit(step.get("unit", "calendar"))) for step in kept
    )


def marks() -> Marks:
    """How far each step of each rule was looked at."""
    return {
        (row.rule_code, row.step): Mark(row.not_before, row.swept_until) for row in db.session.execute(_MARKS)
    }


def begin(rules: Iterable[Rule], known: Marks, *, at: datetime) -> Marks:
    """A mark at `at` for each step that has none yet; gives all of these rules' marks. One statement at most."""
    new = [(rule.code, step.name) for rule in rules for step in rule.steps if (rule.code, step.name) not in known]
    if new:
        db.session.execute(
            insert(_MARK),
            [{"rule_code": code, "step": step, "not_before": at, "swept_until": at} for code, step in new],
        )
    return known | dict.fromkeys(new, Mark(at, at))


def place(code: str, steps: Iterable[Step], *, at: datetime, not_before: datetime) -> None:
    """Look at these steps of a rule afresh: from `at` on, counting what was reached after `not_before`."""
    names = [step.name for step in steps]
    db.session.execute(delete(_MARK).where(tuple_(_K.rule_code, _K.step).in_([(code, name) for name in names])))
    if names:
        db.session.execute(
            insert(_MARK),
            [{"rule_code": code, "step": name, "not_before": not_before, "swept_until": at} for name in names],
        )


def skip_past(now: datetime) -> None:
    """Let nothing that was reached until `now` go any more, under any rule: as after a restore."""
    db.session.execute(update(_MARK).values(not_before=now, swept_until=now))


def swept(rules: Iterable[Rule], *, now: datetime) -> None:
    """Remember that every step of these rules was looked at until `now`; never back."""
    db.session.execute(_SWEPT.values(swept_until=now), {"rules": [rule.code for rule in rules], "now": now})


def muted() -> dict[str, Row]:
    """The rules that are muted now, by code: reason, muted_at, muted_by_id."""
    return {row.rule_code: row for row in db.session.execute(_MUTED)}


def begin_shipped(now: datetime) -> None:
    """Let the rules that ship count from `now` on, and the trail be read from here. Twice is as once."""
    begin(in_force(now), marks(), at=now)
    db.session.execute(_READ_FROM.values(trail_until=trail_head()))
