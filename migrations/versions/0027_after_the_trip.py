"""What is told after a trip: the report and its parts, promises, gifts, the journey as it was, and lists as sent."""

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

EVIDENCE = ("report_version", "commitment_word", "gift_step", "kept_list")
MADE = (  # each after what it refers to
    "kept_list",
    "late_report_pass",
    "outcome_count",
    "commitment",
    "gift",
    "lesson",
    "outcome",
    "outside_payment",
    "person_met",
    "report_version",
    "travel_justification",
    "trip_report",
    "claim",
    "commitment_word",
    "gift_step",
    "itinerary",
    "travelled_leg",
)
LATE = "late_reports IN ('ignore', 'flag', 'block')"


def upgrade() -> None:
    op.create_table(
        "kept_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "payments",
                "gifts",
                "justifications",
                name="listkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sent_to", sa.String(length=200), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_kept_list_ends_after_start")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_kept_list_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_list")),
        sa.UniqueConstraint("kind", "starts_on", "number", name=op.f("uq_kept_list_kind_starts_on_number")),
    )
    with op.batch_alter_table("kept_list") as table:
        table.create_index(table.f("ix_kept_list_made_at_id"), ["made_at", "id"], unique=False)

    op.create_table(
        "late_report_pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_late_report_pass_says_why")),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_late_report_pass_given_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_late_report_pass_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_report_pass")),
    )
    with op.batch_alter_table("late_report_pass") as table:
        table.create_index(table.f("ix_late_report_pass_person_id_ends_on"), ["person_id", "ends_on"], unique=False)

    op.create_table(
        "outcome_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quarter_on", sa.Date(), nullable=False),
        sa.Column("goal_id", sa.Integer(), nullable=False),
        sa.Column("objective_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "shared",
                "alert",
                "notification",
                "tactics",
                "joint_product",
                "training",
                "exercise",
                "guideline",
                "agreement",
                "dependency",
                "relationship",
                name="outcomekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("forum_id", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nations", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcomes >= 0", name=op.f("ck_outcome_count_not_below_nothing")),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_outcome_count_goal_id_goal")),
        sa.ForeignKeyConstraint(
            ["objective_id"], ["objective.id"], name=op.f("fk_outcome_count_objective_id_objective")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_count")),
        sa.UniqueConstraint(
            "quarter_on", "objective_id", "kind", "country_code", "forum_id", name="uq_outcome_count_whole_key"
        ),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("ours", "theirs", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("counterpart", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "settled_as",
            sa.Enum("kept", "released", name="settled", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.CheckConstraint("partner_id IS NOT NULL OR counterpart <> ''", name=op.f("ck_commitment_to_somebody")),
        sa.CheckConstraint("what <> ''", name=op.f("ck_commitment_says_what")),
        sa.CheckConstraint("(settled_as IS NULL) = (settled_on IS NULL)", name=op.f("ck_commitment_settled_on_a_day")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_commitment_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_commitment_owner_id_person")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_commitment_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    with op.batch_alter_table("commitment") as table:
        table.create_index(table.f("ix_commitment_engagement_id_id"), ["engagement_id", "id"], unique=False)
        table.create_index(
            "ix_commitment_open",
            ["due_on", "id"],
            unique=False,
            sqlite_where=sa.text("settled_on IS NULL"),
            postgresql_where=sa.text("settled_on IS NULL"),
        )
        table.create_index(
            table.f("ix_commitment_owner_id_settled_on_due_on"), ["owner_id", "settled_on", "due_on"], unique=False
        )
        table.create_index(
            table.f("ix_commitment_partner_id_settled_on_due_on"), ["partner_id", "settled_on", "due_on"], unique=False
        )

    op.create_table(
        "gift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(length=200), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("object", "travel", name="giftkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("circumstances", sa.Text(), nullable=False),
        sa.Column("donor_name", sa.String(length=200), nullable=False),
        sa.Column("donor_position", sa.String(length=200), nullable=False),
        sa.Column("donor_country", sa.String(length=2), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("rate_source", sa.String(length=200), nullable=False),
        sa.Column("value_usd", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("minimal_usd", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "disposition",
            sa.Enum(
                "received",
                "kept",
                "deposited",
                "official_use",
                "returned",
                "transferred",
                "bought",
                "reported",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("description <> ''", name=op.f("ck_gift_says_what")),
        sa.CheckConstraint("disposition <> 'kept' OR due_on IS NULL", name=op.f("ck_gift_kept_only_below")),
        sa.CheckConstraint("(due_on IS NOT NULL) = (value_usd > minimal_usd)", name=op.f("ck_gift_due_when_above")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_gift_amount_not_negative")),
        sa.CheckConstraint("rate > 0", name=op.f("ck_gift_rate_above_nothing")),
        sa.ForeignKeyConstraint(["donor_country"], ["country.code"], name=op.f("fk_gift_donor_country_country")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_gift_engagement_id_engagement")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_gift_recipient_id_person")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_gift_recorded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift")),
    )
    with op.batch_alter_table("gift") as table:
        table.create_index(table.f("ix_gift_engagement_id"), ["engagement_id"], unique=False)
        table.create_index(table.f("ix_gift_received_on_id"), ["received_on", "id"], unique=False)
        table.create_index(table.f("ix_gift_recipient_id_id"), ["recipient_id", "id"], unique=False)
        table.create_index(
            "ix_gift_waits",
            ["due_on", "id"],
            unique=False,
            sqlite_where=sa.text("disposition = 'received'"),
            postgresql_where=sa.text("disposition = 'received'"),
        )

    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "etiquette",
                "logistics",
                "security",
                "substance",
                "planning",
                name="lessonkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_up", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_lesson_says_something")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_lesson_answered_by_someone")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_lesson_answered_by_id_person")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_lesson_country_code_country")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_lesson_engagement_id_engagement")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_lesson_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
    )
    with op.batch_alter_table("lesson") as table:
        table.create_index(table.f("ix_lesson_country_code_id"), ["country_code", "id"], unique=False)
        table.create_index(table.f("ix_lesson_engagement_id_id"), ["engagement_id", "id"], unique=False)
        table.create_index(table.f("ix_lesson_partner_id_id"), ["partner_id", "id"], unique=False)

    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "shared",
                "alert",
                "notification",
                "tactics",
                "joint_product",
                "training",
                "exercise",
                "guideline",
                "agreement",
                "dependency",
                "relationship",
                name="outcomekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("objective_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nations", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'training' OR (nations IS NOT NULL AND people IS NOT NULL)",
            name=op.f("ck_outcome_training_reached_somebody"),
        ),
        sa.CheckConstraint("summary <> ''", name=op.f("ck_outcome_says_what")),
        sa.CheckConstraint("nations >= 1", name=op.f("ck_outcome_some_nations")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_outcome_some_number")),
        sa.CheckConstraint("people >= 1", name=op.f("ck_outcome_some_people")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_outcome_country_code_country")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_outcome_engagement_id_engagement")),
        sa.ForeignKeyConstraint(["objective_id"], ["objective.id"], name=op.f("fk_outcome_objective_id_objective")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_outcome_partner_id_partner")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_outcome_recorded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    with op.batch_alter_table("outcome") as table:
        table.create_index(table.f("ix_outcome_counted_on_id"), ["counted_on", "id"], unique=False)
        table.create_index(table.f("ix_outcome_engagement_id_id"), ["engagement_id", "id"], unique=False)
        table.create_index(table.f("ix_outcome_partner_id_id"), ["partner_id", "id"], unique=False)

    op.create_table(
        "outside_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("in_kind", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_outside_payment_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_outside_payment_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_outside_payment_recorded_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_payment")),
    )
    with op.batch_alter_table("outside_payment") as table:
        table.create_index(table.f("ix_outside_payment_engagement_id_id"), ["engagement_id", "id"], unique=False)

    op.create_table(
        "person_met",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("function", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_person_met_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_person_met_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_met")),
    )
    with op.batch_alter_table("person_met") as table:
        table.create_index(table.f("ix_person_met_engagement_id_id"), ["engagement_id", "id"], unique=False)

    op.create_table(
        "report_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_report_version_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name=op.f("fk_report_version_filed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_version")),
        sa.UniqueConstraint("engagement_id", "number", name=op.f("uq_report_version_engagement_id_number")),
    )
    op.create_table(
        "travel_justification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f("ck_travel_justification_says_something")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_travel_justification_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_travel_justification_written_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_travel_justification")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_travel_justification_engagement_id")),
    )
    op.create_table(
        "trip_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("readout", sa.Text(), nullable=False),
        sa.Column("recommendations", sa.Text(), nullable=False),
        sa.Column("no_outcome", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_by_id", sa.Integer(), nullable=True),
        sa.Column("first_filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("filed_at IS NULL OR readout <> ''", name=op.f("ck_trip_report_filed_says_something")),
        sa.CheckConstraint("(filed_at IS NULL) = (filed_by_id IS NULL)", name=op.f("ck_trip_report_filed_by_someone")),
        sa.CheckConstraint(
            "filed_at IS NULL OR first_filed_at IS NOT NULL", name=op.f("ck_trip_report_filed_once_at_least")
        ),
        sa.ForeignKeyConstraint(["begun_by_id"], ["person.id"], name=op.f("fk_trip_report_begun_by_id_person")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_trip_report_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name=op.f("fk_trip_report_filed_by_id_person")),
        sa.ForeignKeyConstraint(["written_by_id"], ["person.id"], name=op.f("fk_trip_report_written_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_report")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_trip_report_engagement_id")),
    )
    with op.batch_alter_table("trip_report") as table:
        table.create_index(table.f("ix_trip_report_filed_at_id"), ["filed_at", "id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("handed_in_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("reference <> ''", name=op.f("ck_claim_has_a_reference")),
        sa.CheckConstraint("settled_on IS NULL OR settled_on >= handed_in_on", name=op.f("ck_claim_settled_after")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_claim_recorded_by_id_person")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_claim_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("trip_id", name=op.f("uq_claim_trip_id")),
    )
    op.create_table(
        "commitment_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column(
            "word",
            sa.Enum(
                "made",
                "note",
                "moved",
                "handed",
                "kept",
                "released",
                name="word",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("engagement_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_commitment_word_by_id_person")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_word_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_commitment_word_engagement_id_engagement")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_commitment_word_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_word")),
    )
    with op.batch_alter_table("commitment_word") as table:
        table.create_index(table.f("ix_commitment_word_commitment_id_id"), ["commitment_id", "id"], unique=False)

    op.create_table(
        "gift_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gift_id", sa.Integer(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "received",
                "kept",
                "deposited",
                "official_use",
                "returned",
                "transferred",
                "bought",
                "reported",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_gift_step_by_id_person")),
        sa.ForeignKeyConstraint(["gift_id"], ["gift.id"], name=op.f("fk_gift_step_gift_id_gift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_step")),
    )
    with op.batch_alter_table("gift_step") as table:
        table.create_index(table.f("ix_gift_step_gift_id_id"), ["gift_id", "id"], unique=False)

    op.create_table(
        "itinerary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("as_approved", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("as_approved OR why <> ''", name=op.f("ck_itinerary_deviations_say_why")),
        sa.ForeignKeyConstraint(["stated_by_id"], ["person.id"], name=op.f("fk_itinerary_stated_by_id_person")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_itinerary_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_itinerary")),
        sa.UniqueConstraint("trip_id", name=op.f("uq_itinerary_trip_id")),
    )
    op.create_table(
        "travelled_leg",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("itinerary_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("departs_on", sa.Date(), nullable=False),
        sa.CheckConstraint("departs_on >= arrives_on", name=op.f("ck_travelled_leg_departs_after_arrival")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_travelled_leg_country_code_country")),
        sa.ForeignKeyConstraint(
            ["itinerary_id"], ["itinerary.id"], name=op.f("fk_travelled_leg_itinerary_id_itinerary")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_travelled_leg")),
        sa.UniqueConstraint("itinerary_id", "position", name=op.f("uq_travelled_leg_itinerary_id_position")),
    )
    with op.batch_alter_table("travelled_leg") as table:
        table.create_index(table.f("ix_travelled_leg_country_code"), ["country_code"], unique=False)

    with op.batch_alter_table("charter") as table:
        table.add_column(sa.Column("late_reports", sa.String(40), nullable=False, server_default="flag"))
    with op.batch_alter_table("charter") as table:
        table.alter_column("late_reports", existing_type=sa.String(40), existing_nullable=False, server_default=None)
        table.create_check_constraint(op.f("ck_charter_latereports"), LATE)
    dialect = op.get_bind().dialect.name
    for name in EVIDENCE:
        for statement in append_only(name, dialect):
            op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name in EVIDENCE:
        for statement in writable_again(name, dialect):
            op.execute(statement)
    with op.batch_alter_table("charter") as table:
        table.drop_constraint(op.f("ck_charter_latereports"), type_="check")
        table.drop_column("late_reports")
    for name in reversed(MADE):
        op.drop_table(name)
