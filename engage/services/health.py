"""The only place that says whether the house is well: the dead-man's switch behind healthz, its page and its metrics.

What is cheap is looked at each time it is asked. The rest the job runner looks at in each of its rounds, and leaves
word in its row: if it does not, that is what is wrong.
"""

import shutil
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.outbox import Delivery, OutboxMessage
from engage.services import audit, norms, outbox, reminder_health, runners
from engage.services.sessions import office_day

# Unless the norms say otherwise. A look is kept in the runner's word, so that healthz need not ask for it.
DIALS = {"alarm_tick_minutes": 3, "alarm_mail_minutes": 60, "alarm_disk_mb": 500}
MOST_COUNTED = 1000  # waiting messages; beyond it the number says no more
LINES_A_ROUND = 20_000  # of the trail, walked anew by each round
DIGEST_LATE = timedelta(hours=2)
RUNNER = "sweep"  # the turn whose holder leaves word
_M = OutboxMessage.__table__.c
_DIGESTS_LATE = select(func.count()).select_from(
    select(_M.id)
    .where(_M.delivery == Delivery.FOR_DIGEST, _M.due_at < bindparam("late"))
    .limit(MOST_COUNTED)
    .subquery()
)
WHAT_TO_DO = {
    "held": "Look at what is held under Reminders, then let it go or drop it.",
    "muted": "End the mute under Reminders, or say anew why it must go on.",
    "unreadable": "Open the rule under Reminders and set it anew.",
    "silent": "Look at the rule under Reminders: what it says cannot be worked out.",
}


@dataclass(frozen=True)
class Check:
    """One thing that is looked at: a word for machines, whether it is well, what is seen, and what to do if not."""

    word: str
    label: str
    well: bool
    says: str
    do: str = ""


@dataclass(frozen=True)
class Health:
    """All of it at one moment."""

    checks: tuple[Check, ...]
    tick_seconds: int | None  # since a runner last showed that it is alive
    waiting: int
    oldest_seconds: int | None
    free_bytes: int

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.well for check in self.checks)

    def of(self, word: str) -> Check:
        """One of the checks by its word."""
        return next(check for check in self.checks if check.word == word)


def look(now: datetime, *, afresh: bool = False) -> Health:
    """How the house is. `afresh` looks at what the job runner looks at, too; else its last word is taken.

    Two statements, where it is not afresh.
    """
    ticked_at, word = runners.last_word(RUNNER)
    word = _round(now, word or {}) if afresh else word or {}
    dials = {**DIALS, **word.get("dials", {})}
    waiting, oldest, late = outbox.queue(most=MOST_COUNTED, late=now - timedelta(minutes=dials["alarm_mail_minutes"]))
    free = free_bytes()
    tick = None if ticked_at is None else max(0, round((now - ticked_at).total_seconds()))
    checks = (
        _runner(tick, dials["alarm_tick_minutes"]),
        _mail(late, dials["alarm_mail_minutes"]),
        _disk(free, dials["alarm_disk_mb"]),
        _word("digests", "Daily messages", word),
        _word("reminders", "Reminders", word),
        _word("trail", "The trail", word),
    )
    age = None if oldest is None else max(0, round((now - oldest).total_seconds()))
    return Health(checks, tick, waiting, age, free)


def leave_word(now: datetime) -> int:
    """The job runner's round: look at what is too dear for every healthz, and leave word of it. Nothing is posted."""
    _, before = runners.last_word(RUNNER)
    runners.leave_word(RUNNER, _round(now, before or {}))
    return 0


def free_bytes() -> int:
    """What is free where the data is."""
    folder = Path(current_app.config["SETTINGS"].data)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _round(now: datetime, before: dict[str, Any]) -> dict[str, Any]:
    walked = before.get("walked")
    end, wrong = audit.walk_on(audit.Head(*walked) if walked else None, most=LINES_A_ROUND)
    late = db.session.scalar(_DIGESTS_LATE, {"late": now - DIGEST_LATE}) or 0
    troubles = [
        ("reminders", finding.sentence, WHAT_TO_DO.get(finding.word, "Look at the rules under Reminders."))
        for finding in reminder_health.findings(now)
    ]
    if wrong:
        troubles.append(
            ("trail", f"The trail is not whole: {wrong}.",
             "Stop changing anything, keep the database as it is, and run “engage audit verify”.")
        )  # fmt: skip
    if late and current_app.config["SETTINGS"].mail is not None:
        troubles.append(
            ("digests", f"{late} messages have waited for their daily message for two hours or more.",
             "Look at the job runner's log: it says why it could not gather them.")
        )  # fmt: skip
    return {
        "at": now.isoformat(), "dials": norms.on(_today(now), DIALS), "troubles": troubles,
        "walked": list(asdict(end).values()),
    }  # fmt: skip


def _today(now: datetime) -> date:
    return office_day(now, current_app.config["SETTINGS"].home_zone)


def _runner(tick: int | None, minutes: int) -> Check:
    do = "Start it: “engage run-jobs”. Until then nobody is reminded and nothing is mailed."
    if tick is None:
        starting = bool(current_app.config["SETTINGS"].demonstration)  # its first tick comes after its first page
        return Check("job_runner", "Job runner", starting, "No job runner has ever run.", do)
    ago = f"{tick} seconds" if tick < 120 else f"{tick // 60:,} minutes"
    words = f"It last showed that it is alive {ago} ago."
    return Check("job_runner", "Job runner", tick <= minutes * 60, words, do)


def _mail(late: int, minutes: int) -> Check:
    if current_app.config["SETTINGS"].mail is None:
        return Check("mail", "Mail", True, "No mail server is set: messages wait in each person's inbox.")
    if not late:
        return Check("mail", "Mail", True, f"No message has waited for more than {minutes} minutes.")
    many = f"{late} or more" if late >= MOST_COUNTED else str(late)
    have = "s have" if late != 1 else " has"
    said = f"{many} message{have} waited for the mail server for more than {minutes} minutes."
    return Check("mail", "Mail", False, said, "Look at the mail queue: it says what the server answered.")


def _disk(free: int, least_mb: int) -> Check:
    words = f"{free // 1_000_000:,} MB are free where the data is; {least_mb:,} MB is the least."
    do = "Free some space, or move the data to a larger disk, before writes fail."
    return Check("disk", "Disk", free >= least_mb * 1_000_000, words, do)


def _word(word: str, label: str, left: dict[str, Any]) -> Check:
    """What the job runner's last round says of one thing; where it has said nothing yet, its own check says so."""
    troubles = [(says, do) for what, says, do in left.get("troubles", ()) if what == word]
    if not troubles:
        return Check(word, label, True, "Nothing is wrong." if left else "Not looked at yet.")
    return Check(word, label, False, " ".join(t[0] for t in troubles), " ".join(dict.fromkeys(t[1] for t in troubles)))
