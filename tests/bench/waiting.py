"""Times the look for what has come to its end: `python -m tests.bench.waiting`, on databases of its own.

Votes, silences, deferrals, emergency decisions and what waits for a meeting: DUE of them are due beside so many that
are open. The cost is to follow what is due, so 10,000 open ones take at most half as long again as 200.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from engage import create_app
from engage.config import Settings
from engage.extensions import db
from engage.models import Base
from engage.seed import load_shipped
from engage.services import candidates, deferrals, due_votes, emergencies, notational
from engage.services.transaction import transaction
from tests.bench import sweep

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
SIZES, DUE, TIMES, BOUND = (200, 10_000), 20, 200, 1.5
GROWING = ("item", "item_version", "motion", "emergency", "calendared", "agenda_entry")


def fill(number: int, due: int = DUE) -> None:
    """As many open items: half wait for the end of a vote, half for that of a deferral; `due` of each are due now."""
    # Ids far above what other fixtures made: this file runs beside them.
    first, items, versions, motions = 1_000_000, [], [], []
    person = {"id": first, "email": "open@bench.example", "name": "Open", "home_zone": "UTC", "created_at": NOON,
              "version": 1}  # fmt: skip
    _put("person", [person])
    charter = db.session.scalar(sa.text("SELECT min(id) FROM charter"))
    for n in range(first, first + number):
        voted, late = n % 2 == 0, n - first < 2 * due
        items.append({
            "id": n, "kind": "matter", "asks": "decision", "title": f"Open {n}", "requester_id": first, "version": 1,
            "state": "scheduled" if voted else "deferred", "state_since": NOON, "created_at": NOON, "firmness": "firm",
            "submitted_at": NOON, "placed_at": NOON,
            "deferred_until": None if voted else TODAY if late else TODAY + timedelta(days=1 + n % 400),
        })  # fmt: skip
        if voted:
            versions.append({"id": n, "item_id": n, "number": 1, "content": "{}", "sha256": "0" * 64,
                             "valid_from": NOON, "by_id": first})  # fmt: skip
            motions.append({
                "id": n, "board_id": 1, "charter_id": charter, "item_id": n, "item_version_id": n, "round": 1,
                "outcome": "approve", "moved_by_id": first, "moved_at": NOON, "method": "notational", "version": 1,
                "closes_at": NOON if late else NOON + timedelta(hours=1 + n % 400),
            })  # fmt: skip
    for table, rows in (("item", items), ("item_version", versions), ("motion", motions)):
        _put(table, rows)


def _put(table: str, rows: list[dict[str, Any]]) -> None:
    db.session.execute(sa.insert(Base.metadata.tables[table]), rows)


def look() -> tuple[int, int]:
    """Everything that the clock asks about what is open; how many votes and deferrals have come to their end."""
    votes, days = due_votes.due(NOON), deferrals.due(TODAY)
    db.session.execute(due_votes._UNHEARD, {"most": due_votes.MOST}).all()
    db.session.execute(notational._OVERDUE, {"now": NOON, "most": 200}).all()
    db.session.execute(emergencies._DUE, {"now": NOON, "most": 200}).all()
    candidates.something_waits()
    return len(votes), len(days)


def plans() -> list[str]:
    """The steps of the plans that read a growing table from end to end; none is right."""
    return sweep.read_whole(look, GROWING, 1_000)


def measure(url: str, size: int) -> float:
    """The median of seconds that a look takes beside `size` open items."""
    app = create_app(Settings.for_tests(url))
    with app.app_context():
        upgrade()
        with transaction():
            load_shipped(home_country="US", now=NOON)
        with transaction():
            fill(size)
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
        seconds = []
        for _ in range(TIMES):
            began = time.perf_counter()
            found = look()
            seconds.append(time.perf_counter() - began)
            db.session.rollback()
        if found != (DUE, DUE):
            raise RuntimeError(f"{found} were found due, and {DUE} of each are.")
        whole = plans()
        db.session.remove()
        db.engine.dispose()
    took = statistics.median(seconds)
    print(f"  {size:>7,} open, {DUE} votes and {DUE} deferrals due: {took * 1000:.2f} ms", flush=True)
    for step in whole if size == SIZES[-1] else ():
        print("  reads all of a growing table:", step)
    return took if not whole or size != SIZES[-1] else float("inf")


def main() -> int:
    """Measure both databases; 1 when the bound is missed."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="engage-waiting-") as folder:
        for kind in os.environ.get("SWEEP_KINDS", "sqlite,pg").split(","):
            print(f"what is due among what is open, {kind}", flush=True)
            seconds = []
            for size in SIZES:
                name = f"waiting_{size}"
                at = f"sqlite:///{Path(folder) / name}.db" if kind == "sqlite" else sweep._postgres(folder, name)
                seconds.append(measure(at, size))
            ratio = seconds[-1] / seconds[0]
            print(f"  ratio {ratio:.2f} (at most {BOUND})", flush=True)
            missed += ratio > BOUND
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
