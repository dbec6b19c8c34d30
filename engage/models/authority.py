"""The only place for what is decided outside meetings: who may act for whom, and what the board allowed beforehand."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, money, prose
from engage.rules.asking import EngagementKind
from engage.rules.authority import Power

_WAITS = text("settled_at IS NULL")


class Delegation(Base):
    """Leave to act in a principal's place, from `starts_on` through `ends_on`, for some kinds of item up to a cost.

    `kinds` are words with blanks between. The alternate acts where the holder stands aside. It is never passed on.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("holder_id <> principal_id", name="to_another"),
        CheckConstraint("alternate_id <> principal_id AND alternate_id <> holder_id", name="alternate_is_a_third"),
        CheckConstraint("most_cost >= 0", name="ceiling_not_negative"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_someone"),
        Index(None, "holder_id", "ends_on"),
        Index(None, "alternate_id", "ends_on"),
        Index(None, "principal_id", "ends_on"),
        Index(None, "board_id", "ends_on"),
    )

    id: Mapped[intpk]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    power: Mapped[Power]
    principal_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    alternate_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kinds: Mapped[str] = mapped_column(String(200))
    most_cost: Mapped[money | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[prose]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revoke_reason: Mapped[prose] = mapped_column(default="")


class StandingApproval(Base):
    """What the board approved beforehand: engagements that fit, until a number, a sum or a day is reached.

    Each of `country_code`, `partner_id`, `forum_id`, `nature` and `most_travellers` narrows it; None: any. It rests
    on the decision of the board that granted it.
    """

    __tablename__ = "standing_approval"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("most_uses > 0", name="some_uses"),
        CheckConstraint("most_cost >= 0", name="cap_not_negative"),
        CheckConstraint("most_travellers > 0", name="some_travellers"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_someone"),
        Index(None, "board_id", "ends_on"),
    )

    id: Mapped[intpk]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    title: Mapped[line]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))
    nature: Mapped[EngagementKind | None]
    most_travellers: Mapped[int | None]
    most_uses: Mapped[int]
    most_cost: Mapped[money]  # of all uses together, US dollars
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revoke_reason: Mapped[prose] = mapped_column(default="")


class StandingUse(Base):
    """One engagement approved under a standing approval: the ledger, numbered without a gap. Never changed."""

    __tablename__ = "standing_use"
    __table_args__ = (UniqueConstraint("standing_id", "number"), UniqueConstraint("decision_id"))

    id: Mapped[intpk]
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing_approval.id"))
    number: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    cost: Mapped[money]
    used_at: Mapped[datetime]
    used_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Emergency(Base):
    """A decision taken at once, which the board ratifies by `ratify_by` or which ends in escalation.

    `matter_id` is the motion to ratify on the docket: the item on which the board votes.
    """

    __tablename__ = "emergency"
    __table_args__ = (
        UniqueConstraint("decision_id"),
        UniqueConstraint("matter_id"),
        CheckConstraint("(settled_at IS NULL) = (ratified IS NULL)", name="settled_some_way"),
        Index(None, "item_id"),
        Index("ix_emergency_due", "ratify_by", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[intpk]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    matter_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    ratify_by: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    ratified: Mapped[bool | None]
    why: Mapped[prose] = mapped_column(default="")


class Calendared(Base):
    """A member's wish that an item be decided in a meeting, by `meet_by`. Votes cast before it are void."""

    __tablename__ = "calendared"
    __table_args__ = (
        CheckConstraint("escalated_at IS NULL OR escalated_at >= at", name="escalated_later"),
        Index("uq_calendared_one_open", "item_id", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index(
            "ix_calendared_due", "meet_by", "id",
            sqlite_where=text("settled_at IS NULL AND escalated_at IS NULL"),
            postgresql_where=text("settled_at IS NULL AND escalated_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    motion_id: Mapped[int | None] = mapped_column(ForeignKey("motion.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[prose]
    at: Mapped[datetime]
    meet_by: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
