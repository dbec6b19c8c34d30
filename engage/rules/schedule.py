"""The only place that says which reminders are owed, to whom, and by which step of the ladder.

Nothing is scheduled: what is owed follows from open duties, dated rules and the time. Each reminder has a key
that names its rule, subject, person, anchor's day and step; a ledger that takes each key once therefore sends
each reminder once, however often, late or by however many runners the rules are asked.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from engage.rules.working_time import ONE_DAY, local_day


class Audience(StrEnum):
    """Who hears a step: the person who owes the duty, then those to whom it escalates."""

    PERSON = "person"
    SUPERVISOR = "supervisor"
    SECRETARIAT = "secretariat"
    DUTY_OFFICER = "duty_officer"

    @property
    def label(self) -> str:
        """The audience in words, as every page shows it."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Duty:
    """Something a person has yet to do.

    `kind` is what rules match; `about_kind` and `about_id` name the record; `anchor` is the day or the aware
    moment from which steps count; `what` says in plain words what to do.
    """

    kind: str
    about_kind: str
    about_id: int
    owner_id: int
    anchor: date
    what: str


@dataclass(frozen=True, order=True)
class Step:
    """One rung: so many days from the anchor (negative is before it), and who hears."""

    offset_days: int
    to: Audience


@dataclass(frozen=True)
class ReminderRule:
    """A ladder of reminders for one kind of duty.

    Raises ValueError for a ladder without steps, with a step twice, or on which others hear before the
    person.
    """

    code: str
    kind: str
    steps: tuple[Step, ...]
    label: str = ""

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError(f"The reminder rule {self.code} has no steps.")
        if len(set(self.steps)) < len(self.steps):
            raise ValueError(f"The reminder rule {self.code} has a step twice.")
        audiences = {step.to for step in self.steps}
        if Audience.PERSON in audiences and min(self.steps, key=_when).to != Audience.PERSON:
            raise ValueError(f"Under the reminder rule {self.code} others would hear before the person.")


@dataclass(frozen=True)
class Owed:
    """A reminder that should have gone by now. `to` says who hears; the caller knows who that is."""

    key: str
    rule_code: str
    duty: Duty
    step: Step

    @property
    def to(self) -> Audience:
        """Who hears this reminder."""
        return self.step.to


class Window(NamedTuple):
    """The anchors at which `step` came due: from the first to the last day, both included."""

    step: Step
    first_on: date
    last_on: date


class MomentWindow(NamedTuple):
    """The anchors at which `step` came due: later than `after`, up to and including `until`."""

    step: Step
    after: datetime
    until: datetime


def due(
    duties: Iterable[Duty], rules: Collection[ReminderRule], now: datetime, zone: tzinfo
) -> Iterator[Owed]:
    """Per duty, rule and audience, the latest step already reached at `now` (aware), if any.

    Only the latest: a runner that slept for a week sends each audience one reminder, not three. A day begins
    at midnight in `zone`, the office's; a moment is reached to the second.
    """
    ladders: dict[str, list[ReminderRule]] = {}
    for rule in rules:
        ladders.setdefault(rule.kind, []).append(rule)
    today = local_day(now, zone)
    for duty in duties:
        for rule in ladders.get(duty.kind, ()):
            latest: dict[Audience, Step] = {}
            for step in sorted(rule.steps):
                if _reached(duty.anchor, step, now, today):
                    latest[step.to] = step
            for step in latest.values():
                yield Owed(key(rule, duty, step, zone), rule.code, duty, step)


def key(rule: ReminderRule, duty: Duty, step: Step, zone: tzinfo) -> str:
    """The name of one reminder for ever; a duty whose anchor moves to another day earns new ones."""
    anchor_on = local_day(duty.anchor, zone) if isinstance(duty.anchor, datetime) else duty.anchor
    subject = f"{duty.about_kind}:{duty.about_id}:{duty.owner_id}"
    return f"{rule.code}:{subject}:{anchor_on.isoformat()}:{step.offset_days:+d}:{step.to}"


def reached_between(
    rule: ReminderRule, anchor: date, since: datetime, until: datetime, zone: tzinfo
) -> tuple[Step, ...]:
    """The steps of `rule` that `anchor` reached after `since` and no later than `until`, in order of time."""
    first, last = local_day(since, zone), local_day(until, zone)
    return tuple(
        step
        for step in sorted(rule.steps)
        if _reached(anchor, step, until, last) and not _reached(anchor, step, since, first)
    )


def anchor_windows(rule: ReminderRule, since: datetime, now: datetime, zone: tzinfo) -> list[Window]:
    """Per step, the anchor days that reached it after `since` and no later than `now`.

    Empty when no midnight of `zone` lies between. For anchors that are moments, ask `moment_windows`.
    """
    first, last = local_day(since, zone) + ONE_DAY, local_day(now, zone)
    if first > last:
        return []
    return [Window(step, first - _days(step), last - _days(step)) for step in sorted(rule.steps)]


def moment_windows(rule: ReminderRule, since: datetime, now: datetime) -> list[MomentWindow]:
    """Per step, the anchor moments that reached it after `since` and no later than `now`."""
    since, now = since.astimezone(UTC), now.astimezone(UTC)
    if since >= now:
        return []
    return [MomentWindow(step, since - _days(step), now - _days(step)) for step in sorted(rule.steps)]


def _reached(anchor: date, step: Step, now: datetime, today: date) -> bool:
    if isinstance(anchor, datetime):  # in UTC, where every day has 24 hours
        return anchor.astimezone(UTC) + _days(step) <= now
    return anchor + _days(step) <= today


def _days(step: Step) -> timedelta:
    return timedelta(days=step.offset_days)


def _when(step: Step) -> tuple[int, bool]:
    """Orders steps by time; of two on one day, the person's comes first."""
    return step.offset_days, step.to != Audience.PERSON
