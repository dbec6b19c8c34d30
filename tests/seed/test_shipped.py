"""What ships is loaded once, and a second start brings nothing and leaves no line."""

from datetime import timedelta

import pytest
from factories import NOON
from sqlalchemy import func, select

from engage.extensions import db
from engage.models import Base
from engage.models.audit import AuditEvent
from engage.models.partners import Partner
from engage.seed import HERE, IMPORTED, SHIPPED, load_shipped, rows_of
from engage.services.transaction import transaction


def load():
    with transaction():
        return load_shipped(home_country="US", now=NOON + timedelta(days=1))


def counts():
    return {
        name: db.session.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()
    }


@pytest.mark.parametrize("file", [file for file, _, _ in SHIPPED])
def test_every_file_that_is_named_is_there_with_rows(file):
    assert rows_of(file) != []


def test_every_file_of_rows_is_named():
    assert {path.name for path in HERE.glob("*.yaml")} == {file for file, _, _ in SHIPPED}


def test_a_second_time_brings_nothing(store):
    before = counts()

    taken = load()

    assert set(taken.values()) == {0}
    assert counts() == before
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 0


def test_every_table_that_ships_has_its_rows(store):
    loaded, guides = counts(), len(list((HERE / "etiquette").glob("*.yaml")))
    tables = {table for _, table, _ in SHIPPED}

    assert {table: loaded[table] for table in tables} == {table: len(rows_of(file)) for file, table, _ in SHIPPED}
    assert [(kind, loaded[table]) for kind, table in (
        ("forums", "forum"), ("partners", "partner"), ("events", "event"), ("guides", "guide"),
    )] == [("forums", 42), ("partners", 88), ("events", 73), ("guides", guides)]  # fmt: skip
    assert [kind for kind, _, _ in IMPORTED] == ["forums", "partners", "events", "guides"]


def test_what_the_organisation_changed_stays_changed(store):
    with transaction():
        changed = db.session.scalar(select(Partner).where(Partner.name == "aeCERT"))
        changed.short_name = "Our word for it"

    load()

    db.session.refresh(changed)
    assert changed.short_name == "Our word for it"
