"""The only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from engage.extensions import READS, WRITES, db
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
