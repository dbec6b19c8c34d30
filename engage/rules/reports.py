"""The only place for the words of trip reports: lessons, what a charter does with late ones, and what is missing."""

from datetime import date
from enum import StrEnum

from engage.rules.working_time import Calendar, add_business_days

LONGEST = 10_000  # characters of a readout, or of recommendations


class LessonKind(StrEnum):
    """What a lesson is about."""

    ETIQUETTE = "etiquette"
    LOGISTICS = "logistics"
    SECURITY = "security"
    SUBSTANCE = "substance"
    PLANNING = "planning"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            "etiquette": "Etiquette and people", "logistics": "Travel and logistics", "security": "Security",
            "substance": "The subject itself", "planning": "Planning and follow-up",
        }[self.value]  # fmt: skip


class LateReports(StrEnum):
    """What a charter does with a new request while a report of its people is overdue."""

    IGNORE = "ignore"
    FLAG = "flag"
    BLOCK = "block"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {
            "ignore": "Nothing", "flag": "The request is marked for who screens it",
            "block": "The request is not taken until the report is filed, unless the secretariat lets it through",
        }[self.value]  # fmt: skip


class ReportState(StrEnum):
    """Where a report stands on a day: computed, never stored."""

    NOT_DUE = "not_due"
    DUE = "due"
    OVERDUE = "overdue"
    FILED = "filed"

    @property
    def label(self) -> str:
        """The state in words."""
        return {"not_due": "To be written", "due": "Due", "overdue": "Overdue", "filed": "Filed"}[self.value]


def day_after(ended_on: date, business_days: int, calendar: Calendar) -> date:
    """The day that is so many business days of the office after an engagement ended."""
    return add_business_days(ended_on, business_days, [calendar])


def report_state(filed: bool, due_on: date, overdue_on: date, today: date) -> ReportState:
    """Where a report stands: due once its day is past, overdue past the day on which the charter looks."""
    if filed:
        return ReportState.FILED
    if today > overdue_on:
        return ReportState.OVERDUE
    return ReportState.DUE if today >= due_on else ReportState.NOT_DUE


def missing(readout: str, outcomes: int, no_outcome: str, payments_owed: bool) -> dict[str, str]:
    """A sentence for each part without which a report is not filed; empty when it is whole."""
    at = {}
    if not readout:
        at["readout"] = "Write the readout: a paragraph on what happened and what it means."
    if not outcomes and not no_outcome:
        at["no_outcome"] = "Record an outcome, or say in a sentence why there is none."
    if payments_owed:
        at["payments"] = "Say what the outside payer gave: the request named one, and the law asks."
    return at
