"""The only place that measures the mail: claim, send and settle beside a bare loop through the driver, in one run.

The bare loop claims one row and marks it sent, a commit each, and sends a mail that was made beforehand. Ours claims
in batches, asks whether each is still owed, writes its words twice, sends it, and settles it by itself.
`python -m tests.bench.mail` prints the ratios on both databases; MAILS and ROUNDS choose.
"""

import logging
import os
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))

import factories as make

from engage.documents.mime import Posted
from engage.environment import MailServer
from engage.extensions import SQLITE_PRAGMAS, db, engine_options
from engage.jobs.mail import Carrier
from engage.jobs.smtp import Line
from engage.models.outbox import OutboxMessage
from engage.services import outbox
from engage.services.transaction import transaction
from tests.soak.stage import Stage, folder_and_server

MAILS, ROUNDS = int(os.environ.get("MAILS", 2000)), int(os.environ.get("ROUNDS", 3))
SINK = """
import asyncio, sys
from aiosmtpd.smtp import SMTP
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 taken"
async def main():
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(sink, hostname="localhost"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
FIND = (
    "SELECT id FROM outbox_message WHERE delivery IN ('queued', 'claimed') AND due_at <= {now} AND delivery = 'queued'"
    " ORDER BY due_at, id LIMIT 1"
)
MARK = "UPDATE outbox_message SET delivery = 'sent', sent_at = {now} WHERE id = {id}"


class Nowhere:
    """A transport that takes everything and does nothing; the mail is not even written."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        pass

    def send(self, write: Callable[[], Posted], before: Callable[[], None], meanwhile: Callable[[], None]) -> None:
        """Take it."""
        before()


class Written(Nowhere):
    """One that has the mail written, and keeps the last."""

    content = b""

    def send(self, write: Callable[[], Posted], before: Callable[[], None], meanwhile: Callable[[], None]) -> None:
        """Take it."""
        Written.content = write().content
        before()


def queue(number: int) -> None:
    """As many messages as said, due now, none older; to twenty people."""
    now = datetime.now(UTC)
    with transaction():
        db.session.execute(sa.delete(OutboxMessage))
        people = [make.person().id for _ in range(20)]
        outbox.post(
            *(
                outbox.message(f"k{n}", to=people[n % 20], template="trip_opened", subject=f"Approved: journey {n}",
                               about=("trip", n), now=now, urgent=True, title=f"Journey {n}",
                               departs_on="1 April 2026", returns_on="5 April 2026")
                for n in range(number)
            )
        )  # fmt: skip
    db.session.remove()


def bare(url: str, send: Callable[[], Any]) -> int:
    """Claim one, send, mark it, commit; until nothing is due. Gives how many."""
    now, done = datetime.now(UTC), 0
    if url.startswith("sqlite"):
        line = engine_options(url)["module"].connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in SQLITE_PRAGMAS:
            line.execute("PRAGMA " + pragma)
        text = now.replace(tzinfo=None).isoformat(" ")
        while True:
            line.execute("BEGIN IMMEDIATE")
            row = line.execute(FIND.format(now="?"), (text,)).fetchone()
            if row is None:
                line.execute("COMMIT")
                break
            send()
            line.execute(MARK.format(now="?", id="?"), (text, row[0]))
            line.execute("COMMIT")
            done += 1
        line.close()
        return done
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as line:
        while True:
            row = line.execute(FIND.format(now="%s") + " FOR UPDATE SKIP LOCKED", (now,)).fetchone()
            if row is None:
                break
            send()
            line.execute(MARK.format(now="%s", id="%s"), (now, row[0]))
            line.commit()
            done += 1
    return done


def rate(run: Callable[[], int]) -> float:
    """Messages a second of one run over a fresh queue."""
    queue(MAILS)
    began = time.perf_counter()
    done = run()
    took = time.perf_counter() - began
    assert done == MAILS, done
    return done / took


def measure(stage: Stage, port: int) -> dict[str, tuple[float, float]]:
    """The bare loop's rate and ours, without mail and with it: medians of runs taken in turn."""
    settings = stage.app.config["SETTINGS"]
    found: dict[str, list[tuple[float, float]]] = {"null transport": [], "null transport, written": [], "SMTP": []}

    def ours(way: Callable[[], Any]) -> int:
        done = Carrier(settings, "bench", lambda: datetime.now(UTC), way=way).deliver()
        db.session.remove()
        return done

    with stage.anew():
        queue(1)
        ours(Written)
        line = smtplib.SMTP("127.0.0.1", port)
        line.ehlo()

        def smtp() -> None:
            line.mail("engage@localhost")
            line.rcpt("somebody@agency.gov")
            line.data(Written.content)

        def kept() -> Line:
            return Line(MailServer("127.0.0.1", port), "localhost")

        for _ in range(ROUNDS):
            floor = rate(lambda: bare(stage.url, lambda: None))
            found["null transport"].append((floor, rate(lambda: ours(Nowhere))))
            found["null transport, written"].append((floor, rate(lambda: ours(Written))))
            found["SMTP"].append((rate(lambda: bare(stage.url, smtp)), rate(lambda: ours(kept))))
        line.quit()
    return {
        what: (statistics.median(b for b, _ in pairs), statistics.median(o for _, o in pairs))
        for what, pairs in found.items()
    }


def main() -> None:
    """Print a table of both databases."""
    logging.disable(logging.CRITICAL)
    sink = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True)
    assert sink.stdout is not None
    port = int(sink.stdout.readline())
    print("| database | mail | bare loop, a second | ours, a second | ratio | must |\n|---|---|--:|--:|--:|--:|")
    try:
        for kind in ("sqlite", "postgresql"):
            with folder_and_server(kind) as folder:
                stage = Stage(kind, folder, "bench")
                for what, (floor, our) in measure(stage, port).items():
                    must = {"null transport": "1", "SMTP": "0.8"}.get(what, "")
                    print(f"| {kind} | {what} | {floor:.0f} | {our:.0f} | {our / floor:.2f} | {must} |", flush=True)
                stage.close()
    finally:
        sink.terminate()
        sink.wait()


if __name__ == "__main__":
    main()
