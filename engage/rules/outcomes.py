"""The only place for the words of what came of an engagement, and for what each kind of outcome must say."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class OutcomeKind(StrEnum):
    """What an engagement brought, on one basis for all."""

    SHARED = "shared"
    ALERT = "alert"
    NOTIFICATION = "notification"
    TACTICS = "tactics"
    JOINT_PRODUCT = "joint_product"
    TRAINING = "training"
    EXERCISE = "exercise"
    GUIDELINE = "guideline"
    AGREEMENT = "agreement"
    DEPENDENCY = "dependency"
    RELATIONSHIP = "relationship"

    @property
    def label(self) -> str:
        """The kind in words."""
        return _LABELS[self][0]

    @property
    def unit(self) -> str:
        """What its number counts, in words for several."""
        return _LABELS[self][1]


_LABELS = {
    OutcomeKind.SHARED: ("Information or product shared", "products"),
    OutcomeKind.ALERT: ("Vulnerability alert", "alerts"),
    OutcomeKind.NOTIFICATION: ("Victim notification", "victims notified"),
    OutcomeKind.TACTICS: ("Tactics exchanged", "exchanges"),
    OutcomeKind.JOINT_PRODUCT: ("Joint product", "products"),
    OutcomeKind.TRAINING: ("Training delivered", "trainings"),
    OutcomeKind.EXERCISE: ("Exercise run", "exercises"),
    OutcomeKind.GUIDELINE: ("Guideline or standard shaped", "texts"),
    OutcomeKind.AGREEMENT: ("Agreement reached", "agreements"),
    OutcomeKind.DEPENDENCY: ("Critical dependency identified", "dependencies"),
    OutcomeKind.RELATIONSHIP: ("Relationship opened", "relationships"),
}
MOST = 1_000_000  # of anything counted: beyond it, a slip of the hand
LONGEST = 2_000  # characters of a summary, or of its evidence


@dataclass(frozen=True)
class Outcome:
    """One result as it is reported. `number` counts what its kind names; `nations` and `people` were reached.

    `country_code` and `partner_id` are None where the result is nobody's in particular.
    """

    kind: OutcomeKind
    summary: str
    objective_id: int | None
    number: int = 1
    nations: int | None = None
    people: int | None = None
    partner_id: int | None = None
    country_code: str | None = None
    evidence: str = ""


def wrong_with(outcome: Outcome) -> dict[str, str]:
    """A sentence for each field that keeps an outcome from being counted, by name; empty for a sound one."""
    wrong = {}
    if not outcome.summary:
        wrong["summary"] = "Say in a sentence what came of it."
    elif len(outcome.summary) > LONGEST:
        wrong["summary"] = f"Use at most {LONGEST:,} characters."
    if len(outcome.evidence) > LONGEST:
        wrong["evidence"] = f"Use at most {LONGEST:,} characters."
    if outcome.objective_id is None:
        wrong["objective_id"] = "Choose the objective it serves: outcomes are counted by goal and objective."
    if not 1 <= outcome.number <= MOST:
        wrong["number"] = f"Give a number from 1 to {MOST:,}."
    for name, least in (("nations", 1), ("people", 1)):
        value = getattr(outcome, name)
        if value is not None and not least <= value <= MOST:
            wrong[name] = f"Give a number from {least} to {MOST:,}, or leave it empty."
        elif value is None and outcome.kind is OutcomeKind.TRAINING:
            wrong[name] = f"Of a training, say how many {name} it reached."
    return wrong


def quarter_of(day: date) -> date:
    """The first day of the calendar quarter that holds `day`."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def quarter_label(first: date) -> str:
    """A quarter in words: "Q2 2026", by the calendar year."""
    return f"Q{(first.month + 2) // 3} {first.year}"
