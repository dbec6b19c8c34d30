"""What a file leaves open is asked by its page, and the answers are kept beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as batch:
        batch.add_column(sa.Column("answers", sa.JSON(), nullable=True))
    batches = sa.table("import_batch", sa.column("answers", sa.JSON()))
    op.execute(sa.update(batches).values(answers={}))
    with op.batch_alter_table("import_batch") as batch:
        batch.alter_column("answers", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("import_batch") as batch:
        batch.drop_column("answers")
