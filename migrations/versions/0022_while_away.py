"""Check-ins, loaned devices, whom to call, and when silence begins."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("well", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_check_in_answered_by_id_person")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_check_in_by_id_person")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_check_in_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
    )
    with op.batch_alter_table("check_in") as table:
        table.create_index(table.f("ix_check_in_trip_id_id"), ["trip_id", "id"], unique=False)

    op.create_table(
        "emergency_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("relation", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_emergency_contact_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_contact")),
        sa.UniqueConstraint("trip_id", name=op.f("uq_emergency_contact_trip_id")),
    )
    op.create_table(
        "loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column(
            "device",
            sa.Enum("laptop", "phone", "tablet", name="device", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_back_on", sa.Date(), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inspected_by_id", sa.Integer(), nullable=True),
        sa.Column("clean", sa.Boolean(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("issued_at IS NULL OR tag <> ''", name=op.f("ck_loan_issued_has_a_tag")),
        sa.CheckConstraint(
            "(inspected_at IS NULL) = (inspected_by_id IS NULL)", name=op.f("ck_loan_inspected_by_someone")
        ),
        sa.CheckConstraint("(issued_at IS NULL) = (issued_by_id IS NULL)", name=op.f("ck_loan_issued_by_someone")),
        sa.CheckConstraint(
            "(returned_at IS NULL) = (received_by_id IS NULL)", name=op.f("ck_loan_received_by_someone")
        ),
        sa.CheckConstraint(
            "inspected_at IS NULL OR returned_at IS NOT NULL", name=op.f("ck_loan_returned_before_inspected")
        ),
        sa.CheckConstraint("returned_at IS NULL OR issued_at IS NOT NULL", name=op.f("ck_loan_issued_before_returned")),
        sa.ForeignKeyConstraint(["inspected_by_id"], ["person.id"], name=op.f("fk_loan_inspected_by_id_person")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["person.id"], name=op.f("fk_loan_issued_by_id_person")),
        sa.ForeignKeyConstraint(["received_by_id"], ["person.id"], name=op.f("fk_loan_received_by_id_person")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_loan_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
        sa.UniqueConstraint("trip_id", "device", name=op.f("uq_loan_trip_id_device")),
    )
    with op.batch_alter_table("loan") as table:
        table.create_index(
            table.f("ix_loan_inspected_at_due_back_on_id"), ["inspected_at", "due_back_on", "id"], unique=False
        )

    with op.batch_alter_table("trip") as table:
        table.add_column(sa.Column("check_in_due_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index(table.f("ix_trip_check_in_due_at_id"), ["check_in_due_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("trip") as table:
        table.drop_index(table.f("ix_trip_check_in_due_at_id"))
        table.drop_column("check_in_due_at")

    with op.batch_alter_table("loan") as table:
        table.drop_index(table.f("ix_loan_inspected_at_due_back_on_id"))

    op.drop_table("loan")
    op.drop_table("emergency_contact")
    with op.batch_alter_table("check_in") as table:
        table.drop_index(table.f("ix_check_in_trip_id_id"))

    op.drop_table("check_in")
