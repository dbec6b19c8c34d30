"""The only place for what people follow, and for how far that was looked at."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk


class Follow(Base):
    """That somebody wants to be told of a country, a partner, a forum or a topic, which is an objective; from `since`.

    What happened before is not told.
    """

    __tablename__ = "follow"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN country_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN forum_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN objective_id IS NULL THEN 0 ELSE 1 END)"
            " = 1",
            name="of_one_thing",
        ),
        UniqueConstraint("person_id", "country_code"),
        UniqueConstraint("person_id", "partner_id"),
        UniqueConstraint("person_id", "forum_id"),
        UniqueConstraint("person_id", "objective_id"),
        Index(None, "country_code", "person_id"),
        Index(None, "partner_id", "person_id"),
        Index(None, "forum_id", "person_id"),
        Index(None, "objective_id", "person_id"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))
    objective_id: Mapped[int | None] = mapped_column(ForeignKey("objective.id"))
    since: Mapped[datetime]


class FollowMark(Base):
    """The one row that says how far was told: the last line of the trail read, and the last day whose starts are."""

    __tablename__ = "follow_mark"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trail_until: Mapped[int]
    started_on: Mapped[date]
