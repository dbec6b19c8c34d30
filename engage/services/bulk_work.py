"""The job runner's part of large files: looked at, taken whole, and then made to be found, set by set.

All that costs time (reading, comparing, making rows ready) happens while others write. What is sound is written in
one transaction, a statement a table, so that everybody sees all of it or nothing; the words by which it is found
follow in sets of about a third of a second. A runner that dies is followed by another, which goes on where it stood.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from engage.extensions import db
from engage.models.imports import ImportBatch, Stage
from engage.rules.policy import Actor, may
from engage.services import audit, bulk, imports, search_index, sessions, states
from engage.services.bulk import LEASE
from engage.services.transaction import begin_reading, transaction

FIRST_SET, LARGEST_SET = 20, 1_000  # rows
SET_SECONDS = 0.3  # about how long a set holds the write transaction
GIVE_WAY_SECONDS = 0.05  # between two sets, so that whoever waits comes first
TRIES = 3  # comparisons, where what is here changes while rows are made ready

_TABLE: Any = ImportBatch.__table__
_B = _TABLE.c
_OPEN = or_(
    _B.stage == Stage.TAKING,
    and_(_B.stage == Stage.STAGED, _B.report.is_(None), _B.total > bindparam("many")),
)  # fmt: skip
_WAITING = (
    select(_B.id)
    .where(_OPEN, or_(_B.lease_until.is_(None), _B.lease_until < bindparam("now")))
    .order_by(_B.id)
    .limit(1)
)
_CLAIM = (
    update(_TABLE)
    .where(
        _B.id == bindparam("batch"), _OPEN, or_(_B.lease_until.is_(None), _B.lease_until < bindparam("now")),
    )
    .values(lease_until=bindparam("until"))
)  # fmt: skip
Clock = Callable[[], datetime]
Stopping = Callable[[], bool]


def work(clock: Clock, stopping: Stopping = lambda: False) -> int:
    """Look at, or take, the next file that waits; gives how many rows went through. For the job runner."""
    begin_reading()
    waiting = db.session.scalar(_WAITING, {"now": clock(), "many": bulk.LOOKED_AT_ONCE})
    db.session.rollback()
    if waiting is None:
        return 0
    with transaction():
        now = clock()
        given = {"batch": waiting, "now": now, "until": now + LEASE, "many": bulk.LOOKED_AT_ONCE}
        mine = db.session.execute(_CLAIM, given).rowcount  # type: ignore[attr-defined]
    if not mine:
        return 0
    begin_reading()
    batch = db.session.get_one(ImportBatch, waiting, populate_existing=True)
    by = sessions.actor_for(batch.person_id, today=states.office_day(clock()))
    if batch.stage is Stage.STAGED:
        return _look(batch, by, clock)
    kind, total, at = imports.KINDS[batch.kind], batch.total, batch.done
    if (ready := kind.ready) is None:
        return _in_sets(batch, by, clock, stopping)
    written = (batch.report or {}).get("written")
    if written is None:
        written = _whole(batch, ready, by, clock)
    return _make_found(waiting, kind, written, total, at, clock, stopping)


def _look(batch: ImportBatch, by: Actor, clock: Clock) -> int:
    number, rows = batch.id, batch.total
    report = bulk.look(batch, by=by, now=clock())
    db.session.rollback()
    with transaction():
        found = db.session.get_one(ImportBatch, number, with_for_update=True, populate_existing=True)
        found.lease_until = None
        bulk.keep_report(found, report)
    return rows


def _whole(batch: ImportBatch, ready: imports.MakeReady, by: Actor, clock: Clock) -> list[int] | None:
    """Write all of a file at once; gives the numbers of what is to be found, or None where it was stopped."""
    number, word, name, report = batch.id, batch.kind, batch.file_name, dict(batch.report or {})
    source, answers = bulk.ours(batch), dict(batch.answers)
    for _ in range(TRIES):
        begin_reading()
        now = clock()
        plan = imports.preview(word, source, now=now, answers=answers, by=by)
        if not plan.sound or not may(by, imports.KINDS[word].ability):
            _stop(number, plan)
            return None
        write = ready(plan, imports.Context(by, now))
        new, changed, same = len(plan.new), len(plan.changed), len(plan.same)
        db.session.rollback()
        db.session.expunge_all()
        del plan
        said = f"{new} new, {changed} changed, {same} were here already."
        try:
            with _undisturbed(), transaction():
                written = write() if new or changed else []
                _note(
                    number, report={**report, "written": written}, rows="[]", lease_until=clock() + LEASE, message=said,
                )  # fmt: skip
                audit.record(
                    "import", about=(word, None), by=by, now=now, new=new, changed=changed, same=same, file=name
                )
        except IntegrityError:  # somebody brought one of its rows meanwhile, or took away what one names
            continue
        return written
    with transaction():
        said = "What is here changes too fast. Send it again later; nothing was taken."
        _note(number, stage=Stage.STOPPED, lease_until=None, message=said)
    return None


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No garbage is looked for among a million small things that all stay: a quarter of the time a writer is held."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _make_found(
    batch_id: int, kind: imports.Kind, written: list[int] | None, total: int, at: int, clock: Clock, stopping: Stopping
) -> int:
    """Let the search know what was written, from `at` on; gives how many rows it learnt."""
    if written is None:
        return 0
    first, size = at, FIRST_SET
    while (found_as := kind.found_as) is not None and at < len(written):
        if stopping():
            with transaction():
                _note(batch_id, lease_until=None)
            return at - first
        began, some = time.monotonic(), written[at : at + size]
        with transaction():
            search_index.note(found_as, some)
            at += len(some)
            _note(batch_id, done=min(total, at), lease_until=clock() + LEASE)
        size = _next_size(size, began)
    with transaction():
        _note(batch_id, stage=Stage.TAKEN, done=total, lease_until=None)
    return total - first


def _in_sets(batch: ImportBatch, by: Actor, clock: Clock, stopping: Stopping) -> int:
    """Write a file set by set, each set a transaction; who goes on compares afresh. Gives how many rows."""
    number, kind, name, total, now = batch.id, batch.kind, batch.file_name, batch.total, clock()
    plan = imports.preview(kind, bulk.ours(batch), now=now, answers=batch.answers, by=by)
    db.session.rollback()
    if not plan.sound or not may(by, imports.KINDS[kind].ability):
        _stop(number, plan)
        return 0
    entries = [("new", entry) for entry in plan.new] + [("changed", entry) for entry in plan.changed]
    already, at, size = max(0, total - len(entries)), 0, FIRST_SET
    while at < len(entries):
        if stopping():
            with transaction():
                _note(number, lease_until=None)
            return at
        some, began = entries[at : at + size], time.monotonic()
        part = replace(
            plan, new=tuple(e for word, e in some if word == "new"),
            changed=tuple(e for word, e in some if word == "changed"), same=(), questions=(),
        )  # fmt: skip
        with transaction():
            imports.KINDS[kind].write(part, imports.Context(by, clock()))
            at += len(some)
            _note(number, done=min(total, already + at), lease_until=clock() + LEASE)
        db.session.expunge_all()
        size = _next_size(size, began)
    with transaction():
        same = max(0, len(plan.same) - already)
        said = f"{len(plan.new) + already} new, {len(plan.changed)} changed, {same} were here already."
        _note(number, stage=Stage.TAKEN, done=total, rows="[]", lease_until=None, message=said)
        audit.record(
            "import", about=(kind, None), by=by, now=clock(), new=len(plan.new), changed=len(plan.changed),
            same=len(plan.same), file=name,
        )  # fmt: skip
    return at


def _next_size(size: int, began: float) -> int:
    """How many rows the next set has, so that it takes about as long as a set should; gives way before."""
    took = max(time.monotonic() - began, 0.001)
    time.sleep(GIVE_WAY_SECONDS)
    return max(1, min(LARGEST_SET, int(size * min(2.0, SET_SECONDS / took))))


def _stop(batch_id: int, plan: imports.Plan) -> None:
    db.session.rollback()
    why = "; ".join(map(str, plan.problems[:3])) or "You may not import this any more."
    with transaction():
        _note(batch_id, stage=Stage.STOPPED, lease_until=None, message=f"It was stopped: {why}")


def _note(batch_id: int, **values: Any) -> None:
    db.session.execute(update(_TABLE).where(_B.id == batch_id).values(values))
