"""The only place with a clock of its own: it calls "sweep" and "deliver" again and again, and remembers nothing.

What is due is in the database, so any number of these may run, and any may be killed: a turn spares them from
sweeping twice, keys and claims keep the result right even if they do.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from engage.jobs.mail import BATCH, LEASE, Carrier
from engage.services import (
    advisory_checks,
    agendas,
    bulk_work,
    clearing,
    coverage,
    deferrals,
    digests,
    due_votes,
    emergency_contacts,
    follow_news,
    health,
    partner_contacts,
    reminders,
    runners,
    sessions,
    weekly,
)
from engage.services.transaction import transaction

log = logging.getLogger("engage.jobs")
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a long delivery skips a tick is no news

SWEEP_EVERY = timedelta(minutes=1)
DELIVER_EVERY = timedelta(seconds=5)
TURN = "sweep"


def _forget_contacts(now: datetime) -> None:
    """Erase what was kept for an emergency on a journey that is over, and contacts at partners whose day has come."""
    today = sessions.office_day(now, current_app.config["SETTINGS"].home_zone)
    emergency_contacts.purge(today, now=now)
    partner_contacts.purge(today, now=now)


# In this order, each in a transaction of its own. Those that tell somebody give how many messages they posted.
TELLING = (reminders.sweep, clearing.sweep, weekly.post, follow_news.sweep)
STEPS: tuple[Callable[[datetime], Any], ...] = (
    deferrals.bring_back, due_votes.tick, agendas.gather_ahead, reminders.sweep, advisory_checks.sweep,
    _forget_contacts, clearing.sweep,
    weekly.post,
    follow_news.sweep,
    health.leave_word,
    coverage.sweep,
)  # fmt: skip


def holder_name() -> str:
    """A name for this process that no other has: host, process number, and chance. At most 40 characters."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(4)}"


@dataclass
class Pace:
    """How often to look, how much to take at once, and how long a claim or a turn holds. Tests hurry."""

    sweep_every: timedelta = SWEEP_EVERY
    deliver_every: timedelta = DELIVER_EVERY
    batch: int = BATCH
    lease: timedelta = LEASE

    @property
    def turn(self) -> timedelta:
        """A turn outlives a tick by half, so that it passes on soon after its holder has died."""
        return self.sweep_every * 1.5


@dataclass
class JobRunner:
    """One runner: its ticks, and how it ends."""

    app: Flask
    pace: Pace = field(default_factory=Pace)
    holder: str = field(default_factory=holder_name)
    stopping: threading.Event = field(default_factory=threading.Event)
    _told: bool = False

    def stop(self, *signalled: Any) -> None:
        """End `run` soon. A signal handler may call it: it takes no lock that the interrupted thread may hold."""
        self._told = True

    def run(self) -> None:
        """Tick until told to `stop`; then finish the message in hand, give the rest back, and return."""
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(3)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        jobs: tuple[tuple[Callable[[], Any], timedelta], ...] = (
            (self.sweep, self.pace.sweep_every), (self.deliver, self.pace.deliver_every),
            (self.take_in, self.pace.deliver_every),
        )  # fmt: skip
        for job, every in jobs:
            scheduler.add_job(
                self._guarded, "interval", args=(job,), seconds=every.total_seconds(), next_run_time=datetime.now(UTC)
            )  # fmt: skip
        scheduler.start()
        log.info("job runner %s is at work", self.holder)
        while not self._told:  # a wait without end can miss a signal that comes just before it begins
            time.sleep(0.2)
        self.stopping.set()
        scheduler.shutdown(wait=True)
        self._guarded(self._farewell)

    def sweep(self) -> int:
        """Post what is owed now, in this runner's turn; gives how many. A step that fails stops no other."""
        now = self._clock()
        with transaction():
            mine = runners.take_turn(TURN, holder=self.holder, now=now, lease=self.pace.turn)
        posted = 0
        for step in STEPS if mine else ():
            try:
                with transaction():
                    done = step(now)
                posted += (done or 0) if step in TELLING else 0
            except Exception:
                log.exception("%s failed; the next tick tries again", step.__module__)
        if mine and self.app.config["SETTINGS"].mail is not None:
            self._gather(now)
        return posted

    def _gather(self, now: datetime) -> None:
        """Gather daily messages, some readers at a time; without a mail server they wait, and are in the inbox."""
        while not self.stopping.is_set():
            with transaction():
                looked_at = digests.gather(now)
            if looked_at < digests.READERS:
                break

    def take_in(self) -> int:
        """Take the next imported file that waits; gives how many rows went through."""
        return bulk_work.work(self._clock, self.stopping.is_set)

    def deliver(self) -> int:
        """Send what is due; gives how many messages the mail server took."""
        return Carrier(
            self.app.config["SETTINGS"], self.holder, self._clock, stopping=self.stopping.is_set,
            batch=self.pace.batch, lease=self.pace.lease,
        ).deliver()  # fmt: skip

    def _farewell(self) -> None:
        with transaction():
            runners.give_back(TURN, holder=self.holder, now=self._clock())

    def _clock(self) -> datetime:
        now: datetime = self.app.config["CLOCK"]()
        return now

    def _guarded(self, job: Callable[[], Any]) -> None:
        """Run one job in a context of its own; one that fails says so, and its next tick comes all the same."""
        with self.app.app_context():
            try:
                if done := job():
                    log.info("%s: %s", job.__name__, done)
            except Exception:
                log.exception("%s failed; the next tick tries again", job.__name__)
