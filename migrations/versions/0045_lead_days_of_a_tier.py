"""How long before departure a journey is submitted follows its tier: days that are a dated row of the tier."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

SHIPPED = {"routine": 45, "moderate": 45, "high": 60, "highest": 60}


def upgrade() -> None:
    with op.batch_alter_table("tier_rule") as batch:
        batch.add_column(sa.Column("lead_days", sa.Integer(), nullable=True))
    tiers = sa.table("tier_rule", sa.column("tier", sa.String()), sa.column("lead_days", sa.Integer()))
    days = sa.case(*((tiers.c.tier == tier, days) for tier, days in SHIPPED.items()), else_=0)
    op.execute(sa.update(tiers).values(lead_days=days))
    with op.batch_alter_table("tier_rule") as batch:
        batch.alter_column("lead_days", existing_type=sa.Integer(), nullable=False)
        batch.create_check_constraint(op.f("ck_tier_rule_lead_days_not_negative"), "lead_days >= 0")


def downgrade() -> None:
    with op.batch_alter_table("tier_rule") as batch:
        batch.drop_constraint(op.f("ck_tier_rule_lead_days_not_negative"), type_="check")
        batch.drop_column("lead_days")
