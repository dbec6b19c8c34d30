"""The only place for promises made by either side, followed across engagements until kept or released."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose
from engage.rules.commitments import Settled, Side, Word


class Commitment(Base):
    """A promise to a partner, or a partner's to us. `owner_id` keeps ours, and follows theirs.

    Either a partner of the register or, in words, a `counterpart`. `due_on` is the day last agreed.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("what <> ''", name="says_what"),
        CheckConstraint("partner_id IS NOT NULL OR counterpart <> ''", name="to_somebody"),
        CheckConstraint("(settled_as IS NULL) = (settled_on IS NULL)", name="settled_on_a_day"),
        Index(None, "engagement_id", "id"),
        Index(None, "partner_id", "settled_on", "due_on"),
        Index(None, "due_on"),
        Index(None, "owner_id", "settled_on", "due_on"),
        Index(
            "ix_commitment_open",
            "due_on",
            "id",
            sqlite_where=text("settled_on IS NULL"),
            postgresql_where=text("settled_on IS NULL"),
        ),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    side: Mapped[Side]
    what: Mapped[prose]
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    counterpart: Mapped[line] = mapped_column(default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_on: Mapped[date]
    due_on: Mapped[date]
    settled_as: Mapped[Settled | None]
    settled_on: Mapped[date | None]


class CommitmentWord(Base):
    """What was said of a promise, when, and at which engagement. Never changed.

    `due_on` is the day agreed where it moved; the text of an ending is its evidence, or whose word released it.
    """

    __tablename__ = "commitment_word"
    __table_args__ = (Index(None, "commitment_id", "id"),)

    id: Mapped[intpk]
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    word: Mapped[Word]
    text: Mapped[prose] = mapped_column(default="")
    due_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    engagement_id: Mapped[int | None] = mapped_column(ForeignKey("engagement.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
