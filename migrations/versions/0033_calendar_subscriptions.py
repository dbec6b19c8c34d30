"""Calendar programs read a person's subscriptions at private addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "covers",
            sa.Enum("mine", "all", "country", "board", name="covers", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(covers = 'country') = (country_code IS NOT NULL)", name=op.f("ck_feed_countries_are_named")
        ),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_feed_country_code_country")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_hash")),
    )
    op.create_index(op.f("ix_feed_person_id_id"), "feed", ["person_id", "id"])


def downgrade() -> None:
    op.drop_table("feed")
