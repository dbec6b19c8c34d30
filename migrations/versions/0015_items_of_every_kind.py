"""Items of every kind: amendments, guide versions, priorities and matters; what is material; what is asked again."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DEFERRED = sa.text("state = 'deferred'")
KINDS = "kind IN ('engagement', 'amendment', 'guide_version', 'priorities', 'matter')"
# What is said on an item that is no engagement, in the order in which it refers to each other.
LEAVE = (
    "DELETE FROM condition WHERE decision_id IN (SELECT decision.id FROM decision JOIN item ON item.id = item_id"
    " WHERE kind <> 'engagement')",
    "DELETE FROM decision WHERE item_id IN (SELECT id FROM item WHERE kind <> 'engagement')",
    "DELETE FROM ballot WHERE motion_id IN (SELECT motion.id FROM motion JOIN item ON item.id = item_id"
    " WHERE kind <> 'engagement')",
    "DELETE FROM motion WHERE item_id IN (SELECT id FROM item WHERE kind <> 'engagement')",
    "DELETE FROM recusal WHERE item_id IN (SELECT id FROM item WHERE kind <> 'engagement')",
    "DELETE FROM state_span WHERE item_id IN (SELECT id FROM item WHERE kind <> 'engagement')",
    "DELETE FROM item_version WHERE item_id IN (SELECT id FROM item WHERE kind <> 'engagement')",
    "DELETE FROM item WHERE kind <> 'engagement'",
)


def upgrade() -> None:
    op.execute(
        "UPDATE item SET deferred_until = COALESCE(starts_on, CURRENT_DATE)"
        " WHERE state = 'deferred' AND deferred_until IS NULL"
    )
    with op.batch_alter_table("item") as table:
        table.drop_constraint(op.f("ck_item_itemkind"), type_="check")
        table.create_check_constraint("itemkind", KINDS)
        table.add_column(sa.Column("deferred_event_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("amends_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_item_deferred_event_id_event", "event", ["deferred_event_id"], ["id"])
        table.create_foreign_key("fk_item_amends_id_item", "item", ["amends_id"], ["id"])
        table.create_check_constraint("amendments_amend", "(kind = 'amendment') = (amends_id IS NOT NULL)")
        table.create_check_constraint("deferrals_end", "state <> 'deferred' OR deferred_until IS NOT NULL")
    op.create_index("ix_item_amends_id_state", "item", ["amends_id", "state"])
    for name, columns in (
        ("ix_item_deferral_ends", ["deferred_until", "id"]), ("ix_item_deferral_event", ["deferred_event_id"])
    ):  # fmt: skip
        op.create_index(name, "item", columns, sqlite_where=DEFERRED, postgresql_where=DEFERRED)

    with op.batch_alter_table("item_version") as table:
        table.add_column(sa.Column("minor", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("item_version") as table:
        table.alter_column("minor", server_default=None)
        table.alter_column("reason", server_default=None)

    with op.batch_alter_table("charter") as table:
        table.add_column(sa.Column("reconsider_days", sa.Integer(), nullable=False, server_default="30"))
        table.add_column(
            sa.Column("prevailing_may_reconsider", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("charter") as table:
        table.alter_column("reconsider_days", server_default=None)
        table.alter_column("prevailing_may_reconsider", server_default=None)

    with op.batch_alter_table("motion") as table:
        table.add_column(sa.Column("defer_event_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_motion_defer_event_id_event", "event", ["defer_event_id"], ["id"])
    op.create_table(
        "motion_put_off",
        sa.Column("motion_id", sa.Integer(), sa.ForeignKey("motion.id", name="fk_motion_put_off_motion_id_motion"),
                  nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_motion_put_off_person_id_person"),
                  nullable=False),
        sa.PrimaryKeyConstraint("motion_id", "person_id", name="pk_motion_put_off"),
    )  # fmt: skip
    op.create_index("ix_motion_put_off_person_id", "motion_put_off", ["person_id"])

    with op.batch_alter_table("ballot") as table:
        table.add_column(sa.Column("item_version_id", sa.Integer(), nullable=True))
    # Until now a motion's text could not change under an open vote: its version is what every ballot judged.
    op.execute(
        "UPDATE ballot SET item_version_id ="
        " (SELECT motion.item_version_id FROM motion WHERE motion.id = ballot.motion_id)"
    )
    with op.batch_alter_table("ballot") as table:
        table.alter_column("item_version_id", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key("fk_ballot_item_version_id_item_version", "item_version", ["item_version_id"], ["id"])

    _kinds()
    op.create_table(
        "material_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.CheckConstraint('"limit" IS NULL OR "limit" >= 0', name=op.f("ck_material_rule_limit_not_negative")),
        sa.PrimaryKeyConstraint("id", name="pk_material_rule"),
        sa.UniqueConstraint("code", "starts_on", name="uq_material_rule_code_starts_on"),
    )
    op.create_table(
        "reconsideration",
        sa.Column("id", sa.Integer(), nullable=False),
        _refers("reconsideration", "item_id", "item"),
        _refers("reconsideration", "decision_id", "decision"),
        _refers("reconsideration", "asked_by_id", "person"),
        sa.Column("asked_as", sa.String(40), nullable=False),
        sa.Column("new_facts", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconsideration"),
        sa.UniqueConstraint("item_id", name="uq_reconsideration_item_id"),
    )


def _refers(table: str, column: str, to: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(
        column, sa.Integer(), sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{column}_{to}"), nullable=nullable
    )


def _own_id(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return _refers(table, "id", "item"), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _kinds() -> None:
    op.create_table(
        "amendment",
        *_own_id("amendment"),
        _refers("amendment", "base_version_id", "item_version"),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        _refers("amendment", "put_off_by_id", "motion", nullable=True),
        _refers("amendment", "applied_version_id", "item_version", nullable=True),
    )
    op.create_index("ix_amendment_put_off_by_id", "amendment", ["put_off_by_id"])
    op.create_table(
        "amendment_traveller",
        _refers("amendment_traveller", "amendment_id", "amendment"),
        _refers("amendment_traveller", "person_id", "person"),
        sa.PrimaryKeyConstraint("amendment_id", "person_id", name="pk_amendment_traveller"),
    )
    op.create_index(
        "ix_amendment_traveller_person_id_amendment_id", "amendment_traveller", ["person_id", "amendment_id"]
    )
    op.create_table(
        "matter",
        *_own_id("matter"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
    )
    op.create_table(
        "priorities",
        *_own_id("priorities"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_priorities_year_in_this_century")),
    )
    op.create_index("ix_priorities_year_id", "priorities", ["year", "id"])
    op.create_table(
        "guide_proposal",
        *_own_id("guide_proposal"),
        _refers("guide_proposal", "guide_id", "guide"),
        _refers("guide_proposal", "based_on_id", "guide_version"),
        sa.Column("heading", sa.String(200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _refers("guide_proposal", "published_id", "guide_version", nullable=True),
    )
    op.create_index("ix_guide_proposal_guide_id", "guide_proposal", ["guide_id"])


def downgrade() -> None:
    """What is no engagement has no place in the older schema: it goes, with what was said on it."""
    op.drop_table("reconsideration")
    op.drop_table("material_rule")
    for table in ("guide_proposal", "priorities", "matter", "amendment_traveller", "amendment"):
        op.drop_table(table)
    op.drop_table("motion_put_off")
    for statement in LEAVE:
        op.execute(statement)

    with op.batch_alter_table("ballot") as table:
        table.drop_constraint(op.f("fk_ballot_item_version_id_item_version"), type_="foreignkey")
        table.drop_column("item_version_id")
    with op.batch_alter_table("motion") as table:
        table.drop_constraint(op.f("fk_motion_defer_event_id_event"), type_="foreignkey")
        table.drop_column("defer_event_id")
    with op.batch_alter_table("charter") as table:
        table.drop_column("prevailing_may_reconsider")
        table.drop_column("reconsider_days")
    with op.batch_alter_table("item_version") as table:
        table.drop_column("reason")
        table.drop_column("minor")
    for index in ("ix_item_deferral_event", "ix_item_deferral_ends", "ix_item_amends_id_state"):
        op.drop_index(index, table_name="item")
    with op.batch_alter_table("item") as table:
        table.drop_constraint(op.f("ck_item_deferrals_end"), type_="check")
        table.drop_constraint(op.f("ck_item_amendments_amend"), type_="check")
        table.drop_constraint(op.f("fk_item_amends_id_item"), type_="foreignkey")
        table.drop_constraint(op.f("fk_item_deferred_event_id_event"), type_="foreignkey")
        table.drop_column("amends_id")
        table.drop_column("deferred_event_id")
        table.drop_constraint(op.f("ck_item_itemkind"), type_="check")
        table.create_check_constraint("itemkind", "kind IN ('engagement')")
