"""The only place that reads and changes the organisation's dated numbers."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from engage.extensions import db
from engage.models.norms import Norm
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit

_N = Norm.__table__.c
_IN_FORCE = (
    select(_N.value)
    .where(_N.key == bindparam("key"), _N.starts_on <= bindparam("day"))
    .order_by(_N.starts_on.desc())
    .limit(1)
)


def numbers(*keys: str) -> Select[Any]:
    """The numbers of the norms `keys` in force on `:day`, as rows of key and value: for statements that ask more."""
    later = Norm.__table__.alias("later")
    newest = select(func.max(later.c.starts_on)).where(later.c.key == _N.key, later.c.starts_on <= bindparam("day"))
    return select(_N.key, _N.value).where(
        _N.key.in_(keys), _N.starts_on == newest.correlate(Norm.__table__).scalar_subquery()
    )


def norm_on(key: str, day: date) -> int:
    """The number of the norm `key` in force on `day`, in the unit its row names. KeyError when none is."""
    value: int | None = db.session.scalar(_IN_FORCE, {"key": key, "day": day})
    if value is None:
        raise KeyError(f"no norm {key} on {day}")
    return value


def on(day: date, defaults: Mapping[str, int]) -> dict[str, int]:
    """The norms named by `defaults` in force on `day`; where none is, the default. One statement."""
    found = {row.key: row.value for row in db.session.execute(numbers(*sorted(defaults)), {"day": day})}
    return {**defaults, **found}


def change(key: str, value: int, *, starts_on: date, source: str, by: Actor, now: datetime, today: date) -> None:
    """Give a number a new value from a day after `today` on; what it was until then stays.

    Raises NotAllowed, KeyError for a number nobody knows, or Incomplete at "starts_on".
    """
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change the organisation's numbers.")
    if starts_on <= today:
        raise Incomplete({"starts_on": "Choose a day after today: what was decided by the old number stays so."})
    rows = db.session.scalars(select(Norm).where(Norm.key == key).order_by(Norm.starts_on.desc())).all()
    if not rows:
        raise KeyError(key)
    if any(row.starts_on == starts_on for row in rows):
        raise Incomplete({"starts_on": "This number has a value from that day on already."})
    before = next((row.value for row in rows if row.starts_on < starts_on), None)
    made = Norm(key=key, label=rows[0].label, unit=rows[0].unit, value=value, starts_on=starts_on, source=source)
    db.session.add(made)
    db.session.flush()
    after = {"key": key, "value": value, "starts_on": starts_on, "source": source}
    audit.record("set_number", about=("norm", made.id), by=by, now=now, before=before, after=after)
