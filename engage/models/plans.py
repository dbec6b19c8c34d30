"""The only place for what engagements said of their plan, moment by moment: views of a past day read it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, money, prose
from engage.rules.asking import Direction, Firmness
from engage.rules.marking import Marking


class PlanEntry(Base):
    """What an engagement said from `at` on, until its next entry. Rows are added and never changed.

    The state has a history of its own (StateSpan). `countries` (where somebody stays), `objectives`, `partners` and
    `travellers` are codes or ids with a blank around each, so that one may be looked for; `places` has a line for
    each place in the order of the stays. `cost` is the whole estimate in US dollars.
    """

    __tablename__ = "plan_entry"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index(None, "engagement_id", "id"),
        Index(None, "starts_on", "engagement_id", "id"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    at: Mapped[datetime]
    title: Mapped[line]
    firmness: Mapped[Firmness]
    direction: Mapped[Direction]
    marking: Mapped[Marking]
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))
    places: Mapped[prose] = mapped_column(default="")
    countries: Mapped[prose] = mapped_column(default=" ")
    objectives: Mapped[prose] = mapped_column(default=" ")
    partners: Mapped[prose] = mapped_column(default=" ")
    travellers: Mapped[prose] = mapped_column(default=" ")
    cost: Mapped[money]
