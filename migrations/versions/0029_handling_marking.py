"""A handling marking decides who sees an item; what was there before was seen by all once approved: TLP:GREEN."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MARKINGS = ("clear", "green", "amber", "amber_strict", "red")


def upgrade() -> None:
    op.create_table(
        "marking_default",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "marking",
            sa.Enum(*MARKINGS, name="marking", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking_default")),
        sa.UniqueConstraint("starts_on", name=op.f("uq_marking_default_starts_on")),
    )
    with op.batch_alter_table("item") as table:
        table.add_column(sa.Column("marking", sa.String(length=40), nullable=False, server_default="green"))
    with op.batch_alter_table("item") as table:
        table.alter_column("marking", existing_type=sa.String(length=40), server_default=None)
        table.create_check_constraint("marking", f"marking IN {MARKINGS}")


def downgrade() -> None:
    kept = op.get_bind().execute(sa.text("SELECT count(*) FROM item WHERE marking NOT IN ('clear', 'green')")).scalar()
    if kept:
        raise RuntimeError(
            f"{kept} items are marked so that not everybody sees them, which the version before cannot keep. Mark "
            "them TLP:GREEN or end them first."
        )
    with op.batch_alter_table("item") as table:
        table.drop_constraint(op.f("ck_item_marking"), type_="check")
        table.drop_column("marking")
    op.drop_table("marking_default")
