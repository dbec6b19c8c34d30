"""The only place for what is told of an engagement once it is over: the report, its parts, and what was filed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, country_code, intpk, line, money, prose, sha256
from engage.rules.outcomes import OutcomeKind
from engage.rules.reports import LessonKind


class TripReport(Base):
    """The one report of an engagement, which its whole group writes; what is known already is not repeated in it.

    `filed_at` is None while it is a draft, and again after it was taken back; `first_filed_at` never changes.
    """

    __tablename__ = "trip_report"
    __table_args__ = (
        UniqueConstraint("engagement_id"),
        CheckConstraint("(filed_at IS NULL) = (filed_by_id IS NULL)", name="filed_by_someone"),
        CheckConstraint("filed_at IS NULL OR readout <> ''", name="filed_says_something"),
        CheckConstraint("filed_at IS NULL OR first_filed_at IS NOT NULL", name="filed_once_at_least"),
        Index(None, "filed_at", "id"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    readout: Mapped[prose] = mapped_column(default="")
    recommendations: Mapped[prose] = mapped_column(default="")
    no_outcome: Mapped[prose] = mapped_column(default="")  # why there is none, where there is none
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    filed_at: Mapped[datetime | None]
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    first_filed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ReportVersion(Base):
    """A report as it was filed, with all that was known by then: canonical JSON, never changed.

    `reason` says why it was filed again; empty for the first.
    """

    __tablename__ = "report_version"
    __table_args__ = (UniqueConstraint("engagement_id", "number"),)

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[sha256]
    filed_at: Mapped[datetime]
    filed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[prose] = mapped_column(default="")


class Outcome(Base):
    """One result of an engagement. It counts while its report is filed (services.outcome_counts).

    `number` counts what the kind names; `nations` and `people` were reached. `counted_on` is the day whose quarter
    it belongs to, the last of the engagement, and `forum_id` its forum: as they were when it was counted.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        CheckConstraint("number >= 1", name="some_number"),
        CheckConstraint("nations >= 1", name="some_nations"),
        CheckConstraint("people >= 1", name="some_people"),
        CheckConstraint(
            "kind <> 'training' OR (nations IS NOT NULL AND people IS NOT NULL)", name="training_reached_somebody"
        ),
        CheckConstraint("summary <> ''", name="says_what"),
        Index(None, "engagement_id", "id"),
        Index(None, "partner_id", "id"),
        Index(None, "counted_on", "id"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    kind: Mapped[OutcomeKind]
    summary: Mapped[prose]
    objective_id: Mapped[int] = mapped_column(ForeignKey("objective.id"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    number: Mapped[int] = mapped_column(default=1)
    nations: Mapped[int | None]
    people: Mapped[int | None]
    evidence: Mapped[prose] = mapped_column(default="")
    counted_on: Mapped[date]
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forum.id"))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class OutcomeCount(Base):
    """How many outcomes filed reports hold, by all that they are asked for: kept beside them, for it would grow.

    `forum_id` 0 and `country_code` "" stand for none, so that the key is whole.
    """

    __tablename__ = "outcome_count"
    __table_args__ = (
        UniqueConstraint(
            "quarter_on", "objective_id", "kind", "country_code", "forum_id", name="uq_outcome_count_whole_key"
        ),
        CheckConstraint("outcomes >= 0", name="not_below_nothing"),
        Index(  # holds all that the counts read, so that they read nothing else
            "ix_outcome_count_whole", "quarter_on", "goal_id", "kind", "country_code", "forum_id", "outcomes", "number",
            "nations", "people",
        ),
    )

    id: Mapped[intpk]
    quarter_on: Mapped[date]  # its first day
    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id"))
    objective_id: Mapped[int] = mapped_column(ForeignKey("objective.id"))
    kind: Mapped[OutcomeKind]
    country_code: Mapped[str] = mapped_column(String(2))
    forum_id: Mapped[int]
    outcomes: Mapped[int] = mapped_column(default=0)
    number: Mapped[int] = mapped_column(default=0)
    nations: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)


class OutcomeSum(Base):
    """The same counts for each quarter by one thing alone: as many rows as there are countries, forums, goals, kinds.

    `key` is that of the goal, country, forum or kind, as text; "" stands for no country, "0" for no forum.
    """

    __tablename__ = "outcome_sum"
    __table_args__ = (
        UniqueConstraint("way", "quarter_on", "key", name="uq_outcome_sum_whole_key"),
        CheckConstraint("way IN ('goal', 'country', 'forum', 'kind')", name="a_way"),
        CheckConstraint("outcomes >= 0", name="not_below_nothing"),
    )

    id: Mapped[intpk]
    way: Mapped[str] = mapped_column(String(10))
    quarter_on: Mapped[date]  # its first day
    key: Mapped[str] = mapped_column(String(40))
    outcomes: Mapped[int] = mapped_column(default=0)
    number: Mapped[int] = mapped_column(default=0)
    nations: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)


class PersonMet(Base):
    """Whom the group met: name, function and house, and nothing that reaches or identifies them further."""

    __tablename__ = "person_met"
    __table_args__ = (Index(None, "engagement_id", "id"),)

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    name: Mapped[line]
    function: Mapped[line]
    organisation: Mapped[line] = mapped_column(default="")
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))


class Lesson(Base):
    """What the next traveller to a country should know. Shown to others once its report is filed.

    `answered_at` is when the owner of the country's guide took it up, or set it aside with a word.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        CheckConstraint("text <> ''", name="says_something"),
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered_by_someone"),
        Index(None, "engagement_id", "id"),
        Index(None, "country_code", "id"),
        Index(None, "partner_id", "id"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    kind: Mapped[LessonKind]
    country_code: Mapped[country_code]
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    text: Mapped[prose]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_up: Mapped[bool | None]
    answer: Mapped[line] = mapped_column(default="")


class OutsidePayment(Base):
    """What a source outside the federal government gave for an engagement, in the end (31 U.S.C. 1353).

    `amount` is US dollars; for what was given in kind, its value.
    """

    __tablename__ = "outside_payment"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index(None, "engagement_id", "id"),
    )

    id: Mapped[intpk]
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    payer: Mapped[line]
    what: Mapped[line]
    in_kind: Mapped[bool]
    amount: Mapped[money]
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class LateReportPass(Base):
    """Leave to ask for engagements although a report is overdue, through `ends_on`, with the reason."""

    __tablename__ = "late_report_pass"
    __table_args__ = (CheckConstraint("reason <> ''", name="says_why"), Index(None, "person_id", "ends_on"))

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ends_on: Mapped[date]
    reason: Mapped[prose]
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
