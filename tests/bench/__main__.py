"""The only place for `make bench`: our pages and acts beside the floor and the plain stack, in one run.

QUICK=1 takes the two smaller sizes and one round; SIZES=1000,100000 and ROUNDS=2 choose. PERF_WORK names the folder for
databases and results, which are kept for the next run. The references' PostgreSQL serves us too. The results of a
full run go to docs/measured.md.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from engage import create_app
from engage.config import Settings
from tests.bench import adapters, report, seed

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REFERENCE = HERE / "reference"
QUICK = bool(os.environ.get("QUICK"))
SIZES = tuple(map(int, os.environ.get("SIZES", "1000,10000" if QUICK else "1000,10000,100000").split(",")))
ROUNDS = int(os.environ.get("ROUNDS", 1 if QUICK else 3))
SECONDS, WARMUP = 1.0, 0.4  # of one measurement; CPU per request is counted, so short ones do
KINDS = ("sqlite", "pg")
ROOMS = "\n## Rooms\n"  # begins the part of docs/measured.md that is written by hand, and by `make soak`
SERVE = """
import os
from engage.config import Settings
from engage.server import serve
serve(Settings.from_environment(os.environ))
"""
PAGES = ("list", "list_deep", "detail", "transition")


class Database:
    """Our database of one kind and size: seeded once, then laid afresh for each round."""

    def __init__(self, work: Path, kind: str, size: int) -> None:
        self.kind, self.size, self.folder = kind, size, work / "engage"
        self.name = f"perf_engage_{size}"
        self.file = self.folder / f"{size}.db"

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.file}" if self.kind == "sqlite" else _server().format(self.name)

    def seeded(self, stamp: str) -> seed.Seeded:
        """Fill the template, unless one of this `stamp` is there; gives what the requests must name."""
        kept = self.folder / f"{self.kind}-{self.size}.json"
        if kept.exists() and (known := json.loads(kept.read_text()))["stamp"] == stamp:
            return seed.Seeded(**known["seeded"])
        started = time.monotonic()
        kept.unlink(missing_ok=True)
        self._remove()
        if self.kind == "pg":
            _psql(f"DROP DATABASE IF EXISTS {self.name}_seed WITH (FORCE)", f"CREATE DATABASE {self.name}")
        seeded = seed.fill(create_app(Settings.for_tests(self.url)), self.size, datetime.now(UTC))
        if self.kind == "pg":
            _psql(f"ALTER DATABASE {self.name} RENAME TO {self.name}_seed")
        else:
            self.file.rename(self.file.with_suffix(".seed"))
        kept.write_text(json.dumps({"stamp": stamp, "seeded": dataclasses.asdict(seeded)}))
        _say(f"seeded {self.size:,} engagements, {self.kind}, in {time.monotonic() - started:.0f} s")
        return seeded

    def lay(self) -> None:
        """A fresh copy of the template: no act was done on it yet."""
        self._remove()
        if self.kind == "sqlite":
            shutil.copy(self.file.with_suffix(".seed"), self.file)
        else:
            _psql(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_seed STRATEGY file_copy")

    def _remove(self) -> None:
        if self.kind == "sqlite":
            for end in ("", "-wal", "-shm", ".lock"):
                Path(f"{self.file}{end}").unlink(missing_ok=True)
        else:
            _psql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    @contextlib.contextmanager
    def served(self, work: Path) -> Iterator[str]:
        """Our own server over it, as in production; gives its address. Its processes are a session of their own."""
        port = _free_port()
        environment = {
            **os.environ, "ENGAGE_MODE": "production", "HOST": "127.0.0.1", "PORT": str(port), "DATABASE_URL": self.url,
            "ENGAGE_URL": "https://bench.example", "ENGAGE_HOSTS": "127.0.0.1", "ENGAGE_WORKERS": "2",
            "ENGAGE_SECRET": hashlib.sha256(os.urandom(32)).hexdigest(), "ENGAGE_DATA": str(self.folder),
            "ENGAGE_AUDIT_KEY": hashlib.sha256(os.urandom(32)).hexdigest(),
        }  # fmt: skip
        with (work / "run" / f"engage_{self.kind}.log").open("w") as log:
            server = subprocess.Popen(
                [sys.executable, "-c", SERVE], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        (work / "run" / f"engage_{self.kind}.pid").write_text(str(server.pid))
        try:
            _wait(f"http://127.0.0.1:{port}/sign-in")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def main() -> None:
    """Measure, print the tables, write them down."""
    work = Path(os.environ.setdefault("PERF_WORK", str(Path(tempfile.gettempdir()) / "engage-bench")))
    os.environ.setdefault("PERF_PGPORT", "55432")
    os.environ.setdefault("PYTHON", sys.executable)
    for folder in ("run", "engage"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    started, results = time.monotonic(), work / "results.jsonl"
    results.unlink(missing_ok=True)
    _references("install")
    bench = _driver()
    stamp = _stamp()
    try:
        for size in SIZES:
            os.environ["PERF_N"] = str(size)
            _references("seed")
            for kind in KINDS:
                Database(work, kind, size).seeded(stamp)
        for number in range(ROUNDS):
            for size in SIZES:
                os.environ["PERF_N"] = str(size)
                _measure(bench, work, size, stamp, number, results)
    finally:
        _references("stop")
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    text = report.render(rows, SIZES, minutes=(time.monotonic() - started) / 60, rounds=ROUNDS)
    print(text)
    if not QUICK:
        measured = ROOT / "docs" / "measured.md"
        _, title, rest = (measured.read_text(encoding="utf-8") if measured.exists() else "").partition(ROOMS)
        measured.write_text(text + title + rest, encoding="utf-8")


def _measure(bench: ModuleType, work: Path, size: int, stamp: str, number: int, results: Path) -> None:
    """One round at one size: every target of every page in turn, so that noise hits all alike."""
    targets = []
    with contextlib.ExitStack() as servers:
        for kind in KINDS:
            ours = Database(work, kind, size)
            ours.lay()
            base = servers.enter_context(ours.served(work))
            where = {"db": "perf_engage_{n}"} if kind == "pg" else {"sqlite": str(ours.file)}
            written = adapters.write(work / "engage", f"engage_{kind}", base, where, ours.seeded(stamp))
            targets += [f"floor_{kind}", f"stack_{kind}", *map(str, written.values())]
        _psql("CHECKPOINT")
        os.sync()  # what the copies left to write is written now, and not at somebody's cost
        _references("start")
        for counter in (work / "run").glob("engage_*.counter"):
            counter.unlink()  # the acts begin anew
        bench.measure(argparse.Namespace(
            targets=",".join(targets), pages=",".join(PAGES), clients="1", seconds=SECONDS, warmup=WARMUP, rounds=1,
            first_round=number, pause=0.1, out=str(results),
        ))  # fmt: skip


def _driver() -> ModuleType:
    """The shared driver; imported late, since it reads where to work."""
    sys.path.insert(0, str(REFERENCE))
    import bench  # type: ignore[import-not-found]

    return bench  # type: ignore[no-any-return]


def _references(what: str) -> None:
    """Install, seed, start or stop the floor and the plain stack, and PostgreSQL with them."""
    subprocess.run(["bash", str(REFERENCE / "peer_floor.sh"), what], check=True)


def _stamp() -> str:
    """Changes with what the seeded databases follow from: the seed, the migrations, and the day."""
    files = [HERE / "seed.py", HERE / "seed.sql"]
    files += [*(ROOT / "migrations/versions").glob("*.py"), *(ROOT / "engage/seed").glob("*.yaml")]
    parts = [f"{datetime.now(UTC):%Y-%m-%d}".encode(), *(file.read_bytes() for file in sorted(files))]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _server() -> str:
    return f"postgresql+psycopg://postgres@127.0.0.1:{os.environ['PERF_PGPORT']}/{{}}"


def _psql(*statements: str) -> None:
    here = ("-h", "127.0.0.1", "-p", os.environ["PERF_PGPORT"], "-U", "postgres")
    command = ["psql", "-q", *here, "-v", "ON_ERROR_STOP=1"]
    command += [part for statement in statements for part in ("-c", statement)]
    subprocess.run(command, check=True, env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, seconds: int = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _say(text: str) -> None:
    print(f"[bench] {text}", file=sys.stderr)


main()
