"""What is asked, and its history."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("engagement", name="itemkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "asks",
            sa.Enum("decision", "advice", name="asks", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned_for_information",
                "under_review",
                "scheduled",
                "under_silence",
                "deferred",
                "approved",
                "approved_with_conditions",
                "disapproved",
                "withdrawn",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "firmness",
            sa.Enum(
                "idea",
                "tentative",
                "firm",
                name="firmness",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deferred_until", sa.Date(), nullable=True),
        sa.Column("source_ref", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('approved', 'approved_with_conditions', 'disapproved', 'cancelled')) = (decided_at IS NOT NULL)",
            name=op.f("ck_item_decided_at_when_decided"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR requester_id IS NOT NULL", name=op.f("ck_item_only_drafts_are_unclaimed")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL",
            name=op.f("ck_item_submitted_when_open"),
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_item_ends_after_start")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_item_requester_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("source_ref", name=op.f("uq_item_source_ref")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_item_requester_id_state_starts_on_id"),
            ["requester_id", "state", "starts_on", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_item_starts_on_id"), ["starts_on", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_item_state_starts_on_id"), ["state", "starts_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_item_state_state_since_id"), ["state", "state_since", "id"], unique=False
        )

    op.create_table(
        "engagement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "nature",
            sa.Enum(
                "bilateral",
                "multilateral",
                "conference",
                "exercise",
                "training",
                "standards",
                "csirt",
                name="engagementkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "direction",
            sa.Enum(
                "outbound",
                "inbound",
                "virtual",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("outcome_sought", sa.Text(), nullable=False),
        sa.Column("why_not_virtual", sa.Text(), nullable=False),
        sa.Column("why_this_many", sa.Text(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("forum_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_engagement_event_id_event")),
        sa.ForeignKeyConstraint(["forum_id"], ["forum.id"], name=op.f("fk_engagement_forum_id_forum")),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_engagement_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
    )
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_engagement_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_engagement_forum_id"), ["forum_id"], unique=False)

    op.create_table(
        "item_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_item_version_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_version_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_item_version_item_id_number")),
    )
    op.create_table(
        "state_span",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned_for_information",
                "under_review",
                "scheduled",
                "under_silence",
                "deferred",
                "approved",
                "approved_with_conditions",
                "disapproved",
                "withdrawn",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_state_span_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_state_span_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_span")),
    )
    with op.batch_alter_table("state_span", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_state_span_item_id_id"), ["item_id", "id"], unique=False)
        batch_op.create_index(
            "uq_state_span_one_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "cost_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("funder", sa.String(length=200), nullable=False),
        sa.Column("non_federal", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_cost_line_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_cost_line_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_line")),
    )
    with op.batch_alter_table("cost_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cost_line_engagement_id_position"), ["engagement_id", "position"], unique=False
        )

    op.create_table(
        "engagement_objective",
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("objective_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"],
            ["engagement.id"],
            name=op.f("fk_engagement_objective_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["objective_id"], ["objective.id"], name=op.f("fk_engagement_objective_objective_id_objective")
        ),
        sa.PrimaryKeyConstraint("engagement_id", "objective_id", name=op.f("pk_engagement_objective")),
    )
    with op.batch_alter_table("engagement_objective", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_engagement_objective_objective_id_engagement_id"),
            ["objective_id", "engagement_id"],
            unique=False,
        )

    op.create_table(
        "engagement_partner",
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_partner_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_engagement_partner_partner_id_partner")
        ),
        sa.PrimaryKeyConstraint("engagement_id", "partner_id", name=op.f("pk_engagement_partner")),
    )
    with op.batch_alter_table("engagement_partner", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_engagement_partner_partner_id_engagement_id"),
            ["partner_id", "engagement_id"],
            unique=False,
        )

    op.create_table(
        "leg",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=True),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("departs_on", sa.Date(), nullable=False),
        sa.CheckConstraint("departs_on >= arrives_on", name=op.f("ck_leg_departs_after_arrival")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_leg_country_code_country")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_leg_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg")),
    )
    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_leg_country_code_arrives_on_engagement_id"),
            ["country_code", "arrives_on", "engagement_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_leg_engagement_id_position"), ["engagement_id", "position"], unique=False
        )

    op.create_table(
        "traveller",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name_given", sa.String(length=200), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_traveller_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_traveller_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traveller")),
        sa.UniqueConstraint("engagement_id", "person_id", name=op.f("uq_traveller_engagement_id_person_id")),
    )
    with op.batch_alter_table("traveller", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_traveller_engagement_id_position"), ["engagement_id", "position"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_traveller_person_id_engagement_id"), ["person_id", "engagement_id"], unique=False
        )
        batch_op.create_index(
            "uq_traveller_one_lead",
            ["engagement_id"],
            unique=True,
            sqlite_where=sa.text("is_lead"),
            postgresql_where=sa.text("is_lead"),
        )


def downgrade() -> None:
    op.drop_table("traveller")
    op.drop_table("leg")
    op.drop_table("engagement_partner")
    op.drop_table("engagement_objective")
    op.drop_table("cost_line")
    op.drop_table("state_span")
    op.drop_table("item_version")
    op.drop_table("engagement")
    op.drop_table("item")
