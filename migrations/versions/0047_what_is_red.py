"""The few engagements that are for named eyes only are found at once, to be left out of what others count."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    red = sa.text("marking = 'red'")
    op.create_index("ix_item_red", "item", ["id"], sqlite_where=red, postgresql_where=red)


def downgrade() -> None:
    op.drop_index("ix_item_red", table_name="item")
