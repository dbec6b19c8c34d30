"""Reminder rules as a test wants them: in force for long, or alone."""

from datetime import datetime, timedelta

from factories import NOON, TODAY
from sqlalchemy import delete, update

from engage.extensions import db
from engage.models.reminders import ReminderMark, ReminderRule
from engage.rules.schedule import Audience, Step, Unit
from engage.services import reminder_rules

DAY = timedelta(days=1)
LONG_AGO = NOON - 99 * DAY


def for_long(since: datetime = LONG_AGO) -> None:
    """The rules that ship have counted since then, and nothing was swept since."""
    db.session.execute(update(ReminderMark).values(not_before=since, swept_until=since))


def only(code: str, duty: str, steps: list[tuple], *, since: datetime = LONG_AGO, **facts: object) -> None:
    """No rule but this one, which has counted since then; a step is (days, audience) or (days, audience, unit)."""
    db.session.execute(delete(ReminderRule))
    db.session.execute(delete(ReminderMark))
    made = [Step(days, Audience(to), Unit(*unit) if unit else Unit.CALENDAR) for days, to, *unit in steps]
    said = {"label": "A rule", "anchor": "", "text": "Do it.", "starts_on": TODAY - 99 * DAY} | facts
    kept = [{"days": step.offset_days, "to": step.to, "unit": step.unit} for step in made]
    db.session.add(ReminderRule(code=code, duty=duty, steps=kept, **said))
    db.session.flush()
    reminder_rules.place(code, made, at=since, not_before=since)
