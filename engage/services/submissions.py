"""The only writer of one-time form ids: a double click makes one record."""

import hashlib
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.people import Submission
from engage.rules.policy import Actor

_TABLE, _S = cast(Table, Submission.__table__), Submission.__table__.c
# What comes back tells a new row from a known one; not every driver gives the row count of an INSERT.
_CLAIM = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing().returning(_S.key),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing().returning(_S.key),
}
_FIRST = select(_S.answer).where(_S.key == bindparam("once"))
_ANSWER = update(_TABLE).where(_S.key == bindparam("once"))


def _key(once: str, by: Actor) -> str:
    return hashlib.sha256(f"{by.id}:{once}".encode()).hexdigest()


def claim(once: str, *, by: Actor, now: datetime, leads_to: str = "") -> str | None:
    """Take a form's one-time id. None when it is ours; else the answer (a URL) its first use got.

    A second click waits for the first to commit, then finds its answer: `leads_to` where that is known beforehand,
    else what `answer` says afterwards.
    """
    key = _key(once, by)
    row = {"key": key, "person_id": by.id, "at": now, "answer": leads_to}
    if db.session.scalar(_CLAIM[db.engine.dialect.name], row) is not None:
        return None
    return db.session.scalar(_FIRST, {"once": key}) or "/"


def answer(once: str, url: str, *, by: Actor) -> None:
    """Say where the first use of a one-time id led."""
    db.session.execute(_ANSWER, {"once": _key(once, by), "answer": url})
