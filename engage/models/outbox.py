"""The only place for messages owed and sent, and the runners that deliver."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, word


class Delivery(StrEnum):
    """Where a message stands with the mail server."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    REFUSED = "refused"
    SUPPRESSED = "suppressed"


class OutboxMessage(Base):
    """One message to one person, shown in the inbox and mailed once. `key` makes a second posting a quiet no-op."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("(delivery = 'sent') = (sent_at IS NOT NULL)", name="sent_at_when_sent"),
        CheckConstraint("(delivery = 'claimed') = (claimed_by IS NOT NULL)", name="claimed_by_someone"),
        Index(
            "ix_outbox_message_unsent",
            "due_at",
            "id",
            sqlite_where=text("delivery IN ('queued', 'claimed')"),
            postgresql_where=text("delivery IN ('queued', 'claimed')"),
        ),
        Index(None, "person_id", "id"),
        Index(
            "ix_outbox_message_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(None, "about_kind", "about_id"),
    )

    id: Mapped[intpk]
    key: Mapped[line]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    template: Mapped[word]
    about_kind: Mapped[word]
    about_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)  # what the template says
    subject: Mapped[line]
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    delivery: Mapped[Delivery] = mapped_column(default=Delivery.QUEUED)
    claimed_by: Mapped[word | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(500), default="")
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class Runner(Base):
    """A job runner that is, or was, alive. `ticked_at` tells healthz; the lease row lets one of many sweep."""

    __tablename__ = "runner"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    ticked_at: Mapped[datetime]
    lease_until: Mapped[datetime]
