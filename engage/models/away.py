"""The only place for what is kept while somebody is away: check-ins, loaned devices, and whom to call."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose, word
from engage.rules.away import Device


class CheckIn(Base):
    """A traveller's word that they are well, or that they need help."""

    __tablename__ = "check_in"
    __table_args__ = (Index(None, "trip_id", "id"),)

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    well: Mapped[bool]
    note: Mapped[line] = mapped_column(default="")
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]  # when a duty officer took up a call for help
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class EmergencyContact(Base):
    """Whom to call for a traveller in need. Deleted some days after the return, and seen by duty officers alone."""

    __tablename__ = "emergency_contact"
    __table_args__ = (UniqueConstraint("trip_id"),)

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    name: Mapped[line]
    phone: Mapped[word]
    relation: Mapped[line] = mapped_column(default="")
    recorded_at: Mapped[datetime]


class Loan(Base):
    """A loaner device from the request to the inspection; each moment has who did it."""

    __tablename__ = "loan"
    __table_args__ = (
        UniqueConstraint("trip_id", "device"),
        CheckConstraint("(issued_at IS NULL) = (issued_by_id IS NULL)", name="issued_by_someone"),
        CheckConstraint("(returned_at IS NULL) = (received_by_id IS NULL)", name="received_by_someone"),
        CheckConstraint("(inspected_at IS NULL) = (inspected_by_id IS NULL)", name="inspected_by_someone"),
        CheckConstraint("returned_at IS NULL OR issued_at IS NOT NULL", name="issued_before_returned"),
        CheckConstraint("inspected_at IS NULL OR returned_at IS NOT NULL", name="returned_before_inspected"),
        CheckConstraint("issued_at IS NULL OR tag <> ''", name="issued_has_a_tag"),
        Index(None, "inspected_at", "due_back_on", "id"),
    )

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    device: Mapped[Device]
    asked_at: Mapped[datetime]
    due_back_on: Mapped[date]
    tag: Mapped[word] = mapped_column(default="")  # the inventory's number of the device given
    issued_at: Mapped[datetime | None]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    returned_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    inspected_at: Mapped[datetime | None]
    inspected_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    clean: Mapped[bool | None]
    finding: Mapped[prose] = mapped_column(default="")
    cancelled_at: Mapped[datetime | None]
