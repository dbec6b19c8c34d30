"""The promises that fall due in a quarter are found by their day, settled or not."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_commitment_due_on", "commitment", ["due_on"])


def downgrade() -> None:
    op.drop_index("ix_commitment_due_on", table_name="commitment")
