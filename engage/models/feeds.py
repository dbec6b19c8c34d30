"""The only place for calendar subscriptions: whose, of what, and until when they may be read."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, sha256
from engage.rules.feeds import Covers


class Feed(Base):
    """One address at which a calendar program reads a person's subscription; of its token only the hash is kept."""

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("(covers = 'country') = (country_code IS NOT NULL)", name="countries_are_named"),
        CheckConstraint("(covers = 'forum') = (forum_id IS NOT NULL)", name="forums_are_named"),
        Index(None, "person_id", "id"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[sha256]
    covers: Mapped[Covers]
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
