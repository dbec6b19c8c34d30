"""The only place for what is put before the board besides engagements, and for what was asked of it again."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, prose, word
from engage.models.engagements import Item
from engage.rules.items import ItemKind

# Who an amendment would add to the party: they have an interest in it, and see it, before they travel.
amendment_traveller = Table(
    "amendment_traveller",
    Base.metadata,
    Column("amendment_id", ForeignKey("amendment.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Index(None, "person_id", "amendment_id"),
)


class Amendment(Item):
    """A material change of an approved engagement (`amends_id`): what it would say, and from which text it differs.

    `proposal` is the canonical JSON of the whole content as it would be; what differs from `base_version_id` is the
    change, and nothing else is applied.
    """

    __tablename__ = "amendment"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    base_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    proposal: Mapped[str] = mapped_column(Text)
    why: Mapped[prose] = mapped_column(default="")
    put_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("motion.id"), index=True)  # a split decision's motion
    applied_version_id: Mapped[int | None] = mapped_column(ForeignKey("item_version.id"))

    __mapper_args__ = {"polymorphic_identity": ItemKind.AMENDMENT}


class Matter(Item):
    """A matter on which the board is asked for advice."""

    __tablename__ = "matter"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    text: Mapped[prose] = mapped_column(default="")
    question: Mapped[prose] = mapped_column(default="")
    waives_id: Mapped[int | None] = mapped_column(ForeignKey("condition.id"), index=True)  # which its approval ends

    __mapper_args__ = {"polymorphic_identity": ItemKind.MATTER}


class Priorities(Item):
    """The annual statement of priorities; the one approved last is the year's."""

    __tablename__ = "priorities"
    __table_args__ = (  # type: ignore[assignment]
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year_in_this_century"),
        Index(None, "year", "id"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    year: Mapped[int]
    text: Mapped[prose] = mapped_column(default="")

    __mapper_args__ = {"polymorphic_identity": ItemKind.PRIORITIES}


_ONE = " + ".join(
    f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in ("goal_id", "objective_id", "country_code", "partner_id")
)


class PriorityAim(Base):
    """One priority of a year's statement, about one thing, and how many engagements are planned; None: no number."""

    __tablename__ = "priority_aim"
    __table_args__ = (
        CheckConstraint(f"{_ONE} = 1", name="about_one_thing"),
        CheckConstraint("planned BETWEEN 0 AND 1000", name="planned_within_reason"),
        UniqueConstraint("priorities_id", "position"),
    )

    id: Mapped[intpk]
    priorities_id: Mapped[int] = mapped_column(ForeignKey("priorities.id"))
    position: Mapped[int]
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goal.id"))
    objective_id: Mapped[int | None] = mapped_column(ForeignKey("objective.id"))
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    planned: Mapped[int | None]


class GuideProposal(Item):
    """A new version of an etiquette guide put before the board; its approval publishes it."""

    __tablename__ = "guide_proposal"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"), index=True)
    based_on_id: Mapped[int] = mapped_column(ForeignKey("guide_version.id"))
    heading: Mapped[line]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # as GuideVersion.content
    material: Mapped[bool]
    marks: Mapped[dict[str, str] | None] = mapped_column(JSON)  # as GuideVersion.marks; None: not marked part by part
    note: Mapped[prose] = mapped_column(default="")
    published_id: Mapped[int | None] = mapped_column(ForeignKey("guide_version.id"))

    __mapper_args__ = {"polymorphic_identity": ItemKind.GUIDE_VERSION}


class MaterialRule(Base):
    """What makes a change material, in force from `starts_on` until the next row of its code.

    `limit` is in the rule's own unit (days, percent) and None where any such change is material.
    """

    __tablename__ = "material_rule"
    __table_args__ = (
        UniqueConstraint("code", "starts_on"),
        CheckConstraint('"limit" IS NULL OR "limit" >= 0', name="limit_not_negative"),
    )

    id: Mapped[intpk]
    code: Mapped[word]
    label: Mapped[line]
    limit: Mapped[int | None]
    unit: Mapped[word] = mapped_column(default="")
    applies: Mapped[bool] = mapped_column(default=True)
    starts_on: Mapped[date]
    source: Mapped[address]


class Reconsideration(Base):
    """That the board was asked to decide once more, on which new facts; an item has one."""

    __tablename__ = "reconsideration"
    __table_args__ = (UniqueConstraint("item_id"),)

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_as: Mapped[word]  # requester, or member
    new_facts: Mapped[prose]
    asked_at: Mapped[datetime]
