"""The only place for what remains of a meeting: its minutes, and what it asked people to do."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose, sha256


class Minutes(Base):
    """The minutes of a meeting while they are written: what the secretariat adds in words, and who approved them.

    All else in minutes is computed from recorded acts. `narrative` is JSON: "opening", "closing", and by entry.
    """

    __tablename__ = "minutes"
    __table_args__ = (
        UniqueConstraint("meeting_id"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved_by_someone"),
    )

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    narrative: Mapped[str] = mapped_column(Text, default="{}")
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_how: Mapped[line] = mapped_column(default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class SealedMinutes(Base):
    """Minutes as they were sealed, with their digest. Never changed; an addendum corrects them."""

    __tablename__ = "sealed_minutes"
    __table_args__ = (UniqueConstraint("meeting_id"),)

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[sha256]
    sealed_at: Mapped[datetime]
    sealed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class MinutesAddendum(Base):
    """A correction of sealed minutes. `sha256` covers what it follows and its own text. Never changed."""

    __tablename__ = "minutes_addendum"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int]
    text: Mapped[prose]
    sha256: Mapped[sha256]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ActionItem(Base):
    """Something a meeting asked somebody to do by a day; open until it is done."""

    __tablename__ = "action_item"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done_by_someone"),
        Index(None, "meeting_id", "id"),
        Index(None, "owner_id"),
        Index(
            "ix_action_item_open_due_on",
            "due_on",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_entry.id"))
    text: Mapped[prose]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[prose] = mapped_column(default="")
