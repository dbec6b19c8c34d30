"""Messages have a topic that people choose by, wait for a digest, and may be set aside until somebody looks."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BEFORE = ("queued", "claimed", "sent", "refused", "suppressed")
AFTER = ("queued", "claimed", "sent", "refused", "parked", "suppressed", "for_digest", "digested", "inbox_only")
TOPICS = {
    "access": ("invitation",),
    "vote": ("vote_open", "reminder_vote"),
    "work": ("engagement_submitted", "engagement_handed", "training_declined"),
    "trip": ("trip_opened", "trip_cancelled", "guide_changed"),
    "outcome": ("engagement_moved", "vote_closed", "training_verified"),
}
INDEXES = {
    "ix_outbox_message_for_digest": (["due_at", "person_id"], "delivery = 'for_digest'"),
    "ix_outbox_message_troubled": (["id"], "delivery IN ('refused', 'parked')"),
    "ix_outbox_message_digest_id": (["digest_id"], "digest_id IS NOT NULL"),
}


def _vocabulary(words: tuple[str, ...]) -> str:
    return "delivery IN (" + ", ".join(f"'{word}'" for word in words) + ")"


def upgrade() -> None:
    with op.batch_alter_table("outbox_message") as message:
        message.add_column(sa.Column("topic", sa.String(length=40), nullable=True))
        message.add_column(sa.Column("digest_id", sa.Integer(), nullable=True))
        message.add_column(sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    rows = sa.table("outbox_message", sa.column("topic"), sa.column("template"))
    op.execute(rows.update().values(topic="duty"))
    for topic, templates in TOPICS.items():
        op.execute(rows.update().where(rows.c.template.in_(templates)).values(topic=topic))
    with op.batch_alter_table("outbox_message") as message:
        message.alter_column("topic", existing_type=sa.String(length=40), nullable=False)
        message.drop_constraint(op.f("ck_outbox_message_delivery"), type_="check")
        message.create_check_constraint(op.f("ck_outbox_message_delivery"), _vocabulary(AFTER))
        message.create_check_constraint(
            op.f("ck_outbox_message_digested_in_something"), "(delivery = 'digested') = (digest_id IS NOT NULL)"
        )
        message.create_foreign_key(
            op.f("fk_outbox_message_digest_id_outbox_message"), "outbox_message", ["digest_id"], ["id"]
        )
    for name, (columns, where) in INDEXES.items():
        op.create_index(
            name, "outbox_message", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_table(
        "message_preference",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column(
            "by_mail",
            sa.Enum(
                "at_once", "daily", "inbox_only", name="bymail", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_message_preference_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_message_preference")),
    )
    with op.batch_alter_table("runner") as runner:
        runner.add_column(sa.Column("report", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """What waited for a digest is mailed by itself, what was carried by one counts as sent with it."""
    with op.batch_alter_table("runner") as runner:
        runner.drop_column("report")
    op.drop_table("message_preference")
    rows = sa.table(
        "outbox_message", *(sa.column(name) for name in ("delivery", "digest_id", "sent_at", "posted_at", "template"))
    )
    op.execute(rows.update().where(rows.c.delivery == "for_digest").values(delivery="queued"))
    op.execute(rows.update().where(rows.c.delivery == "parked").values(delivery="refused"))
    op.execute(rows.update().where(rows.c.delivery == "inbox_only").values(delivery="suppressed"))
    for name in INDEXES:
        op.drop_index(name, "outbox_message")
    with op.batch_alter_table("outbox_message") as message:
        message.drop_constraint(op.f("ck_outbox_message_digested_in_something"), type_="check")
    op.execute(
        rows.update().where(rows.c.delivery == "digested").values(delivery="sent", sent_at=rows.c.posted_at)
    )
    with op.batch_alter_table("outbox_message") as message:
        message.drop_constraint(op.f("fk_outbox_message_digest_id_outbox_message"), type_="foreignkey")
        message.drop_constraint(op.f("ck_outbox_message_delivery"), type_="check")
        message.create_check_constraint(op.f("ck_outbox_message_delivery"), _vocabulary(BEFORE))
        for name in ("snoozed_until", "digest_id", "topic"):
            message.drop_column(name)
