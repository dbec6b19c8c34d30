"""The only place that writes a list as a file: CSV and XLSX, of which nothing is ever run as a formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")  # with which a spreadsheet begins a formula
LONGEST = 32_000  # characters: what a cell of XLSX can hold
_AT_ONCE = 200  # rows of CSV sent together
_WIDEST = 60
_PIECE = 65_536  # bytes
_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}  # fmt: skip


def csv_lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file piece by piece, UTF-8 with the mark by which spreadsheets know it. Rows are read as they are sent."""
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    held.write("\ufeff")
    writer.writerow(map(_cell, heads))
    for number, row in enumerate(rows, start=1):
        writer.writerow(map(_cell, row))
        if number % _AT_ONCE == 0:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def xlsx_pieces(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str) -> Iterator[bytes]:
    """The file piece by piece, made on disk first: of the rows no more than one is held at a time."""
    with tempfile.TemporaryFile(suffix=".xlsx") as made:
        book = xlsxwriter.Workbook(made, _OPTIONS)
        page = book.add_worksheet(sheet[:31])
        bold = book.add_format({"bold": True, "bottom": 1})
        page.freeze_panes(1, 0)
        for column, head in enumerate(heads):
            page.set_column(column, column, min(_WIDEST, max(12, len(head) + 2)))
            page.write_string(0, column, head, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(page, number, column, value)
        book.close()
        made.seek(0)
        while piece := made.read(_PIECE):
            yield piece


def _write(page: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool) or value is None:
        page.write_string(row, column, _text(value))
    elif isinstance(value, int | Decimal):
        page.write_number(row, column, value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        page.write_datetime(row, column, datetime(value.year, value.month, value.day))  # noqa: DTZ001  a day has no zone
    else:
        page.write_string(row, column, _text(value)[:LONGEST])


def _cell(value: Any) -> str:
    """A value as a cell of CSV; text that a spreadsheet would run gets an apostrophe before it."""
    text = _text(value)
    dangerous = isinstance(value, str) and (text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS))
    return f"'{text}" if dangerous else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\x00", "")
