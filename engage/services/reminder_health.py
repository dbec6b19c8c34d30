"""The only place that says what is wrong with reminders: held, muted for long, unreadable, or not looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from engage.extensions import db
from engage.models.reminders import ReminderSweep
from engage.services import ledger, reminder_rules

MUTED_FOR = timedelta(days=7)  # then somebody has forgotten it
BEHIND = timedelta(hours=1)  # of the last sweep: this rule was not looked at though others were
_S = ReminderSweep.__table__.c


@dataclass(frozen=True)
class Finding:
    """One thing that keeps people from being reminded: a word for machines, a sentence for people, since when."""

    word: str
    sentence: str
    since: datetime | None = None


def findings(now: datetime) -> list[Finding]:
    """What is wrong with reminders at `now` (aware UTC); empty when all is well. Five statements, small tables."""
    found = []
    if held := ledger.held_count():
        were = "reminder was" if held == 1 else "reminders were"
        found.append(Finding("held", f"{held} {were} held by the cap of one run and wait for an administrator."))
    for code, mute in sorted(reminder_rules.muted().items()):
        if now - mute.muted_at >= MUTED_FOR:
            sentence = f"The rule {code} has been muted since {mute.muted_at:%d %B %Y}: {mute.reason}"
            found.append(Finding("muted", sentence, mute.muted_at))
    found += [Finding("unreadable", f"The rule {code} cannot be read.") for code in reminder_rules.unreadable(now)]
    swept_at = db.session.scalar(select(_S.swept_at))
    if swept_at is not None:
        marks = reminder_rules.marks()
        for rule in reminder_rules.in_force(now):
            until = [marks[rule.code, s.name].swept_until for s in rule.steps if (rule.code, s.name) in marks]
            if until and swept_at - min(until) > BEHIND:
                last = f"{min(until):%d %B %Y, %H:%M} UTC"
                sentence = f"The rule {rule.code} was last looked at on {last}: it sends nothing."
                found.append(Finding("silent", sentence, min(until)))
    return found
