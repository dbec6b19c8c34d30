"""The only place for the dated rules of tier and way, what they said of each item, and what its supervisor said."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, prose, word
from engage.rules.routing import Route, Tier


class RoutingRule(Base):
    """A fact that gives points, in force from `starts_on` until the next row of its code. `limit`: in its unit."""

    __tablename__ = "routing_rule"
    __table_args__ = (UniqueConstraint("code", "starts_on"), CheckConstraint("points >= 0", name="points_not_negative"))

    id: Mapped[intpk]
    code: Mapped[word]
    label: Mapped[line]
    limit: Mapped[int | None]
    points: Mapped[int]
    applies: Mapped[bool]
    starts_on: Mapped[date]
    source: Mapped[address]


class TierRule(Base):
    """From how many points an item is of a tier, and its way, from `starts_on` until the tier's next row.

    `lead_days`: a journey of the tier is submitted so many days before its departure.
    """

    __tablename__ = "tier_rule"
    __table_args__ = (
        UniqueConstraint("tier", "starts_on"),
        CheckConstraint("lead_days >= 0", name="lead_days_not_negative"),
    )

    id: Mapped[intpk]
    tier: Mapped[Tier]
    least_points: Mapped[int]
    route: Mapped[Route]
    lead_days: Mapped[int] = mapped_column(default=0)
    starts_on: Mapped[date]
    source: Mapped[address]


class ItemRoute(Base):
    """The tier and the way of an item as found when it was submitted, or raised since. Never changed; the last holds.

    `facts` and `fired` are canonical JSON: what the rules looked at, and those that fired. `reason` says why the
    secretariat raised it; empty where the rules spoke.
    """

    __tablename__ = "item_route"
    __table_args__ = (Index(None, "item_id", "id"),)

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    charter_id: Mapped[int] = mapped_column(ForeignKey("charter.id"))
    tier: Mapped[Tier]
    route: Mapped[Route]
    points: Mapped[int]
    facts: Mapped[str] = mapped_column(Text)
    fired: Mapped[str] = mapped_column(Text)
    arithmetic: Mapped[str] = mapped_column(Text)
    reason: Mapped[prose] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Endorsement(Base):
    """What the requester's supervisor said of an item before the screening; the last word on a version holds.

    Where the secretariat goes on without it, `by_id` is the secretary and `reason` says why. Never changed.
    """

    __tablename__ = "endorsement"
    __table_args__ = (Index(None, "item_id", "id"),)

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    endorsed: Mapped[bool]
    without: Mapped[bool] = mapped_column(default=False)  # the secretariat went on without the supervisor's word
    reason: Mapped[prose] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
