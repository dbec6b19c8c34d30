"""What seeing what is planned costs: `python -m tests.bench.awareness`, on SQLite and PostgreSQL.

An agency that begins four engagements a day, seen beside 1,000, 100,000 and 1,000,000 of them: what lies ahead stays
the same, history grows. Each page is asked for in turn over every size, so that noise hits all alike; the medians are
shown with their growth, the statements, and for the dashboard the ratio to the same questions asked in plain Flask,
SQLAlchemy and Jinja2. AWARENESS_SIZES=1000,100000 and AWARENESS_KINDS=sqlite choose. AWARENESS_KEEP names a folder
whose databases are used again. A million takes three to five minutes to fill on
each database.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from engage import create_app
from engage.config import Settings
from engage.extensions import db
from engage.seed import load_shipped
from engage.services import sessions
from engage.services.transaction import transaction
from tests.bench import plain
from tests.bench.seed import loading
from tests.bench.sweep import NOON, _postgres

SIZES = tuple(map(int, os.environ.get("AWARENESS_SIZES", "1000,100000,1000000").split(",")))
KINDS = os.environ.get("AWARENESS_KINDS", "sqlite,pg").split(",")
ROUNDS = int(os.environ.get("AWARENESS_ROUNDS", "41"))
PEOPLE = 400
LEADER, SECRETARIAT, REQUESTER = 1, 2, 9
STATEMENTS = 15
OF_A_REPORT = {"measures": 24}  # several parts, each as its own page would ask for it
AGAINST_PLAIN = 2.0
WHOLE = frozenset(  # steps of SQLite's plans that read all of a growing table
    f"SCAN {table}" for table in ("item", "engagement", "leg", "traveller", "state_span", "trip", "commitment")
)
# What is asked for, by whom, and how many times the cost beside 1,000 it may be; None: shown, not judged.
PAGES: dict[str, tuple[int, str, float | None]] = {
    "month": (LEADER, "/calendar", 1.3),
    "month, a requester": (REQUESTER, "/calendar", 1.3),
    "week": (LEADER, "/agenda", 1.3),
    "timeline": (LEADER, "/timeline", None),
    "register": (LEADER, "/register", 1.3),
    "register, by country": (LEADER, "/register?country=EE&standing=live", 1.3),
    "register, a requester": (REQUESTER, "/register", 1.3),
    "dashboard": (LEADER, "/", 3.0),
    "dashboard, secretariat": (SECRETARIAT, "/", 3.0),
    "dashboard, a requester": (REQUESTER, "/", 3.0),
    "map": (LEADER, "/map", 3.0),
    "map of the past": (LEADER, "/map?when=past", 3.0),
    "country": (LEADER, "/countries/EE", 3.0),
    "what lies ahead": (LEADER, "/ahead", 3.0),
    "measures": (LEADER, "/measures", 3.0),
}


def fill(app: Flask, number: int, now: datetime = NOON) -> None:
    """Migrate and fill the empty database of `app` with `number` engagements, set by set."""
    with app.app_context():
        upgrade()
        with transaction():
            load_shipped(home_country="US", now=now)
        script = (Path(__file__).parent / "awareness.sql").read_text(encoding="utf-8")
        with loading(now) as run:
            run(script.format(number=number, people=min(PEOPLE, number)))
        db.session.remove()
        db.engine.dispose()


class Beside:
    """Our program over so many engagements, and somebody's way into it."""

    def __init__(self, url: str, size: int) -> None:
        self.size, self.app = size, create_app(Settings.for_tests(url))
        self.app.config["CLOCK"] = lambda: NOON
        self.tokens: dict[int, str] = {}
        self.seen: list[str] = []

    def open(self) -> None:
        """Fill it where it is empty, and let those in who look."""
        with self.app.app_context():
            full = sa.inspect(db.engine).has_table("item") and db.session.scalar(sa.text("SELECT count(*) FROM item"))
            db.session.remove()
        if not full:
            began = time.monotonic()
            fill(self.app, self.size)
            print(f"  filled with {self.size:,} in {time.monotonic() - began:.0f} s", flush=True)
        with self.app.app_context():
            for who in {who for who, *_ in PAGES.values()}:
                with transaction():
                    self.tokens[who] = sessions.start(who, address="127.0.0.1", browser="bench", now=NOON)
            sa.event.listen(db.engine, "before_cursor_execute", self._note)
            self.plain = plain.application(db.engine, NOON)
            db.session.remove()

    def _note(self, connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            self.seen.append(statement)

    def ours(self, who: int, path: str) -> Callable[[], None]:
        """Asks our program for a page."""
        return _asking(self.app.test_client(), self.tokens[who], path)

    def theirs(self, who: int) -> Callable[[], None]:
        """Asks the plain stack for its dashboard."""
        return _asking(self.plain.test_client(), self.tokens[who], "/")


def _asking(client: FlaskClient, token: str, path: str) -> Callable[[], None]:
    client.set_cookie("engage", token)

    def ask() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    return ask


def in_turn(asked: list[Callable[[], None]]) -> tuple[list[float], float]:
    """The median milliseconds of each, asked for in turns, and the median over the turns of the last by the first."""
    for ask in asked * 3:
        ask()
    turns: list[list[float]] = []
    for _ in range(ROUNDS):
        turns.append([])
        for ask in asked:
            began = time.perf_counter()
            ask()
            turns[-1].append((time.perf_counter() - began) * 1000)
    medians = [statistics.median(one) for one in zip(*turns, strict=True)]
    return medians, statistics.median(turn[-1] / turn[0] for turn in turns)


def measure(kind: str, places: list[Beside]) -> list[str]:
    """Prints the figures of one database; gives what missed its mark."""
    missed = []
    for name, (who, path, most) in PAGES.items():
        taken, growth = in_turn([place.ours(who, path) for place in places])
        counts = [_counted(place, who, path) for place in places]
        mark = f"at most {most}" if most else "not judged"
        print(f"  {name}: {', '.join(f'{one:.1f}' for one in taken)} ms, x {growth:.2f} ({mark}), statements {counts}",
              flush=True)  # fmt: skip
        if most and growth > most:
            missed.append(f"{kind}: {name} grew {growth:.2f} times")
        if max(counts) > OF_A_REPORT.get(name, STATEMENTS) or len(set(counts)) > 1:
            missed.append(f"{kind}: {name} takes {counts} statements")
    for who in (LEADER, REQUESTER):
        for place in places:
            (theirs, ours), ratio = in_turn([place.theirs(who), place.ours(who, "/")])
            print(f"  dashboard of person {who} beside {place.size:,}: {ours:.1f} ms, the plain stack {theirs:.1f} ms, "
                  f"x {ratio:.2f} (at most {AGAINST_PLAIN})", flush=True)  # fmt: skip
            if ratio > AGAINST_PLAIN:
                missed.append(f"{kind}: dashboard of {who} beside {place.size:,}: {ratio:.2f} times the plain one")
    return missed


def _counted(place: Beside, who: int, path: str) -> int:
    place.seen.clear()
    place.ours(who, path)()
    return len(place.seen)


def main() -> int:
    """Measures each database; 1 where something missed its mark."""
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="engage-awareness-") as made:
        folder = os.environ.get("AWARENESS_KEEP", made)
        for kind in KINDS:
            print(f"{kind}, beside {', '.join(f'{size:,}' for size in SIZES)} engagements", flush=True)
            places = []
            for size in SIZES:
                name = f"awareness_{size}"
                url = f"sqlite:///{Path(folder) / name}.db" if kind == "sqlite" else _postgres(made, name)
                places.append(Beside(url, size))
                places[-1].open()
            missed += measure(kind, places)
            for place in places:
                with place.app.app_context():
                    db.engine.dispose()
    print("\n".join(missed) or "every mark is met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
