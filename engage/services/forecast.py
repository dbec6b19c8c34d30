"""The only place that foresees reminders: who would hear what when, on today's facts or with one day moved."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.trips import Trip
from engage.rules import schedule
from engage.rules.schedule import Owed
from engage.services import duties, reminder_rules, reminders
from engage.services.duties import SUBJECTS, OpenDuty
from engage.services.reminder_messages import Reminder
from engage.services.reminder_rules import Marks, Rule, office_day, zone

LONGEST = timedelta(days=400)


@dataclass(frozen=True)
class Moved:
    """What if this trip, or this engagement with its trips, began on another day?"""

    kind: str  # "trip" or "item", as the trail calls them
    id: int
    to: date


def foresee(
    at: datetime, until: datetime, *, moved: Moved | None = None, rules: Collection[Rule] | None = None,
    marks: Marks | None = None,
) -> list[Reminder]:  # fmt: skip
    """Every reminder that goes from `at` until `until` (aware UTC) if nobody does anything, in the order they go.

    What is owed at `at` already comes first, as one sweep would collapse it. `rules` and `marks` are those in
    force unless said otherwise. People, roles and what is missing are those of today; a muted rule is silent.
    """
    muted = reminder_rules.muted()
    going = [rule for rule in (reminder_rules.in_force(at) if rules is None else rules) if rule.code not in muted]
    known = reminder_rules.marks() if marks is None else marks
    until = min(until, at + LONGEST)
    shifted = _shifted(moved, office_day(at)) if moved else {}

    now = [one for one in reminders.owed_at(going, known, at) if _place(one.owed.duty) not in shifted]
    by_code = {rule.code: rule for rule in going}
    later: list[tuple[Rule, Owed]] = []
    for kind in {rule.kind for rule in going}:
        of_kind = [rule for rule in going if rule.kind == kind]
        windows = [w for rule in of_kind for step in rule.steps if (w := reminders.window_of(kind, step, at, until))]
        found = duties.in_windows(kind, windows, office_day(at))
        kept = [duty for duty in found if _place(duty) not in shifted]
        moved_here = [duty for (of, _, _), duty in shifted.items() if of == kind]
        for duty in [*kept, *moved_here]:
            since = None if _place(duty) in shifted else at
            later += [(by_code[one.rule_code], one) for one in _reached(duty, of_kind, known, since, at, until)]
    hearing = reminders.unposted(later, at, foresee=True)
    return sorted([*now, *hearing], key=lambda one: (one.leaves_at, one.reached_at, one.key))


def _reached(
    duty: OpenDuty, rules: Iterable[Rule], marks: Marks, since: datetime | None, at: datetime, until: datetime
) -> Iterable[Owed]:
    """Each step the duty reaches until `until`: after `since`, or (None) the latest that it stands on at `at` too."""
    for rule in rules:
        stands_on: dict[Any, Owed] = {}
        for step in rule.steps:
            reached = schedule.reached_at(duty, step, zone(), reminders.calendars)
            mark = marks.get((rule.code, step.name))
            if reached > until or (mark and reached <= mark.not_before):
                continue
            owed = Owed(schedule.key(rule, duty, step, zone()), rule.code, duty, step, reached)
            if reached > at:
                yield owed
            elif since is None and (step.to not in stands_on or stands_on[step.to].reached_at < reached):
                stands_on[step.to] = owed
        yield from stands_on.values()


def _shifted(moved: Moved, today: date) -> Mapping[tuple[str, int, int], OpenDuty]:
    """The duties that move with a trip or an engagement, each with its new day, by kind, record and owner."""
    found = {}
    if moved.kind == "item":
        begins = db.session.scalar(db.select(Item.starts_on).where(Item.id == moved.id))
    else:
        begins = db.session.scalar(db.select(Trip.departs_on).where(Trip.id == moved.id))
    if begins is None:
        return {}
    days = moved.to - begins
    for of in SUBJECTS.values():
        if of.moves and moved.kind in of.changes:
            for duty in duties.of_changed(of.kind, {moved.kind: [moved.id]}, today):
                found[_place(duty)] = replace(duty, anchor=duty.anchor + days)
    return found


def _place(duty: schedule.Duty) -> tuple[str, int, int]:
    return duty.kind, duty.about_id, duty.owner_id
