"""Who is back is found by the day of return; an outcome keeps the forum in which it was counted."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_trip_returns_on_id"), "trip", ["returns_on", "id"])
    with op.batch_alter_table("outcome") as table:
        table.add_column(sa.Column("forum_id", sa.Integer(), nullable=True))
        table.create_foreign_key(table.f("fk_outcome_forum_id_forum"), "forum", ["forum_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("outcome") as table:
        table.drop_constraint(table.f("fk_outcome_forum_id_forum"), type_="foreignkey")
        table.drop_column("forum_id")
    op.drop_index(op.f("ix_trip_returns_on_id"), table_name="trip")
