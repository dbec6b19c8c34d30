"""Waivers signed by two; what travellers were last told of being cleared; advisories checked again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("first_by_id", sa.Integer(), nullable=False),
        sa.Column("first_role", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_by_id", sa.Integer(), nullable=True),
        sa.Column("second_role", sa.String(length=40), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_waiver_says_why")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_waiver_revoked_by_someone")),
        sa.CheckConstraint(
            "(second_by_id IS NULL) = (second_at IS NULL) AND (second_by_id IS NULL) = (second_role IS NULL)",
            name=op.f("ck_waiver_signed_whole"),
        ),
        sa.CheckConstraint("second_by_id IS NULL OR second_by_id <> first_by_id", name=op.f("ck_waiver_two_people")),
        sa.CheckConstraint("second_role IS NULL OR second_role <> first_role", name=op.f("ck_waiver_two_roles")),
        sa.ForeignKeyConstraint(["first_by_id"], ["person.id"], name=op.f("fk_waiver_first_by_id_person")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_waiver_revoked_by_id_person")),
        sa.ForeignKeyConstraint(["second_by_id"], ["person.id"], name=op.f("fk_waiver_second_by_id_person")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_waiver_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.create_index(op.f("ix_waiver_trip_id"), "waiver", ["trip_id"])
    open_ = sa.text("revoked_at IS NULL AND second_at IS NULL")
    op.create_index(
        "uq_waiver_one_open", "waiver", ["trip_id", "kind", "target", "country_code"], unique=True,
        sqlite_where=open_, postgresql_where=open_,
    )  # fmt: skip
    op.create_table(
        "readiness_watch",
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("cleared", sa.Boolean(), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("ask_again", sa.Boolean(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_readiness_watch_trip_id_trip")),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_readiness_watch")),
    )
    again = sa.text("ask_again")
    op.create_index(
        "ix_readiness_watch_again", "readiness_watch", ["trip_id"], sqlite_where=again, postgresql_where=again
    )
    op.create_table(
        "advisory_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("risen", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_advisory_check_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advisory_check")),
        sa.UniqueConstraint("trip_id", "step", name=op.f("uq_advisory_check_trip_id_step")),
    )


def downgrade() -> None:
    op.drop_table("advisory_check")
    op.drop_table("readiness_watch")
    op.drop_table("waiver")
