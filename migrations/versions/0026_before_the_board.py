"""What is looked at before a request goes before the board: lead times, clashes, questions, further reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BEFORE = ("security", "legal", "finance", "records")
KINDS = (*BEFORE, "front_office")
CHECK = op.f("ck_role_grant_reviewkind")


def _kind() -> sa.Enum:
    return sa.Enum(*KINDS, name="reviewkind", native_enum=False, create_constraint=True, length=40)


def _rule(kinds: tuple[str, ...]) -> str:
    return f"review_kind IN ({', '.join(repr(kind) for kind in kinds)})"


def upgrade() -> None:
    op.create_table(
        "clash_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "tie",
            sa.Enum(
                "person",
                "deputy",
                "country",
                "partner",
                "forum",
                "blackout",
                "holiday",
                "contact",
                "promise",
                name="tie",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("needs_reason", sa.Boolean(), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("days >= 0", name=op.f("ck_clash_rule_days_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clash_rule")),
        sa.UniqueConstraint("tie", "starts_on", name=op.f("uq_clash_rule_tie_starts_on")),
    )
    op.create_table(
        "lead_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "gate",
            sa.Enum(
                "submission",
                "visa",
                "clearance",
                "medical",
                "training",
                "guidance",
                name="gate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("min_level", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("business", sa.Boolean(), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("days >= 0", name=op.f("ck_lead_time_days_not_negative")),
        sa.CheckConstraint("min_level BETWEEN 0 AND 4", name=op.f("ck_lead_time_level_to_4")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_time")),
        sa.UniqueConstraint(
            "gate",
            "country_code",
            "min_level",
            "starts_on",
            name=op.f("uq_lead_time_gate_country_code_min_level_starts_on"),
        ),
    )
    op.create_table(
        "review_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("days >= 1", name=op.f("ck_review_rule_some_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_rule")),
        sa.UniqueConstraint("code", "starts_on", name=op.f("uq_review_rule_code_starts_on")),
    )
    op.create_table(
        "blackout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_blackout_ends_after_start")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_blackout_country_code_country")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blackout")),
    )
    with op.batch_alter_table("blackout") as batch_op:
        batch_op.create_index(batch_op.f("ix_blackout_country_code_ends_on"), ["country_code", "ends_on"], unique=False)

    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_deputy_ends_after_start")),
        sa.CheckConstraint("principal_id <> deputy_id", name=op.f("ck_deputy_two_people")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_deputy_deputy_id_person")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_deputy_principal_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    with op.batch_alter_table("deputy") as batch_op:
        batch_op.create_index(batch_op.f("ix_deputy_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deputy_principal_id"), ["principal_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_question_answered_by_somebody")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_question_answered_by_id_person")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_question_asked_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_question_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    with op.batch_alter_table("question") as batch_op:
        batch_op.create_index(batch_op.f("ix_question_item_id_id"), ["item_id", "id"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column(
            "finding",
            sa.Enum(
                "clear",
                "clear_with_remarks",
                "objection",
                "moot",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(begun_at IS NULL) = (due_on IS NULL)", name=op.f("ck_review_due_once_begun")),
        sa.CheckConstraint("(finding IS NULL) = (done_at IS NULL)", name=op.f("ck_review_done_with_a_finding")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_review_done_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_review_item_id_item")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_review_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review") as batch_op:
        batch_op.create_index(batch_op.f("ix_review_item_id_id"), ["item_id", "id"], unique=False)
        batch_op.create_index(
            "ix_review_open",
            ["kind", "due_on", "id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "accepted_clash",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_accepted_clash_by_id_person")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_accepted_clash_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted_clash")),
        sa.UniqueConstraint("engagement_id", "key", name=op.f("uq_accepted_clash_engagement_id_key")),
    )
    with op.batch_alter_table("charter") as batch_op:
        batch_op.add_column(sa.Column("reviews_together", sa.Boolean(), nullable=False, server_default=sa.true()))

    with op.batch_alter_table("cost_line") as batch_op:
        batch_op.add_column(sa.Column("per_diem_on", sa.Date(), nullable=True))

    with op.batch_alter_table("role_grant") as batch_op:
        batch_op.drop_constraint(CHECK, type_="check")
        batch_op.create_check_constraint(CHECK, _rule(KINDS))


def downgrade() -> None:
    op.execute("DELETE FROM role_grant WHERE review_kind = 'front_office'")
    with op.batch_alter_table("role_grant") as batch_op:
        batch_op.drop_constraint(CHECK, type_="check")
        batch_op.create_check_constraint(CHECK, _rule(BEFORE))
    with op.batch_alter_table("cost_line") as batch_op:
        batch_op.drop_column("per_diem_on")

    with op.batch_alter_table("charter") as batch_op:
        batch_op.drop_column("reviews_together")

    op.drop_table("accepted_clash")
    with op.batch_alter_table("review") as batch_op:
        batch_op.drop_index(
            "ix_review_open", sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_review_item_id_id"))

    op.drop_table("review")
    with op.batch_alter_table("question") as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_item_id_id"))

    op.drop_table("question")
    with op.batch_alter_table("deputy") as batch_op:
        batch_op.drop_index(batch_op.f("ix_deputy_principal_id"))
        batch_op.drop_index(batch_op.f("ix_deputy_deputy_id"))

    op.drop_table("deputy")
    with op.batch_alter_table("blackout") as batch_op:
        batch_op.drop_index(batch_op.f("ix_blackout_country_code_ends_on"))

    op.drop_table("blackout")
    op.drop_table("review_rule")
    op.drop_table("lead_time")
    op.drop_table("clash_rule")
