"""Meetings: agenda, papers, attendance, consent list, minutes that are sealed, and action items."""

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

EVIDENCE = ("published_agenda", "meeting_paper", "sealed_minutes", "minutes_addendum")


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes_long", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheduled_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("papers_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("place <> '' OR link <> ''", name=op.f("ck_meeting_somewhere")),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR opened_at IS NULL", name=op.f("ck_meeting_cancelled_before_opening")
        ),
        sa.CheckConstraint("ended_at IS NULL OR opened_at IS NOT NULL", name=op.f("ck_meeting_ended_after_opening")),
        sa.CheckConstraint("minutes_long BETWEEN 15 AND 720", name=op.f("ck_meeting_length_of_a_meeting")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_meeting_board_id_board")),
        sa.ForeignKeyConstraint(["scheduled_by_id"], ["person.id"], name=op.f("fk_meeting_scheduled_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting") as table:
        table.create_index(table.f("ix_meeting_board_id_starts_at"), ["board_id", "starts_at"], unique=False)
        table.create_index(
            "uq_meeting_one_open",
            ["board_id"],
            unique=True,
            sqlite_where=sa.text("opened_at IS NOT NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("opened_at IS NOT NULL AND ended_at IS NULL"),
        )

    op.create_table(
        "agenda_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "opening",
                "consent",
                "ratification",
                "deferred",
                "decision",
                "advice",
                "other",
                name="section",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pulled_by_id", sa.Integer(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ending",
            sa.Enum(
                "dealt_with",
                "removed",
                "carried_over",
                name="ending",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("item_id IS NOT NULL OR heading <> ''", name=op.f("ck_agenda_entry_about_something")),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_agenda_entry_ended_in_some_way")),
        sa.CheckConstraint(
            "(pulled_at IS NULL) = (pulled_by_id IS NULL)", name=op.f("ck_agenda_entry_pulled_by_someone")
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_agenda_entry_added_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_agenda_entry_item_id_item")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_entry_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["pulled_by_id"], ["person.id"], name=op.f("fk_agenda_entry_pulled_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_entry")),
    )
    with op.batch_alter_table("agenda_entry") as table:
        table.create_index(table.f("ix_agenda_entry_item_id_id"), ["item_id", "id"], unique=False)
        table.create_index(
            table.f("ix_agenda_entry_meeting_id_section_position"), ["meeting_id", "section", "position"], unique=False
        )
        table.create_index(
            "uq_agenda_entry_one_agenda",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        table.create_index(
            "uq_agenda_entry_one_called",
            ["meeting_id"],
            unique=True,
            sqlite_where=sa.text("called_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("called_at IS NOT NULL AND closed_at IS NULL"),
        )

    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column(
            "attends",
            sa.Enum("in_room", "remote", name="attends", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("for_id IS NULL OR seat_id IS NOT NULL", name=op.f("ck_attendance_stands_in_for_a_seat")),
        sa.CheckConstraint("left_at IS NULL OR left_at >= came_at", name=op.f("ck_attendance_left_after_coming")),
        sa.ForeignKeyConstraint(["for_id"], ["person.id"], name=op.f("fk_attendance_for_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_attendance_seat_id_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
    )
    with op.batch_alter_table("attendance") as table:
        table.create_index(table.f("ix_attendance_meeting_id_came_at"), ["meeting_id", "came_at"], unique=False)
        table.create_index(
            "uq_attendance_one_in_a_seat",
            ["meeting_id", "seat_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        table.create_index(
            "uq_attendance_one_of_a_person",
            ["meeting_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "consent_vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("moved_by_id", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("carried", sa.Boolean(), nullable=True),
        sa.Column("adopted", sa.Text(), nullable=True),
        sa.Column("arithmetic", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_consent_vote_closed_by_someone")
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_consent_vote_closed_by_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_consent_vote_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["moved_by_id"], ["person.id"], name=op.f("fk_consent_vote_moved_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_vote")),
    )
    with op.batch_alter_table("consent_vote") as table:
        table.create_index(table.f("ix_consent_vote_meeting_id_id"), ["meeting_id", "id"], unique=False)
        table.create_index(
            "uq_consent_vote_one_open",
            ["meeting_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "minutes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_how", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)", name=op.f("ck_minutes_approved_by_someone")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_minutes_approved_by_id_person")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_minutes_changed_by_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_minutes_meeting_id")),
    )
    op.create_table(
        "minutes_addendum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_minutes_addendum_added_by_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_addendum_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_addendum")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_minutes_addendum_meeting_id_number")),
    )
    op.create_table(
        "published_agenda",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_published_agenda_meeting_id_meeting")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_published_agenda_published_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_agenda")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_published_agenda_meeting_id_number")),
    )
    op.create_table(
        "read_ahead_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_read_ahead_opening_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_read_ahead_opening_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_ahead_opening")),
        sa.UniqueConstraint("meeting_id", "person_id", name=op.f("uq_read_ahead_opening_meeting_id_person_id")),
    )
    op.create_table(
        "sealed_minutes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_sealed_minutes_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["sealed_by_id"], ["person.id"], name=op.f("fk_sealed_minutes_sealed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_minutes")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_sealed_minutes_meeting_id")),
    )
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name=op.f("ck_action_item_done_by_someone")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_action_item_created_by_id_person")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_action_item_done_by_id_person")),
        sa.ForeignKeyConstraint(["entry_id"], ["agenda_entry.id"], name=op.f("fk_action_item_entry_id_agenda_entry")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_action_item_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_action_item_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
    )
    with op.batch_alter_table("action_item") as table:
        table.create_index(table.f("ix_action_item_meeting_id_id"), ["meeting_id", "id"], unique=False)
        table.create_index(
            "ix_action_item_open_due_on",
            ["due_on", "id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        table.create_index(table.f("ix_action_item_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "consent_ballot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "choice",
            sa.Enum("yes", "no", "abstain", name="choice", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_consent_ballot_entered_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_ballot_person_id_person")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_consent_ballot_seat_id_seat")),
        sa.ForeignKeyConstraint(["vote_id"], ["consent_vote.id"], name=op.f("fk_consent_ballot_vote_id_consent_vote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_ballot")),
        sa.UniqueConstraint("vote_id", "seat_id", name=op.f("uq_consent_ballot_vote_id_seat_id")),
    )
    op.create_table(
        "meeting_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("text <> '' OR file_id IS NOT NULL", name=op.f("ck_meeting_paper_says_something")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_meeting_paper_added_by_id_person")),
        sa.ForeignKeyConstraint(["entry_id"], ["agenda_entry.id"], name=op.f("fk_meeting_paper_entry_id_agenda_entry")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_meeting_paper_file_id_stored_file")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_paper_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_paper")),
    )
    with op.batch_alter_table("meeting_paper") as table:
        table.create_index(table.f("ix_meeting_paper_file_id"), ["file_id"], unique=False)
        table.create_index(table.f("ix_meeting_paper_meeting_id_entry_id"), ["meeting_id", "entry_id"], unique=False)

    with op.batch_alter_table("ballot") as table:
        table.add_column(sa.Column("entered_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(table.f("fk_ballot_entered_by_id_person"), "person", ["entered_by_id"], ["id"])

    with op.batch_alter_table("motion") as table:
        table.add_column(sa.Column("meeting_id", sa.Integer(), nullable=True))
        table.create_index(table.f("ix_motion_meeting_id_id"), ["meeting_id", "id"], unique=False)
        table.create_foreign_key(table.f("fk_motion_meeting_id_meeting"), "meeting", ["meeting_id"], ["id"])
    for table in EVIDENCE:
        for statement in append_only(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in EVIDENCE:
        for statement in writable_again(table, op.get_bind().dialect.name):
            op.execute(statement)
    with op.batch_alter_table("motion") as table:
        table.drop_constraint(table.f("fk_motion_meeting_id_meeting"), type_="foreignkey")
        table.drop_index(table.f("ix_motion_meeting_id_id"))
        table.drop_column("meeting_id")

    with op.batch_alter_table("ballot") as table:
        table.drop_constraint(table.f("fk_ballot_entered_by_id_person"), type_="foreignkey")
        table.drop_column("entered_by_id")

    with op.batch_alter_table("meeting_paper") as table:
        table.drop_index(table.f("ix_meeting_paper_meeting_id_entry_id"))
        table.drop_index(table.f("ix_meeting_paper_file_id"))

    op.drop_table("meeting_paper")
    op.drop_table("consent_ballot")
    with op.batch_alter_table("action_item") as table:
        table.drop_index(table.f("ix_action_item_owner_id"))
        table.drop_index(
            "ix_action_item_open_due_on",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        table.drop_index(table.f("ix_action_item_meeting_id_id"))

    op.drop_table("action_item")
    op.drop_table("sealed_minutes")
    op.drop_table("read_ahead_opening")
    op.drop_table("published_agenda")
    op.drop_table("minutes_addendum")
    op.drop_table("minutes")
    with op.batch_alter_table("consent_vote") as table:
        table.drop_index(
            "uq_consent_vote_one_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        table.drop_index(table.f("ix_consent_vote_meeting_id_id"))

    op.drop_table("consent_vote")
    with op.batch_alter_table("attendance") as table:
        table.drop_index(
            "uq_attendance_one_of_a_person",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        table.drop_index(
            "uq_attendance_one_in_a_seat",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        table.drop_index(table.f("ix_attendance_meeting_id_came_at"))

    op.drop_table("attendance")
    with op.batch_alter_table("agenda_entry") as table:
        table.drop_index(
            "uq_agenda_entry_one_called",
            sqlite_where=sa.text("called_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("called_at IS NOT NULL AND closed_at IS NULL"),
        )
        table.drop_index(
            "uq_agenda_entry_one_agenda",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        table.drop_index(table.f("ix_agenda_entry_meeting_id_section_position"))
        table.drop_index(table.f("ix_agenda_entry_item_id_id"))

    op.drop_table("agenda_entry")
    with op.batch_alter_table("meeting") as table:
        table.drop_index(
            "uq_meeting_one_open",
            sqlite_where=sa.text("opened_at IS NOT NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("opened_at IS NOT NULL AND ended_at IS NULL"),
        )
        table.drop_index(table.f("ix_meeting_board_id_starts_at"))

    op.drop_table("meeting")
