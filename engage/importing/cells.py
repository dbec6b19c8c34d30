"""The only place that turns the text of a cell into a value, or into a fault with its line and column."""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlsplit

from engage.importing.parsed import Problem
from engage.importing.sheet import SheetRow
from engage.reference.countries import country

T = TypeVar("T")

WORD_LIMIT = 40
LINE_LIMIT = 200
ADDRESS_LIMIT = 500
PROSE_LIMIT = 5_000
LIST_LIMIT = 50
DOLLAR_LIMIT = Decimal(100_000_000)

DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
DOLLARS = re.compile(r"\$?\s?(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.00?)?", re.ASCII)
EMAIL = re.compile(r"[^@\s,;<>\"()]{1,64}@(?:[^@\s,;<>\"().]{1,63}\.)+[^@\s,;<>\"().]{2,63}")


def single_line(text: str) -> str:
    """Text with every run of white space made one space."""
    return " ".join(text.split())


def day(text: str) -> date:
    """A day written as 2026-03-14; a spreadsheet's midnight behind it is passed over. Raises ValueError."""
    match = DAY.fullmatch(text)
    if not match:
        raise ValueError("Write the day as 2026-03-14.")
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        raise ValueError(f"There is no such day as {match[1]}.") from None


def dollars(text: str) -> Decimal:
    """Whole dollars: 3900, 3,900, $3900 or 3900.00. Raises ValueError."""
    match = DOLLARS.fullmatch(text)
    if not match:
        raise ValueError("Write whole dollars, such as 3900.")
    amount = Decimal(match[1].replace(",", ""))
    if amount > DOLLAR_LIMIT:
        raise ValueError(f"No amount is larger than {DOLLAR_LIMIT:,}.")
    return amount


def address(text: str) -> str:
    """An http or https address. Raises ValueError."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or re.search(r"[\s<>\"]", text):
        raise ValueError("Write a web address that begins with https:// or http://.")
    return text


def email(text: str) -> str:
    """An e-mail address, in lower case. Raises ValueError."""
    if not EMAIL.fullmatch(text):
        raise ValueError("Write an e-mail address, such as name@example.gov.")
    return text.lower()


class Cells:
    """Reads one row; each fault is kept in `problems` and the value is then empty or None."""

    def __init__(self, row: SheetRow, problems: list[Problem]) -> None:
        self.number = row.line
        self._cells = row.cells
        self._problems = problems

    def refuse(self, column: str, reason: str) -> None:
        """Note a fault of this row."""
        self._problems.append(Problem(self.number, column, reason))

    def raw(self, column: str) -> str:
        """The cell as it stands; empty when the column is absent."""
        return self._cells.get(column, "")

    def value(self, column: str, read: Callable[[str], T]) -> T | None:
        """What `read` makes of the cell; None when it is empty or `read` raises ValueError (noted)."""
        text = single_line(self.raw(column))
        if not text:
            return None
        try:
            return read(text)
        except ValueError as fault:
            self.refuse(column, str(fault))
            return None

    def line(self, column: str, *, required: bool = False, limit: int = LINE_LIMIT) -> str:
        """One line of text."""
        text = single_line(self.raw(column))
        if required and not text:
            self.refuse(column, "This is missing.")
        if len(text) > limit:
            self.refuse(column, f"This is longer than {limit} characters.")
            return ""
        return text

    def prose(self, column: str) -> str:
        """Text of several lines."""
        text = self.raw(column)
        if len(text) > PROSE_LIMIT:
            self.refuse(column, f"This is longer than {PROSE_LIMIT:,} characters.")
            return ""
        return text

    def choice(self, column: str, options: Collection[str], *, required: bool = True) -> str:
        """One of `options`; a missing one is a fault when required."""
        text = self.line(column, required=required, limit=WORD_LIMIT)
        word = text.casefold()
        if text and word not in options:
            self.refuse(column, f"“{text}” is none of {', '.join(options)}.")
            return ""
        return word

    def country(self, column: str) -> str | None:
        """A country code; None when empty."""
        return self.value(column, _country_code)

    def address(self, column: str) -> str:
        """A web address; empty when there is none."""
        text = self.line(column, limit=ADDRESS_LIMIT)
        return (self.value(column, address) or "") if text else ""

    def parts(self, column: str) -> tuple[str, ...]:
        """The values that `;` separates, without repetition, in order."""
        found = [single_line(part) for part in self.raw(column).split(";")]
        values = tuple(dict.fromkeys(part for part in found if part))
        if len(values) > LIST_LIMIT:
            self.refuse(column, f"There are more than {LIST_LIMIT} values.")
            return ()
        if any(len(value) > LINE_LIMIT for value in values):
            self.refuse(column, f"A value is longer than {LINE_LIMIT} characters.")
            return ()
        return values

    def span(self, starts: str, ends: str) -> tuple[date | None, date | None]:
        """A first and a last day, the last not before the first."""
        first, last = self.value(starts, day), self.value(ends, day)
        if first and last and last < first:
            self.refuse(ends, f"The last day {last} is before the first, {first}.")
            return first, None
        if last and not first and not self.raw(starts):
            self.refuse(starts, "There is a last day but no first.")
        return first, last


def _country_code(text: str) -> str:
    found = country(text.upper()) if len(text) == 2 else None
    if not found:
        raise ValueError(f"“{text[:40]}” is no country code; write two letters of ISO 3166-1, such as EE.")
    return found.code


def refuse_repeats(seen: Iterable[tuple[int, str, object]], problems: list[Problem]) -> None:
    """Note each row whose key stood on an earlier line; `seen` holds (line, column, key)."""
    first: dict[object, int] = {}
    for line, column, key in seen:
        if key in first:
            problems.append(Problem(line, column, f"This is on line {first[key]} too."))
        else:
            first[key] = line
