"""The only place that says which reminders are owed, to whom, and by which step of the ladder.

Nothing is scheduled: what is owed follows from open duties, dated rules and the time. Each reminder has a key
that names its rule, subject, person, anchor's day and step; a ledger that takes each key once therefore sends
each reminder once, however often, late or by however many runners the rules are asked.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from engage.rules.working_time import ONE_DAY, Calendar, add_business_days, local_day

FURTHEST_DAYS = 730  # from the anchor: two years either way
MOST_STEPS = 20
NEVER = datetime.max.replace(tzinfo=UTC)
AGES_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # "not before" this is no bound at all


class Audience(StrEnum):
    """Who hears a step: the person who owes the duty, then those to whom it escalates, in this order."""

    PERSON = "person"
    SUPERVISOR = "supervisor"
    SECRETARIAT = "secretariat"
    DUTY_OFFICER = "duty_officer"

    @property
    def label(self) -> str:
        """The audience in words, as every page shows it."""
        return self.value.replace("_", " ").capitalize()


class Unit(StrEnum):
    """How the days of a step are counted: all of them, or those on which every office concerned is open."""

    CALENDAR = "calendar"
    BUSINESS = "business"


@dataclass(frozen=True)
class Duty:
    """Something a person has yet to do.

    `kind` is what rules match; `about_kind` and `about_id` name the record; `anchor` is the day or the aware
    moment from which steps count; `what` says in plain words what to do. `countries` are the hosts whose days of
    rest count beside our own when a step is in business days.
    """

    kind: str
    about_kind: str
    about_id: int
    owner_id: int
    anchor: date
    what: str
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Step:
    """One rung: so many days from the anchor (negative is before it), and who hears."""

    offset_days: int
    to: Audience
    unit: Unit = Unit.CALENDAR

    @property
    def when(self) -> str:
        """The distance as keys name it: "-3", or "-3b" in business days."""
        return f"{self.offset_days:+d}{'b' if self.unit is Unit.BUSINESS else ''}"

    @property
    def name(self) -> str:
        """The step's name for ever, unique in its rule."""
        return f"{self.when}:{self.to}"

    @property
    def in_words(self) -> str:
        """The distance to stand before a day: "3 days before", "2 business days after", "on"."""
        days = abs(self.offset_days)
        if not days:
            return "on"
        unit = "business day" if self.unit is Unit.BUSINESS else "day"
        return f"{days} {unit}{'s' if days > 1 else ''} {'before' if self.offset_days < 0 else 'after'}"


@dataclass(frozen=True)
class ReminderRule:
    """A ladder of reminders for one kind of duty. Raises ValueError for a ladder that makes no sense."""

    code: str
    kind: str
    steps: tuple[Step, ...]
    label: str = ""

    def __post_init__(self) -> None:
        if wrong := wrong_with(self.steps):
            raise ValueError(f"The reminder rule {self.code} cannot stand. {wrong}")


def wrong_with(steps: Sequence[Step]) -> str:
    """Why a ladder cannot stand, as one sentence; "" when it can."""
    if not steps:
        return "It has no steps: say when somebody is to hear, and who."
    if len(steps) > MOST_STEPS:
        return f"It has more than {MOST_STEPS} steps."
    if far := next((step for step in steps if abs(step.offset_days) > FURTHEST_DAYS), None):
        return f"A step is {far.in_words}: more than two years away."
    if len({(_about(step), step.to) for step in steps}) < len(steps):
        return "It has a step twice: it would come round to the same people again."
    first: dict[Audience, float] = {}
    for step in steps:
        first[step.to] = min(_about(step), first.get(step.to, _about(step)))
    ladder = [audience for audience in Audience if audience in first]
    for lower, higher in pairwise(ladder):
        if first[higher] < first[lower]:
            return f"It runs backwards: the {_noun(higher)} would hear before the {_noun(lower)}."
    return ""


@dataclass(frozen=True)
class Owed:
    """A reminder that should have gone by now. `to` says who hears; the caller knows who that is."""

    key: str
    rule_code: str
    duty: Duty
    step: Step
    reached_at: datetime

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


Calendars = Callable[[Duty], Sequence[Calendar]]
Marks = Mapping[tuple[str, str], datetime]  # rule's code and step's name -> the moment before which nothing counts


def weekdays(duty: Duty) -> Sequence[Calendar]:
    """The calendar of nowhere: Monday to Friday, no holidays."""
    return (Calendar(),)


def due(
    duties: Iterable[Duty], rules: Collection[ReminderRule], now: datetime, zone: tzinfo,
    calendars: Calendars = weekdays, not_before: Marks | None = None,
) -> Iterator[Owed]:  # fmt: skip
    """Per duty, rule and audience, the latest step already reached at `now` (aware), if any.

    Only the latest: a runner that slept for a week sends each audience one reminder, not three. A day begins
    at midnight in `zone`, the office's; a moment is reached to the second. A step that was reached at or before
    its `not_before` is passed over.
    """
    ladders: dict[str, list[ReminderRule]] = {}
    for rule in rules:
        ladders.setdefault(rule.kind, []).append(rule)
    for duty in duties:
        for rule in ladders.get(duty.kind, ()):
            latest: dict[Audience, tuple[datetime, Step]] = {}
            for step in rule.steps:
                reached = reached_at(duty, step, zone, calendars)
                bound = (not_before or {}).get((rule.code, step.name), AGES_AGO)
                if bound < reached <= now and (step.to not in latest or (reached, step) > latest[step.to]):
                    latest[step.to] = (reached, step)
            for reached, step in sorted(latest.values()):
                yield Owed(key(rule, duty, step, zone), rule.code, duty, step, reached)


def key(rule: ReminderRule, duty: Duty, step: Step, zone: tzinfo) -> str:
    """The name of one occurrence for ever; a duty whose anchor moves to another day earns new ones."""
    subject = f"{duty.about_kind}:{duty.about_id}:{duty.owner_id}"
    return f"{rule.code}:{subject}:{anchor_day(duty, zone).isoformat()}:{step.when}"


def anchor_day(duty: Duty, zone: tzinfo) -> date:
    """The day from which the duty's steps count, in the office's `zone`."""
    return local_day(duty.anchor, zone) if isinstance(duty.anchor, datetime) else duty.anchor


def reached_at(duty: Duty, step: Step, zone: tzinfo, calendars: Calendars = weekdays) -> datetime:
    """The moment, aware UTC, at which the duty reaches the step: the first of a day in `zone`, or to the second."""
    try:
        return _reached_at(duty, step, zone, calendars)
    except OverflowError:  # beyond the last year of any calendar, or before the first
        return NEVER if duty.anchor.year > AGES_AGO.year else AGES_AGO


def _reached_at(duty: Duty, step: Step, zone: tzinfo, calendars: Calendars) -> datetime:
    anchor = duty.anchor
    if isinstance(anchor, datetime):
        if step.unit is Unit.CALENDAR:  # in UTC, where every day has 24 hours
            return anchor.astimezone(UTC) + timedelta(days=step.offset_days)
        local = anchor.astimezone(zone)
        day = add_business_days(local.date(), step.offset_days, calendars(duty))
        return datetime.combine(day, local.time(), zone).astimezone(UTC)
    if step.unit is Unit.CALENDAR or not step.offset_days:
        day = anchor + timedelta(days=step.offset_days)
    else:
        day = add_business_days(anchor, step.offset_days, calendars(duty))
    return datetime.combine(day, time(), zone).astimezone(UTC)


def anchor_window(step: Step, since: datetime, now: datetime, zone: tzinfo) -> Window | None:
    """The anchor days that reached `step` after `since` and no later than `now`; None when no midnight lies between.

    For a step in business days it is wider than need be: `reached_at` then says which of them did.
    """
    first, last = local_day(since, zone) + ONE_DAY, local_day(now, zone)
    if first > last:
        return None
    nearest, furthest = _span(step)
    return Window(step, first - furthest, last - nearest)


def moment_window(step: Step, since: datetime, now: datetime) -> MomentWindow | None:
    """The anchor moments that reached `step` after `since` and no later than `now`; None when nothing lies between.

    For a step in business days it is wider than need be: `reached_at` then says which of them did.
    """
    since, now = since.astimezone(UTC), now.astimezone(UTC)
    if since >= now:
        return None
    nearest, furthest = _span(step)
    spare = timedelta() if step.unit is Unit.CALENDAR else ONE_DAY
    return MomentWindow(step, since - furthest - spare, now - nearest + spare)


def _span(step: Step) -> tuple[timedelta, timedelta]:
    """The least and the most that lies between anchor and step; they differ where offices rest.

    Where two offices share three working days a week, n of them take 7/3 n days, and the longest rest of a
    country (a golden week, Eid) is well within a month.
    """
    days = timedelta(days=step.offset_days)
    if step.unit is Unit.CALENDAR or not step.offset_days:
        return days, days
    wide = timedelta(days=abs(step.offset_days) * 7 // 3 + 30)
    return (-wide, days) if step.offset_days < 0 else (days, wide)


def _about(step: Step) -> float:
    """Orders steps by time; a business day is about 1.4 days."""
    return step.offset_days * (1.4 if step.unit is Unit.BUSINESS else 1.0)


def _noun(audience: Audience) -> str:
    return audience.label.lower()
