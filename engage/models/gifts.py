"""The only place for gifts of foreign governments, and where each of them went."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, country_code, intpk, line, money, prose
from engage.rules.gifts import Disposition, GiftKind


class Gift(Base):
    """Something given to somebody of ours. `rate` is US dollars for one unit of `currency` on that day.

    `value_usd` and `minimal_usd` (the minimal value in force on the day) are kept as they were judged; `above`
    follows from them, and `due_on`, the last day to hand it in, is None for what is not above.
    """

    __tablename__ = "gift"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("rate > 0", name="rate_above_nothing"),
        CheckConstraint("description <> ''", name="says_what"),
        CheckConstraint("(due_on IS NOT NULL) = (value_usd > minimal_usd)", name="due_when_above"),
        CheckConstraint("disposition <> 'kept' OR due_on IS NULL", name="kept_only_below"),
        Index(None, "recipient_id", "id"),
        Index(None, "engagement_id"),
        Index(None, "received_on", "id"),
        Index(
            "ix_gift_waits",
            "due_on",
            "id",
            sqlite_where=text("disposition = 'received'"),
            postgresql_where=text("disposition = 'received'"),
        ),
    )

    id: Mapped[intpk]
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    position: Mapped[line]  # of the recipient, as the yearly list wants it
    engagement_id: Mapped[int | None] = mapped_column(ForeignKey("engagement.id"))
    kind: Mapped[GiftKind]
    description: Mapped[prose]
    circumstances: Mapped[prose]
    donor_name: Mapped[line]
    donor_position: Mapped[line]
    donor_country: Mapped[country_code]
    received_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[Decimal] = mapped_column(Numeric(18, 8))
    rate_source: Mapped[line]
    value_usd: Mapped[money]
    minimal_usd: Mapped[int]
    due_on: Mapped[date | None]
    disposition: Mapped[Disposition] = mapped_column(default=Disposition.RECEIVED)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class GiftStep(Base):
    """A gift going from one place to the next. Never changed."""

    __tablename__ = "gift_step"
    __table_args__ = (Index(None, "gift_id", "id"),)

    id: Mapped[intpk]
    gift_id: Mapped[int] = mapped_column(ForeignKey("gift.id"))
    disposition: Mapped[Disposition]
    on_day: Mapped[date]
    note: Mapped[prose] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
