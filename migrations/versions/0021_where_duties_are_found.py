"""Each duty is found by the day it counts from; how far rules were looked at is told step by step."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

UNVERIFIED = sa.text("verified_at IS NULL AND declined_at IS NULL")
UNMET = sa.text("met_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_condition_open_due_on", "condition", ["due_on", "id"], sqlite_where=UNMET, postgresql_where=UNMET
    )
    op.create_index(
        "ix_completion_unverified_recorded_at", "completion", ["recorded_at"],
        sqlite_where=UNVERIFIED, postgresql_where=UNVERIFIED,
    )  # fmt: skip
    op.create_index(op.f("ix_advisory_as_of_id"), "advisory", ["as_of", "id"])
    with op.batch_alter_table("reminder_rule") as rule:
        rule.drop_column("swept_until")
    op.drop_index("ix_reminder_ledger_digest_key", "reminder_ledger")
    with op.batch_alter_table("reminder_ledger") as ledger:
        ledger.drop_column("digest_key")


def downgrade() -> None:
    """How far each step was looked at stays in reminder_mark: a sweep of the older program looks back a day."""
    with op.batch_alter_table("reminder_ledger") as ledger:
        ledger.add_column(sa.Column("digest_key", sa.String(length=200), nullable=True))
    op.create_index(
        "ix_reminder_ledger_digest_key", "reminder_ledger", ["digest_key"],
        sqlite_where=sa.text("digest_key IS NOT NULL"), postgresql_where=sa.text("digest_key IS NOT NULL"),
    )  # fmt: skip
    with op.batch_alter_table("reminder_rule") as rule:
        rule.add_column(sa.Column("swept_until", sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f("ix_advisory_as_of_id"), "advisory")
    op.drop_index("ix_completion_unverified_recorded_at", "completion")
    op.drop_index("ix_condition_open_due_on", "condition")
