"""The only place for etiquette guides, their versions, who looks after them, and who acknowledged which."""

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
    PARTNER = "partner"
    FORUM = "forum"


class Guide(Base):
    """An etiquette guide; what it says is in its versions, of which the highest number is in force."""

    __tablename__ = "guide"
    __table_args__ = (
        CheckConstraint("(scope = 'country') = (country_code IS NOT NULL)", name="country_guides_name_one"),
        CheckConstraint("(scope = 'partner') = (partner_id IS NOT NULL)", name="partner_guides_name_one"),
        CheckConstraint("(scope = 'forum') = (forum_id IS NOT NULL)", name="forum_guides_name_one"),
        UniqueConstraint("country_code"),
        UniqueConstraint("partner_id"),
        UniqueConstraint("forum_id"),
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
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))


class GuideCare(Base):
    """Who looks after one section of a guide and by when it is to be reviewed; `part` "" is the guide as a whole."""

    __tablename__ = "guide_care"
    __table_args__ = (UniqueConstraint("guide_id", "part"), Index(None, "review_by", "id"))

    id: Mapped[intpk]
    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"))
    part: Mapped[word] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    review_by: Mapped[date | None]


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
    marks: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # changed part -> rules.guide_changes.Mark
    starter: Mapped[bool] = mapped_column(default=False)  # shipped text, for the protocol office to review
    reviewed_on: Mapped[date]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    change_note: Mapped[prose] = mapped_column(default="")


class Acknowledgement(Base):
    """A person's dated statement of having read one version for one trip, with the digest of what was shown.

    `by_id` is who gave it: the traveller, or the assistant who was entitled to on that day. `score` of `questions`
    were right at the first try.
    """

    __tablename__ = "acknowledgement"
    __table_args__ = (
        UniqueConstraint("trip_id", "guide_version_id"),
        CheckConstraint("score BETWEEN 0 AND questions", name="score_within_questions"),
        Index(None, "person_id"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    guide_version_id: Mapped[int] = mapped_column(ForeignKey("guide_version.id"))
    sha256: Mapped[sha256]
    language: Mapped[word] = mapped_column(default="en")
    score: Mapped[int] = mapped_column(default=0)
    questions: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]


class CheckTry(Base):
    """A short check that was not passed: what an acknowledgement's score is counted from."""

    __tablename__ = "check_try"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND questions", name="score_within_questions"),
        Index(None, "trip_id", "guide_version_id", "id"),
    )

    id: Mapped[intpk]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    guide_version_id: Mapped[int] = mapped_column(ForeignKey("guide_version.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    score: Mapped[int]
    questions: Mapped[int]
    at: Mapped[datetime]


class Assistance(Base):
    """A traveller's dated grant: this assistant may acknowledge guidance for me, through `ends_on`."""

    __tablename__ = "assistance"
    __table_args__ = (
        CheckConstraint("assistant_id <> person_id", name="by_another"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index(None, "person_id", "ends_on"),
        Index(None, "assistant_id", "ends_on"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    assistant_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
