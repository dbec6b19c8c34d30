"""The only place for the unbound extensions, and for what each database connection switches on."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from engage.models import Base

try:
    import fcntl
except ImportError:  # no such locks on Windows: SQLite's own busy handler queues writers there
    fcntl = None  # type: ignore[assignment]

db = SQLAlchemy(metadata=Base.metadata)
migrate = Migrate()
login_manager = LoginManager()

READS = {"engage_mode": "reads"}
WRITES = {"engage_mode": "writes"}

# The page cache, in KiB when negative, is taken as pages are read: SQLite's own 2 MB forgets a large register's index.
SQLITE_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "cache_size=-65536",
)  # fmt: skip
PREPARED = 500  # statements that a connection to PostgreSQL keeps ready
POSTGRES_SETTINGS = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"


def engine_options(url: str) -> dict[str, Any]:
    """How the engine for `url` connects: a sound SQLite library, or PostgreSQL with its time-outs."""
    if url.startswith("sqlite"):
        try:
            from pysqlite3 import dbapi2  # carries SQLite >= 3.51.3; Debian 12's own can corrupt under WAL
        except ImportError:
            import sqlite3 as dbapi2  # type: ignore[no-redef]
        return {"module": dbapi2}
    return {"connect_args": {"options": POSTGRES_SETTINGS}, "pool_size": 8}


@event.listens_for(Engine, "connect")
def _connected(dbapi_connection: Any, record: Any) -> None:
    if hasattr(dbapi_connection, "isolation_level") and hasattr(dbapi_connection, "executescript"):  # SQLite
        dbapi_connection.isolation_level = None  # we send BEGIN
        for pragma in SQLITE_PRAGMAS:
            dbapi_connection.execute("PRAGMA " + pragma)
        path = dbapi_connection.execute("PRAGMA database_list").fetchone()[2]
        if path and fcntl:
            record.info["queue"] = Path(path + ".lock").open("a")  # noqa: SIM115  closed with the connection
    else:
        dbapi_connection.prepared_max = PREPARED  # psycopg's own 100 are fewer than our pages' statements


@event.listens_for(Engine, "checkout")
def _taken(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    """PostgreSQL tells an idle connection nothing but good-bye: the pool then brings another one.

    Costs no round trip, as asking it on every request would.
    """
    if record.dbapi_connection is None or not hasattr(dbapi_connection, "pgconn"):
        return
    if dbapi_connection.closed or select.select([dbapi_connection.fileno()], [], [], 0)[0]:
        raise DisconnectionError


@event.listens_for(Engine, "close")
def _closed(dbapi_connection: Any, record: Any) -> None:
    if record and (queue := record.info.pop("queue", None)):
        queue.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """SQLite: a reader needs no BEGIN, a writer takes its place in line before it reads anything.

    Writers of all processes queue on a file lock: SQLite's own busy handler polls, which is unfair under load.
    """
    if connection.dialect.name != "sqlite":
        return
    mode = connection.get_execution_options().get("engage_mode")
    if mode in ("reads", "alone"):
        return
    if mode == "writes":
        if queue := connection.info.get("queue"):
            fcntl.flock(queue, fcntl.LOCK_EX)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


@contextmanager
def in_line(connection: Connection) -> Iterator[None]:
    """Wait in the writers' queue for one statement that is a transaction of its own."""
    queue = connection.info.get("queue")
    if queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if queue:
            fcntl.flock(queue, fcntl.LOCK_UN)


@event.listens_for(Engine, "checkin")
def _returned(dbapi_connection: Any, record: Any) -> None:
    """The session gives its connection back after commit and rollback alike: leave the writers' queue."""
    if queue := record.info.get("queue"):
        fcntl.flock(queue, fcntl.LOCK_UN)
