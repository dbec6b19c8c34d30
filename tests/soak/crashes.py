"""The only place for the crashes: web workers killed in the middle of writing, again and again."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from secrets import token_hex

import factories as make
import sqlalchemy as sa

from engage.extensions import db
from engage.models.engagements import Item
from engage.services import audit
from engage.services.transaction import transaction
from tests.soak.races import told
from tests.soak.stage import Browser, Finding, Server, Stage, wait_for

WRITERS = 8
ALL_AT_ONCE = 10  # of so many kills one takes every worker
GIVE_UP = 60  # seconds: the server is gone for good
BETWEEN = 3  # writes that must have come through before the next kill


class Writer(threading.Thread):
    """Saves one draft after another; what was not answered is sent again under its one-time id, as a person would."""

    def __init__(self, browser: Browser, name: str, stop: threading.Event) -> None:
        super().__init__(name=name)
        self.browser, self.stop = browser, stop
        self.acknowledged: list[str] = []
        self.said: Counter[int] = Counter()

    def run(self) -> None:
        while not self.stop.is_set():
            title = f"{self.name}, draft {len(self.acknowledged) + 1}"
            form = {"title": title, "once": token_hex(16)}
            until = time.monotonic() + GIVE_UP
            while (answer := self.browser.post("/engagements/new", form)).status == 0 and time.monotonic() < until:
                self.said[0] += 1
                time.sleep(0.02)
            self.said[answer.status] += 1
            if answer.status != 303 or "/sign-in" in answer.location:
                return  # the report shows it
            self.acknowledged.append(title)


def run(stage: Stage, kills: int) -> Iterator[Finding]:
    """Kill a worker whenever some writes came through, and now and then all of them; then look what is there."""
    dice, stop = random.Random(20260302), threading.Event()
    with stage.anew():
        with transaction():
            people = [make.person() for _ in range(WRITERS)]
        with stage.served() as server:
            writers = [
                Writer(stage.browser(server, who), f"Writer {n}", stop) for n, who in enumerate(people, start=1)
            ]
            db.session.remove()
            for writer in writers:
                writer.start()
            try:
                slowest = max(kill(server, writers, dice, number) for number in range(kills))
            finally:
                stop.set()
                for writer in writers:
                    writer.join()
        acknowledged = Counter(title for writer in writers for title in writer.acknowledged)
        kept = Counter(db.session.scalars(sa.select(Item.title)))
        sound = stage.kind != "sqlite" or db.session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
        whole = sound and audit.verify().first_bad_id is None
    said = sum((writer.said for writer in writers), Counter[int]())
    lost, surplus = acknowledged - kept, kept - acknowledged
    yield Finding(
        "crashes: kill -9 of web workers under writes", "500 kills, zero lost, trail whole, serving again < 5 s",
        f"{kills} kills", f"{acknowledged.total()} acknowledged, {lost.total()} lost, {surplus.total()} surplus, "
        f"trail {'whole' if whole else 'BROKEN'}, serving again after {slowest:.1f} s at most, answers {told(said)}",
        not lost and not surplus and whole and slowest < 5 and set(said) <= {0, 303},
    )  # fmt: skip


def kill(server: Server, writers: list[Writer], dice: random.Random, number: int) -> float:
    """Let some writes come through, then kill; gives the seconds until a page was served again."""
    before = sum(len(writer.acknowledged) for writer in writers)
    wait_for(lambda: sum(len(w.acknowledged) for w in writers) >= before + BETWEEN, 30, "writes to come through")
    time.sleep(dice.uniform(0, 0.05))  # anywhere within a write
    workers = server.workers()
    for victim in workers if number % ALL_AT_ONCE == ALL_AT_ONCE - 1 else [dice.choice(workers)]:
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    return wait_for(server.answers, 30, "the server to answer again")
