"""How long a course is good is dated; courses may end, and require others before them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course") as batch:
        batch.add_column(sa.Column("retired_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "course_requires",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("requires_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_requires_course_id_course")),
        sa.ForeignKeyConstraint(["requires_id"], ["course.id"], name=op.f("fk_course_requires_requires_id_course")),
        sa.PrimaryKeyConstraint("course_id", "requires_id", name=op.f("pk_course_requires")),
    )
    op.create_table(
        "course_validity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("valid_months IS NULL OR valid_months > 0", name=op.f("ck_course_validity_months_positive")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_validity_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_validity")),
        sa.UniqueConstraint("course_id", "starts_on", name=op.f("uq_course_validity_course_id_starts_on")),
    )
    op.execute(
        "INSERT INTO course_validity (course_id, valid_months, starts_on, source)"
        " SELECT id, valid_months, '2000-01-01', source FROM course"
    )
    with op.batch_alter_table("course") as batch:
        batch.drop_column("valid_months")
        batch.alter_column("version", server_default=None)


def downgrade() -> None:
    """The validity in force longest into the future stays; the dates of the others go."""
    with op.batch_alter_table("course") as batch:
        batch.add_column(sa.Column("valid_months", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE course SET valid_months = (SELECT v.valid_months FROM course_validity v WHERE v.course_id = course.id"
        " ORDER BY v.starts_on DESC LIMIT 1)"
    )
    op.drop_table("course_validity")
    op.drop_table("course_requires")
    with op.batch_alter_table("course") as batch:
        batch.drop_column("version")
        batch.drop_column("retired_on")
