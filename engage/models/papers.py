"""The only place for what the secretariat writes for the board: its recommendation on an item, version by version."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, prose
from engage.rules.voting import Outcome


class Recommendation(Base):
    """What the secretariat recommends on an item, why, and what else could be done. Never changed: a new one follows.

    `options` is a JSON list of {"what", "consequence"}: the courses open besides the one that is recommended.
    """

    __tablename__ = "recommendation"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    outcome: Mapped[Outcome]
    reason: Mapped[prose]
    options: Mapped[str] = mapped_column(Text, default="[]")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
