"""The only writer of import batches: a file is staged, its columns named, looked at, and taken set by set.

The rules are those of services.imports, whatever way a file comes. A small file is taken in one transaction. A large
one is read and compared outside of any transaction that writes, and taken by a job runner in sets of about half a
second, so that other writers hardly wait; what was sound as a whole is taken as a whole: a runner that dies is
followed by another, which finds what is there already and goes on.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, delete, or_, select, update

from engage.extensions import db
from engage.importing.people import OPTIONAL, REQUIRED
from engage.importing.registers import EVENT_COLUMNS, FORUM_COLUMNS, PARTNER_COLUMNS, PARTNER_OPTIONAL
from engage.importing.requests import REQUEST_COLUMNS
from engage.importing.sheet import Table, Unreadable, read_table
from engage.importing.workbook import read_workbook
from engage.models.imports import ColumnMapping, ImportBatch, Stage
from engage.rules.policy import Actor, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, imports, sessions, states
from engage.services.transaction import begin_reading, transaction

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "requests": REQUEST_COLUMNS, "partners": (*PARTNER_COLUMNS, *PARTNER_OPTIONAL), "forums": FORUM_COLUMNS,
    "events": EVENT_COLUMNS,
    "people": (*REQUIRED, *OPTIONAL),
})  # fmt: skip
AT_ONCE = 200  # rows: a file of so few is taken in one transaction, while its sender waits
FIRST_SET, LARGEST_SET = 20, 500  # rows
SET_SECONDS = 0.3  # about how long a set holds the write transaction
GIVE_WAY_SECONDS = 0.05  # between two sets, so that whoever waits comes first
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=14)  # a file that nobody takes is forgotten after so long
MOST_LISTED = 500  # problems, and rows, of a report

_TABLE = cast(SqlTable, ImportBatch.__table__)
_B = _TABLE.c
_CLAIM = (
    update(_TABLE)
    .where(
        _B.id == bindparam("batch"), _B.stage == Stage.TAKING,
        or_(_B.lease_until.is_(None), _B.lease_until < bindparam("now")),
    )
    .values(lease_until=bindparam("until"))
)  # fmt: skip


def kinds(who: Actor) -> list[str]:
    """The kinds of file that somebody may import by page."""
    return [kind for kind in COLUMNS if may(who, imports.KINDS[kind].ability)]


def stage(kind: str, content: bytes, name: str, *, by: Actor, now: datetime) -> ImportBatch:
    """Keep a CSV or XLSX file to be looked at; columns called as last time are named already.

    Raises NotAllowed, or Incomplete at "file" for what cannot be read.
    """
    _allow(kind, by)
    if not content:
        raise Incomplete({"file": "The file is empty."})
    try:
        table = read_workbook(content) if content.startswith(b"PK\x03\x04") else read_table(content)
    except Unreadable as refusal:
        raise Incomplete({"file": str(refusal)}) from None
    if len(table.rows) < 2:
        raise Incomplete({"file": "The file has no row below its header."})
    db.session.execute(delete(_TABLE).where(_B.stage == Stage.STAGED, _B.created_at < now - KEPT))
    heads = _heads(table)
    known = db.session.scalar(
        select(ColumnMapping.columns).where(ColumnMapping.person_id == by.id, ColumnMapping.kind == kind)
    )  # fmt: skip
    made = ImportBatch(
        person_id=by.id, kind=kind, file_name=name[:200], sha256=sha256(content).hexdigest(),
        rows=json.dumps(table.rows), columns=_guess(COLUMNS[kind], heads, known or {}), created_at=now,
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
    batch.columns, batch.report = chosen, None
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
    plan = imports.preview(batch.kind, _ours(batch), now=now, by=by)
    return {
        "new": len(plan.new), "changed": len(plan.changed), "same": len(plan.same),
        "problems": [[p.line, p.column, p.reason] for p in plan.problems[:MOST_LISTED]],
        "more_problems": max(0, len(plan.problems) - MOST_LISTED),
        "open": len({question.line for question in plan.questions}),
        "rows": [[entry.line, entry.label, list(entry.says)] for entry in (*plan.new, *plan.changed)[:50]],
    }  # fmt: skip


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
        done = imports.take(batch.kind, _ours(batch), by=by, now=now, name=batch.file_name)
    except imports.Unsound as unsound:
        said = "; ".join(map(str, unsound.plan.problems[:3]))
        raise Incomplete({"file": f"Something changed since you looked, so nothing was taken. {said}"}) from None
    batch.total = batch.done = len(done.new) + len(done.changed)
    batch.stage, batch.rows = Stage.TAKEN, "[]"
    batch.message = f"{len(done.new)} new, {len(done.changed)} changed, {len(done.same)} were here already."
    db.session.flush()


def work(clock: Callable[[], datetime], stopping: Callable[[], bool] = lambda: False) -> int:
    """Take the next file that waits, set by set, each set a transaction; gives how many rows. For the job runner."""
    begin_reading()
    waiting = db.session.scalar(
        select(_B.id)
        .where(_B.stage == Stage.TAKING, or_(_B.lease_until.is_(None), _B.lease_until < clock()))
        .order_by(_B.id)
        .limit(1)
    )
    db.session.rollback()
    if waiting is None:
        return 0
    with transaction():
        now = clock()
        mine = db.session.execute(_CLAIM, {"batch": waiting, "now": now, "until": now + LEASE}).rowcount  # type: ignore[attr-defined]
    return _take(waiting, clock, stopping) if mine else 0


def _take(batch_id: int, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> int:
    begin_reading()
    batch = db.session.get_one(ImportBatch, batch_id, populate_existing=True)
    now, kind, name = clock(), batch.kind, batch.file_name
    by = sessions.actor_for(batch.person_id, today=states.office_day(now))
    source, total = _ours(batch), batch.total
    plan = imports.preview(kind, source, now=now, by=by)
    db.session.rollback()
    if not plan.sound or not may(by, imports.KINDS[kind].ability):
        why = "; ".join(map(str, plan.problems[:3])) or "You may not import this any more."
        with transaction():
            _note(batch_id, stage=Stage.STOPPED, lease_until=None, message=f"It was stopped: {why}")
        return 0
    entries = [("new", entry) for entry in plan.new] + [("changed", entry) for entry in plan.changed]
    already, at, size = max(0, total - len(entries)), 0, FIRST_SET
    while at < len(entries):
        if stopping():
            with transaction():
                _note(batch_id, lease_until=None)
            return at
        some, began = entries[at : at + size], time.monotonic()
        part = replace(
            plan, new=tuple(e for word, e in some if word == "new"),
            changed=tuple(e for word, e in some if word == "changed"), same=(), questions=(),
        )  # fmt: skip
        with transaction():
            imports.KINDS[kind].write(part, imports.Context(by, clock()))
            at += len(some)
            _note(batch_id, done=min(total, already + at), lease_until=clock() + LEASE)
        db.session.expunge_all()
        time.sleep(GIVE_WAY_SECONDS)
        took = max(time.monotonic() - began - GIVE_WAY_SECONDS, 0.001)
        size = max(1, min(LARGEST_SET, int(size * min(2.0, SET_SECONDS / took))))
    with transaction():
        same = max(0, len(plan.same) - already)
        said = f"{len(plan.new) + already} new, {len(plan.changed)} changed, {same} were here already."
        _note(batch_id, stage=Stage.TAKEN, done=total, rows="[]", lease_until=None, message=said)
        audit.record(
            "import", about=(kind, None), by=by, now=clock(), new=len(plan.new), changed=len(plan.changed),
            same=len(plan.same), file=name,
        )  # fmt: skip
    return at


def _note(batch_id: int, **values: Any) -> None:
    db.session.execute(update(_TABLE).where(_B.id == batch_id).values(values))


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


def _ours(batch: ImportBatch) -> Table:
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

