"""The only place for reminder rules, how far each was looked at, who muted one, and the ledger of what was owed."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose, word


class Standing(StrEnum):
    """What became of an owed reminder before the mail server had a say."""

    POSTED = "posted"  # it is in the outbox, where its delivery is told
    HELD = "held"  # beyond the cap of its run: an administrator lets it go, or not
    SUPPRESSED = "suppressed"  # it will not go, and `why` says why


class ReminderRule(Base):
    """When to remind whom of an open duty, in what words, as dated data; read by rules.schedule.

    `steps` is a list of {"days": offset from the anchor (negative is before), "unit": "calendar" or "business",
    "to": audience}. A message that is not urgent leaves between `opens_at` and `closes_at` of its reader's working
    day. `subject` and `text` are said to the person who owes the duty, the `others_` to those above them.
    """

    __tablename__ = "reminder_rule"
    __table_args__ = (
        UniqueConstraint("code", "starts_on"),
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
    )

    id: Mapped[intpk]
    code: Mapped[word]
    duty: Mapped[word]
    label: Mapped[line]
    anchor: Mapped[word]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    subject: Mapped[line] = mapped_column(default="Reminder: {what}")
    text: Mapped[prose]
    others_subject: Mapped[line] = mapped_column(default="Not done yet by {owner}: {what}")
    others_text: Mapped[prose] = mapped_column(default="")  # empty: the same text
    urgent: Mapped[bool] = mapped_column(default=False)
    mandatory: Mapped[bool] = mapped_column(default=True)  # nobody can turn it off for themselves
    opens_at: Mapped[time] = mapped_column(Time, default=time(8))
    closes_at: Mapped[time] = mapped_column(Time, default=time(18))
    source: Mapped[line] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class ReminderMark(Base):
    """How far one step of one rule was looked at. What it reached at or before `not_before` is nobody's concern."""

    __tablename__ = "reminder_mark"
    __table_args__ = (UniqueConstraint("rule_code", "step"),)

    id: Mapped[intpk]
    rule_code: Mapped[word]
    step: Mapped[word]  # as rules.schedule.Step names it
    not_before: Mapped[datetime]
    swept_until: Mapped[datetime]


class ReminderSweep(Base):
    """The one row that a sweep locks: when the last one was, and the line of the trail up to which it has read."""

    __tablename__ = "reminder_sweep"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    swept_at: Mapped[datetime | None]
    trail_until: Mapped[int | None]
    posted: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)


class ReminderMute(Base):
    """That a rule was told to be silent: by whom, why, and until when. One at a time for each rule."""

    __tablename__ = "reminder_mute"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_someone"),
        Index(
            "uq_reminder_mute_one_open",
            "rule_code",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    rule_code: Mapped[word]
    reason: Mapped[prose]
    muted_at: Mapped[datetime]
    muted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ReminderLedger(Base):
    """One reminder owed to one reader, for ever: `key` names rule, subject, owner, reader and occurrence.

    A daily message has a row too, about its reader, whose `why` names what it carried. A posted one has a message of
    the same key in the outbox, where its delivery is told, and the digest that carried it.
    """

    __tablename__ = "reminder_ledger"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "about_kind", "about_id", "id"),
        Index(None, "rule_code", "id"),
        Index(None, "person_id", "id"),
        Index(
            "ix_reminder_ledger_held",
            "id",
            sqlite_where=text("standing = 'held'"),
            postgresql_where=text("standing = 'held'"),
        ),
    )

    id: Mapped[intpk]
    key: Mapped[line]
    rule_code: Mapped[word]
    kind: Mapped[word]
    about_kind: Mapped[word]
    about_id: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    anchor_on: Mapped[date | None]
    step: Mapped[word] = mapped_column(default="")
    reached_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    standing: Mapped[Standing]
    why: Mapped[str] = mapped_column(String(500), default="")
    subject: Mapped[line]
