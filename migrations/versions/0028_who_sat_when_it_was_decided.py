"""A decision keeps who held each seat on its day; a stand-in in a meeting sits there under a delegation."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain columns, so that SQLite rebuilds no table and the triggers that keep decisions as they are stay in place.
    op.add_column("decision", sa.Column("seats", sa.Text(), nullable=True))
    with op.batch_alter_table("attendance") as table:
        table.add_column(sa.Column("delegation_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            table.f("fk_attendance_delegation_id_delegation"), "delegation", ["delegation_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("attendance") as table:
        table.drop_constraint(table.f("fk_attendance_delegation_id_delegation"), type_="foreignkey")
        table.drop_column("delegation_id")
    op.drop_column("decision", "seats")
