"""Guides of partners and forums, their parts marked and looked after, and what an acknowledgement keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCOPES = ("general", "country", "partner", "forum")


def upgrade() -> None:
    op.create_table(
        "guide_care",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_care_guide_id_guide")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_guide_care_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_care")),
        sa.UniqueConstraint("guide_id", "part", name=op.f("uq_guide_care_guide_id_part")),
    )
    op.create_index(op.f("ix_guide_care_review_by_id"), "guide_care", ["review_by", "id"])
    op.execute(
        "INSERT INTO guide_care (guide_id, part, owner_id) SELECT id, '', owner_id FROM guide WHERE owner_id IS NOT NULL"
    )
    with op.batch_alter_table("guide") as guide:
        guide.add_column(sa.Column("partner_id", sa.Integer(), nullable=True))
        guide.add_column(sa.Column("forum_id", sa.Integer(), nullable=True))
        guide.drop_constraint(op.f("ck_guide_guidescope"), type_="check")
        guide.create_check_constraint(op.f("ck_guide_guidescope"), sa.column("scope").in_(SCOPES))
        guide.create_check_constraint(
            op.f("ck_guide_partner_guides_name_one"), "(scope = 'partner') = (partner_id IS NOT NULL)"
        )
        guide.create_check_constraint(
            op.f("ck_guide_forum_guides_name_one"), "(scope = 'forum') = (forum_id IS NOT NULL)"
        )
        guide.create_foreign_key(op.f("fk_guide_partner_id_partner"), "partner", ["partner_id"], ["id"])
        guide.create_foreign_key(op.f("fk_guide_forum_id_forum"), "forum", ["forum_id"], ["id"])
        guide.create_unique_constraint(op.f("uq_guide_partner_id"), ["partner_id"])
        guide.create_unique_constraint(op.f("uq_guide_forum_id"), ["forum_id"])
        guide.drop_constraint(op.f("fk_guide_owner_id_person"), type_="foreignkey")
        guide.drop_column("owner_id")
    with op.batch_alter_table("guide_version") as version:
        version.add_column(sa.Column("marks", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("guide_version") as version:
        version.alter_column("marks", server_default=None)
    with op.batch_alter_table("acknowledgement") as said:
        said.add_column(sa.Column("by_id", sa.Integer(), nullable=True))
        said.add_column(sa.Column("score", sa.Integer(), nullable=False, server_default="0"))
        said.add_column(sa.Column("questions", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE acknowledgement SET by_id = person_id")
    with op.batch_alter_table("acknowledgement") as said:
        said.alter_column("by_id", existing_type=sa.Integer(), nullable=False)
        said.alter_column("score", server_default=None)
        said.alter_column("questions", server_default=None)
        said.create_foreign_key(op.f("fk_acknowledgement_by_id_person"), "person", ["by_id"], ["id"])
        said.create_check_constraint(
            op.f("ck_acknowledgement_score_within_questions"), "score BETWEEN 0 AND questions"
        )
    op.create_table(
        "check_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("guide_version_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND questions", name=op.f("ck_check_try_score_within_questions")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_check_try_trip_id_trip")),
        sa.ForeignKeyConstraint(
            ["guide_version_id"], ["guide_version.id"], name=op.f("fk_check_try_guide_version_id_guide_version")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_check_try_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_try")),
    )
    op.create_index(op.f("ix_check_try_trip_id_guide_version_id_id"), "check_try", ["trip_id", "guide_version_id", "id"])
    op.create_table(
        "assistance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("assistant_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("assistant_id <> person_id", name=op.f("ck_assistance_by_another")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_assistance_ends_after_start")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assistance_person_id_person")),
        sa.ForeignKeyConstraint(["assistant_id"], ["person.id"], name=op.f("fk_assistance_assistant_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance")),
    )
    op.create_index(op.f("ix_assistance_person_id_ends_on"), "assistance", ["person_id", "ends_on"])
    op.create_index(op.f("ix_assistance_assistant_id_ends_on"), "assistance", ["assistant_id", "ends_on"])


def downgrade() -> None:
    """Refuses while guides of partners or forums exist: the earlier program has no place for them."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM guide WHERE scope IN ('partner', 'forum')")).scalar():
        raise RuntimeError("Guides of partners or forums were published, and the earlier program cannot keep them.")
    op.drop_table("assistance")
    op.drop_table("check_try")
    with op.batch_alter_table("acknowledgement") as said:
        said.drop_constraint(op.f("ck_acknowledgement_score_within_questions"), type_="check")
        said.drop_constraint(op.f("fk_acknowledgement_by_id_person"), type_="foreignkey")
        said.drop_column("questions")
        said.drop_column("score")
        said.drop_column("by_id")
    with op.batch_alter_table("guide_version") as version:
        version.drop_column("marks")
    with op.batch_alter_table("guide") as guide:
        guide.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        guide.drop_constraint(op.f("uq_guide_forum_id"), type_="unique")
        guide.drop_constraint(op.f("uq_guide_partner_id"), type_="unique")
        guide.drop_constraint(op.f("fk_guide_forum_id_forum"), type_="foreignkey")
        guide.drop_constraint(op.f("fk_guide_partner_id_partner"), type_="foreignkey")
        guide.drop_constraint(op.f("ck_guide_forum_guides_name_one"), type_="check")
        guide.drop_constraint(op.f("ck_guide_partner_guides_name_one"), type_="check")
        guide.drop_constraint(op.f("ck_guide_guidescope"), type_="check")
        guide.create_check_constraint(op.f("ck_guide_guidescope"), sa.column("scope").in_(SCOPES[:2]))
        guide.drop_column("forum_id")
        guide.drop_column("partner_id")
        guide.create_foreign_key(op.f("fk_guide_owner_id_person"), "person", ["owner_id"], ["id"])
    op.execute(
        "UPDATE guide SET owner_id ="
        " (SELECT owner_id FROM guide_care WHERE guide_care.guide_id = guide.id AND guide_care.part = '')"
    )
    op.drop_table("guide_care")
