"""What is near an engagement at the same forum is found by number, the newest first."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("engagement") as engagement:
        engagement.drop_index("ix_engagement_forum_id")
        engagement.create_index("ix_engagement_forum_id_id", ["forum_id", "id"])


def downgrade() -> None:
    with op.batch_alter_table("engagement") as engagement:
        engagement.drop_index("ix_engagement_forum_id_id")
        engagement.create_index("ix_engagement_forum_id", ["forum_id"])
