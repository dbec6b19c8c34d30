"""A year's priorities name goals, objectives, countries and partners, with how many engagements are planned."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "priority_aim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("priorities_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("goal_id", sa.Integer(), nullable=True),
        sa.Column("objective_id", sa.Integer(), nullable=True),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.CheckConstraint("CASE WHEN goal_id IS NULL THEN 0 ELSE 1 END + CASE WHEN objective_id IS NULL THEN 0 ELSE 1 END + CASE WHEN country_code IS NULL THEN 0 ELSE 1 END + CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END = 1", name=op.f("ck_priority_aim_about_one_thing")),
        sa.CheckConstraint("planned BETWEEN 0 AND 1000", name=op.f("ck_priority_aim_planned_within_reason")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_priority_aim_country_code_country")),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_priority_aim_goal_id_goal")),
        sa.ForeignKeyConstraint(["objective_id"], ["objective.id"], name=op.f("fk_priority_aim_objective_id_objective")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_priority_aim_partner_id_partner")),
        sa.ForeignKeyConstraint(["priorities_id"], ["priorities.id"], name=op.f("fk_priority_aim_priorities_id_priorities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priority_aim")),
        sa.UniqueConstraint("priorities_id", "position", name=op.f("uq_priority_aim_priorities_id_position"))
    )


def downgrade() -> None:
    op.drop_table("priority_aim")
