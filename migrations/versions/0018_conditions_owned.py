"""A condition has an owner, a day, weight, evidence and a verifier; what was recorded as met was verified then."""

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PEOPLE = (("owner_id", "person"), ("given_by_id", "person"), ("waived_by_id", "decision"))
CHECKS = {
    "given_by_someone": "(given_at IS NULL) = (given_by_id IS NULL)",
    "waived_by_a_decision": "(waived_at IS NULL) = (waived_by_id IS NULL)",
    "met_by_evidence": "met_at IS NULL OR given_at IS NOT NULL",
    "verified_by_another": "met_by_id IS NULL OR met_by_id <> owner_id",
    "one_due_day": "due_on IS NULL OR due_days_before IS NULL",
    "due_before_departure": "due_days_before >= 0",
}
COLUMNS = (
    "owner_id", "due_days_before", "blocking", "given_at", "given_by_id", "waived_at", "waived_by_id",
)  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("motion") as motion:
        motion.add_column(sa.Column("terms", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("condition") as condition:
        condition.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        condition.add_column(sa.Column("due_days_before", sa.Integer(), nullable=True))
        condition.add_column(sa.Column("blocking", sa.Boolean(), nullable=False, server_default=sa.true()))
        condition.add_column(sa.Column("given_at", sa.DateTime(timezone=True), nullable=True))
        condition.add_column(sa.Column("given_by_id", sa.Integer(), nullable=True))
        condition.add_column(sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True))
        condition.add_column(sa.Column("waived_by_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE condition SET owner_id = (SELECT requester_id FROM item WHERE item.id = condition.item_id),"
        " given_at = met_at, given_by_id = met_by_id"
    )
    with op.batch_alter_table("condition") as condition:
        condition.alter_column("owner_id", existing_type=sa.Integer(), nullable=False)
        for column, table in PEOPLE:
            condition.create_foreign_key(op.f(f"fk_condition_{column}_{table}"), table, [column], ["id"])
        for name, rule in CHECKS.items():
            condition.create_check_constraint(op.f(f"ck_condition_{name}"), rule)
        condition.create_index(op.f("ix_condition_owner_id"), ["owner_id"])
    op.create_table(
        "condition_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("condition_id", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "given", "refused", "verified", "waived", "handed_on",
                name="step", native_enum=False, create_constraint=True, length=40,
            ),
            nullable=False,
        ),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["condition_id"], ["condition.id"], name=op.f("fk_condition_step_condition_id_condition")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_condition_step_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_step")),
    )  # fmt: skip
    op.create_index(op.f("ix_condition_step_condition_id_id"), "condition_step", ["condition_id", "id"])
    op.execute(
        "INSERT INTO condition_step (condition_id, step, said, by_id, at)"
        " SELECT id, 'given', evidence, met_by_id, met_at FROM condition WHERE met_at IS NOT NULL ORDER BY id"
    )
    op.execute(
        "INSERT INTO condition_step (condition_id, step, said, by_id, at)"
        " SELECT id, 'verified', '', met_by_id, met_at FROM condition WHERE met_at IS NOT NULL ORDER BY id"
    )
    for statement in append_only("condition_step", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in writable_again("condition_step", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("condition_step")
    with op.batch_alter_table("condition") as condition:
        condition.drop_index(op.f("ix_condition_owner_id"))
        for name in CHECKS:
            condition.drop_constraint(op.f(f"ck_condition_{name}"), type_="check")
        for column, table in PEOPLE:
            condition.drop_constraint(op.f(f"fk_condition_{column}_{table}"), type_="foreignkey")
        for column in COLUMNS:
            condition.drop_column(column)
    with op.batch_alter_table("motion") as motion:
        motion.drop_column("terms")
