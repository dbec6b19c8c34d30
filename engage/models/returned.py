"""The only place for how a trip was in the end: the journey as travelled, the claim, and what came with them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, country_code, intpk, line, prose


class Itinerary(Base):
    """A traveller's word on the journey: as approved, or with the stays it really had and why."""

    __tablename__ = "itinerary"
    __table_args__ = (
        UniqueConstraint("trip_id"),
        CheckConstraint("as_approved OR why <> ''", name="deviations_say_why"),
    )

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    as_approved: Mapped[bool]
    why: Mapped[prose] = mapped_column(default="")
    stated_at: Mapped[datetime]
    stated_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class TravelledLeg(Base):
    """One stay as it was, where the journey was not as approved; days of the place."""

    __tablename__ = "travelled_leg"
    __table_args__ = (
        CheckConstraint("departs_on >= arrives_on", name="departs_after_arrival"),
        UniqueConstraint("itinerary_id", "position"),
        Index(None, "country_code"),
    )

    id: Mapped[intpk]
    itinerary_id: Mapped[int] = mapped_column(ForeignKey("itinerary.id"))
    position: Mapped[int]
    country_code: Mapped[country_code]
    city: Mapped[line]
    arrives_on: Mapped[date]
    departs_on: Mapped[date]


class Claim(Base):
    """That a travel claim was handed in, and settled: days and the finance system's reference, nothing else."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("trip_id"),
        CheckConstraint("reference <> ''", name="has_a_reference"),
        CheckConstraint("settled_on IS NULL OR settled_on >= handed_in_on", name="settled_after"),
    )

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    reference: Mapped[line]
    handed_in_on: Mapped[date]
    settled_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
