"""Alembic's entrance: runs the migrations over the application's own engine.

SQLite changes a table by building it anew and dropping the old one, which its foreign keys would forbid. So they
rest while we migrate, and each migration is checked as a whole before it is committed.
"""

from typing import Any

from alembic import context
from flask import current_app

from engage.models import Base

engine = current_app.extensions["migrate"].db.engine


def rows_without_parent(*, ctx: Any, **_: Any) -> None:
    """Refuse a migration that left a row whose parent is gone; its transaction is rolled back."""
    if ctx.dialect.name == "sqlite" and (lost := ctx.bind.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise RuntimeError(f"The migration would leave {len(lost)} rows without their parent, first in {lost[0][0]}.")


def foreign_keys(setting: str) -> None:
    """Switch SQLite's foreign keys; outside of a transaction, or it would not hear."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={setting}")


with engine.connect() as connection:
    foreign_keys("OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        on_version_apply=rows_without_parent,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        foreign_keys("ON")
