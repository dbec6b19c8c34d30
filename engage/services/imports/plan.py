"""The only place for what an import would do, row by row: a person reads it before anything is written."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engage.importing.parsed import Problem, Question


class Unsound(Exception):
    """A file with problems was to be taken. Nothing was written; `plan` names every problem."""

    def __init__(self, plan: "Plan") -> None:
        super().__init__("The file has problems, so nothing was taken from it.")
        self.plan = plan


@dataclass(frozen=True)
class Entry:
    """One row of the file: `says` is what would change, what a draft would lack, or why the row is left alone.

    `values` are what its writer needs; `id` is the record that is there already.
    """

    line: int
    label: str
    says: tuple[str, ...] = ()
    values: Any = None
    id: int | None = None


@dataclass(frozen=True)
class Plan:
    """What would be new, what would change and what stays the same; nothing at all while there are problems."""

    new: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    same: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the file may be taken."""
        return not self.problems

    @property
    def idle(self) -> bool:
        """Whether taking it would change nothing."""
        return not self.new and not self.changed

    def only_new(self) -> "Plan":
        """The same without the changes: what is here already is left as it is."""
        return replace(self, changed=(), same=self.same + self.changed)


def in_words(day: date | None) -> str:
    """A day as people write it: 26 May 2024."""
    return f"{day.day} {day:%B %Y}" if day else "a day not known"
