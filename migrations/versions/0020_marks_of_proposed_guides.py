"""A guide version before the board is marked part by part, as one that is published is."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("guide_proposal") as table:
        table.add_column(sa.Column("marks", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("guide_proposal") as table:
        table.drop_column("marks")
