"""The only place that turns a CSV file into rows of text with their line numbers."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engage.importing.parsed import Problem

FILE_LIMIT_BYTES = 5 * 1024 * 1024
ROW_LIMIT = 20_000
COLUMN_LIMIT = 100
CELL_LIMIT_CHARACTERS = 10_000


@dataclass(frozen=True)
class SheetRow:
    """One row: the line on which it begins, and its cells by column, trimmed, in Unicode's composed form."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A CSV file as read. Rows with a fault are left out and named in `problems`."""

    rows: tuple[SheetRow, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows of text that were split already: the line by which its file knows each, and its cells."""

    rows: tuple[tuple[int, list[str]], ...]


Source = bytes | Path | Table


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


def file_bytes(source: bytes | Path, limit_bytes: int) -> bytes:
    """The content of a file, or of bytes already in hand. Raises Unreadable past `limit_bytes`."""
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                source = file.read(limit_bytes + 1)
        except OSError as error:
            raise Unreadable(f"The file cannot be opened: {error.strerror or 'unknown reason'}.") from error
    if len(source) > limit_bytes:
        size = f"{limit_bytes // 1024**2} MB" if limit_bytes >= 1024**2 else f"{limit_bytes // 1024} KB"
        raise Unreadable(f"The file is larger than {size}.")
    return source


def file_text(source: bytes | Path, limit_bytes: int) -> str:
    """The text of a UTF-8 file, with or without a byte order mark. Raises Unreadable."""
    content = file_bytes(source, limit_bytes)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The file is UTF-16. Save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(f"The file is not UTF-8 (line {line}). Save it as UTF-8.") from None


def read_table(content: bytes) -> Table:
    """The rows of a comma-separated file. Raises Unreadable."""
    rows, faults = _split(file_text(content, FILE_LIMIT_BYTES))
    if faults:
        raise Unreadable(f"{faults[0].reason} (line {faults[0].line})")
    if len(rows) > ROW_LIMIT + 1:
        raise Unreadable(f"The file has more than {ROW_LIMIT:,} rows. Split it.")
    return Table(tuple(rows))


def read_csv(source: Source, *, required: Iterable[str], optional: Iterable[str] = ()) -> Sheet:
    """Rows of a comma-separated file whose first row names the columns. Never raises for what the file holds.

    Blank rows, and empty columns without a name, are passed over, as spreadsheets leave them behind.
    Columns that are missing, unknown or named twice, rows of another length, control characters and cells
    past the limit are problems.
    """
    required, optional = tuple(required), tuple(optional)
    try:
        if isinstance(source, Table):
            rows, faults = list(source.rows), list[Problem]()
        else:
            rows, faults = _split(file_text(source, FILE_LIMIT_BYTES))
        if not rows:
            raise Unreadable("The file is empty." if not faults else "The file has no readable row.")
    except Unreadable as refusal:
        return Sheet(problems=(Problem(0, "", str(refusal)),))

    (line, header), *body = rows
    names = [_clean(name).casefold().replace(" ", "_") for name in header]
    problems = list(_header_problems(line, names, required, optional)) + faults
    if any(problem.line == line for problem in problems):
        return Sheet(problems=tuple(problems))
    if len(body) > ROW_LIMIT:
        return Sheet(problems=(Problem(0, "", f"The file has more than {ROW_LIMIT:,} rows. Split it."),))

    good = []
    for line, cells in body:
        found = list(_row_problems(line, names, cells))
        problems += found
        if not found:
            values = (_clean(cell) for cell in cells)
            named = {name: value for name, value in zip(names, values, strict=False) if name}
            good.append(SheetRow(line, named))
    return Sheet(tuple(good), tuple(sorted(problems, key=lambda problem: problem.line)))


def _split(text: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Rows that are not blank, each with the line on which it begins; a fault of quoting ends the reading."""
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Unreadable(f"The file holds a NUL character (line {line}); it is not a text file.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows, []
        except csv.Error as error:
            reason = f"The quotation marks or the length are wrong ({error}); reading stopped."
            return rows, [Problem(line, "", reason)]
        if any(cell.strip() for cell in cells):
            rows.append((line, cells))
        if len(rows) > ROW_LIMIT + 1:
            return rows, []


def _header_problems(
    line: int, names: list[str], required: tuple[str, ...], optional: tuple[str, ...]
) -> Iterable[Problem]:
    named = [name for name in names if name]
    if len(named) == 1 and (";" in named[0] or "\t" in named[0]):
        reason = "The columns are not separated by commas. Save the file as comma-separated (CSV)."
        yield Problem(line, "", reason)
        return
    if len(names) > COLUMN_LIMIT:
        yield Problem(line, "", f"There are more than {COLUMN_LIMIT} columns.")
        return
    for name in required:
        if name not in named:
            yield Problem(line, name, "This column is missing.")
    for name in dict.fromkeys(named):
        if name not in required and name not in optional:
            yield Problem(line, _shown(name), "This column is not known here.")
        if named.count(name) > 1:
            yield Problem(line, _shown(name), "This column is there twice.")


def _row_problems(line: int, names: list[str], cells: list[str]) -> Iterable[Problem]:
    if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
        yield Problem(line, "", f"The row has {len(cells)} cells, the header {len(names)}.")
        return
    for name, cell in zip(names, cells, strict=False):
        if not name and cell.strip():
            yield Problem(line, "", "A cell stands under a column without a name.")
        if len(cell) > CELL_LIMIT_CHARACTERS:
            yield Problem(line, name, f"The cell is longer than {CELL_LIMIT_CHARACTERS:,} characters.")
        if has_control_characters(cell):
            yield Problem(line, name, "The cell holds a control character.")


def has_control_characters(text: str) -> bool:
    """Whether text holds a character that is neither writing nor a line break or tab."""
    return any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text)


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).replace("\r\n", "\n").replace("\r", "\n").strip()


def _shown(name: str) -> str:
    return name if len(name) <= 60 else name[:60] + "…"
