"""Partners: forums, agreements, contacts for a time, merges that can be taken back; what people follow; forum feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

COVERS = ("mine", "all", "country", "forum", "board")


def upgrade() -> None:
    op.create_table(
        "follow_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trail_until", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_follow_mark_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_mark")),
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "treaty",
                "arrangement",
                "memorandum",
                "information_sharing",
                "confidentiality",
                "other",
                name="agreementkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column(
            "marking",
            sa.Enum(
                "clear",
                "green",
                "amber",
                "amber_strict",
                "red",
                name="marking",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_why = '')", name=op.f("ck_agreement_ended_for_a_reason")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_agreement_has_a_title")),
        sa.CheckConstraint(
            "expires_on IS NULL OR expires_on >= signed_on", name=op.f("ck_agreement_expires_after_signature")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_agreement_owner_id_person")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_agreement_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_agreement_partner_id_expires_on"), ["partner_id", "expires_on"], unique=False
        )
        batch_op.create_index(
            "ix_agreement_runs_out",
            ["expires_on", "id"],
            unique=False,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        )

    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("forum_id", sa.Integer(), nullable=True),
        sa.Column("objective_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN country_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN forum_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN objective_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_follow_of_one_thing"),
        ),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_follow_country_code_country")),
        sa.ForeignKeyConstraint(["forum_id"], ["forum.id"], name=op.f("fk_follow_forum_id_forum")),
        sa.ForeignKeyConstraint(["objective_id"], ["objective.id"], name=op.f("fk_follow_objective_id_objective")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_follow_partner_id_partner")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("person_id", "country_code", name=op.f("uq_follow_person_id_country_code")),
        sa.UniqueConstraint("person_id", "forum_id", name=op.f("uq_follow_person_id_forum_id")),
        sa.UniqueConstraint("person_id", "objective_id", name=op.f("uq_follow_person_id_objective_id")),
        sa.UniqueConstraint("person_id", "partner_id", name=op.f("uq_follow_person_id_partner_id")),
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_follow_country_code_person_id"), ["country_code", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_follow_forum_id_person_id"), ["forum_id", "person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_follow_objective_id_person_id"), ["objective_id", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_follow_partner_id_person_id"), ["partner_id", "person_id"], unique=False)

    op.create_table(
        "partner_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("work_address", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose <> ''", name=op.f("ck_partner_contact_kept_for_a_purpose")),
        sa.ForeignKeyConstraint(["kept_by_id"], ["person.id"], name=op.f("fk_partner_contact_kept_by_id_person")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_contact_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_contact")),
    )
    with op.batch_alter_table("partner_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_contact_delete_on_id"), ["delete_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_contact_partner_id_id"), ["partner_id", "id"], unique=False)

    op.create_table(
        "partner_forum",
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("forum_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["forum_id"], ["forum.id"], name=op.f("fk_partner_forum_forum_id_forum")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_forum_partner_id_partner")),
        sa.PrimaryKeyConstraint("partner_id", "forum_id", name=op.f("pk_partner_forum")),
    )
    with op.batch_alter_table("partner_forum", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partner_forum_forum_id_partner_id"), ["forum_id", "partner_id"], unique=False
        )

    op.create_table(
        "partner_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by_id", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_partner_merge_undone_by_someone")
        ),
        sa.CheckConstraint("gone_id <> kept_id", name=op.f("ck_partner_merge_two_partners")),
        sa.ForeignKeyConstraint(["gone_id"], ["partner.id"], name=op.f("fk_partner_merge_gone_id_partner")),
        sa.ForeignKeyConstraint(["kept_id"], ["partner.id"], name=op.f("fk_partner_merge_kept_id_partner")),
        sa.ForeignKeyConstraint(["merged_by_id"], ["person.id"], name=op.f("fk_partner_merge_merged_by_id_person")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_partner_merge_undone_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_merge")),
    )
    with op.batch_alter_table("partner_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_merge_kept_id_id"), ["kept_id", "id"], unique=False)
        batch_op.create_index(
            "uq_partner_merge_one_standing",
            ["gone_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    with op.batch_alter_table("feed") as feed:
        feed.add_column(sa.Column("forum_id", sa.Integer(), nullable=True))
        feed.create_foreign_key(op.f("fk_feed_forum_id_forum"), "forum", ["forum_id"], ["id"])
        feed.drop_constraint(op.f("ck_feed_covers"), type_="check")
        feed.create_check_constraint(op.f("ck_feed_covers"), sa.column("covers").in_(COVERS))
        feed.create_check_constraint(
            op.f("ck_feed_forums_are_named"), "(covers = 'forum') = (forum_id IS NOT NULL)"
        )
    with op.batch_alter_table("partner") as partner:
        partner.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        partner.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        partner.create_index(op.f("ix_partner_merged_into_id"), ["merged_into_id"])
        partner.create_foreign_key(
            op.f("fk_partner_merged_into_id_partner"), "partner", ["merged_into_id"], ["id"]
        )
    with op.batch_alter_table("partner") as partner:
        partner.alter_column("version", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM feed WHERE covers = 'forum'")  # the version before cannot say what they bring
    with op.batch_alter_table("partner") as partner:
        partner.drop_constraint(op.f("fk_partner_merged_into_id_partner"), type_="foreignkey")
        partner.drop_index(op.f("ix_partner_merged_into_id"))
        partner.drop_column("version")
        partner.drop_column("merged_into_id")
    with op.batch_alter_table("feed") as feed:
        feed.drop_constraint(op.f("ck_feed_forums_are_named"), type_="check")
        feed.drop_constraint(op.f("ck_feed_covers"), type_="check")
        feed.create_check_constraint(
            op.f("ck_feed_covers"), sa.column("covers").in_([one for one in COVERS if one != "forum"])
        )
        feed.drop_constraint(op.f("fk_feed_forum_id_forum"), type_="foreignkey")
        feed.drop_column("forum_id")
    for table in ("partner_merge", "partner_forum", "partner_contact", "follow", "agreement", "follow_mark"):
        op.drop_table(table)
