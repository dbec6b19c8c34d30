"""The only place for messages owed and sent, how people want them, and the runners that deliver."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, word
from engage.rules.messages import ByMail


class Delivery(StrEnum):
    """Where a message stands with the mail server."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    REFUSED = "refused"  # for good, by the mail server or because it cannot be written
    PARKED = "parked"  # after so many attempts that came to nothing; somebody must look
    SUPPRESSED = "suppressed"
    FOR_DIGEST = "for_digest"  # waits for its reader's next morning
    DIGESTED = "digested"  # carried by the digest that `digest_id` names
    INBOX_ONLY = "inbox_only"  # its reader wants no mail of this topic


class OutboxMessage(Base):
    """One message to one person, shown in the inbox and mailed once. `key` makes a second posting a quiet no-op."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("(delivery = 'sent') = (sent_at IS NOT NULL)", name="sent_at_when_sent"),
        CheckConstraint("(delivery = 'claimed') = (claimed_by IS NOT NULL)", name="claimed_by_someone"),
        CheckConstraint("(delivery = 'digested') = (digest_id IS NOT NULL)", name="digested_in_something"),
        Index(
            "ix_outbox_message_unsent",
            "due_at",
            "id",
            sqlite_where=text("delivery IN ('queued', 'claimed')"),
            postgresql_where=text("delivery IN ('queued', 'claimed')"),
        ),
        Index(
            "ix_outbox_message_for_digest",
            "due_at",
            "person_id",
            sqlite_where=text("delivery = 'for_digest'"),
            postgresql_where=text("delivery = 'for_digest'"),
        ),
        Index(
            "ix_outbox_message_troubled",
            "id",
            sqlite_where=text("delivery IN ('refused', 'parked')"),
            postgresql_where=text("delivery IN ('refused', 'parked')"),
        ),
        Index(
            "ix_outbox_message_digest_id",
            "digest_id",
            sqlite_where=text("digest_id IS NOT NULL"),
            postgresql_where=text("digest_id IS NOT NULL"),
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
    topic: Mapped[word]  # as rules.messages names it; people choose by it
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
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_message.id"))
    read_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]  # until then the inbox leaves it out


class MessagePreference(Base):
    """How one person wants the mail of one topic; without a row it goes as the topic does."""

    __tablename__ = "message_preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[word] = mapped_column(primary_key=True)
    by_mail: Mapped[ByMail]
    set_at: Mapped[datetime]


class Runner(Base):
    """A job runner that is, or was, alive. `ticked_at` tells healthz; the lease row lets one of many sweep.

    `report` is what its last round found of the house's health: sentences, for pages that must stay cheap.
    """

    __tablename__ = "runner"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    ticked_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
