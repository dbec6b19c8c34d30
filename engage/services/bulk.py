"""Files on their way in: staged, their columns named, looked at, and small ones taken.

The rules are those of services.imports, whatever way a file comes. A small file is taken in one transaction while its
sender waits. A large one is looked at, and taken, by a job runner: services.bulk_work.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, select

from engage.extensions import db
from engage.importing.people import OPTIONAL, REQUIRED
from engage.importing.registers import EVENT_COLUMNS, FORUM_COLUMNS, PARTNER_COLUMNS, PARTNER_OPTIONAL
from engage.importing.requests import REQUEST_COLUMNS
from engage.importing.sheet import Table, Unreadable, read_table
from engage.importing.workbook import read_workbook
from engage.models.imports import ColumnMapping, ImportBatch, Stage
from engage.reference.countries import country
from engage.rules.policy import Actor, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, imports

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "requests": REQUEST_COLUMNS, "partners": (*PARTNER_COLUMNS, *PARTNER_OPTIONAL), "forums": FORUM_COLUMNS,
    "events": EVENT_COLUMNS,
    "people": (*REQUIRED, *OPTIONAL),
})  # fmt: skip
AT_ONCE = 200  # rows: a file of so few is taken in one transaction, while its sender waits
LOOKED_AT_ONCE = 2_000  # rows: a file of so few is looked at while its sender waits
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=14)  # a file that nobody takes is forgotten after so long
MOST_ASKED = 50  # questions of a page; what it does not ask, the drafts say is open
MOST_LISTED = 500  # problems, and rows, of a report

_TABLE = cast(SqlTable, ImportBatch.__table__)
_B = _TABLE.c


def kinds(who: Actor) -> list[str]:
    """The kinds of file that somebody may import by page."""
    return [kind for kind in COLUMNS if may(who, imports.KINDS[kind].ability)]


def read(content: bytes) -> Table:
    """The rows of a CSV or XLSX file. It takes its time and needs no database. Raises Incomplete at "file"."""
    if not content:
        raise Incomplete({"file": "The file is empty."})
    try:
        table = read_workbook(content) if content.startswith(b"PK\x03\x04") else read_table(content)
    except Unreadable as refusal:
        raise Incomplete({"file": str(refusal)}) from None
    if len(table.rows) < 2:
        raise Incomplete({"file": "The file has no row below its header."})
    return table


def stage(kind: str, content: bytes | Table, name: str, *, by: Actor, now: datetime) -> ImportBatch:
    """Keep a CSV or XLSX file, read already or not, to be looked at; columns called as last time are named already.

    Raises NotAllowed, or Incomplete at "file" for what cannot be read.
    """
    _allow(kind, by)
    table = read(content) if isinstance(content, bytes) else content
    db.session.execute(delete(_TABLE).where(_B.stage == Stage.STAGED, _B.created_at < now - KEPT))
    heads = _heads(table)
    known = db.session.scalar(
        select(ColumnMapping.columns).where(ColumnMapping.person_id == by.id, ColumnMapping.kind == kind)
    )  # fmt: skip
    rows = json.dumps(table.rows)
    made = ImportBatch(
        person_id=by.id, kind=kind, file_name=name[:200], sha256=sha256(rows.encode()).hexdigest(),
        rows=rows, total=len(table.rows) - 1, columns=_guess(COLUMNS[kind], heads, known or {}), created_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def find(batch_id: int, *, by: Actor) -> ImportBatch | None:
    """A file that somebody sent themselves, or None."""
    return db.session.scalar(select(ImportBatch).where(_B.id == batch_id, _B.person_id == by.id))


def latest(by: Actor) -> list[Any]:
    """The last files somebody sent, without their rows."""
    listed = (_B.id, _B.kind, _B.file_name, _B.stage, _B.total, _B.done, _B.created_at)
    return list(
        db.session.execute(select(*listed).where(_B.person_id == by.id).order_by(_B.id.desc()).limit(20))
    )


def heads(batch: ImportBatch) -> list[str]:
    """The columns as the file calls them."""
    return _heads(_table(batch))


def name_columns(batch: ImportBatch, columns: Mapping[str, str], *, by: Actor) -> None:
    """Say which column of the file is which of ours ("" for none), and remember it. Raises NotOpen or Incomplete."""
    if batch.stage is not Stage.STAGED:
        raise NotOpen("This file is being taken, or was, so its columns stay.")
    theirs = set(heads(batch))
    chosen = {ours: columns.get(ours, "") for ours in COLUMNS[batch.kind]}
    wrong = {}
    for ours, named in chosen.items():
        if named and named not in theirs:
            wrong[ours] = "Choose one of the file's columns."
        elif named and list(chosen.values()).count(named) > 1:
            wrong[ours] = f"“{named[:60]}” is named twice. Each column of the file is one of ours."
    if wrong:
        raise Incomplete(wrong)
    batch.columns, batch.answers, batch.report = chosen, {}, None
    known = db.session.scalar(
        select(ColumnMapping).where(ColumnMapping.person_id == by.id, ColumnMapping.kind == batch.kind)
    )
    if known is None:
        db.session.add(ColumnMapping(person_id=by.id, kind=batch.kind, columns=chosen))
    else:
        known.columns = chosen
    db.session.flush()


def look(batch: ImportBatch, *, by: Actor, now: datetime) -> dict[str, Any]:
    """What taking the file would do now, as plain values to show and keep. Writes nothing."""
    plan = imports.preview(batch.kind, ours(batch), now=now, answers=batch.answers, by=by)
    questions = imports.preview(batch.kind, ours(batch), now=now, by=by).questions if batch.answers else plan.questions
    return {
        "new": len(plan.new), "changed": len(plan.changed), "same": len(plan.same),
        "problems": [[p.line, p.column, p.reason] for p in plan.problems[:MOST_LISTED]],
        "more_problems": max(0, len(plan.problems) - MOST_LISTED),
        "open": len({question.line for question in plan.questions}),
        "questions": [
            [one.key, one.line, one.about, list(one.options)]
            for one in list({one.key: one for one in reversed(questions)}.values())[::-1][:MOST_ASKED]
        ],
        "rows": [[entry.line, entry.label, list(entry.says)] for entry in (*plan.new, *plan.changed)[:50]],
    }  # fmt: skip


def answer(batch: ImportBatch, answers: Mapping[str, str]) -> None:
    """Settle what the file leaves open; an empty answer leaves it so. The file is to be looked at again.

    Raises NotOpen, or Incomplete at the question's key.
    """
    if batch.stage is not Stage.STAGED or batch.report is None:
        raise NotOpen("This file is being taken, or was, so nothing is asked about it.")
    wrong, kept = {}, {}
    for key, _, _, options in batch.report.get("questions", ()):
        said = answers.get(key, "").strip()
        if said and options and said not in options:
            wrong[key] = "Choose one of these."
        elif said and not options and country(said.upper()) is None:
            wrong[key] = "This is no country we know. Write its two letters."
        elif said:
            kept[key] = said if options else said.upper()
    if wrong:
        raise Incomplete(wrong)
    batch.answers, batch.report = kept, None
    db.session.flush()


def keep_report(batch: ImportBatch, report: dict[str, Any]) -> None:
    """Keep what a look found, so that the page need not look again."""
    if batch.stage is Stage.STAGED:
        batch.report = report
        db.session.flush()


def take(batch: ImportBatch, *, by: Actor, now: datetime) -> None:
    """Take a file whole: a small one now, a large one by a job runner. Raises NotOpen, or Incomplete at "file"."""
    _allow(batch.kind, by)
    if batch.stage is not Stage.STAGED:
        raise NotOpen("This file is being taken, or was.")
    report = batch.report
    if report is None or report["problems"]:
        raise Incomplete({"file": "The file has problems, so nothing is taken from it."})
    batch.total = report["new"] + report["changed"]
    if batch.total > AT_ONCE:
        batch.stage = Stage.TAKING
        audit.record("begin_import", about=(batch.kind, None), by=by, now=now, file=batch.file_name, rows=batch.total)
        db.session.flush()
        return
    try:
        done = imports.take(
            batch.kind, ours(batch), by=by, now=now, answers=batch.answers, name=batch.file_name
        )
    except imports.Unsound as unsound:
        said = "; ".join(map(str, unsound.plan.problems[:3]))
        raise Incomplete({"file": f"Something changed since you looked, so nothing was taken. {said}"}) from None
    batch.total = batch.done = len(done.new) + len(done.changed)
    batch.stage, batch.rows = Stage.TAKEN, "[]"
    batch.message = f"{len(done.new)} new, {len(done.changed)} changed, {len(done.same)} were here already."
    db.session.flush()


def _allow(kind: str, by: Actor) -> None:
    if kind not in kinds(by):
        raise NotAllowed("You may not import this.")


def _table(batch: ImportBatch) -> Table:
    return Table(tuple((line, cells) for line, cells in json.loads(batch.rows)))


def _heads(table: Table) -> list[str]:
    if not table.rows:
        return []
    return list(dict.fromkeys(name.strip()[:200] for name in table.rows[0][1] if name.strip()))


def _guess(ours: Iterable[str], theirs: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """Which column is which: as remembered, else by the same name."""
    plain = {name.casefold().replace(" ", "_").replace("-", "_"): name for name in theirs}
    return {
        column: known[column] if known.get(column) in theirs else plain.get(column, "") for column in ours
    }


def ours(batch: ImportBatch) -> Table:
    """The file with our columns, in our order; what it does not have is empty."""
    table = _table(batch)
    (line, header), *body = table.rows
    at = {name.strip()[:200]: i for i, name in reversed(list(enumerate(header)))}
    columns = COLUMNS[batch.kind]
    places = [at.get(batch.columns.get(column) or "") for column in columns]
    rows = [
        (number, [cells[i] if i is not None and i < len(cells) else "" for i in places]) for number, cells in body
    ]
    return Table(((line, list(columns)), *rows))

