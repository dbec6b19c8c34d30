"""What bulk and search cost: `python -m tests.bench.bulk`, on SQLite and PostgreSQL.

Ten thousand requests brought in by page while another writer writes every tenth of a second: how long it takes in all,
how long that writer waited at most, and the memory. Then searches over what is here, beside a tenth of it: as ratios.
BULK_ROWS=2000 and BULK_KINDS=sqlite choose.
"""

import json
import os
import resource
import statistics
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from engage import create_app
from engage.config import Settings
from engage.extensions import db
from engage.models.imports import ImportBatch, Stage
from engage.models.people import Person, RoleGrant
from engage.rules.policy import Role
from engage.rules.search_words import asked
from engage.seed import load_shipped
from engage.services import bulk, bulk_work, norms, search, sessions
from engage.services.transaction import begin_reading, transaction
from tests.bench.sweep import NOON, _postgres

ROWS = int(os.environ.get("BULK_ROWS", "10000"))
KINDS = os.environ.get("BULK_KINDS", "sqlite,pg").split(",")
SECONDS, WAIT_SECONDS, MEGABYTES = 60, 2.0, 300
SEARCHES = ("exercise", "tallinn exercise", "technical exchange response", "number777", '"joint" range', "the of and")
PLACES = (("Tallinn", "EE"), ("Zürich", "CH"), ("Nairobi", "KE"), ("Oslo", "NO"), ("Brno", "CZ"))


def rows(number: int, start: int = 0) -> bytes:
    """A file of this many requests, as staff type them."""
    lines = [",".join(bulk.COLUMNS["requests"])]
    for i in range(start, start + number):
        city, code = PLACES[i % len(PLACES)]
        day = date(2027, 1, 4) + timedelta(days=i % 300)
        said = {
            "request_ref": f"B-{i}", "title": f"Technical exchange number{i} in {city}", "city": city,
            "country_code": code, "event_starts_on": str(day), "event_ends_on": str(day + timedelta(days=2)),
            "legs": f"{day - timedelta(days=1)} Washington DC > {city};"
            f"{day + timedelta(days=3)} {city} > Washington DC",
            "lead_traveller": "", "travellers": "", "cost_breakdown_usd": "airfare=1200;lodging=900",
            "cost_estimate_usd": "2100", "funder": "agency travel budget",
            "purpose": f"A joint exercise with the national response team of {city} on ranges and advisories {i % 97}.",
            "desired_outcome": "A date and a scope for the next range day.", "objective_refs": "goal 1",
        }  # fmt: skip
        lines.append(",".join(f'"{said.get(column, "")}"' for column in bulk.COLUMNS["requests"]))
    return "\n".join(lines).encode()


def take(app: Any, number: int, start: int = 0) -> tuple[float, float, int]:
    """Seconds to bring a file in, the longest wait of another writer, and how many rows came."""
    with app.app_context():
        began = time.monotonic()
        with transaction():
            me = sessions.actor_for(1, today=NOON.date())
            batch = bulk.stage("requests", rows(number, start), "bench.csv", by=me, now=NOON)
            made = batch.id
        begin_reading()
        report = bulk.look(db.session.get_one(ImportBatch, made), by=me, now=NOON)
        assert not report["problems"], report["problems"][:3]
        with transaction():
            batch = db.session.get_one(ImportBatch, made)
            bulk.keep_report(batch, report)
            bulk.take(batch, by=me, now=NOON)
        db.session.remove()
        waits, over = [0.0], threading.Event()

        def write() -> None:
            with app.app_context():
                day = 0
                while not over.wait(0.1):
                    day, at = day + 1, time.monotonic()
                    with transaction():
                        norms.change(
                            "vote_days", 3, starts_on=NOON.date() + timedelta(days=day + start), source="bench", by=me,
                            now=NOON, today=NOON.date(),
                        )  # fmt: skip
                    waits.append(time.monotonic() - at)

        other = threading.Thread(target=write)
        other.start()
        try:
            done = bulk_work.work(lambda: NOON)
        finally:
            over.set()
            other.join()
        took = time.monotonic() - began
        assert db.session.get_one(ImportBatch, made).stage is Stage.TAKEN
        db.session.remove()
        return took, max(waits), done


def searched(app: Any) -> dict[str, float]:
    """Median milliseconds of each search."""
    found = {}
    with app.app_context():
        me = sessions.actor_for(1, today=NOON.date())
        for typed in SEARCHES:
            times = []
            for _ in range(15):
                begin_reading()
                at = time.perf_counter()
                search.find(asked(typed), by=me)
                times.append((time.perf_counter() - at) * 1000)
                db.session.rollback()
            found[typed] = statistics.median(times)
        db.session.remove()
    return found


def measure(kind: str, url: str) -> list[str]:
    """Prints the figures of one database; gives what missed its mark."""
    app = create_app(Settings.for_tests(url))
    with app.app_context():
        upgrade()
        with transaction():
            load_shipped(home_country="US", now=NOON)
            db.session.add(Person(
                id=1, name="Secretary", email="s@example.gov", created_at=NOON,
                grants=[
                    RoleGrant(role=role, starts_on=date(2024, 1, 1)) for role in (Role.SECRETARIAT, Role.ADMINISTRATOR)
                ],
            ))  # fmt: skip
        db.session.remove()
    tenth = max(ROWS // 10, 250)
    take(app, tenth)
    few, cpu = searched(app), time.process_time()
    seconds, waited, done = take(app, ROWS, tenth)
    cpu = time.process_time() - cpu
    many = searched(app)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own = f"({cpu:.1f} s of our own processor)"
    print(f"{kind}: {done:,} rows in {seconds:.1f} s {own}; another writer waited {waited:.2f} s at most")
    print(f"{kind}: {megabytes:.0f} MB")
    for typed, took in many.items():
        print(f"{kind}: search {typed!r}: {took:.1f} ms, {took / max(few[typed], 0.1):.1f} times that over a tenth")
    missed = []
    if seconds > SECONDS * ROWS / 10_000:
        missed.append(f"{kind}: the import took {seconds:.0f} s")
    if waited > WAIT_SECONDS:
        missed.append(f"{kind}: another writer waited {waited:.1f} s")
    if megabytes > MEGABYTES:
        missed.append(f"{kind}: {megabytes:.0f} MB")
    with app.app_context():
        db.engine.dispose()
    return missed


def main() -> int:
    """Measures both databases; 1 where something missed its mark."""
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="engage-bulk-") as folder:
        for kind in KINDS:
            url = f"sqlite:///{Path(folder) / 'bulk.db'}" if kind == "sqlite" else _postgres(folder, "bulk")
            missed += measure(kind, url)
    print(json.dumps({"missed": missed}))
    return 1 if missed else 0



if __name__ == "__main__":
    raise SystemExit(main())
