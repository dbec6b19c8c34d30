"""The only place for what is looked at before a request is submitted: lead times, clashes, and questions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, country_code, intpk, line, prose, word
from engage.rules.clashes import Tie
from engage.rules.gates import Gate


class LeadTime(Base):
    """How long before departure a gate must be begun, from `starts_on` until the next row of its place and level.

    `country_code` empty: everywhere. `min_level` 0: whatever the travel advisory. A row that does not apply takes
    back the one before it.
    """

    __tablename__ = "lead_time"
    __table_args__ = (
        UniqueConstraint("gate", "country_code", "min_level", "starts_on"),
        CheckConstraint("days >= 0", name="days_not_negative"),
        CheckConstraint("min_level BETWEEN 0 AND 4", name="level_to_4"),
    )

    id: Mapped[intpk]
    gate: Mapped[Gate]
    country_code: Mapped[str] = mapped_column(String(2), default="")
    min_level: Mapped[int] = mapped_column(default=0)
    days: Mapped[int]
    business: Mapped[bool] = mapped_column(default=False)  # counted where home and hosts are both open
    applies: Mapped[bool] = mapped_column(default=True)
    starts_on: Mapped[date]
    source: Mapped[address]


class ClashRule(Base):
    """What is looked for around a request, within how many days, from `starts_on` until the next row of its tie.

    Where `needs_reason`, whoever submits in spite of it says why, and the board reads it.
    """

    __tablename__ = "clash_rule"
    __table_args__ = (
        UniqueConstraint("tie", "starts_on"),
        CheckConstraint("days >= 0", name="days_not_negative"),
    )

    id: Mapped[intpk]
    tie: Mapped[Tie]
    label: Mapped[line]
    days: Mapped[int]
    needs_reason: Mapped[bool]
    applies: Mapped[bool] = mapped_column(default=True)
    starts_on: Mapped[date]
    source: Mapped[address]


class Blackout(Base):
    """Days on which a post receives nobody, both included."""

    __tablename__ = "blackout"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index(None, "country_code", "ends_on"),
    )

    id: Mapped[intpk]
    country_code: Mapped[country_code]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    why: Mapped[line]
    source: Mapped[address]


class Deputy(Base):
    """Who stands in for whom when away: both should not be away at once. Both days included; None: until ended."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("principal_id <> deputy_id", name="two_people"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index(None, "principal_id"),
        Index(None, "deputy_id"),
    )

    id: Mapped[intpk]
    principal_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class AcceptedClash(Base):
    """That a requester asks in spite of a clash, and why; `key` says which: "item:12", "blackout:3", "deputy:7"."""

    __tablename__ = "accepted_clash"
    __table_args__ = (UniqueConstraint("engagement_id", "key"),)

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    key: Mapped[word]
    said: Mapped[prose]  # what the clash was, when it was accepted
    reason: Mapped[prose]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Question(Base):
    """A question with which an item was returned, and its answer; the clock stands still until it is submitted again.

    Answered by changing the text alone, it has no answer of its own, but a moment.
    """

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered_by_somebody"),
        Index(None, "item_id", "id"),
    )

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    text: Mapped[prose]
    answer: Mapped[prose] = mapped_column(default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
