"""A charter says all it needs to; seats have days; supervisors endorse; what routes an item is asked for."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Table, column, type, what rows before this one say; None: nothing.
ADDED: tuple[tuple[str, str, Any, Any], ...] = (
    ("charter", "chair_breaks_ties", sa.Boolean(), sa.false()),
    ("charter", "second_share", sa.String(9), None),
    ("charter", "second_of", sa.String(40), None),
    ("charter", "thresholds", sa.Text(), "{}"),
    ("charter", "notice_days", sa.Integer(), "0"),
    ("charter", "meeting_kinds", sa.String(200), ""),
    ("charter", "endorsement", sa.Boolean(), sa.false()),
    ("seat", "starts_on", sa.Date(), None),
    ("seat", "ends_on", sa.Date(), None),
    ("engagement", "other_than_coach", sa.Boolean(), sa.false()),
    ("engagement", "media", sa.Boolean(), sa.false()),
    ("person", "senior", sa.Boolean(), sa.false()),
    ("matter", "waives_id", sa.Integer(), None),
    ("meeting", "short_notice", sa.Text(), ""),
)
TABLES = tuple(dict.fromkeys(table for table, *_ in ADDED))
CHECKS = {
    "second_threshold_whole": "(second_share IS NULL) = (second_of IS NULL)",
    "one_vote_a_seat": "NOT (chair_votes AND chair_breaks_ties)",
    "measure": "second_of IN ('present', 'seats')",
}


def upgrade() -> None:
    for name in TABLES:
        mine = [(column, kind, default) for table, column, kind, default in ADDED if table == name]
        with op.batch_alter_table(name) as table:
            for column, kind, default in mine:
                table.add_column(sa.Column(column, kind, nullable=default is None, server_default=default))
        with op.batch_alter_table(name) as table:
            for column, kind, default in mine:
                if default is not None:
                    table.alter_column(column, existing_type=kind, existing_nullable=False, server_default=None)
    with op.batch_alter_table("charter") as table:
        for check, words in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_charter_{check}"), words)
    with op.batch_alter_table("matter") as table:
        table.create_index(table.f("ix_matter_waives_id"), ["waives_id"])
        table.create_foreign_key(table.f("fk_matter_waives_id_condition"), "condition", ["waives_id"], ["id"])
    # How long novelty lasts was in the code; now it is the rule's own limit, in days.
    op.execute("UPDATE routing_rule SET \"limit\" = 730 WHERE code = 'new_country' AND \"limit\" IS NULL")
    op.create_table(
        "endorsement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("endorsed", sa.Boolean(), nullable=False),
        sa.Column("without", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_endorsement_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_endorsement_item_id_item")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_endorsement_item_version_id_item_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
    )
    op.create_index(op.f("ix_endorsement_item_id_id"), "endorsement", ["item_id", "id"])
    for statement in append_only("endorsement", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in writable_again("endorsement", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("endorsement")
    op.execute("UPDATE routing_rule SET \"limit\" = NULL WHERE code = 'new_country'")
    with op.batch_alter_table("matter") as table:
        table.drop_constraint(table.f("fk_matter_waives_id_condition"), type_="foreignkey")
        table.drop_index(table.f("ix_matter_waives_id"))
    with op.batch_alter_table("charter") as table:
        for check in CHECKS:
            table.drop_constraint(op.f(f"ck_charter_{check}"), type_="check")
    for name in reversed(TABLES):
        with op.batch_alter_table(name) as table:
            for column in [column for other, column, *_ in ADDED if other == name]:
                table.drop_column(column)
