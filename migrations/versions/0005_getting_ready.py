"""Guides, training, trips and clearances."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("code", name=op.f("uq_course_code")),
    )
    op.create_table(
        "course_satisfies",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("satisfies_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_satisfies_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["satisfies_id"], ["course.id"], name=op.f("fk_course_satisfies_satisfies_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "satisfies_id", name=op.f("pk_course_satisfies")),
    )
    op.create_table(
        "completion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(verified_at IS NULL) = (verified_by_id IS NULL)", name=op.f("ck_completion_verified_by_someone")
        ),
        sa.CheckConstraint(
            "verified_at IS NULL OR declined_at IS NULL", name=op.f("ck_completion_verified_or_declined")
        ),
        sa.CheckConstraint(
            "verified_by_id IS NULL OR verified_by_id <> person_id",
            name=op.f("ck_completion_verified_by_another"),
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_completion_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_completion_person_id_person")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_completion_recorded_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["person.id"], name=op.f("fk_completion_verified_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completion")),
        sa.UniqueConstraint(
            "person_id",
            "course_id",
            "completed_on",
            name=op.f("uq_completion_person_id_course_id_completed_on"),
        ),
    )
    with op.batch_alter_table("completion", schema=None) as batch_op:
        batch_op.create_index(
            "ix_completion_unverified",
            ["id"],
            unique=False,
            sqlite_where=sa.text("verified_at IS NULL AND declined_at IS NULL"),
            postgresql_where=sa.text("verified_at IS NULL AND declined_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_completion_valid_until_id"), ["valid_until", "id"], unique=False)

    op.create_table(
        "guide",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "general", "country", name="guidescope", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(scope = 'country') = (country_code IS NOT NULL)", name=op.f("ck_guide_country_guides_name_one")
        ),
        sa.ForeignKeyConstraint(
            ["country_code"], ["country.code"], name=op.f("fk_guide_country_code_country")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_guide_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide")),
        sa.UniqueConstraint("country_code", name=op.f("uq_guide_country_code")),
    )
    with op.batch_alter_table("guide", schema=None) as batch_op:
        batch_op.create_index(
            "uq_guide_one_general",
            ["scope"],
            unique=True,
            sqlite_where=sa.text("scope = 'general'"),
            postgresql_where=sa.text("scope = 'general'"),
        )

    op.create_table(
        "guide_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("starter", sa.Boolean(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("change_note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_version_guide_id_guide")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_guide_version_published_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_version")),
        sa.UniqueConstraint("guide_id", "number", name=op.f("uq_guide_version_guide_id_number")),
    )
    op.create_table(
        "trip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("departs_on", sa.Date(), nullable=False),
        sa.Column("returns_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_trip_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trip_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip")),
        sa.UniqueConstraint("engagement_id", "person_id", name=op.f("uq_trip_engagement_id_person_id")),
    )
    with op.batch_alter_table("trip", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trip_departs_on_id"), ["departs_on", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_trip_person_id_departs_on"), ["person_id", "departs_on"], unique=False
        )

    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("guide_version_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["guide_version_id"],
            ["guide_version.id"],
            name=op.f("fk_acknowledgement_guide_version_id_guide_version"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_acknowledgement_person_id_person")
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_acknowledgement_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint(
            "trip_id", "guide_version_id", name=op.f("uq_acknowledgement_trip_id_guide_version_id")
        ),
    )
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acknowledgement_person_id"), ["person_id"], unique=False)

    op.create_table(
        "clearance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "country",
                "theater",
                "visa",
                "medical",
                name="clearancekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "granted",
                "restricted",
                "refused",
                name="clearancestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("restriction", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('granted', 'restricted') OR reference <> ''",
            name=op.f("ck_clearance_granted_has_a_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["country_code"], ["country.code"], name=op.f("fk_clearance_country_code_country")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_clearance_recorded_by_id_person")
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_clearance_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearance")),
        sa.UniqueConstraint(
            "trip_id", "kind", "country_code", name=op.f("uq_clearance_trip_id_kind_country_code")
        ),
    )


def downgrade() -> None:
    op.drop_table("clearance")
    op.drop_table("acknowledgement")
    op.drop_table("trip")
    op.drop_table("guide_version")
    op.drop_table("guide")
    op.drop_table("completion")
    op.drop_table("course_satisfies")
    op.drop_table("course")
