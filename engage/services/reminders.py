"""The only place that works out which reminders are owed now, and posts them: each once, however often it is asked."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy import Row, Table, select, update

from engage.extensions import db
from engage.models.reminders import ReminderSweep, Standing
from engage.reference.calendars import calendars_of
from engage.rules import schedule
from engage.rules.schedule import Duty, MomentWindow, Owed, Window
from engage.rules.working_time import Calendar
from engage.services import addressing, duties, follow_news, ledger, norms, outbox, reminder_rules
from engage.services.duties import SUBJECTS, OpenDuty
from engage.services.reminder_messages import Reminder, compose, key_of
from engage.services.reminder_rules import FIRST_LOOK_BACK, Mark, Marks, Rule, office_day, zone

log = logging.getLogger("engage.reminders")

CAP = 500  # reminders of one run, where no number is kept
BATCH = 500  # messages posted by one statement
UNFORESEEN = (ArithmeticError, LookupError, TypeError, ValueError)

_S = ReminderSweep.__table__.c
_LOCK = select(_S.swept_at, _S.trail_until).where(_S.id == 1).with_for_update()
_DONE = update(cast(Table, ReminderSweep.__table__)).where(_S.id == 1)


def sweep(now: datetime) -> int:
    """Post every reminder owed at `now` (aware UTC) and move the watermarks there; gives how many were posted.

    Flushes, never commits. Sweeps take turns by a lock on one row. Asked twice, late, or by two at once, it posts
    each reminder once: the ledger takes a key once. What a muted rule owes is noted as suppressed; what is beyond
    the cap of one run is held, until somebody lets it go.
    """
    state = db.session.execute(_LOCK).one()
    head = duties.trail_head()
    rules = reminder_rules.in_force(now)
    marks = reminder_rules.begin(rules, reminder_rules.marks(), at=now - FIRST_LOOK_BACK)
    changes = duties.changed(head if state.trail_until is None else state.trail_until, head)
    found, read = owed_under(rules, marks, changes, now)
    reminders = unposted(found, now)

    muted = reminder_rules.muted() if reminders else {}
    silent = [one for one in reminders if one.rule.code in muted]
    going = [one for one in reminders if one.rule.code not in muted]
    cap = _cap(office_day(now)) if going else 0
    posted, held = going[:cap], going[cap:]
    post(posted)
    ledger.note(one.row(Standing.POSTED, now) for one in posted)
    ledger.note(one.row(Standing.HELD, now, why=f"More than {cap} were owed at once.") for one in held)
    ledger.note(one.row(Standing.SUPPRESSED, now, why=_why_muted(muted[one.rule.code])) for one in silent)
    if held:
        log.error("%s reminders are held: more than %s were owed at once", len(held), cap)
    reminder_rules.swept(read, now=now)
    db.session.execute(_DONE.values(swept_at=now, trail_until=head, posted=len(posted), held=len(held)))
    return len(posted)


def post(reminders: Sequence[Reminder]) -> None:
    """Put reminders in the outbox, some hundreds with one statement."""
    for start in range(0, len(reminders), BATCH):
        outbox.post(*(dict(one.message) for one in reminders[start : start + BATCH]))


def preview(at: datetime) -> list[Reminder]:
    """What a sweep at `at` (aware UTC) would post, on the facts of today; writes nothing."""
    rules = reminder_rules.in_force(at)
    muted = reminder_rules.muted()
    return [one for one in owed_at(rules, reminder_rules.marks(), at) if one.rule.code not in muted]


def owed_at(rules: Collection[Rule], marks: Marks, at: datetime) -> list[Reminder]:
    """What is owed at `at` under these rules and marks and is not in the ledger; writes nothing."""
    new = Mark(at - FIRST_LOOK_BACK, at - FIRST_LOOK_BACK)
    whole = {(rule.code, step.name): new for rule in rules for step in rule.steps} | marks
    read_until = db.session.scalar(select(_S.trail_until).where(_S.id == 1))
    head = duties.trail_head()
    changes = duties.changed(head if read_until is None else read_until, head)
    found, _ = owed_under(rules, whole, changes, at)
    return unposted(found, at)


def owed_under(
    rules: Collection[Rule], marks: Marks, changes: Mapping[str, Collection[int]], now: datetime
) -> tuple[list[tuple[Rule, Owed]], list[Rule]]:
    """Every step that open duties stand on at `now` and that may be new, and the rules that could be looked at.

    Looked at are the duties whose anchor reached a step since its mark, and those about records that `changes`.
    """
    found: list[tuple[Rule, Owed]] = []
    read: list[Rule] = []
    not_before = {at: mark.not_before for at, mark in marks.items()}
    for kind, of_kind in _by_kind(rules).items():
        by_code = {rule.code: rule for rule in of_kind}
        try:
            looked_at = _looked_at(kind, of_kind, marks, changes, now)
            owed = list(schedule.due(looked_at, of_kind, now, zone(), calendars, not_before))
        except UNFORESEEN:  # what cannot be counted stops no other kind; its marks stay, and health says so
            log.exception("the duties of kind %s cannot be looked at", kind)
            continue
        found += [(by_code[one.rule_code], one) for one in owed]
        read += of_kind
    return found, read


def _looked_at(
    kind: str, rules: Collection[Rule], marks: Marks, changes: Mapping[str, Collection[int]], now: datetime
) -> list[OpenDuty]:
    today = office_day(now)
    windows = [
        window
        for rule in rules
        for step in rule.steps
        if (window := window_of(kind, step, marks[rule.code, step.name].swept_until, now))
    ]
    looked_at = duties.in_windows(kind, windows, today) + duties.of_changed(kind, changes, today)
    return list({(duty.about_id, duty.owner_id): duty for duty in looked_at}.values())


def window_of(kind: str, step: schedule.Step, since: datetime, now: datetime) -> Window | MomentWindow | None:
    """Where the anchors lie that reached `step` after `since` and no later than `now`."""
    if SUBJECTS[kind].by_day:
        return schedule.anchor_window(step, since, now, zone())
    return schedule.moment_window(step, since, now)


def unposted(found: Iterable[tuple[Rule, Owed]], now: datetime, *, foresee: bool = False) -> list[Reminder]:
    """The messages of those that are not in the ledger, each once for everybody who hears it, the urgent first."""
    hearings = addressing.addressed(found, office_day(now), at_once=not foresee)
    keys = ledger.known([key_of(one) for one in hearings])
    return compose([one for one in hearings if key_of(one) not in keys], now, foresee=foresee)



def closed(messages: Iterable[Row], *, now: datetime) -> set[int]:
    """The ids of those messages that remind of a duty no longer open or whose day has moved, or tell what is hidden."""
    messages = list(messages)
    asked: dict[str, dict[int, tuple[int, int, str]]] = defaultdict(dict)
    for message in messages:
        if duty := message.facts.get("duty"):
            asked[duty["kind"]][message.id] = (message.about_id, duty["owner_id"], duty["anchor_on"])
    over = set()
    for kind, reminders in asked.items():
        if kind in SUBJECTS:
            about_ids = {about_id for about_id, _, _ in reminders.values()}
            found = duties.still_open(kind, about_ids, office_day(now))
            is_open = {(duty.about_id, duty.owner_id, anchor_on(duty).isoformat()) for duty in found}
            over |= {id_ for id_, what in reminders.items() if what not in is_open}
    return over | follow_news.hidden(messages, now=now)


def calendars(duty: Duty) -> Sequence[Calendar]:
    """The days of rest at home and with the duty's hosts, for three years around its anchor."""
    home = current_app.config["SETTINGS"].home_country
    year = duty.anchor.year
    first, last = date(max(1, year - 3), 1, 1), date(min(9999, year + 3), 12, 31)
    return calendars_of((home, *duty.countries), first, last)


def anchor_on(duty: Duty) -> date:
    """The office's day from which a duty's steps count."""
    return schedule.anchor_day(duty, zone())



def _by_kind(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        found[rule.kind].append(rule)
    return found


def _cap(today: date) -> int:
    try:
        return norms.norm_on("reminders_per_run", today)
    except KeyError:
        return CAP


def _why_muted(mute: Any) -> str:
    return f"The rule was muted on {mute.muted_at:%d %B %Y}: {mute.reason}"
