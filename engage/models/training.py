"""The only place for courses and who completed them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, prose, word

course_satisfies = Table(
    "course_satisfies",
    Base.metadata,
    Column("course_id", ForeignKey("course.id"), primary_key=True),  # the one that was taken
    Column("satisfies_id", ForeignKey("course.id"), primary_key=True),  # the one it stands for
)


course_requires = Table(
    "course_requires",
    Base.metadata,
    Column("course_id", ForeignKey("course.id"), primary_key=True),
    Column("requires_id", ForeignKey("course.id"), primary_key=True),  # to be completed before it
)


class Course(Base):
    """A training course. From `retired_on` nobody can complete it; what was completed before still counts."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[intpk]
    code: Mapped[word]
    name: Mapped[line]
    hours: Mapped[int | None]
    source: Mapped[address]
    retired_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class CourseValidity(Base):
    """How long a completion from `starts_on` on is good, in calendar months (None: for ever), and who says so."""

    __tablename__ = "course_validity"
    __table_args__ = (
        UniqueConstraint("course_id", "starts_on"),
        CheckConstraint("valid_months IS NULL OR valid_months > 0", name="months_positive"),
    )

    id: Mapped[intpk]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    valid_months: Mapped[int | None]
    starts_on: Mapped[date]
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
            "ix_completion_unverified_recorded_at",
            "recorded_at",
            sqlite_where=text("verified_at IS NULL AND declined_at IS NULL"),
            postgresql_where=text("verified_at IS NULL AND declined_at IS NULL"),
        ),
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


class BriefingSession(Base):
    """A briefing or course held at a time and place for `seats` people; checking in records the completion."""

    __tablename__ = "briefing_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("seats > 0", name="has_seats"),
        Index(None, "starts_at", "id"),
    )

    id: Mapped[intpk]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[word]  # of the place; times are shown in it
    place: Mapped[line]
    seats: Mapped[int]
    note: Mapped[prose] = mapped_column(default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class SignUp(Base):
    """Somebody's place at a session: on the waiting list until `seated_at`, gone from `left_at`."""

    __tablename__ = "sign_up"
    __table_args__ = (
        CheckConstraint("(checked_in_at IS NULL) = (checked_in_by_id IS NULL)", name="checked_in_by_someone"),
        CheckConstraint("checked_in_by_id IS NULL OR checked_in_by_id <> person_id", name="checked_in_by_another"),
        CheckConstraint("checked_in_at IS NULL OR left_at IS NULL", name="came_or_left"),
        Index(None, "session_id", "id"),
        Index(None, "person_id"),
        Index(
            "uq_sign_up_once",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    session_id: Mapped[int] = mapped_column(ForeignKey("briefing_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    seated_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    checked_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
