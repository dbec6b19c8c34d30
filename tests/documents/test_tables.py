"""A list as a file: nothing in it runs, and it reads back as it was."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from engage.documents import tables

HOSTILE = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "=cmd|'/c calc'!A1", " =1", "\x00=1"]


def read_csv(heads, rows):
    text = b"".join(tables.csv_lines(heads, rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def opened(pieces):
    return openpyxl.load_workbook(io.BytesIO(b"".join(pieces))).active


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_begins_a_formula(text):
    assert read_csv(["A"], [[text]])[1][0].startswith("'")
    page = opened(tables.xlsx_pieces(["A"], [[text]], sheet="x"))
    assert page["A2"].data_type == "s"


def test_values_keep_their_kind():
    row = ["Zürich 🚀", 7, Decimal("-12.50"), date(2026, 5, 4), datetime(2026, 5, 4, 12, tzinfo=UTC), True, None]

    assert read_csv(list("ABCDEFG"), [row])[1] == [
        "Zürich 🚀", "7", "-12.50", "2026-05-04", "2026-05-04 12:00 UTC", "yes", ""
    ]  # fmt: skip
    page = opened(tables.xlsx_pieces(list("ABCDEFG"), [row], sheet="a list"))
    assert [cell.value for cell in page[2]][:4] == ["Zürich 🚀", 7, -12.5, datetime(2026, 5, 4)]


def test_a_long_list_goes_out_in_pieces():
    pieces = list(tables.csv_lines(["A"], ([str(i)] for i in range(1000))))

    assert len(pieces) == 6
    assert b"".join(pieces).count(b"\n") == 1001
