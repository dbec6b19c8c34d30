"""The only place that shows what a rule would say about a real record, so that its words can be judged before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.people import Person
from engage.rules.schedule import Audience, MomentWindow, Window
from engage.services import duties
from engage.services.duties import SUBJECTS
from engage.services.duties.declared import OpenDuty
from engage.services.reminder_messages import words
from engage.services.reminder_rules import Rule, office_day

AROUND = timedelta(days=45)  # of today: where a record to show is looked for


@dataclass(frozen=True)
class Sample:
    """One letter under a rule, as its owner would read it, and as somebody above would; `real` if of a record."""

    real: bool
    owner: str
    subject: str
    text: str
    others_subject: str
    others_text: str


def sample(rule: Rule, now: datetime) -> Sample:
    """What the rule says about an open duty near today; about an invented one when there is none."""
    today = office_day(now)
    step = rule.steps[0]
    around: Any = (
        Window(step, today - AROUND, today + AROUND)
        if SUBJECTS[rule.kind].by_day
        else MomentWindow(step, now - AROUND, now + AROUND)
    )
    found = next(iter(duties.in_windows(rule.kind, [around], today)), None)
    owner = db.session.scalar(select(Person.name).where(Person.id == found.owner_id)) if found else None
    shown = found or OpenDuty(
        rule.kind, "item", 0, 0, today, "Do what is asked of “Exercise in Tallinn”", title="Exercise in Tallinn",
        missing=("The first thing that is missing.", "And another."),
    )  # fmt: skip
    name = owner or "Taylor Traveller"
    own = words(rule, shown, step, owner=name, reader=name, own=True)
    above = next((one for one in rule.steps if one.to is not Audience.PERSON), step)
    others = words(rule, shown, above, owner=name, reader="Sam Supervisor", own=False)
    return Sample(found is not None, name, *own, *others)
