"""The only place that reads the completions that a learning system exports."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engage.importing.cells import LINE_LIMIT, Cells, day, email, refuse_repeats
from engage.importing.parsed import Parsed
from engage.importing.sheet import read_csv

REQUIRED = ("email", "course", "completed_on")
OPTIONAL = ("evidence",)


@dataclass(frozen=True)
class CompletionRow:
    """One course that one person completed on a day; `course` is its code."""

    line: int
    email: str
    course: str
    completed_on: date | None
    evidence: str


def parse_completions(source: bytes | Path) -> Parsed[CompletionRow]:
    """The completions of a file, each of one person, course and day once."""
    sheet = read_csv(source, required=REQUIRED, optional=OPTIONAL)
    problems, rows = list(sheet.problems), []
    for row in sheet.rows:
        cells = Cells(row, problems)
        for name in REQUIRED:
            if not cells.raw(name):
                cells.refuse(name, "This is missing.")
        rows.append(
            CompletionRow(
                line=row.line,
                email=cells.value("email", _address) or "",
                course=cells.raw("course").upper()[:40],
                completed_on=cells.value("completed_on", day),
                evidence=cells.line("evidence"),
            )
        )
    refuse_repeats(
        [(row.line, "course", f"{row.email} {row.course} {row.completed_on}") for row in rows if row.email], problems
    )
    return Parsed(tuple(rows), tuple(problems))


def _address(text: str) -> str:
    if len(text) > LINE_LIMIT:
        raise ValueError(f"This is longer than {LINE_LIMIT} characters.")
    return email(text)
