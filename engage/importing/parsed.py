"""The only place for what every reading of a file gives back: rows, faults, and what must be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """Why a file cannot be taken as it is. `line` counts from 1 as an editor shows it; 0 is the whole file.

    `column` is the column or property, empty when the row or file as a whole is meant.
    """

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = "The file" if self.line == 0 else f"Line {self.line}"
        return f"{where}, {self.column}: {self.reason}" if self.column else f"{where}: {self.reason}"


@dataclass(frozen=True)
class Question:
    """What the file leaves open and nobody may guess.

    Questions with one `key` are one question, asked on several lines; the answer is one of `options`, or,
    where there are none, a two-letter country code. Read the file again with `answers={key: answer}` to
    settle it.
    """

    line: int
    key: str
    about: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parsed(Generic[T]):
    """What a file holds. Rows are only to be written when there are no problems: all or nothing."""

    rows: tuple[T, ...] = ()
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the file may be taken."""
        return not self.problems

    @classmethod
    def refused(cls, problems: Iterable[Problem]) -> "Parsed[T]":
        """A file of which nothing can be read."""
        return cls(problems=tuple(problems))
