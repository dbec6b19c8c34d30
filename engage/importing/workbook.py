"""The only place that turns an XLSX file into rows of text: measured first, and nothing in it calculated."""

import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl

from engage.importing.office_files import check_workbook
from engage.importing.sheet import COLUMN_LIMIT, FILE_LIMIT_BYTES, ROW_LIMIT, Table, Unreadable, file_bytes


def read_workbook(content: bytes) -> Table:
    """The rows of the first sheet, each with the number by which the spreadsheet knows it. Raises Unreadable.

    A formula is refused: what it would come to is not in the file's text, and nothing is calculated here.
    """
    check_workbook(file_bytes(content, FILE_LIMIT_BYTES))
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            page = book.worksheets[0]
            page.reset_dimensions()
            return Table(tuple(_rows(page)))
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception:
        raise Unreadable("The XLSX is damaged. Save it again, and send that.") from None


def _rows(page: Any) -> Any:
    for number, row in enumerate(page.iter_rows(max_col=COLUMN_LIMIT + 1), start=1):
        if number > ROW_LIMIT + 2:
            raise Unreadable(f"The sheet has more than {ROW_LIMIT:,} rows. Split it.")
        cells = [_text(cell, number) for cell in row]
        if any(cell.strip() for cell in cells):
            yield number, cells


def _text(cell: Any, row: int) -> str:
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
        raise Unreadable(f"Row {row} holds a formula. Copy the sheet, paste it as values only, and send that.")
    if cell.data_type == "e":
        raise Unreadable(f"Row {row} holds an error ({str(value)[:20]}) where a value should be.")
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(Decimal(str(value)), "f")
        case _:
            return str(value)
