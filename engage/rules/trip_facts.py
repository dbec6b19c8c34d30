"""The only place for the facts of readiness: the trip, and what was read, done and granted."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engage.rules.marking import Marking


class ClearanceKind(StrEnum):
    """A permission that somebody outside the agency's board gives."""

    COUNTRY = "country"
    THEATER = "theater"
    VISA = "visa"
    MEDICAL = "medical"
    PASSPORT = "passport"


class ClearanceStatus(StrEnum):
    """Where that permission stands; a restriction is printed, but does not hold the traveller."""

    REQUESTED = "requested"
    GRANTED = "granted"
    RESTRICTED = "restricted"
    REFUSED = "refused"

    @classmethod
    def good(cls) -> frozenset["ClearanceStatus"]:
        """Those under which one may travel."""
        return frozenset({cls.GRANTED, cls.RESTRICTED})


@dataclass(frozen=True)
class Stay:
    """A stay in a foreign country; `advisory_level` 1 to 4, None where nobody recorded one.

    `transit`: a stop on the way, in which nobody is visited.
    """

    country_code: str
    arrives_on: date
    leaves_on: date
    advisory_level: int | None = None
    of_concern: bool = False
    country_name: str = ""
    transit: bool = False

    @property
    def place(self) -> str:
        """The country as sentences name it."""
        return self.country_name or self.country_code


@dataclass(frozen=True)
class TripFacts:
    """One traveller's trip. `stays` are foreign ones only: a country's own territories ask for nothing.

    `days_abroad_12_months` is cumulative and includes this trip. `nature` is the kind of engagement, `marking` its
    handling marking; None: nobody has said.
    """

    departs_on: date
    returns_on: date
    stays: tuple[Stay, ...]
    roles: frozenset[str]
    engagement_state: str
    days_abroad_12_months: int = 0
    nature: str | None = None
    marking: Marking | None = None

    @property
    def days(self) -> int:
        """Calendar days of the trip, the first and the last included."""
        return (self.returns_on - self.departs_on).days + 1


@dataclass(frozen=True)
class GuideVersion:
    """A published version; without `country_code` and `body` ("partner-7", "forum-7") it is the general guide.

    A `material` version must be acknowledged anew; a minor one leaves earlier acknowledgements standing.
    """

    guide_id: int
    version_id: int
    country_code: str | None
    title: str
    sha256: str
    published_at: datetime
    material: bool = True
    body: str = ""

    def age(self) -> tuple[datetime, int]:
        """Sorts versions from the oldest to the one in force."""
        return self.published_at, self.version_id


@dataclass(frozen=True)
class Acknowledged:
    """The traveller has read this version, for this trip."""

    version_id: int
    guide_id: int


@dataclass(frozen=True)
class Course:
    """A course; `satisfied_by` are codes of other courses that stand for it (FACT for CTAT)."""

    code: str
    name: str
    satisfied_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Completion:
    """A course the traveller completed; `valid_until` None never lapses. Unverified, it satisfies nothing."""

    course_code: str
    completed_on: date
    valid_until: date | None
    verified: bool


@dataclass(frozen=True)
class Clearance:
    """An outside clearance as last recorded (`kind` a ClearanceKind, `status` a ClearanceStatus)."""

    kind: str
    country_code: str | None
    status: str
    valid_until: date | None = None
    restriction: str = ""


@dataclass(frozen=True)
class OpenCondition:
    """A blocking condition of the decision that nobody has verified; due by departure unless it says when."""

    text: str
    due_on: date | None = None
    due_days_before: int | None = None


@dataclass(frozen=True)
class Waived:
    """A waiver with both its signatures, good through `ends_on`; it names a requirement as `Requirement.key` does.

    `signed` is who gave it and in which role, in words.
    """

    key: str
    ends_on: date
    signed: str
    reason: str
