"""The only writer of Runner: which of many job runners sweeps, and when one last did."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from engage.extensions import db
from engage.models.outbox import Runner

_TABLE = cast(Table, Runner.__table__)
_R = _TABLE.c
_TAKE = update(_TABLE).where(
    _R.name == bindparam("turn"), or_(_R.holder == bindparam("me"), _R.lease_until <= bindparam("now"))
)
_LAST = select(func.max(_R.ticked_at))
_WORDS = select(_R.name, _R.ticked_at, _R.report)


def take_turn(name: str, *, holder: str, now: datetime, lease: timedelta) -> bool:
    """Whether `holder` has the turn called `name` for the length of `lease`: nobody else has it now.

    A turn only spares work done twice; that nothing is sent twice rests on keys and claims.
    """
    turn = {"holder": holder, "ticked_at": now, "lease_until": now + lease}
    if db.session.execute(_TAKE.values(turn), {"turn": name, "me": holder, "now": now}).rowcount:  # type: ignore[attr-defined]
        return True
    if db.session.get(Runner, name) is not None:
        return False
    try:
        with db.session.begin_nested():
            db.session.add(Runner(name=name, **turn))
    except IntegrityError:  # the first turn ever, and two took it
        return False
    return True


def give_back(name: str, *, holder: str, now: datetime) -> None:
    """Leave the turn to whoever asks next, as at a farewell."""
    db.session.execute(_TAKE.values(lease_until=now), {"turn": name, "me": holder, "now": now})


def last_tick() -> datetime | None:
    """When a job runner last showed that it is alive; None when none ever ran."""
    return db.session.scalar(_LAST)


def last_word(name: str) -> tuple[datetime | None, dict[str, Any] | None]:
    """When a job runner last showed that it is alive, and what its last round `name` left word of. One statement."""
    rows = db.session.execute(_WORDS).all()
    return max((row.ticked_at for row in rows), default=None), next((r.report for r in rows if r.name == name), None)


def leave_word(name: str, word: dict[str, Any]) -> None:
    """Leave word of what a round found, for whoever asks between two rounds."""
    db.session.execute(update(_TABLE).where(_R.name == name).values(report=word))
