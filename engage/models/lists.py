"""The only place for the lists that a law wants, as they were sent, and for what only those lists ask."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose, sha256
from engage.rules.lists import ListKind


class KeptList(Base):
    """A list as it was sent: canonical JSON, never changed. A later one of the same period has the next number.

    `rows` 0 is a nil report. The digests are of the three files, whose bytes lie with the uploaded ones.
    """

    __tablename__ = "kept_list"
    __table_args__ = (
        UniqueConstraint("kind", "starts_on", "number"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index(None, "made_at", "id"),
    )

    id: Mapped[intpk]
    kind: Mapped[ListKind]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    number: Mapped[int]
    rows: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[sha256]
    sent_to: Mapped[line]
    sent_on: Mapped[date]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class TravelJustification(Base):
    """Why an engagement's travel was needed, in words fit to be published: the monthly list asks for them."""

    __tablename__ = "travel_justification"
    __table_args__ = (UniqueConstraint("engagement_id"), CheckConstraint("words <> ''", name="says_something"))

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    words: Mapped[prose]
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
