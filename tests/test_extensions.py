"""What a connection to the database is trusted with."""

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.extensions import db


def test_a_restart_of_the_database_costs_nobody_a_page(app: Flask, database):
    if database.kind != "postgresql":
        pytest.skip("SQLite has no server to lose")
    with app.app_context():
        assert db.session.scalar(sa.text("SELECT 1")) == 1
    ours = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = :name AND pid <> pg_backend_pid()"
    )
    with sa.create_engine(database.server, poolclass=sa.NullPool).connect() as admin:
        ended = admin.execute(sa.text(ours), {"name": database.name}).scalars().all()

    with app.app_context():
        assert (ended, db.session.scalar(sa.text("SELECT 2"))) == ([True], 2)
