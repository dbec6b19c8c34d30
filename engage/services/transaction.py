"""The only place that commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Dialect

from engage.extensions import READS, WRITES, db, in_line
from engage.services import audit


def begin_reading() -> None:
    """Start a read-only visit: no transaction at all, so no round trips for BEGIN and ROLLBACK."""
    if not db.session().in_transaction():
        options: dict[str, object] = dict(READS)
        if db.engine.dialect.name == "postgresql":
            options["isolation_level"] = "AUTOCOMMIT"
        db.session.connection(execution_options=options)


def begin_writing() -> None:
    """Start the write transaction before anything is read in it; a read-only visit under way ends first."""
    session = db.session()
    if session.in_transaction():
        mode = session.connection().get_execution_options().get("engage_mode")
        if mode != "reads":
            return
        session.rollback()
    session.connection(execution_options=WRITES)


def step_aside() -> None:
    """End a visit's transaction, in which nothing was written: what takes long follows, and holds nobody up."""
    db.session.rollback()
    begin_reading()


@contextmanager
def transaction() -> Iterator[None]:
    """Commit everything done inside, the trail's lines chained last; or, on any exception, nothing."""
    begin_writing()
    try:
        yield
        db.session.flush()
        audit.seal()
        db.session.commit()
    except BaseException:
        audit.forget()
        db.session.rollback()
        raise


@contextmanager
def statements_alone() -> Iterator[Callable[..., Any]]:
    """A way to execute statements on a connection of its own, each one a transaction by itself.

    One round trip and one flush to disk each, for who settles many things one by one. Never inside `transaction`:
    on SQLite it would wait for itself.
    """
    options: dict[str, Any] = {"engage_mode": "alone"}
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    with db.engine.connect().execution_options(**options) as connection:

        def execute(statement: Any, given: dict[str, Any]) -> Any:
            words, values = for_the_driver(statement, connection.dialect)(given)
            with in_line(connection):
                return connection.exec_driver_sql(words, values)

        yield execute


@cache
def for_the_driver(statement: Any, dialect: Dialect) -> Callable[[dict[str, Any]], tuple[str, Any]]:
    """A kept statement as the driver takes it: compiled once, and its values turned as their types say."""
    compiled = statement.compile(dialect=dialect)
    words, order, constant = str(compiled), compiled.positiontup, dict(compiled.params)
    turns = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}

    def ready(given: dict[str, Any]) -> tuple[str, Any]:
        values = {
            name: turns[name](value) if turns.get(name) else value for name, value in {**constant, **given}.items()
        }
        return words, values if order is None else tuple(values[name] for name in order)

    return ready
