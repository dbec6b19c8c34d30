"""The outcome counts are read from an index that holds all of them."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

COLUMNS = ["quarter_on", "goal_id", "kind", "country_code", "forum_id", "outcomes", "number", "nations", "people"]


def upgrade() -> None:
    op.create_index("ix_outcome_count_whole", "outcome_count", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_outcome_count_whole", table_name="outcome_count")
