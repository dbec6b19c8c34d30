"""The only place for what a request for an engagement says: its words, and its content as plain values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engage.rules.marking import Marking


class Asks(StrEnum):
    """What the board is asked for."""

    DECISION = "decision"
    ADVICE = "advice"


class Firmness(StrEnum):
    """How sure a draft is: a mark for those who look ahead."""

    IDEA = "idea"
    TENTATIVE = "tentative"
    FIRM = "firm"


class EngagementKind(StrEnum):
    """The nature of the meeting."""

    BILATERAL = "bilateral"
    MULTILATERAL = "multilateral"
    CONFERENCE = "conference"
    EXERCISE = "exercise"
    TRAINING = "training"
    STANDARDS = "standards"
    CSIRT = "csirt"

    @property
    def label(self) -> str:
        """The kind in words."""
        return "CSIRT cooperation" if self is EngagementKind.CSIRT else self.value.capitalize()


class Direction(StrEnum):
    """Who comes to whom."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"
    VIRTUAL = "virtual"


@dataclass(frozen=True)
class ContentLeg:
    """One country stay: days in the place's own time zone; `zone` None while nobody has said which.

    `transit`: a stop on the way, in which nobody is visited.
    """

    country_code: str
    city: str
    zone: str | None
    arrives_on: date
    departs_on: date
    transit: bool = False


@dataclass(frozen=True)
class ContentTraveller:
    """Somebody named to go; `person_id` None while `name_given` is not matched to a person."""

    person_id: int | None
    name_given: str = ""
    is_lead: bool = False


@dataclass(frozen=True)
class ContentCost:
    """One line of the estimate for the whole party, in US dollars.

    `per_diem_on`: the day of the rates it was reckoned with; None where it is no per diem.
    """

    what: str
    amount: Decimal
    funder: str = "Agency travel budget"
    non_federal: bool = False
    per_diem_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that a requester says: these fields, and no others, are written by drafting and revising.

    `starts_on` and `ends_on` count where there are no legs: stays say themselves when the party goes. `missing`
    is what an import could not settle, a line each; a requester clears it.
    """

    title: str
    nature: EngagementKind | None = None
    direction: Direction = Direction.OUTBOUND
    asks: Asks = Asks.DECISION
    firmness: Firmness = Firmness.FIRM
    marking: Marking = Marking.GREEN
    purpose: str = ""
    outcome_sought: str = ""
    why_not_virtual: str = ""
    why_this_many: str = ""
    other_than_coach: bool = False
    media: bool = False
    late_reason: str = ""
    notes: str = ""
    missing: str = ""
    forum_id: int | None = None
    event_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    objective_ids: tuple[int, ...] = ()
    partner_ids: tuple[int, ...] = ()
    legs: tuple[ContentLeg, ...] = ()
    travellers: tuple[ContentTraveller, ...] = ()
    costs: tuple[ContentCost, ...] = ()

    @property
    def first_day(self) -> date | None:
        """The first day of the activity."""
        return min((leg.arrives_on for leg in self.legs), default=self.starts_on)

    @property
    def last_day(self) -> date | None:
        """The last day of the activity; None where only its beginning is known."""
        return max((leg.departs_on for leg in self.legs), default=self.ends_on)
