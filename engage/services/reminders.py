"""The only place that works out which reminders are owed now, and posts them: each once, however often it is asked."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row, Table, bindparam, or_, select, update

from engage.extensions import db
from engage.models.people import Person
from engage.models.reminders import ReminderRule as RuleRow
from engage.rules import schedule
from engage.rules.policy import Role
from engage.rules.schedule import Audience, Owed, ReminderRule, Step, Window
from engage.rules.working_time import local_day
from engage.services import duties, outbox
from engage.services.duties import SUBJECTS, OpenDuty

log = logging.getLogger("engage.reminders")

# A rule that never ran looks back no further than this: a new rule does not blast the past.
FIRST_LOOK_BACK = timedelta(days=1)
ROLE_OF = {Audience.SECRETARIAT: Role.SECRETARIAT, Audience.DUTY_OFFICER: Role.DUTY_OFFICER}

_R, _P = RuleRow.__table__.c, Person.__table__.c
_IN_FORCE = (
    select(_R.id, _R.code, _R.duty, _R.label, _R.steps, _R.text, _R.swept_until)
    .where(_R.starts_on <= bindparam("today"), or_(_R.ends_on.is_(None), _R.ends_on >= bindparam("today")))
    .order_by(_R.code, _R.starts_on)
)
_SWEPT = update(cast(Table, RuleRow.__table__)).where(
    _R.id.in_(bindparam("rules", expanding=True)), or_(_R.swept_until.is_(None), _R.swept_until < bindparam("now"))
)
_PEOPLE = select(_P.id, _P.name, _P.supervisor_id).where(
    _P.id.in_(bindparam("ids", expanding=True)), _P.disabled_at.is_(None)
)


@dataclass(frozen=True)
class Reminder:
    """A reminder that is owed and was not posted yet: to whom, since when, why, and the message itself."""

    to_id: int
    to_name: str
    reached_at: datetime  # when its step was reached, aware UTC
    why: str
    message: Mapping[str, Any]


def sweep(now: datetime) -> int:
    """Post every reminder owed at `now` (aware UTC) and move the watermarks there; gives how many were posted.

    Flushes, never commits. Asked twice, late, or by two at once, it posts each reminder once: the key decides.
    """
    rules = _in_force(now)
    owed = _owed(rules, now)
    outbox.post(*(dict(reminder.message) for reminder in owed))
    db.session.execute(_SWEPT.values(swept_until=now), {"rules": [rule.id for rule in rules], "now": now})
    return len(owed)


def preview(at: datetime) -> list[Reminder]:
    """What a sweep at `at` (aware UTC) would post, on the facts of today; writes nothing."""
    return _owed(_in_force(at), at)


def closed(messages: Iterable[Row], *, now: datetime) -> set[int]:
    """The ids of those messages that remind of a duty no longer open, or whose day has moved since."""
    asked: dict[str, dict[int, tuple[int, int, str]]] = defaultdict(dict)
    for message in messages:
        if duty := message.facts.get("duty"):
            asked[duty["kind"]][message.id] = (message.about_id, duty["owner_id"], duty["anchor_on"])
    over = set()
    for kind, reminders in asked.items():
        if kind in SUBJECTS:
            about_ids = {about_id for about_id, _, _ in reminders.values()}
            found = duties.still_open(kind, about_ids, _office_day(now))
            is_open = {(duty.about_id, duty.owner_id, _anchor_on(duty).isoformat()) for duty in found}
            over |= {id_ for id_, what in reminders.items() if what not in is_open}
    return over


def _in_force(now: datetime) -> list[Row]:
    """The newest row of each rule in force at `now`."""
    rows = db.session.execute(_IN_FORCE, {"today": _office_day(now)})
    return list({row.code: row for row in rows}.values())


def _owed(rows: Iterable[Row], now: datetime) -> list[Reminder]:
    """Every reminder that is owed under these rules and is not in the outbox, in the order in which they fell due."""
    found: list[tuple[Row, Owed]] = []
    for row in rows:
        try:
            rule = _rule(row)
        except (KeyError, TypeError, ValueError):  # a rule that cannot be read stops no other
            log.exception("the reminder rule %s cannot be read", row.code)
            continue
        since = row.swept_until or now - FIRST_LOOK_BACK
        open_now = duties.in_windows(rule.kind, _windows(rule, since, now), _office_day(now))
        found += [(row, owed) for owed in schedule.due(open_now, [rule], now, _zone())]
    reminders = _addressed(found, now)
    known = outbox.known([reminder.message["key"] for reminder in reminders])
    new = (reminder for reminder in reminders if reminder.message["key"] not in known)
    return sorted(new, key=lambda reminder: (reminder.reached_at, reminder.message["key"]))


def _rule(row: Row) -> ReminderRule:
    if row.duty not in SUBJECTS:
        raise ValueError(f"nobody knows what “{row.duty}” is")
    steps = tuple(Step(int(step["days"]), Audience(step["to"])) for step in row.steps)
    return ReminderRule(row.code, row.duty, steps, row.label)


def _windows(rule: ReminderRule, since: datetime, now: datetime) -> list[Any]:
    """Where the anchors of duties lie that may owe a reminder now.

    Moments are looked at once, as each step is reached. Days are looked at once a day, over the whole ladder:
    so a trip approved late, or moved nearer, is reminded by the step it stands on, and the cost is that of the
    departures ahead.
    """
    if not SUBJECTS[rule.kind].by_day:
        return list(schedule.moment_windows(rule, since, now))
    reached = schedule.anchor_windows(rule, since, now, _zone())
    if not reached:
        return []
    first = min(window.first_on for window in reached)
    return [Window(reached[0].step, first, max(window.last_on for window in reached))]


def _addressed(found: list[tuple[Row, Owed]], now: datetime) -> list[Reminder]:
    """Each owed reminder once for everybody who hears it; an escalation that finds nobody goes to the secretariat."""
    if not found:
        return []
    today = _office_day(now)
    in_role = {audience: duties.holding(role, today) for audience, role in ROLE_OF.items()}
    owners = {owed.duty.owner_id for _, owed in found}
    people = _people(owners)
    hearing = {person.supervisor_id for person in people.values() if person.supervisor_id}
    people |= _people((hearing | {id_ for ids in in_role.values() for id_ in ids}) - owners)

    reminders = []
    for rule, owed in found:
        owner = people.get(owed.duty.owner_id)
        if owner is None:
            continue  # disabled: what they owed is the secretariat's to see in its lists
        match owed.to:
            case Audience.PERSON:
                to = [owner.id]
            case Audience.SUPERVISOR:
                to = [owner.supervisor_id] if owner.supervisor_id in people else in_role[Audience.SECRETARIAT]
            case _:
                to = in_role[owed.to] or in_role[Audience.SECRETARIAT]
        reminders += [_reminder(rule, owed, owner, people[id_], now) for id_ in to]
    return reminders


def _people(ids: Iterable[int]) -> dict[int, Row]:
    return {row.id: row for row in db.session.execute(_PEOPLE, {"ids": sorted(ids)})}


def _reminder(rule: Row, owed: Owed, owner: Row, to: Row, now: datetime) -> Reminder:
    duty, step = owed.duty, owed.step
    assert isinstance(duty, OpenDuty)  # noqa: S101  what duties.in_windows gave
    own = to.id == owner.id
    what = duty.what[0].lower() + duty.what[1:]
    subject = f"Reminder: {what}" if own else f"Not done yet by {owner.name}: {what}"
    message = outbox.message(
        f"{owed.key}:{to.id}", to=to.id, template=f"reminder_{duty.kind}", subject=subject,
        about=(duty.about_kind, duty.about_id), now=now, path=duty.path, title=duty.title, what=duty.what,
        missing=list(duty.missing), own=own, owner=owner.name, anchor=_in_words(_anchor_on(duty)), when=_distance(step),
        days=step.offset_days, text=rule.text, rule=rule.label,
        duty={"kind": duty.kind, "owner_id": duty.owner_id, "anchor_on": _anchor_on(duty).isoformat()},
    )  # fmt: skip
    why = f"{rule.label}, {_distance(step)} {_in_words(_anchor_on(duty))}"
    return Reminder(to.id, to.name, _reached_at(duty.anchor, step), why, message)


def _reached_at(anchor: date, step: Step) -> datetime:
    if isinstance(anchor, datetime):
        return anchor.astimezone(UTC) + timedelta(days=step.offset_days)
    return datetime.combine(anchor + timedelta(days=step.offset_days), time(), _zone()).astimezone(UTC)


def _distance(step: Step) -> str:
    """The step in words, to stand before a day: "3 days before"."""
    days = abs(step.offset_days)
    if not days:
        return "on"
    return f"{days} day{'s' if days > 1 else ''} {'before' if step.offset_days < 0 else 'after'}"


def _anchor_on(duty: schedule.Duty) -> date:
    return local_day(duty.anchor, _zone()) if isinstance(duty.anchor, datetime) else duty.anchor


def _in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _office_day(now: datetime) -> date:
    return local_day(now, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["SETTINGS"].home_zone)
