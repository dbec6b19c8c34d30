"""Reminder rules say everything a message needs, and each reminder that was owed has a row of its own."""

from datetime import time

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ADDED = (
    ("subject", sa.String(length=200), "Reminder: {what}"),
    ("others_subject", sa.String(length=200), "Not done yet by {owner}: {what}"),
    ("others_text", sa.Text(), ""),
    ("urgent", sa.Boolean(), False),
    ("mandatory", sa.Boolean(), True),
    ("opens_at", sa.Time(), time(8)),
    ("closes_at", sa.Time(), time(18)),
)
STANDING = sa.Enum(
    "posted", "held", "suppressed", name="standing", native_enum=False, create_constraint=True, length=40
)


def upgrade() -> None:
    with op.batch_alter_table("reminder_rule") as rule:
        for name, kind, _ in ADDED:
            rule.add_column(sa.Column(name, kind, nullable=True))
    rules = sa.table("reminder_rule", *(sa.column(name, kind) for name, kind, _ in ADDED))
    op.execute(rules.update().values({name: value for name, _, value in ADDED}))
    with op.batch_alter_table("reminder_rule") as rule:
        for name, kind, _ in ADDED:
            rule.alter_column(name, existing_type=kind, nullable=False)
        rule.create_check_constraint(op.f("ck_reminder_rule_opens_before_it_closes"), "opens_at < closes_at")
    op.create_table(
        "reminder_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_code", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("swept_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_mark")),
        sa.UniqueConstraint("rule_code", "step", name=op.f("uq_reminder_mark_rule_code_step")),
    )
    op.create_table(
        "reminder_sweep",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trail_until", sa.Integer(), nullable=True),
        sa.Column("posted", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reminder_sweep_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_sweep")),
    )
    op.execute("INSERT INTO reminder_sweep (id, posted, held) VALUES (1, 0, 0)")
    op.create_table(
        "reminder_mute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("muted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("muted_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_reminder_mute_ended_by_someone")
        ),
        sa.ForeignKeyConstraint(["muted_by_id"], ["person.id"], name=op.f("fk_reminder_mute_muted_by_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_reminder_mute_ended_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_mute")),
    )
    op.create_index(
        "uq_reminder_mute_one_open", "reminder_mute", ["rule_code"], unique=True,
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "reminder_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("rule_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about_kind", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=True),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", STANDING, nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("digest_key", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_reminder_ledger_owner_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_ledger_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_ledger")),
        sa.UniqueConstraint("key", name=op.f("uq_reminder_ledger_key")),
    )
    for columns in (["about_kind", "about_id", "id"], ["rule_code", "id"], ["person_id", "id"]):
        op.create_index(op.f(f"ix_reminder_ledger_{'_'.join(columns)}"), "reminder_ledger", columns)
    op.create_index(
        "ix_reminder_ledger_held", "reminder_ledger", ["id"],
        sqlite_where=sa.text("standing = 'held'"), postgresql_where=sa.text("standing = 'held'"),
    )  # fmt: skip
    op.create_index(
        "ix_reminder_ledger_digest_key", "reminder_ledger", ["digest_key"],
        sqlite_where=sa.text("digest_key IS NOT NULL"), postgresql_where=sa.text("digest_key IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    for table in ("reminder_ledger", "reminder_mute", "reminder_sweep", "reminder_mark"):
        op.drop_table(table)
    with op.batch_alter_table("reminder_rule") as rule:
        rule.drop_constraint(op.f("ck_reminder_rule_opens_before_it_closes"), type_="check")
        for name, *_ in ADDED:
            rule.drop_column(name)
