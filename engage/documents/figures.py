"""The only place that makes files of figures: the same tables as CSV, as a workbook and on paper."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter  # type: ignore[import-untyped]

from engage.documents import pdf
from engage.documents.law_lists import plain

Cell = str | int | float
SHADES = ("#97D4EA", "#005EA2")  # of bars in a workbook, by the place of their column
MOST_BARS = 16  # of one table; the table itself has every row


@dataclass(frozen=True)
class Table:
    """A table as a page shows it: a short name for its sheet, what it says, its columns and rows.

    `drawn` are the places of columns that paper and the workbook draw as bars too, one after the other, dark to light.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    drawn: tuple[int, ...] = ()


def as_csv(tables: list[Table]) -> bytes:
    """All tables below each other (RFC 4180), UTF-8 with the mark that spreadsheets look for; no cell is a formula."""
    out = io.StringIO(newline="")
    write = csv.writer(out)
    for number, table in enumerate(tables):
        if number:
            write.writerow([])
        write.writerow([plain(table.title)])
        write.writerow([plain(column) for column in table.columns])
        write.writerows([plain(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(tables: list[Table], title: str, made_at: datetime) -> bytes:
    """A workbook with a sheet for each table; texts are texts, numbers are numbers. Same facts, same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "author": "Engage", "created": made_at.replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    for table in tables:
        sheet = book.add_worksheet(table.name[:31])
        sheet.write_string(0, 0, table.title, bold)
        for place, label in enumerate(table.columns):
            sheet.write_string(2, place, label, bold)
            sheet.set_column(place, place, 44 if place == 0 else 16)
        for line, row in enumerate(table.rows, start=3):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, place, cell[:32_767])
                else:
                    sheet.write_number(line, place, cell)
        sheet.freeze_panes(3, 1)
        if table.drawn and table.rows:
            chart = book.add_chart({"type": "bar", "subtype": "stacked"})
            end = min(len(table.rows), MOST_BARS) + 2
            for place in table.drawn:
                chart.add_series({
                    "name": [sheet.name, 2, place], "categories": [sheet.name, 3, 0, end, 0],
                    "values": [sheet.name, 3, place, end, place], "fill": {"color": SHADES[place % len(SHADES)]},
                })  # fmt: skip
            chart.set_title({"name": table.title, "name_font": {"size": 11}})
            chart.set_y_axis({"reverse": True})
            chart.set_legend({"position": "bottom"})
            sheet.insert_chart(3, len(table.columns) + 1, chart, {"description": f"{table.title}, as in the table"})
    book.close()
    return out.getvalue()


def as_pdf(tables: list[Table], title: str, foot: str, made_at: datetime) -> bytes:
    """The same tables on paper. Raises pdf.CannotBePrinted."""
    told = [
        {"title": one.title, "columns": list(one.columns), "rows": [[str(cell) for cell in row] for row in one.rows],
         "bars": _bars(one)}
        for one in tables
    ]  # fmt: skip
    return pdf.render("figures", {"kind": "Figures", "foot": foot, "tables": told}, title=title, made_at=made_at)


def _bars(table: Table) -> list[dict[str, object]]:
    """The lengths of a table's bars, as shares of the longest row; none where nothing is drawn."""
    rows = [(str(row[0]), [max(float(row[place]), 0.0) for place in table.drawn]) for row in table.rows[:MOST_BARS]]
    longest = max((sum(lengths) for _, lengths in rows), default=0.0)
    return [
        {"label": label, "parts": [round(length / longest * 100, 2) for length in lengths],
         "words": ", ".join(f"{length:g}" for length in lengths)}
        for label, lengths in rows
    ] if longest and table.drawn else []  # fmt: skip
