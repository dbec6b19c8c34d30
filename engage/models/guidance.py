"""The only place for etiquette guides, their versions and who acknowledged which."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose, sha256, word


class GuideScope(StrEnum):
    """What a guide is about."""

    GENERAL = "general"
    COUNTRY = "country"


class Guide(Base):
    """An etiquette guide; what it says is in its versions. `current_version_id` is the newest published one."""

    __tablename__ = "guide"
    __table_args__ = (
        CheckConstraint("(scope = 'country') = (country_code IS NOT NULL)", name="country_guides_name_one"),
        UniqueConstraint("country_code"),
        Index(
            "uq_guide_one_general",
            "scope",
            unique=True,
            sqlite_where=text("scope = 'general'"),
            postgresql_where=text("scope = 'general'"),
        ),
    )

    id: Mapped[intpk]
    scope: Mapped[GuideScope]
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class GuideVersion(Base):
    """One published text of a guide. Nothing published is ever edited."""

    __tablename__ = "guide_version"
    __table_args__ = (UniqueConstraint("guide_id", "number"),)

    id: Mapped[intpk]
    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"))
    number: Mapped[int]
    title: Mapped[line]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # summary, sections, must_know, check, sources
    sha256: Mapped[sha256]  # of the canonical JSON of title and content
    material: Mapped[bool] = mapped_column(default=True)  # a material version must be acknowledged anew
    starter: Mapped[bool] = mapped_column(default=False)  # shipped text, for the protocol office to review
    reviewed_on: Mapped[date]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    change_note: Mapped[prose] = mapped_column(default="")


class Acknowledgement(Base):
    """A person's dated statement of having read one version for one trip, with the digest of what was shown."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("trip_id", "guide_version_id"), Index(None, "person_id"))

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    guide_version_id: Mapped[int] = mapped_column(ForeignKey("guide_version.id"))
    sha256: Mapped[sha256]
    language: Mapped[word] = mapped_column(default="en")
    at: Mapped[datetime]
