"""The only place for the organisation's dated numbers and goals."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.models.base import Base, address, intpk, line, prose, word
from engage.rules.marking import Marking


class Norm(Base):
    """A number of the organisation in force from `starts_on` until the next row of its key, with its source."""

    __tablename__ = "norm"
    __table_args__ = (UniqueConstraint("key", "starts_on"),)

    id: Mapped[intpk]
    key: Mapped[word]
    label: Mapped[line]
    value: Mapped[int]
    unit: Mapped[word]
    starts_on: Mapped[date]
    source: Mapped[address]


class MarkingDefault(Base):
    """The handling marking that a new request bears unless its requester says otherwise, from `starts_on` on."""

    __tablename__ = "marking_default"
    __table_args__ = (UniqueConstraint("starts_on"),)

    id: Mapped[intpk]
    marking: Mapped[Marking]
    starts_on: Mapped[date]
    source: Mapped[address]


class Goal(Base):
    """A goal of the strategic plan, its title verbatim."""

    __tablename__ = "goal"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[intpk]
    number: Mapped[int]
    title: Mapped[line]
    source: Mapped[address]

    objectives: Mapped[list["Objective"]] = relationship(
        back_populates="goal", lazy="raise", order_by="Objective.code"
    )


class Objective(Base):
    """An objective under a goal; its text is the organisation's to edit."""

    __tablename__ = "objective"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[intpk]
    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id"))
    code: Mapped[word]
    title: Mapped[line]
    text: Mapped[prose] = mapped_column(default="")

    goal: Mapped[Goal] = relationship(back_populates="objectives", lazy="raise")


class RequirementRule(Base):
    """What a trip demands of its traveller, when, and says who; read by rules.readiness."""

    __tablename__ = "requirement_rule"
    __table_args__ = (
        UniqueConstraint("code", "starts_on"),
        CheckConstraint("min_level IS NULL OR min_level BETWEEN 1 AND 4", name="level_from_1_to_4"),
        CheckConstraint("lead_days >= 0", name="lead_not_negative"),
    )

    id: Mapped[intpk]
    code: Mapped[word]
    label: Mapped[line]
    kind: Mapped[word]
    target: Mapped[word]
    min_level: Mapped[int | None]
    min_trip_days: Mapped[int | None]
    min_days_abroad: Mapped[int | None]
    only_of_concern: Mapped[bool] = mapped_column(default=False)
    countries: Mapped[str] = mapped_column(String(500), default="")  # ISO codes with spaces between; empty: all
    roles: Mapped[str] = mapped_column(String(200), default="")  # with spaces between; empty: all
    natures: Mapped[str] = mapped_column(String(200), default="")  # kinds of engagement, likewise
    markings: Mapped[str] = mapped_column(String(100), default="")  # handling markings, likewise
    on_transit: Mapped[bool] = mapped_column(default=True)  # asks of stops on the way as well
    waivable_by: Mapped[str] = mapped_column(String(200), default="")  # roles, likewise; empty: nobody
    lead_days: Mapped[int]
    blocks: Mapped[bool] = mapped_column(default=True)
    source: Mapped[address]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
