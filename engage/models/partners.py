"""The only place for the registers of forums, partners and events."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, word


class Forum(Base):
    """A body or series in which several partners meet."""

    __tablename__ = "forum"
    __table_args__ = (UniqueConstraint("code"), Index(None, "name", "id"))

    id: Mapped[intpk]
    code: Mapped[word]
    name: Mapped[line]
    kind: Mapped[word]
    secretariat_country: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    member_count: Mapped[int | None]
    cadence: Mapped[line] = mapped_column(default="")
    url: Mapped[address] = mapped_column(default="")
    source_url: Mapped[address] = mapped_column(default="")


class Partner(Base):
    """A foreign or multilateral organisation."""

    __tablename__ = "partner"
    __table_args__ = (UniqueConstraint("name", "country_code"), Index(None, "name", "id"))

    id: Mapped[intpk]
    name: Mapped[line]
    short_name: Mapped[line] = mapped_column(default="")
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"), index=True)
    kind: Mapped[word]
    first_member: Mapped[word] = mapped_column(default="unknown")
    url: Mapped[address] = mapped_column(default="")
    source_url: Mapped[address] = mapped_column(default="")


class Event(Base):
    """One edition of a conference, exercise or meeting somebody else holds."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("name", "starts_on"), Index(None, "starts_on", "id"))

    id: Mapped[intpk]
    name: Mapped[line]
    series: Mapped[line] = mapped_column(default="")
    organiser: Mapped[line] = mapped_column(default="")
    city: Mapped[line] = mapped_column(default="")
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    kind: Mapped[word]
    url: Mapped[address] = mapped_column(default="")
    source_url: Mapped[address] = mapped_column(default="")
