"""Outcomes summed by one thing alone, so that what is looked at most costs what there is to name."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

SUMS = ("outcomes", "number", "nations", "people")
WAYS = {"goal": "goal_id", "country": "country_code", "forum": "forum_id", "kind": "kind"}


def upgrade() -> None:
    op.create_table(
        "outcome_sum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("quarter_on", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
        sa.CheckConstraint("way IN ('goal', 'country', 'forum', 'kind')", name=op.f("ck_outcome_sum_a_way")),
        sa.CheckConstraint("outcomes >= 0", name=op.f("ck_outcome_sum_not_below_nothing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_sum")),
        sa.UniqueConstraint("way", "quarter_on", "key", name="uq_outcome_sum_whole_key"),
    )
    counts = sa.table("outcome_count", *map(sa.column, ("quarter_on", *WAYS.values(), *SUMS)))
    sums = sa.table("outcome_sum", *map(sa.column, ("way", "quarter_on", "key", *SUMS)))
    for way, column in WAYS.items():
        found = sa.select(
            sa.literal(way), counts.c.quarter_on, sa.cast(counts.c[column], sa.String(40)),
            *(sa.func.sum(counts.c[name]) for name in SUMS),
        ).group_by(counts.c.quarter_on, counts.c[column])  # fmt: skip
        op.execute(sums.insert().from_select(["way", "quarter_on", "key", *SUMS], found))


def downgrade() -> None:
    op.drop_table("outcome_sum")
