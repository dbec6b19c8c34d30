"""The only place for the further reviews that an item needs by rule, before it comes before the board."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, prose, word
from engage.rules.reviews import Finding
from engage.rules.roles import ReviewKind


class ReviewRule(Base):
    """A fact that asks for a review, from `starts_on` until the next row of its code. `limit` is in its unit.

    `days`: business days until the review is due.
    """

    __tablename__ = "review_rule"
    __table_args__ = (
        UniqueConstraint("code", "starts_on"),
        CheckConstraint("days >= 1", name="some_days"),
    )

    id: Mapped[intpk]
    code: Mapped[word]
    label: Mapped[line]
    kind: Mapped[ReviewKind]
    limit: Mapped[int | None]
    days: Mapped[int]
    applies: Mapped[bool] = mapped_column(default=True)
    starts_on: Mapped[date]
    source: Mapped[address]


class Review(Base):
    """One review of an item: who owes it, by when, and what came of it.

    Where reviews follow one another, one that waits its turn has not begun and is not due yet. `owner_id` None:
    any reviewer of the kind may take it. An outcome stays; a further submission may ask for another review.
    """

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("(finding IS NULL) = (done_at IS NULL)", name="done_with_a_finding"),
        CheckConstraint("(begun_at IS NULL) = (due_on IS NULL)", name="due_once_begun"),
        Index(None, "item_id", "id"),
        Index(
            "ix_review_open", "kind", "due_on", "id",
            sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[ReviewKind]
    why: Mapped[prose]  # the rules that asked for it, with what they saw
    days: Mapped[int]  # business days it has, once begun
    asked_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    finding: Mapped[Finding | None]
    note: Mapped[prose] = mapped_column(default="")
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime | None]
