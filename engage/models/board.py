"""The only place for the board: its charter, seats, motions, ballots and decisions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.models.base import Base, address, intpk, line, money, prose, sha256, word
from engage.rules.authority import Method
from engage.rules.conditions import Step
from engage.rules.reports import LateReports
from engage.rules.thresholds import Measure
from engage.rules.voting import Choice, Outcome


def _by_place(context: Any) -> Method:
    return Method.NOTATIONAL if context.get_current_parameters().get("meeting_id") is None else Method.MEETING


_UNHEARD = text("closed_at IS NULL AND hours IS NOT NULL AND runs_from IS NULL")  # silences that wait to begin
_DUE = text("closed_at IS NULL AND escalated_at IS NULL AND meeting_id IS NULL")


class Board(Base):
    """A body that advises and decides."""

    __tablename__ = "board"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[intpk]
    name: Mapped[line]
    zone: Mapped[word]


class Charter(Base):
    """The board's rules in force from `starts_on` until the next charter's day. Shares are "1/2": strictly more."""

    __tablename__ = "charter"
    __table_args__ = (
        UniqueConstraint("board_id", "starts_on"),
        CheckConstraint("(second_share IS NULL) = (second_of IS NULL)", name="second_threshold_whole"),
        CheckConstraint("NOT (chair_votes AND chair_breaks_ties)", name="one_vote_a_seat"),
    )

    id: Mapped[intpk]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    title: Mapped[line]
    starts_on: Mapped[date]
    quorum_share: Mapped[str] = mapped_column(String(9))
    quorum_at_least: Mapped[int | None]
    threshold_share: Mapped[str] = mapped_column(String(9))
    recused_leave_the_base: Mapped[bool]
    vacant_leave_the_base: Mapped[bool]
    chair_votes: Mapped[bool]
    chair_breaks_ties: Mapped[bool] = mapped_column(default=False)  # votes in a tie alone, and is in no base
    second_share: Mapped[str | None] = mapped_column(String(9))  # both thresholds are needed where there are two
    second_of: Mapped[Measure | None]
    thresholds: Mapped[str] = mapped_column(Text, default="{}")  # JSON: what a kind of item needs instead
    notice_days: Mapped[int] = mapped_column(default=0)  # business days between the call and the meeting
    meeting_kinds: Mapped[str] = mapped_column(String(200), default="")  # what is decided in a meeting alone
    endorsement: Mapped[bool] = mapped_column(default=False)  # a request's supervisor speaks before the screening
    reconsider_days: Mapped[int] = mapped_column(default=30)  # days after a decision; 0: never
    prevailing_may_reconsider: Mapped[bool] = mapped_column(default=True)  # a member of the winning side, too
    source: Mapped[address]
    # Outside meetings. Kinds of item are words with blanks between, empty: none; a cost of None: no ceiling.
    calendar_days: Mapped[int] = mapped_column(default=90)  # by then a calendared item is before a meeting
    silence_kinds: Mapped[str] = mapped_column(String(200), default="")
    silence_cost: Mapped[money | None]
    silence_hours: Mapped[int] = mapped_column(default=72)  # usual, on business days
    silence_least_hours: Mapped[int] = mapped_column(default=24)
    alone_kinds: Mapped[str] = mapped_column(String(200), default="")  # what the chair or a delegate decides alone
    alone_cost: Mapped[money | None]
    ratify_days: Mapped[int] = mapped_column(default=30)  # by then the board has ratified an emergency decision
    standing_months: Mapped[int] = mapped_column(default=24)  # the longest life of a standing approval
    reviews_together: Mapped[bool] = mapped_column(default=True)  # else one after another, in the order of the rules
    late_reports: Mapped[LateReports] = mapped_column(default=LateReports.FLAG)  # what an overdue trip report does


class Seat(Base):
    """A place at the board; one seat, one vote. None: since the beginning, until the board changes."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("board_id", "name"),)

    id: Mapped[intpk]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    name: Mapped[line]
    is_chair: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]  # its last day


class SeatHolding(Base):
    """Who holds a seat, from `starts_on` through `ends_on` (None: until followed)."""

    __tablename__ = "seat_holding"
    __table_args__ = (UniqueConstraint("seat_id", "starts_on"), Index(None, "person_id"))

    id: Mapped[intpk]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


# Whom a motion to approve an engagement leaves out for now: a split decision.
motion_put_off = Table(
    "motion_put_off",
    Base.metadata,
    Column("motion_id", ForeignKey("motion.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Index(None, "person_id"),
)


class Motion(Base):
    """A vote on one outcome for one version of an item. One motion per item is open at a time.

    `defer_until` is the day on which what is deferred comes back: the item, or whom a split decision puts off.
    """

    __tablename__ = "motion"
    __table_args__ = (
        UniqueConstraint("item_id", "round"),
        Index(None, "meeting_id", "id"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_someone"),
        CheckConstraint("outcome <> 'defer' OR defer_until IS NOT NULL", name="deferral_has_a_day"),
        Index(
            "uq_motion_one_open",
            "item_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_motion_open_closes_at",
            "closes_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("(method = 'meeting') = (meeting_id IS NOT NULL)", name="meeting_in_a_meeting"),
        CheckConstraint("(method = 'silence') = (hours IS NOT NULL)", name="silence_has_hours"),
        CheckConstraint("runs_from IS NULL OR hours IS NOT NULL", name="only_silence_runs"),
        Index("ix_motion_unheard", "id", sqlite_where=_UNHEARD, postgresql_where=_UNHEARD),
        Index("ix_motion_due", "closes_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: Mapped[intpk]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    charter_id: Mapped[int] = mapped_column(ForeignKey("charter.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    round: Mapped[int]
    outcome: Mapped[Outcome]
    reason: Mapped[prose] = mapped_column(default="")  # why the mover proposes it; the decision's reason
    conditions: Mapped[prose] = mapped_column(default="")  # a line each
    terms: Mapped[str] = mapped_column(Text, default="[]")  # JSON: whose each condition is, by when, whether it blocks
    defer_until: Mapped[date | None]
    defer_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    moved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    moved_at: Mapped[datetime]
    closes_at: Mapped[datetime]  # when members are asked to have voted by; nothing happens by itself then
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    carried: Mapped[bool | None]
    arithmetic: Mapped[str | None] = mapped_column(Text)  # JSON list of sentences
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))  # in which it was put; None: on paper
    method: Mapped[Method] = mapped_column(default=_by_place)
    hours: Mapped[int | None]  # of a silence, on business days
    runs_from: Mapped[datetime | None]  # since when a silence runs: its text had reached a quorum
    escalated_at: Mapped[datetime | None]  # when it was overdue and those above were told
    version: Mapped[int] = mapped_column()

    ballots: Mapped[list["Ballot"]] = relationship(lazy="raise", order_by="Ballot.id")

    __mapper_args__ = {"version_id_col": version}


class Ballot(Base):
    """What a seat said on a motion. It may change until the motion closes; each change is in the trail."""

    __tablename__ = "ballot"
    __table_args__ = (UniqueConstraint("motion_id", "seat_id"),)

    id: Mapped[intpk]
    motion_id: Mapped[int] = mapped_column(ForeignKey("motion.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))  # the text judged
    choice: Mapped[Choice]
    reason: Mapped[prose] = mapped_column(default="")
    cast_at: Mapped[datetime]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # by whom in a roll call
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))  # under which a stand-in cast it


class Recusal(Base):
    """A member's recorded non-participation in an item."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("item_id", "person_id"), Index(None, "person_id", "item_id"))

    id: Mapped[intpk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[prose]
    at: Mapped[datetime]


class Decision(Base):
    """What the board decided: the carried motion, the digest of the text judged, and the sums. Never changed."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("motion_id"), Index(None, "item_id", "id"))

    id: Mapped[intpk]
    motion_id: Mapped[int] = mapped_column(ForeignKey("motion.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    sha256: Mapped[sha256]
    outcome: Mapped[Outcome]
    reason: Mapped[prose]
    arithmetic: Mapped[str] = mapped_column(Text)
    authority: Mapped[line]
    method: Mapped[Method] = mapped_column(default=Method.NOTATIONAL)
    decided_at: Mapped[datetime]
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    seats: Mapped[str | None] = mapped_column(Text)  # JSON: [seat, holder] of that day; None: not kept then


class Condition(Base):
    """Something a decision demands of its owner. A blocking one holds clearance until it is verified, or waived.

    Owed on `due_on`, or `due_days_before` departure. `evidence` alone satisfies nothing: `met_at` is when somebody
    else, who has no interest in the item, verified it.
    """

    __tablename__ = "condition"
    __table_args__ = (
        CheckConstraint("(met_at IS NULL) = (met_by_id IS NULL)", name="met_by_someone"),
        CheckConstraint("(given_at IS NULL) = (given_by_id IS NULL)", name="given_by_someone"),
        CheckConstraint("(waived_at IS NULL) = (waived_by_id IS NULL)", name="waived_by_a_decision"),
        CheckConstraint("met_at IS NULL OR given_at IS NOT NULL", name="met_by_evidence"),
        CheckConstraint("met_by_id IS NULL OR met_by_id <> owner_id", name="verified_by_another"),
        CheckConstraint("due_on IS NULL OR due_days_before IS NULL", name="one_due_day"),
        CheckConstraint("due_days_before >= 0", name="due_before_departure"),
        Index(None, "item_id"),
        Index(None, "owner_id"),
        Index(
            "ix_condition_open_due_on",
            "due_on",
            "id",
            sqlite_where=text("met_at IS NULL"),
            postgresql_where=text("met_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    text: Mapped[prose]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]
    due_days_before: Mapped[int | None]
    blocking: Mapped[bool] = mapped_column(default=True)
    given_at: Mapped[datetime | None]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    evidence: Mapped[prose] = mapped_column(default="")
    met_at: Mapped[datetime | None]
    met_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    waived_at: Mapped[datetime | None]
    waived_by_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))


class ConditionStep(Base):
    """One thing that happened to a condition, with its words: evidence, a refusal's reason. Never changed."""

    __tablename__ = "condition_step"
    __table_args__ = (Index(None, "condition_id", "id"),)

    id: Mapped[intpk]
    condition_id: Mapped[int] = mapped_column(ForeignKey("condition.id"))
    step: Mapped[Step]
    said: Mapped[prose] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
