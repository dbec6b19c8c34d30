"""How things are decided outside meetings: by which way, on whose authority, and what is still to be ratified."""

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

EVIDENCE = ("decision", "standing_use")
METHODS = "method IN ('meeting', 'notational', 'silence', 'delegated', 'standing', 'emergency')"
CHECKS = {
    "meeting_in_a_meeting": "(method = 'meeting') = (meeting_id IS NOT NULL)",
    "silence_has_hours": "(method = 'silence') = (hours IS NOT NULL)",
    "only_silence_runs": "runs_from IS NULL OR hours IS NOT NULL",
}
INDEXES = {
    "ix_motion_unheard": (["id"], "closed_at IS NULL AND hours IS NOT NULL AND runs_from IS NULL"),
    "ix_motion_due": (["closes_at", "id"], "closed_at IS NULL AND escalated_at IS NULL AND meeting_id IS NULL"),
}
CHARTER = (  # name, type, what charters before this one say
    ("calendar_days", sa.Integer(), "90"),
    ("silence_kinds", sa.String(200), ""),
    ("silence_cost", sa.Numeric(12, 2), None),
    ("silence_hours", sa.Integer(), "72"),
    ("silence_least_hours", sa.Integer(), "24"),
    ("alone_kinds", sa.String(200), ""),
    ("alone_cost", sa.Numeric(12, 2), None),
    ("ratify_days", sa.Integer(), "30"),
    ("standing_months", sa.Integer(), "24"),
)


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column(
            "power",
            sa.Enum("vote", "decide", name="power", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("alternate_id", sa.Integer(), nullable=True),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("most_cost", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_delegation_revoked_by_someone")
        ),
        sa.CheckConstraint(
            "alternate_id <> principal_id AND alternate_id <> holder_id",
            name=op.f("ck_delegation_alternate_is_a_third"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_delegation_ends_after_start")),
        sa.CheckConstraint("holder_id <> principal_id", name=op.f("ck_delegation_to_another")),
        sa.CheckConstraint("most_cost >= 0", name=op.f("ck_delegation_ceiling_not_negative")),
        sa.ForeignKeyConstraint(["alternate_id"], ["person.id"], name=op.f("fk_delegation_alternate_id_person")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_delegation_board_id_board")),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_delegation_holder_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_delegation_made_by_id_person")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_delegation_principal_id_person")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_delegation_revoked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    with op.batch_alter_table("delegation") as table:
        table.create_index(table.f("ix_delegation_alternate_id_ends_on"), ["alternate_id", "ends_on"], unique=False)
        table.create_index(table.f("ix_delegation_board_id_ends_on"), ["board_id", "ends_on"], unique=False)
        table.create_index(table.f("ix_delegation_holder_id_ends_on"), ["holder_id", "ends_on"], unique=False)
        table.create_index(table.f("ix_delegation_principal_id_ends_on"), ["principal_id", "ends_on"], unique=False)

    op.create_table(
        "calendared",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("motion_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meet_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("escalated_at IS NULL OR escalated_at >= at", name=op.f("ck_calendared_escalated_later")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_calendared_item_id_item")),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("fk_calendared_motion_id_motion")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendared_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendared")),
    )
    with op.batch_alter_table("calendared") as table:
        table.create_index(
            "ix_calendared_due",
            ["meet_by", "id"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL AND escalated_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL AND escalated_at IS NULL"),
        )
        table.create_index(
            "uq_calendared_one_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    op.create_table(
        "emergency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("ratify_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ratified", sa.Boolean(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("(settled_at IS NULL) = (ratified IS NULL)", name=op.f("ck_emergency_settled_some_way")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_emergency_decision_id_decision")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_emergency_item_id_item")),
        sa.ForeignKeyConstraint(["matter_id"], ["item.id"], name=op.f("fk_emergency_matter_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_emergency_decision_id")),
        sa.UniqueConstraint("matter_id", name=op.f("uq_emergency_matter_id")),
    )
    with op.batch_alter_table("emergency") as table:
        table.create_index(
            "ix_emergency_due",
            ["ratify_by", "id"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        table.create_index(table.f("ix_emergency_item_id"), ["item_id"], unique=False)

    op.create_table(
        "standing_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("forum_id", sa.Integer(), nullable=True),
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
        sa.Column("most_travellers", sa.Integer(), nullable=True),
        sa.Column("most_uses", sa.Integer(), nullable=False),
        sa.Column("most_cost", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_standing_approval_revoked_by_someone")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_standing_approval_ends_after_start")),
        sa.CheckConstraint("most_cost >= 0", name=op.f("ck_standing_approval_cap_not_negative")),
        sa.CheckConstraint("most_travellers > 0", name=op.f("ck_standing_approval_some_travellers")),
        sa.CheckConstraint("most_uses > 0", name=op.f("ck_standing_approval_some_uses")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_standing_approval_board_id_board")),
        sa.ForeignKeyConstraint(
            ["country_code"], ["country.code"], name=op.f("fk_standing_approval_country_code_country")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_standing_approval_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(["forum_id"], ["forum.id"], name=op.f("fk_standing_approval_forum_id_forum")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_standing_approval_made_by_id_person")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_standing_approval_partner_id_partner")),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["person.id"], name=op.f("fk_standing_approval_revoked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_approval")),
    )
    with op.batch_alter_table("standing_approval") as table:
        table.create_index(table.f("ix_standing_approval_board_id_ends_on"), ["board_id", "ends_on"], unique=False)

    op.create_table(
        "standing_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_standing_use_decision_id_decision")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_standing_use_item_id_item")),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing_approval.id"], name=op.f("fk_standing_use_standing_id_standing_approval")
        ),
        sa.ForeignKeyConstraint(["used_by_id"], ["person.id"], name=op.f("fk_standing_use_used_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_use")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_standing_use_decision_id")),
        sa.UniqueConstraint("standing_id", "number", name=op.f("uq_standing_use_standing_id_number")),
    )

    with op.batch_alter_table("ballot") as table:
        table.add_column(sa.Column("delegation_id", sa.Integer(), nullable=True))
        table.create_foreign_key(table.f("fk_ballot_delegation_id_delegation"), "delegation", ["delegation_id"], ["id"])
    with op.batch_alter_table("charter") as table:
        for name, kind, default in CHARTER:
            table.add_column(sa.Column(name, kind, nullable=default is None, server_default=default))
    with op.batch_alter_table("charter") as table:
        for name, kind, default in CHARTER:
            if default is not None:
                table.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    with op.batch_alter_table("motion") as table:
        table.add_column(sa.Column("method", sa.String(40), nullable=False, server_default="notational"))
        table.add_column(sa.Column("hours", sa.Integer(), nullable=True))
        table.add_column(sa.Column("runs_from", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE motion SET method = 'meeting' WHERE meeting_id IS NOT NULL")
    with op.batch_alter_table("motion") as table:
        table.alter_column("method", existing_type=sa.String(40), existing_nullable=False, server_default=None)
        table.create_check_constraint(op.f("ck_motion_method"), METHODS)
        for name, words in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_motion_{name}"), words)
        for name, (columns, where) in INDEXES.items():
            table.create_index(name, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    dialect = op.get_bind().dialect.name
    for statement in writable_again("decision", dialect):
        op.execute(statement)
    with op.batch_alter_table("decision") as table:
        table.add_column(sa.Column("method", sa.String(40), nullable=False, server_default="notational"))
    op.execute(
        "UPDATE decision SET method = 'meeting'"
        " WHERE EXISTS (SELECT 1 FROM motion WHERE motion.id = decision.motion_id AND motion.method = 'meeting')"
    )
    with op.batch_alter_table("decision") as table:
        table.alter_column("method", existing_type=sa.String(40), existing_nullable=False, server_default=None)
        table.create_check_constraint(op.f("ck_decision_method"), METHODS)
    for table_name in EVIDENCE:
        for statement in append_only(table_name, dialect):
            op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table_name in EVIDENCE:
        for statement in writable_again(table_name, dialect):
            op.execute(statement)
    with op.batch_alter_table("decision") as table:
        table.drop_constraint(op.f("ck_decision_method"), type_="check")
        table.drop_column("method")
    for statement in append_only("decision", dialect):
        op.execute(statement)
    with op.batch_alter_table("motion") as table:
        for name in INDEXES:
            table.drop_index(name)
        for name in [*CHECKS, "method"]:
            table.drop_constraint(op.f(f"ck_motion_{name}"), type_="check")
        for name in ("method", "hours", "runs_from", "escalated_at"):
            table.drop_column(name)
    with op.batch_alter_table("charter") as table:
        for name, _, _ in CHARTER:
            table.drop_column(name)
    with op.batch_alter_table("ballot") as table:
        table.drop_constraint(op.f("fk_ballot_delegation_id_delegation"), type_="foreignkey")
        table.drop_column("delegation_id")
    for name in ("standing_use", "standing_approval", "emergency", "calendared", "delegation"):
        op.drop_table(name)
