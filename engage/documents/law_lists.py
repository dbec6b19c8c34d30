"""The only place that makes the files of a list that a law wants: XLSX, CSV and PDF out of the same texts."""

import csv
import io
from datetime import datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from engage.documents import pdf
from engage.importing.attachments import Checked

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\x00")  # how a cell begins that a spreadsheet would reckon (ASVS 1.2.10)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDE, NARROW = 44, 16  # characters of a column
NIL = "Nothing to report for this period."


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(ACTIVE) else text


def as_csv(said: dict[str, Any]) -> bytes:
    """The list as CSV (RFC 4180), UTF-8 with the mark that spreadsheets look for; a nil report says so."""
    out = io.StringIO(newline="")
    write = csv.writer(out)
    write.writerow(said["columns"])
    write.writerows([plain(cell) for cell in row] for row in said["rows"])
    if said["nil"]:
        write.writerow([NIL])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(said: dict[str, Any], made_at: datetime) -> bytes:
    """The list as a workbook of one sheet; every cell is text, and the same list has the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": said["title"], "author": "Engage", "created": made_at.replace(tzinfo=None)})
    sheet = book.add_worksheet("List")
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, said["title"], bold)
    sheet.write_string(1, 0, said["law"])
    sheet.write_string(2, 0, _foot(said))
    for place, label in enumerate(said["columns"]):
        sheet.write_string(4, place, label, bold)
        longest = max((len(row[place]) for row in said["rows"]), default=0)
        sheet.set_column(place, place, WIDE if longest > NARROW * 2 else NARROW)
    for line, row in enumerate(said["rows"], start=5):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell[:32_767], wrapped)
    if said["nil"]:
        sheet.write_string(5, 0, NIL)
    sheet.freeze_panes(5, 0)
    book.close()
    return out.getvalue()


def as_pdf(said: dict[str, Any], made_at: datetime) -> bytes:
    """The list as a tagged document, an entry below the other."""
    data = {
        "kind": "Copy as sent" if said.get("sha256") else "Preview: not sent",
        "foot": f"SHA-256 of the content: {said['sha256']}" if said.get("sha256") else "A preview: nothing was sent.",
        "facts": [
            ["Period", said["period"]], ["Demanded by", said["law"]], ["Due", said["due_on"]],
            ["Entries", str(len(said["rows"]))], *([["Sent to", f"{said['sent_to']}, {said['sent_on']}, number "
            f"{said['number']}, by {said['made_by']}"]] if said.get("sha256") else []),
        ],
        "nil": NIL if said["nil"] else "",
        "entries": [
            {"title": f"{place}. {row[0]}", "facts": [[label, cell or "–"] for label, cell in
             zip(said["columns"][1:], row[1:], strict=True)]}
            for place, row in enumerate(said["rows"], start=1)
        ],
        "missing": said["missing"],
    }  # fmt: skip
    return pdf.render("list", data, title=said["title"], made_at=made_at)


def files_of(said: dict[str, Any], made_at: datetime) -> list[Checked]:
    """The three files of a list as it is sent."""
    name = f"{said['title']}, {said['number']}".replace("/", "-")
    return [
        Checked(f"{name}.xlsx", XLSX, as_xlsx(said, made_at)),
        Checked(f"{name}.csv", "text/csv", as_csv(said)),
        Checked(f"{name}.pdf", "application/pdf", as_pdf(said, made_at)),
    ]


def _foot(said: dict[str, Any]) -> str:
    digest = f" SHA-256 of the content: {said['sha256']}." if said.get("sha256") else " Preview, not sent."
    return f"Period {said['starts_on']} to {said['ends_on']}, due {said['due_on']}.{digest}"
