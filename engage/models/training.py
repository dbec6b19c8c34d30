"""The only place for courses and who completed them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, word

course_satisfies = Table(
    "course_satisfies",
    Base.metadata,
    Column("course_id", ForeignKey("course.id"), primary_key=True),  # the one that was taken
    Column("satisfies_id", ForeignKey("course.id"), primary_key=True),  # the one it stands for
)


class Course(Base):
    """A training course; a completion is good for `valid_months` (None: for ever)."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[intpk]
    code: Mapped[word]
    name: Mapped[line]
    valid_months: Mapped[int | None]
    hours: Mapped[int | None]
    source: Mapped[address]


class Completion(Base):
    """A course completed by a person; it counts once somebody else has verified it, and never once declined."""

    __tablename__ = "completion"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "completed_on"),
        CheckConstraint("(verified_at IS NULL) = (verified_by_id IS NULL)", name="verified_by_someone"),
        CheckConstraint("verified_by_id IS NULL OR verified_by_id <> person_id", name="verified_by_another"),
        CheckConstraint("verified_at IS NULL OR declined_at IS NULL", name="verified_or_declined"),
        Index(None, "valid_until", "id"),
        Index(
            "ix_completion_unverified",
            "id",
            sqlite_where=text("verified_at IS NULL AND declined_at IS NULL"),
            postgresql_where=text("verified_at IS NULL AND declined_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    completed_on: Mapped[date]
    valid_until: Mapped[date | None]
    evidence: Mapped[line] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    declined_at: Mapped[datetime | None]
    decline_reason: Mapped[line] = mapped_column(default="")
