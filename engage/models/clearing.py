"""The only place for waivers, for what a traveller was last told of being cleared, and for re-checked advisories."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, prose, word


class Waiver(Base):
    """An exception to one requirement of one trip, given by two people of different roles, through `ends_on`.

    It counts from the second signature until its last day or until it is revoked. It names the requirement as
    the checklist does: kind, target and country (empty: it is not of one country).
    """

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint(
            "(second_by_id IS NULL) = (second_at IS NULL) AND (second_by_id IS NULL) = (second_role IS NULL)",
            name="signed_whole",
        ),
        CheckConstraint("second_by_id IS NULL OR second_by_id <> first_by_id", name="two_people"),
        CheckConstraint("second_role IS NULL OR second_role <> first_role", name="two_roles"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_someone"),
        CheckConstraint("reason <> ''", name="says_why"),
        Index(None, "trip_id"),
        Index(
            "uq_waiver_one_open",
            "trip_id",
            "kind",
            "target",
            "country_code",
            unique=True,
            sqlite_where=text("revoked_at IS NULL AND second_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL AND second_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    kind: Mapped[word]
    target: Mapped[word]
    country_code: Mapped[str] = mapped_column(String(2), default="")
    reason: Mapped[prose]
    ends_on: Mapped[date]
    first_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    first_role: Mapped[word]
    first_at: Mapped[datetime]
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    second_role: Mapped[str | None] = mapped_column(String(40))
    second_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revoke_reason: Mapped[prose] = mapped_column(default="")


class ReadinessWatch(Base):
    """What was last found of a trip's readiness and told its traveller: memory of a message, never the verdict.

    `ask_again` with its `causes` (sentences) is set by whatever changes a fact; the next tick asks, compares with
    `cleared` and `missing`, and tells. `serial` numbers what was told, so that nothing is told twice.
    """

    __tablename__ = "readiness_watch"
    __table_args__ = (
        Index(
            "ix_readiness_watch_again",
            "trip_id",
            sqlite_where=text("ask_again"),
            postgresql_where=text("ask_again"),
        ),
    )

    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), primary_key=True)
    cleared: Mapped[bool | None]
    missing: Mapped[list[Any]] = mapped_column(JSON, default=list)
    causes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    serial: Mapped[int] = mapped_column(default=0)
    ask_again: Mapped[bool] = mapped_column(default=True)
    asked_on: Mapped[date | None]


class AdvisoryCheck(Base):
    """The advisory levels of a trip's countries as they stood at one of its re-checks, and whether one had risen."""

    __tablename__ = "advisory_check"
    __table_args__ = (UniqueConstraint("trip_id", "step"),)

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    step: Mapped[word]  # "approval", or the days before departure
    checked_on: Mapped[date]
    levels: Mapped[dict[str, Any]] = mapped_column(JSON)  # country code -> level, None where none is recorded
    risen: Mapped[bool]
