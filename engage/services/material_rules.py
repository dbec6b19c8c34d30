"""The only place that reads and changes the dated rules that say which changes are material."""

from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.matters import MaterialRule
from engage.rules.material import COMPARISONS, LIMITED, Rule
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit

MOST = 100_000  # of a limit

_R = MaterialRule.__table__.c
_later = MaterialRule.__table__.alias("later")
_newest = (
    select(func.max(_later.c.starts_on)).where(_later.c.code == _R.code, _later.c.starts_on <= bindparam("day"))
)  # fmt: skip
_ON = (
    select(_R.code, _R.label, _R.limit)
    .where(_R.starts_on == _newest.correlate(MaterialRule.__table__).scalar_subquery(), _R.applies)
    .order_by(_R.id)
)


def on(day: date) -> list[Rule]:
    """The rules in force on the office's `day`, in the order in which they ship. One statement."""
    return [Rule(*row) for row in db.session.execute(_ON, {"day": day})]


def change(
    code: str, *, applies: bool, limit: int | None, starts_on: date, source: str, by: Actor, now: datetime, today: date
) -> None:
    """Let a rule hold, or not, with another limit from a day after `today` on; what it was until then stays.

    Raises NotAllowed, KeyError for a rule nobody knows, or Incomplete.
    """
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change what is material.")
    rows = db.session.scalars(select(MaterialRule).where(_R.code == code).order_by(_R.starts_on.desc())).all()
    if code not in COMPARISONS or not rows:
        raise KeyError(code)
    wrong = {}
    if starts_on <= today:
        wrong["starts_on"] = "Choose a day after today: what was judged by the old rule stays judged by it."
    elif any(row.starts_on == starts_on for row in rows):
        wrong["starts_on"] = "This rule has a row from that day on already."
    if code in LIMITED and limit is None:
        wrong["limit"] = f"Give the limit, in {LIMITED[code]}."
    elif code not in LIMITED and limit is not None:
        wrong["limit"] = "This rule has no limit: any such change counts. Leave it empty."
    elif limit is not None and not 0 <= limit <= MOST:
        wrong["limit"] = f"Use a number from 0 to {MOST:,}."
    if not source:
        wrong["source"] = "Say who decided it, and where that is written."
    if wrong:
        raise Incomplete(wrong)
    made = MaterialRule(
        code=code, label=rows[0].label, unit=LIMITED.get(code, ""), limit=limit, applies=applies, starts_on=starts_on,
        source=source,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    before = next((row for row in rows if row.starts_on < starts_on), None)
    audit.record(
        "set_material_rule", about=("material_rule", made.id), by=by, now=now,
        before=before and {"applies": before.applies, "limit": before.limit},
        after={"applies": applies, "limit": limit, "starts_on": starts_on, "code": code, "source": source},
    )  # fmt: skip
