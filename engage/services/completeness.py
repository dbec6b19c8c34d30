"""The only place that gathers what rules.completeness must know: lead times, accounts."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, literal_column, select, union_all

from engage.extensions import db
from engage.models.people import Person
from engage.rules import completeness
from engage.rules.asking import Content
from engage.rules.completeness import InTime
from engage.rules.gates import Gate, Lead
from engage.services import gates

_P = Person.__table__.c
_zero: Any = literal_column("0")
_blank: Any = literal_column("''")
_NOT_ENABLED = select(literal_column("'not enabled'"), _blank, _P.id, _zero, _zero, _blank).where(
    _P.id.in_(bindparam("people", expanding=True)), _P.disabled_at.is_not(None)
)
_FACTS: Any = union_all(*gates.BRANCHES, _NOT_ENABLED)


def judge(
    content: Content, *, today: date, counted_on: date | None = None, tier: Lead | None = None
) -> tuple[dict[str, str], bool]:
    """What stands between `content` and its submission on `today`, a sentence per field; and whether it is late.

    Whoever goes abroad asks by the last safe day of services.gates. The newest advisory on or before `today`
    counts; a country nobody has rated counts as level 1 or 2. `counted_on` is the day that counts as the one of
    asking where the request was submitted before and came back with questions; `tier` is what services.tier_leads says
    of it. One statement.
    """
    people = [t.person_id for t in content.travellers if t.person_id is not None]
    names = gates.asked(content, today=today, wanted=[Gate.SUBMISSION])
    rows = db.session.execute(_FACTS, {**names, "people": people}).all()
    not_enabled = frozenset(row[2] for row in rows if row[0] == "not enabled")
    known = gates.last_days(content, gates.facts(content, rows), tier)
    submission = next((day for day in known if day.gate is Gate.SUBMISSION), None)
    counted = min(counted_on or today, today)
    in_time = InTime(submission.on, submission.lead.said, counted) if submission else None
    return (
        completeness.lacking(content, today=today, in_time=in_time, not_enabled=not_enabled),
        completeness.is_late(content, in_time),
    )
