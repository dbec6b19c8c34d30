"""The only place for the load: many people at once, four pages read to one thing written, against our own server."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import sqlalchemy as sa

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.people import Person
from tests.bench.seed import PEOPLE, Seeded, fill
from tests.soak.races import told
from tests.soak.stage import Answer, Browser, Finding, Server, Stage

PERSONS = 50
PAUSE = (0.5, 1.5)  # seconds between two requests of one person
EVERYBODYS = ("/", "/engagements", "/inbox", "/calendar", "/guidance", "/trips", "/partners")
WELL = (200, 303)
P95, P99 = 0.3, 0.8  # seconds
MOST_GROWTH = 1.1  # of memory, from the first third to the end
MOST_NEW_FILES = 10  # connections of the pool that were not needed before


class Somebody(threading.Thread):
    """Reads and writes with pauses, until told to stop."""

    def __init__(self, browser: Browser, reads: list[str], votes: list[int], stop: threading.Event, who: int) -> None:
        super().__init__()
        self.browser, self.reads, self.votes, self.stop, self.who = browser, reads, votes, stop, who
        self.dice = random.Random(who)
        self.wrong: list[str] = []
        self.read: list[Answer] = []
        self.written: list[Answer] = []

    def run(self) -> None:
        while not self.stop.wait(self.dice.uniform(*PAUSE)):
            writes = self.dice.random() < 0.2
            path, form = self.form() if writes else (self.dice.choice(self.reads), None)
            answer = self.browser.get(path) if form is None else self.browser.post(path, form)
            (self.read if form is None else self.written).append(answer)
            if answer.status not in WELL:
                self.wrong.append(f"{self.who} at {path}: {answer.status}")

    def form(self) -> tuple[str, dict[str, object]]:
        """A vote, from who has one; the others save a draft."""
        if self.votes:
            number = self.dice.choice(self.votes)  # items and their motions have the same
            choice = self.dice.choice(["yes", "abstain"])
            return f"/board/items/{number}", {"motion": number, "choice": choice, "reason": ""}
        return "/engagements/new", {
            "once": token_hex(16), "title": "An exchange in spring", "purpose": "To settle what comes next.",
        }  # fmt: skip


def run(stage: Stage, requests: int, seconds: int) -> Iterator[Finding]:
    """Fill the database as the benchmark does, let fifty people work, and look at the slowest answers."""
    with stage.anew():
        seeded = fill(stage.app, requests, datetime.now(UTC))
        stop = threading.Event()
        with stage.served() as server:
            people = cast(stage, server, seeded, stop)
            db.session.remove()
            for person in people:
                person.start()
            try:
                time.sleep(seconds / 3)
                before = weight(server)
                time.sleep(seconds * 2 / 3)
                after = weight(server)
            finally:
                stop.set()
                for person in people:
                    person.join()
    answers = [answer for person in people for answer in (*person.read, *person.written)]
    said = Counter(answer.status for answer in answers)
    times = sorted(answer.seconds for answer in answers)
    p95, p99 = (times[int(len(times) * share)] for share in (0.95, 0.99))
    writes = sum(len(person.written) for person in people)
    wrong = [one for person in people for one in person.wrong]
    yield Finding(
        "load: 80/20 read/write",
        "50 users, 10 min, 20,000 requests, 5,000 users: p95 < 300 ms, p99 < 800 ms, zero 5xx",
        f"{PERSONS} people pausing 1 s, {seconds} s, {requests:,} requests, {PEOPLE} users",
        f"p95 {p95 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {len(times) / seconds:.0f}/s, {writes / len(times):.0%} "
        f"writes, answers {told(said)}" + "".join(f"; {one}" for one in wrong[:5]),
        p95 < P95 and p99 < P99 and not wrong,
    )  # fmt: skip
    yield Finding(
        "load: memory and descriptors", "60 min, flat", f"{seconds} s, from the first third to the end",
        f"{before[0]:.0f} to {after[0]:.0f} MB, {before[1]} to {after[1]} descriptors",
        after[0] <= before[0] * MOST_GROWTH and after[1] <= before[1] + MOST_NEW_FILES,
    )  # fmt: skip


def cast(stage: Stage, server: Server, seeded: Seeded, stop: threading.Event) -> list[Somebody]:
    """The fifty: nine who govern, four of them with a vote, and those who ask."""
    governing, members = [1, 5, 6, 16, 17], [2, 11, 12, 13]
    everything = [
        "/register?standing=in_progress", f"/register?standing=in_progress&after={seeded.deep}",
        *(f"/engagements/{number}" for number in seeded.submitted[:5]),
    ]  # fmt: skip
    people = []
    for number in [*governing, *members, *range(40, 40 + PERSONS - 9)]:
        person = db.session.get_one(Person, number)
        read = [*EVERYBODYS, *own(number), *(everything if number < 20 else ())]
        votes = seeded.open_motions[:200] if number in members else []
        people.append(Somebody(stage.browser(server, person), read, votes, stop, number))
    return people


def own(who: int) -> list[str]:
    """Pages of what somebody asked for."""
    found = db.session.scalars(sa.select(Item.id).where(Item.requester_id == who).order_by(Item.id).limit(5))
    return [f"/engagements/{number}" for number in found]


def weight(server: Server) -> tuple[float, int]:
    """Megabytes of memory and open files of all workers together."""
    memory, files = 0, 0
    for worker in server.workers():
        status = Path(f"/proc/{worker}/status").read_text()
        memory += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        files += len(list(Path(f"/proc/{worker}/fd").iterdir()))
    return memory / 1024, files
