"""Stops on the way; rules by kind of engagement, marking and stop, and who may waive them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("leg") as batch:
        batch.add_column(sa.Column("transit", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("leg") as batch:
        batch.alter_column("transit", server_default=None)
    with op.batch_alter_table("requirement_rule") as batch:
        batch.add_column(sa.Column("natures", sa.String(length=200), nullable=False, server_default=""))
        batch.add_column(sa.Column("markings", sa.String(length=100), nullable=False, server_default=""))
        batch.add_column(sa.Column("on_transit", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("waivable_by", sa.String(length=200), nullable=False, server_default=""))
    with op.batch_alter_table("requirement_rule") as batch:
        for name in ("natures", "markings", "on_transit", "waivable_by"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("requirement_rule") as batch:
        for name in ("waivable_by", "on_transit", "markings", "natures"):
            batch.drop_column(name)
    with op.batch_alter_table("leg") as batch:
        batch.drop_column("transit")
