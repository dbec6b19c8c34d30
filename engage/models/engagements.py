"""The only place for what is asked: items before the board, the engagement among them, and their history."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.models.base import Base, country_code, intpk, line, money, prose, sha256
from engage.models.norms import Objective
from engage.models.partners import Event, Forum, Partner
from engage.models.people import Person
from engage.rules.asking import Asks, Direction, EngagementKind, Firmness
from engage.rules.items import ItemKind
from engage.rules.marking import Marking
from engage.rules.workflow import State


class Item(Base):
    """Something put before the board, from draft to decision.

    `state` changes only in services.states. `requester_id` is None while an imported draft is unclaimed.
    `starts_on` and `ends_on` bound the activity, in days of the place; None while a draft does not know them.
    `amends_id` is the engagement that an amendment changes. What is deferred comes back on `deferred_until`; where
    an event was named, that day follows the event. `marking` says who sees it; an amendment bears its engagement's.
    """

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("state = 'draft' OR requester_id IS NOT NULL", name="only_drafts_are_unclaimed"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", name="submitted_when_open"),
        CheckConstraint(
            "(state IN ('approved', 'approved_with_conditions', 'disapproved', 'cancelled'))"
            " = (decided_at IS NOT NULL)",
            name="decided_at_when_decided",
        ),
        CheckConstraint("(kind = 'amendment') = (amends_id IS NOT NULL)", name="amendments_amend"),
        CheckConstraint("state <> 'deferred' OR deferred_until IS NOT NULL", name="deferrals_end"),
        UniqueConstraint("source_ref"),
        Index(None, "amends_id", "state"),
        Index(
            "ix_item_deferral_ends",
            "deferred_until",
            "id",
            sqlite_where=text("state = 'deferred'"),
            postgresql_where=text("state = 'deferred'"),
        ),
        Index(
            "ix_item_deferral_event",
            "deferred_event_id",
            sqlite_where=text("state = 'deferred'"),
            postgresql_where=text("state = 'deferred'"),
        ),
        Index(None, "state", "starts_on", "id"),
        Index(None, "requester_id", "state", "starts_on", "id"),
        Index(None, "starts_on", "id"),
        Index(None, "state", "state_since", "id"),
        Index(None, "submitted_at"),
        Index(None, "decided_at"),
        Index(  # the few that are for named eyes only
            "ix_item_red", "id", sqlite_where=text("marking = 'red'"), postgresql_where=text("marking = 'red'")
        ),
    )

    id: Mapped[intpk]
    kind: Mapped[ItemKind]
    asks: Mapped[Asks] = mapped_column(default=Asks.DECISION)
    title: Mapped[line]
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    state_since: Mapped[datetime]
    firmness: Mapped[Firmness] = mapped_column(default=Firmness.FIRM)
    marking: Mapped[Marking] = mapped_column(default=Marking.GREEN)
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    placed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    deferred_until: Mapped[date | None]
    deferred_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    source_ref: Mapped[line | None]
    version: Mapped[int] = mapped_column()

    requester: Mapped[Person | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version, "polymorphic_on": "kind"}


engagement_partner = Table(
    "engagement_partner",
    Base.metadata,
    Column("engagement_id", ForeignKey("engagement.id"), primary_key=True),
    Column("partner_id", ForeignKey("partner.id"), primary_key=True),
    Index(None, "partner_id", "engagement_id"),
)
engagement_objective = Table(
    "engagement_objective",
    Base.metadata,
    Column("engagement_id", ForeignKey("engagement.id"), primary_key=True),
    Column("objective_id", ForeignKey("objective.id"), primary_key=True),
    Index(None, "objective_id", "engagement_id"),
)


class Engagement(Item):
    """A planned interaction with a foreign or multilateral partner; it may involve no travel."""

    __tablename__ = "engagement"
    __table_args__ = (Index(None, "forum_id", "id"),)  # type: ignore[assignment]

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    nature: Mapped[EngagementKind | None]
    direction: Mapped[Direction] = mapped_column(default=Direction.OUTBOUND)
    purpose: Mapped[prose] = mapped_column(default="")
    outcome_sought: Mapped[prose] = mapped_column(default="")
    why_not_virtual: Mapped[prose] = mapped_column(default="")
    why_this_many: Mapped[prose] = mapped_column(default="")  # owed from the second traveller up
    other_than_coach: Mapped[bool] = mapped_column(default=False)  # a premium class is asked for
    media: Mapped[bool] = mapped_column(default=False)  # the press attends, or will be spoken to
    late_reason: Mapped[prose] = mapped_column(default="")
    notes: Mapped[prose] = mapped_column(default="")
    missing: Mapped[prose] = mapped_column(default="")  # what an import could not settle, a line each
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)

    forum: Mapped[Forum | None] = relationship(lazy="raise")
    event: Mapped[Event | None] = relationship(lazy="raise")
    partners: Mapped[list[Partner]] = relationship(secondary=engagement_partner, lazy="raise", order_by=Partner.name)
    objectives: Mapped[list[Objective]] = relationship(
        secondary=engagement_objective, lazy="raise", order_by=Objective.code
    )
    legs: Mapped[list["Leg"]] = relationship(
        lazy="raise", order_by="Leg.position", cascade="all, delete-orphan"
    )
    travellers: Mapped[list["Traveller"]] = relationship(
        lazy="raise", order_by="Traveller.position", cascade="all, delete-orphan"
    )
    costs: Mapped[list["CostLine"]] = relationship(
        lazy="raise", order_by="CostLine.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"polymorphic_identity": ItemKind.ENGAGEMENT}


class Leg(Base):
    """One country stay: days of arrival and departure in the place's own time zone.

    A `transit` leg is a stop on the way, in which nobody is visited.
    """

    __tablename__ = "leg"
    __table_args__ = (
        CheckConstraint("departs_on >= arrives_on", name="departs_after_arrival"),
        Index(None, "engagement_id", "position"),
        Index(None, "country_code", "arrives_on", "engagement_id"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    position: Mapped[int]
    country_code: Mapped[country_code]
    city: Mapped[line]
    zone: Mapped[str | None] = mapped_column(String(40))  # None: an import could not be sure
    arrives_on: Mapped[date]
    departs_on: Mapped[date]
    transit: Mapped[bool] = mapped_column(default=False)


class Traveller(Base):
    """Somebody named to go. `person_id` is None while an imported name is not matched to a person."""

    __tablename__ = "traveller"
    __table_args__ = (
        UniqueConstraint("engagement_id", "person_id"),
        Index(None, "engagement_id", "position"),
        Index(None, "person_id", "engagement_id"),
        Index(
            "uq_traveller_one_lead",
            "engagement_id",
            unique=True,
            sqlite_where=text("is_lead"),
            postgresql_where=text("is_lead"),
        ),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    position: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name_given: Mapped[line] = mapped_column(default="")
    is_lead: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person | None] = relationship(lazy="raise")


class CostLine(Base):
    """One line of the estimate, for the whole party, in US dollars."""

    __tablename__ = "cost_line"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index(None, "engagement_id", "position"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    position: Mapped[int]
    what: Mapped[line]
    amount: Mapped[money]
    funder: Mapped[line] = mapped_column(default="Agency travel budget")
    non_federal: Mapped[bool] = mapped_column(default=False)
    per_diem_on: Mapped[date | None]  # the day of the rates it was reckoned with; they change monthly


class ItemVersion(Base):
    """The text as it stood: canonical JSON that ballots and decisions cite. Never changed; `valid_to` closes it.

    A `minor` version differs from the one before in nothing material: votes on that one stand.
    """

    __tablename__ = "item_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[sha256]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    minor: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[prose] = mapped_column(default="")  # why it changed, where somebody was asked


class StateSpan(Base):
    """One stay of an item in one state; the open span agrees with item.state."""

    __tablename__ = "state_span"
    __table_args__ = (
        Index(None, "item_id", "id"),
        Index(None, "state", "started_at"),
        Index(None, "ended_at"),
        Index(
            "uq_state_span_one_open",
            "item_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    state: Mapped[State]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[prose] = mapped_column(default="")
