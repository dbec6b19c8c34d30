"""The database goes away under a runner that sends: what the server took is noted later, and not sent twice."""

import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import factories as make
import pytest
import sqlalchemy as sa

from engage.environment import MailServer
from engage.extensions import db
from engage.jobs import fates as noting
from engage.jobs.mail import Carrier
from engage.models.outbox import Delivery, OutboxMessage
from engage.services import outbox
from engage.services.transaction import transaction

sys.path.insert(0, str(Path(__file__).parent))
from post_office import open_office

DUE = 60


@pytest.fixture
def due(store):
    now = datetime.now(UTC)
    with transaction():
        person = make.person().id
        outbox.post(
            *(
                outbox.message(f"k{n}", to=person, template="trip_cancelled", subject=f"{n}", about=("trip", 7),
                               now=now, title="Tallinn", departs_on="x", returns_on="y")
                for n in range(DUE)
            )
        )  # fmt: skip
    store.remove()


def fates(store):
    found = dict(tuple(r) for r in store.execute(
        sa.select(OutboxMessage.delivery, sa.func.count()).group_by(OutboxMessage.delivery)))  # fmt: skip
    store.rollback()
    return found


def deliver(app, port):
    settings = replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", port))
    return Carrier(settings, "runner", lambda: datetime.now(UTC), batch=20).deliver()


def test_every_connection_is_cut_in_the_middle_and_again(store, app, database, due, monkeypatch):
    if database.kind != "postgresql":
        pytest.skip("SQLite has no connection to cut; the next test has its file held by another")
    monkeypatch.setattr(noting, "DATABASE_PAUSE_SECONDS", 0.01)
    admin = sa.create_engine(database.server, isolation_level="AUTOCOMMIT")

    def cut():
        if len(office.contents) in (7, 8, 31):
            with admin.connect() as connection:
                connection.execute(
                    sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                    {"name": database.name},
                )

    with open_office() as (office, port):
        office.when_taken = cut
        sent = deliver(app, port)
    admin.dispose()

    assert sent == DUE
    assert set(office.ids().values()) == {1}
    assert fates(store) == {Delivery.SENT: DUE}


def test_another_holds_the_database_for_a_while(store, app, database, due, monkeypatch):
    if database.kind != "sqlite":
        pytest.skip("PostgreSQL locks rows, not the database")
    engine, held = db.engine, threading.Event()

    def hold():
        with engine.connect().execution_options(engage_mode="writes") as other:
            other.exec_driver_sql("UPDATE runner SET holder = holder")
            held.set()
            time.sleep(0.5)
            other.rollback()

    def taken():
        if len(office.contents) == 7:
            threading.Thread(target=hold).start()
            held.wait(5)

    with open_office() as (office, port):
        office.when_taken = taken
        assert deliver(app, port) == DUE

    assert set(office.ids().values()) == {1}
    assert fates(store) == {Delivery.SENT: DUE}
