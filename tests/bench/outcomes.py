"""Times the outcome counts: `python -m tests.bench.outcomes [NUMBER]`, on both databases.

Prints, for NUMBER outcomes and a hundredth of them, what the five counts of the page and its list cost, their
ratio, and what grouping the outcomes themselves would have cost.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from flask_migrate import upgrade

from engage import create_app
from engage.config import Settings
from engage.extensions import db
from engage.models import Base
from engage.models.reports import Outcome
from engage.rules.outcomes import OutcomeKind, quarter_of
from engage.rules.policy import Actor, Role
from engage.seed import load_shipped
from engage.services import outcome_counts
from engage.services.transaction import transaction
from tests.bench.sweep import _postgres

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
FIRST, LAST = date(2025, 4, 1), date(2026, 1, 1)
COUNTRIES = ("EE", "JP", "KE", "DE", "FR", "SG", "AE", "GB")
EACH = 5  # outcomes of one engagement
ROUNDS = 20
WHO = Actor(id=1, name="Leader", roles=frozenset({Role.LEADERSHIP}), is_authenticated=True)
SOMEBODY = Actor(id=2, name="Somebody", roles=frozenset(), is_authenticated=True)


def fill(number: int, since: int, counts: dict[tuple[object, ...], int]) -> None:
    """Outcomes from `since` up to `number`, five an engagement, over five years; `counts` grows with them."""
    kinds, tables = list(OutcomeKind), Base.metadata.tables
    if not since:
        put("person", [{"id": 1, "email": "p@bench.example", "name": "Person", "home_zone": "America/New_York",
                        "created_at": NOON, "version": 1}])  # fmt: skip
    items, engagements, reports, outcomes = [], [], [], []
    of_goal = sa.select(tables["objective"].c.id, tables["objective"].c.goal_id)
    goals = {row.id: row.goal_id for row in db.session.execute(of_goal)}
    for n in range(since // EACH + 1, number // EACH + 1):
        ended, forum = date(2026, 2, 20) - timedelta(days=n % 1825), n % 4 or None
        items.append({"id": n, "kind": "engagement", "asks": "decision", "title": f"Visit {n}", "state": "approved",
                      "state_since": NOON, "firmness": "firm", "requester_id": 1, "starts_on": ended, "ends_on": ended,
                      "created_at": NOON, "submitted_at": NOON, "decided_at": NOON, "version": 1})  # fmt: skip
        engagements.append({"id": n, "direction": "outbound", "nature": "bilateral", "forum_id": forum})
        reports.append({"engagement_id": n, "readout": "It went well.", "begun_at": NOON, "begun_by_id": 1,
                        "written_at": NOON, "written_by_id": 1, "filed_at": NOON, "filed_by_id": 1,
                        "first_filed_at": NOON, "version": 1})  # fmt: skip
        for place in range(EACH):
            kind, country = kinds[(n + place) % len(kinds)], COUNTRIES[(n + place) % len(COUNTRIES)]
            objective = (n + place) % len(goals) + 1
            outcomes.append({"engagement_id": n, "kind": kind, "summary": f"Outcome {place}", "objective_id": objective,
                             "country_code": country, "number": 1, "nations": 2, "people": 9, "counted_on": ended,
                             "forum_id": forum, "recorded_at": NOON, "recorded_by_id": 1})  # fmt: skip
            key = (quarter_of(ended), objective, kind, country, forum or 0)
            counts[key] = counts.get(key, 0) + 1
    for table, rows in (("item", items), ("engagement", engagements), ("trip_report", reports), ("outcome", outcomes)):
        put(table, rows)
    names = ("quarter_on", "objective_id", "kind", "country_code", "forum_id")
    table = tables["outcome_count"]
    db.session.execute(sa.delete(table)) if since else None
    put("outcome_count", [
        {**dict(zip(names, key, strict=True)), "goal_id": goals[key[1]], "outcomes": n, "number": n, "nations": 2 * n,
         "people": 9 * n}
        for key, n in counts.items()
    ])  # fmt: skip
    sums: dict[tuple[object, ...], int] = {}
    for (quarter, objective, kind, country, forum), n in counts.items():
        goal = goals[cast("int", objective)]
        for way, value in (("goal", goal), ("kind", kind), ("country", country), ("forum", forum)):
            sums[way, quarter, str(value)] = sums.get((way, quarter, str(value)), 0) + n
    db.session.execute(sa.delete(tables["outcome_sum"]))
    put("outcome_sum", [
        {"way": way, "quarter_on": quarter, "key": value, "outcomes": n, "number": n, "nations": 2 * n, "people": 9 * n}
        for (way, quarter, value), n in sums.items()
    ])  # fmt: skip


def put(table: str, rows: list[dict[str, object]]) -> None:
    """Write rows as they are."""
    db.session.execute(sa.insert(Base.metadata.tables[table]), rows)


def counted() -> None:
    """What the page counts."""
    outcome_counts.counts(WHO, FIRST, LAST)


def narrowed() -> None:
    """The same, of one goal alone."""
    outcome_counts.counts(WHO, FIRST, LAST, goal=1)


def by_a_traveller() -> None:
    """The same for somebody who sees only what is open to all: counted one by one."""
    outcome_counts.counts(SOMEBODY, FIRST, LAST)


def listed() -> None:
    """The page's list."""
    outcome_counts.listed(WHO, FIRST, date(2026, 4, 1))


def grouped() -> None:
    """The same counts without the table that is kept beside the outcomes."""
    within = sa.select(sa.func.count()).where(Outcome.counted_on.between(FIRST, date(2026, 4, 1)))
    for column in (Outcome.counted_on, Outcome.kind, Outcome.objective_id, Outcome.country_code, Outcome.forum_id):
        db.session.execute(within.add_columns(column).group_by(column)).all()


def spent(what: Callable[[], None], rounds: int = ROUNDS) -> float:
    """Milliseconds of one call, the best of `rounds`."""
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        what()
        best = min(best, time.perf_counter() - began)
    return best * 1000


def measure(number: int) -> list[str]:
    """A line for each thing measured, the small number first."""
    said: list[str] = []
    times: list[tuple[float, float]] = []
    counts: dict[tuple[object, ...], int] = {}
    for size, since in ((number // 100, 0), (number, number // 100)):
        with transaction():
            fill(size, since, counts)
            db.session.execute(sa.text("ANALYZE"))
        times.append((spent(counted), spent(narrowed), spent(listed), spent(by_a_traveller, 3)))
        said.append(
            f"{size:,} outcomes: the five counts {times[-1][0]:.1f} ms, of one goal {times[-1][1]:.1f} ms, "
            f"the list {times[-1][2]:.1f} ms, counted for who leads nothing {times[-1][3]:.1f} ms, "
            f"grouping the outcomes themselves {spent(grouped, 3):.1f} ms"
        )
    growth = [large / small for small, large in zip(*times, strict=True)]
    return [
        *said,
        f"a hundred times as many: counts x {growth[0]:.1f}, of one goal x {growth[1]:.1f}, list x {growth[2]:.1f}",
    ]


def main(number: int) -> None:
    """Measure on a fresh SQLite file and a PostgreSQL of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("sqlite", "postgresql"):
            url = f"sqlite:///{folder}/bench.db" if kind == "sqlite" else _postgres(folder, "outcomes")
            app = create_app(Settings.for_tests(url, data=Path(folder)))
            app.config["CLOCK"] = lambda: NOON
            with app.app_context():
                upgrade()
                with transaction():
                    load_shipped(home_country="US", now=NOON)
                print(kind, *measure(number), sep="\n  ")
                db.session.remove()
                db.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
