"""The only place for the trail: who did what to which record, chained by HMAC."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, sha256, word


class Verdict(StrEnum):
    """How the act ended."""

    DONE = "done"
    DENIED = "denied"


class AuditEvent(Base):
    """One line of the trail, in order and without gaps. The database itself refuses to rewrite it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "about_kind", "about_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "action", "id"),
        Index(None, "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[word]
    about_kind: Mapped[word]
    about_id: Mapped[int | None]
    outcome: Mapped[Verdict]
    details: Mapped[str] = mapped_column(Text)  # canonical JSON: before, after, reason
    source: Mapped[word] = mapped_column(default="")  # network address, or the command
    request_id: Mapped[word] = mapped_column(default="")
    mac: Mapped[sha256]  # HMAC-SHA-256 of this line and of the link from the one before


class AuditHead(Base):
    """Where the trail ends: the last line's number, and the link for the next. One row, locked just before a commit."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int]
    last_mac: Mapped[str] = mapped_column(String(64))
