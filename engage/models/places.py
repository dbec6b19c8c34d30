"""The only place for countries and what is said of them on a date."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, country_code, intpk, line


class Country(Base):
    """A country or territory with an ISO 3166-1 code."""

    __tablename__ = "country"

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[line]
    region: Mapped[line]
    foreign: Mapped[bool]  # home and its territories are not foreign


class Advisory(Base):
    """A travel advisory level (1 to 4) as published on `as_of`; the newest one on or before a day holds."""

    __tablename__ = "advisory"
    __table_args__ = (
        UniqueConstraint("country_code", "as_of"),
        Index(None, "as_of", "id"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level_from_1_to_4"),
    )

    id: Mapped[intpk]
    country_code: Mapped[country_code]
    level: Mapped[int]
    as_of: Mapped[date]
    source: Mapped[address]


class CountryOfConcern(Base):
    """A country whose travellers owe a security briefing, from `starts_on` through `ends_on` (None: open)."""

    __tablename__ = "country_of_concern"
    __table_args__ = (UniqueConstraint("country_code", "starts_on"),)

    id: Mapped[intpk]
    country_code: Mapped[country_code]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    source: Mapped[address]
