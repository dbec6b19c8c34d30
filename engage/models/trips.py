"""The only place for trips and the outside clearances recorded for them. Cleared-to-travel has no column."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus


class Trip(Base):
    """One traveller's journey under an approved engagement.

    Dates and stays are the engagement's; preparing, away and returned follow from them.
    """

    __tablename__ = "trip"
    __table_args__ = (
        UniqueConstraint("engagement_id", "person_id"),
        Index(None, "person_id", "departs_on"),
        Index(None, "departs_on", "id"),
        Index(None, "check_in_due_at", "id"),
        Index(None, "returns_on", "id"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    departs_on: Mapped[date]
    returns_on: Mapped[date]
    opened_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    check_in_due_at: Mapped[datetime | None]  # when silence begins; None while no stay has been told
    debriefed_on: Mapped[date | None]  # that it was done, never what was said
    debriefed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Clearance(Base):
    """An outside clearance as it was last recorded. Never a passport number."""

    __tablename__ = "clearance"
    __table_args__ = (
        UniqueConstraint("trip_id", "kind", "country_code"),
        CheckConstraint(
            "status NOT IN ('granted', 'restricted') OR reference <> ''", name="granted_has_a_reference"
        ),
    )

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    kind: Mapped[ClearanceKind]
    country_code: Mapped[str] = mapped_column(String(2), ForeignKey("country.code"))
    status: Mapped[ClearanceStatus]
    reference: Mapped[line] = mapped_column(default="")
    decided_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    restriction: Mapped[prose] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
