"""The secretariat's recommendation on an item, version by version."""

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OUTCOMES = ("approve", "approve_with_conditions", "defer", "return", "disapprove")


def upgrade() -> None:
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*OUTCOMES, name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recommendation_item_id_item")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_recommendation_item_version_id_item_version")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_recommendation_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_recommendation_item_id_number")),
    )
    for statement in append_only("recommendation", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in writable_again("recommendation", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("recommendation")
