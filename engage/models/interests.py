"""The only place for what could bias a member: declared interests, and the word given when asked to step aside."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose

SUBJECTS = ("country_code", "partner_id", "forum_id", "organisation")


class Interest(Base):
    """A person's declared interest in one country, partner, forum or organisation, by office days, both included."""

    __tablename__ = "interest"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint(
            "(CASE WHEN country_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN forum_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN organisation = '' THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        Index(None, "person_id", "starts_on"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))
    organisation: Mapped[line] = mapped_column(default="")
    why: Mapped[prose]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    declared_at: Mapped[datetime]


class Participation(Base):
    """A member was asked to step aside from an item and said why they take part. Never changed.

    `grounds` is the JSON list of what the question named; new grounds are asked about anew.
    """

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("item_id", "person_id", "grounds"), Index(None, "person_id", "item_id"))

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    grounds: Mapped[str] = mapped_column(Text)
    reason: Mapped[prose]
    at: Mapped[datetime]
