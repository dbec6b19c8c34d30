"""The migrations build what the models say, on both databases, down and up again."""

import factories as make
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from engage.extensions import db
from engage.models import Base
from engage.models.audit import AuditEvent
from engage.services import audit
from engage.services.transaction import transaction


def test_the_migrated_schema_is_the_models_schema(store):
    context = MigrationContext.configure(store.connection(), opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_is_in_the_database(store):
    inspector = sa.inspect(store.connection())
    for table in Base.metadata.tables.values():
        named = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint) and c.name}
        assert {c["name"] for c in inspector.get_check_constraints(table.name)} >= named


def test_down_to_nothing_and_up_again(store):
    store.remove()
    downgrade(revision="base")
    assert sa.inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    assert set(sa.inspect(db.engine).get_table_names()) == set(Base.metadata.tables) | {"alembic_version"}


@pytest.mark.parametrize("statement", [sa.update(AuditEvent).values(action="nothing"), sa.delete(AuditEvent)])
def test_the_database_itself_refuses_to_rewrite_the_trail(store, statement):
    with transaction():
        who = make.person()
        audit.record("try", about=("person", who.id), by=make.actor(who), now=make.NOON)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        store.execute(statement)
    store.rollback()
    assert audit.verify().first_bad_id is None
