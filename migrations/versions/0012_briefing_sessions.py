"""Sessions with seats and a waiting list; that a debrief was done."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "briefing_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_briefing_session_ends_after_start")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_briefing_session_has_seats")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_briefing_session_course_id_course")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_briefing_session_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing_session")),
    )
    op.create_index(op.f("ix_briefing_session_starts_at_id"), "briefing_session", ["starts_at", "id"])
    op.create_table(
        "sign_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(checked_in_at IS NULL) = (checked_in_by_id IS NULL)", name=op.f("ck_sign_up_checked_in_by_someone")
        ),
        sa.CheckConstraint("checked_in_at IS NULL OR left_at IS NULL", name=op.f("ck_sign_up_came_or_left")),
        sa.CheckConstraint(
            "checked_in_by_id IS NULL OR checked_in_by_id <> person_id", name=op.f("ck_sign_up_checked_in_by_another")
        ),
        sa.ForeignKeyConstraint(["checked_in_by_id"], ["person.id"], name=op.f("fk_sign_up_checked_in_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_up_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["briefing_session.id"], name=op.f("fk_sign_up_session_id_briefing_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
    )
    op.create_index(op.f("ix_sign_up_person_id"), "sign_up", ["person_id"])
    op.create_index(op.f("ix_sign_up_session_id_id"), "sign_up", ["session_id", "id"])
    here = sa.text("left_at IS NULL")
    op.create_index(
        "uq_sign_up_once", "sign_up", ["session_id", "person_id"], unique=True, sqlite_where=here, postgresql_where=here
    )
    with op.batch_alter_table("trip") as batch:
        batch.add_column(sa.Column("debriefed_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("debriefed_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f("fk_trip_debriefed_by_id_person"), "person", ["debriefed_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("trip") as batch:
        batch.drop_constraint(batch.f("fk_trip_debriefed_by_id_person"), type_="foreignkey")
        batch.drop_column("debriefed_by_id")
        batch.drop_column("debriefed_on")
    op.drop_table("sign_up")
    op.drop_table("briefing_session")
