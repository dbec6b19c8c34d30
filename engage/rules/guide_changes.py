"""The only place that says what a new version of a guide asks of somebody who read an earlier one.

An author marks every part that changed; a version may be skipped by a reader, so what they must read again is
what any version since theirs has marked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from engage.rules.guide_text import SECTIONS

# The parts a reader reads. Title, questions and sources change without asking anybody to read again.
PARTS: Mapping[str, str] = MappingProxyType({"summary": "Summary", **SECTIONS, "must_know": "Points to remember"})


class Mark(StrEnum):
    """What a change of one part asks of those who read the guide before."""

    MINOR = "minor"
    REREAD = "reread"
    WHOLE = "whole"

    @property
    def label(self) -> str:
        """The mark in words, as its choice shows it."""
        return LABELS[self]


LABELS = {
    Mark.MINOR: "Minor: nobody reads it again",
    Mark.REREAD: "Read this part again",
    Mark.WHOLE: "Read the whole guide again",
}


@dataclass(frozen=True)
class Edition:
    """A version as its readers meet it; material without marks asks for the whole guide."""

    number: int
    material: bool
    marks: Mapping[str, Mark]


@dataclass(frozen=True)
class Reread:
    """What a reader of an earlier version reads again: nothing, some parts, or the whole guide."""

    whole: bool = False
    parts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.whole or bool(self.parts)


def text_of(content: Mapping[str, Any], part: str) -> str:
    """What `content` says in one part, as text; points to remember a line each."""
    if part == "must_know":
        return "\n".join(content["must_know"])
    return content["summary"] if part == "summary" else content["sections"].get(part, "")


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts whose text differs, in the order of a guide."""
    return tuple(part for part in PARTS if text_of(old, part) != text_of(new, part))


def is_material(marks: Mapping[str, Mark]) -> bool:
    """Whether any part must be read again."""
    return any(mark is not Mark.MINOR for mark in marks.values())


def unmarked(parts: Iterable[str], marks: Mapping[str, Mark]) -> dict[str, str]:
    """A sentence for each changed part that nobody marked."""
    return {
        f"mark_{part}": f"“{PARTS[part]}” changed: say what that asks of its readers."
        for part in parts
        if part not in marks
    }


def to_reread(since: Iterable[Edition]) -> Reread:
    """What somebody reads again after the editions `since` the one they acknowledged."""
    parts: set[str] = set()
    whole = False
    for edition in since:
        if edition.material:
            marks = edition.marks
            whole = whole or not marks or Mark.WHOLE in marks.values()
            parts |= {part for part, mark in marks.items() if mark is Mark.REREAD}
    return Reread(whole, frozenset() if whole else frozenset(parts))
