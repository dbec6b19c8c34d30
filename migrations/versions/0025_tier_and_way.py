"""The tier and the way of an item are found by dated rules when it is submitted, and kept as evidence."""

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def _tier() -> sa.Enum:
    return sa.Enum(
        "routine", "moderate", "high", "highest", name="tier", native_enum=False, create_constraint=True, length=40
    )


def _route() -> sa.Enum:
    return sa.Enum(
        "delegated", "silence", "notational", "meeting",
        name="route", native_enum=False, create_constraint=True, length=40,
    )  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "routing_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_routing_rule_points_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rule")),
        sa.UniqueConstraint("code", "starts_on", name=op.f("uq_routing_rule_code_starts_on")),
    )
    op.create_table(
        "tier_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tier", _tier(), nullable=False),
        sa.Column("least_points", sa.Integer(), nullable=False),
        sa.Column("route", _route(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_rule")),
        sa.UniqueConstraint("tier", "starts_on", name=op.f("uq_tier_rule_tier_starts_on")),
    )
    op.create_table(
        "item_route",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("charter_id", sa.Integer(), nullable=False),
        sa.Column("tier", _tier(), nullable=False),
        sa.Column("route", _route(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("fired", sa.Text(), nullable=False),
        sa.Column("arithmetic", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_item_route_by_id_person")),
        sa.ForeignKeyConstraint(["charter_id"], ["charter.id"], name=op.f("fk_item_route_charter_id_charter")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_route_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_route")),
    )
    op.create_index(op.f("ix_item_route_item_id_id"), "item_route", ["item_id", "id"])
    for statement in append_only("item_route", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in writable_again("item_route", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("item_route")
    op.drop_table("tier_rule")
    op.drop_table("routing_rule")
