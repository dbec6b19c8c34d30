"""Declared interests, and the reason a member gave for taking part when asked to step aside."""

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("forum_id", sa.Integer(), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_interest_ends_after_start")),
        sa.CheckConstraint(
            "(CASE WHEN country_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN forum_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN organisation = '' THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_interest_one_subject"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id_person")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_interest_country_code_country")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_interest_partner_id_partner")),
        sa.ForeignKeyConstraint(["forum_id"], ["forum.id"], name=op.f("fk_interest_forum_id_forum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
    )
    op.create_index(op.f("ix_interest_person_id_starts_on"), "interest", ["person_id", "starts_on"])
    op.create_table(
        "participation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_participation_item_id_item")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_participation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        sa.UniqueConstraint(
            "item_id", "person_id", "grounds", name=op.f("uq_participation_item_id_person_id_grounds")
        ),
    )
    op.create_index(op.f("ix_participation_person_id_item_id"), "participation", ["person_id", "item_id"])
    for statement in append_only("participation", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in writable_again("participation", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("participation")
    op.drop_table("interest")
