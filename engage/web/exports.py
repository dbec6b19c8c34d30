"""The only place where a list becomes a file: the same rows as its page, by the same filters, for the same reader.

A list names its columns once. Its view asks `asked()`; where that says how, it answers with `answer()` instead of
the page. The page offers both files with the macro `ui.as_file()`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, request, stream_with_context

from engage.documents import tables
from engage.rules.marking import RESTRICTED, Marking
from engage.services import audit
from engage.services.transaction import transaction
from engage.web import access

MOST = 100_000  # rows of one file


@dataclass(frozen=True)
class Column:
    """One column of a file: its heading, and what a row says there."""

    head: str
    said: Callable[[Any], Any]


def asked() -> str:
    """How the list is asked for as a file: "csv" or "xlsx"; "" for the page."""
    kind = request.args.get("as", "")
    return kind if kind in ("csv", "xlsx") else ""


def paged(fetch: Callable[[Any], tuple[list[Any], Any]]) -> Iterator[Any]:
    """Every row of a list that is read a page at a time; `fetch` takes where a page begins, None for the first."""
    after, read = None, 0
    while True:
        rows, after = fetch(after)
        yield from rows
        read += len(rows)
        if after is None or read >= MOST:
            return


def answer(name: str, columns: Iterable[Column], rows: Iterable[Any]) -> Response:
    """The list `name` as the file that was asked for. That it left is noted, with the filters, before anything does."""
    me, kind, columns = access.me(), asked(), tuple(columns)
    filters = {key[:40]: value[:200] for key, value in request.args.items() if key not in ("as", "after", "before")}
    with transaction():
        audit.record("export", about=("list", None), by=me, now=access.clock(), list=name, form=kind, filters=filters)
    heads = [column.head for column in columns]
    lines = ([column.said(row) for column in columns] for row in rows)
    if kind == "xlsx":
        made = Response(stream_with_context(tables.xlsx_pieces(heads, lines, sheet=name)), mimetype=tables.XLSX)
    else:
        made = Response(stream_with_context(tables.csv_lines(heads, lines)), content_type=tables.CSV)
    made.headers["Content-Disposition"] = f'attachment; filename="{name}-{access.today().isoformat()}.{kind}"'
    made.headers["Cache-Control"] = "no-store"
    made.headers["X-Content-Type-Options"] = "nosniff"
    return made


def title(marking: Marking, words: str) -> str:
    """A title as a file carries it: of what is marked TLP:RED, nothing goes further."""
    return RESTRICTED if marking is Marking.RED else words
