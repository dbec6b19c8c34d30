"""What happened in a quarter is found by its moment, whatever happened before."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INDEXES = (
    ("item", ["submitted_at"]), ("item", ["decided_at"]), ("state_span", ["state", "started_at"]),
    ("state_span", ["ended_at"]),
)  # fmt: skip


def upgrade() -> None:
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    for table, columns in reversed(INDEXES):
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table_name=table)
