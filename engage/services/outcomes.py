"""The only writer of Outcome, and of the counts of what filed reports hold."""

from collections import defaultdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.engagements import Engagement
from engage.models.norms import Objective
from engage.models.places import Country
from engage.models.reports import Outcome, OutcomeCount, OutcomeSum
from engage.rules import outcomes as rules
from engage.rules.outcomes import quarter_of
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services import audit, partners, report_doors

_O, _J = (t.__table__.c for t in (Outcome, Objective))
_OF = (
    select(
        _O.counted_on, _J.goal_id, _O.objective_id, _O.kind, func.coalesce(_O.country_code, "").label("country_code"),
        func.coalesce(_O.forum_id, 0).label("forum_id"), _O.number, _O.nations, _O.people,
    )
    .join_from(Outcome.__table__, Objective.__table__, _J.id == _O.objective_id)
    .where(_O.engagement_id == bindparam("engagement"))
)  # fmt: skip
_KEY = ("quarter_on", "objective_id", "kind", "country_code", "forum_id")
_SUMS = ("outcomes", "number", "nations", "people")
_SUM_KEY = ("way", "quarter_on", "key")


def _adding(table: Table, key: tuple[str, ...]) -> tuple[dict[str, Any], Any]:
    """`ON CONFLICT DO NOTHING` makes the row for whoever comes first; then each adds to it."""
    room = {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
    add = (
        update(table)
        .where(*(table.c[name] == bindparam(f"of_{name}") for name in key))
        .values({name: table.c[name] + bindparam(f"plus_{name}") for name in _SUMS})
    )
    return room, add


_COUNT = _adding(cast(Table, OutcomeCount.__table__), _KEY)
_SUM = _adding(cast(Table, OutcomeSum.__table__), _SUM_KEY)
_STAMP = update(Outcome).where(_O.engagement_id == bindparam("engagement"))


def record(
    engagement: Engagement, said: rules.Outcome, outcome_id: int | None = None, *, by: Actor, now: datetime
) -> Outcome:
    """Write an outcome into a draft report, or change one there. Raises NotAllowed, NotOpen or Incomplete."""
    report_doors.draft(engagement, by=by, now=now)
    at = rules.wrong_with(said)
    for name, table, value in (
        ("objective_id", Objective, said.objective_id),
        ("country_code", Country, said.country_code),
    ):  # fmt: skip
        if value and name not in at and db.session.get(table, value) is None:
            at[name] = "Choose one of those offered."
    if said.partner_id and "partner_id" not in at and not partners.live(said.partner_id):
        at["partner_id"] = "Choose one of those offered."
    if at:
        raise Incomplete(at)
    made = _own(engagement, outcome_id) if outcome_id else Outcome(engagement_id=engagement.id)
    for name, value in vars(said).items():
        setattr(made, name, value)
    made.counted_on, made.forum_id = engagement.ends_on, engagement.forum_id  # type: ignore[assignment]
    made.recorded_at, made.recorded_by_id = now, by.id  # type: ignore[assignment]
    db.session.add(made)
    db.session.flush()
    audit.record(
        "write_outcome", about=("item", engagement.id), by=by, now=now, part=made.id, kind=said.kind,
        objective=said.objective_id, number=said.number,
    )  # fmt: skip
    return made


def remove(engagement: Engagement, outcome_id: int, *, by: Actor, now: datetime) -> None:
    """Take an outcome out of a draft report. Raises NotAllowed, NotOpen or Incomplete."""
    report_doors.draft(engagement, by=by, now=now)
    made = _own(engagement, outcome_id)
    db.session.execute(delete(Outcome).where(_O.id == made.id))
    audit.record(
        "remove_outcome", about=("item", engagement.id), by=by, now=now, part=outcome_id, text=made.summary
    )


def find(engagement: Engagement, outcome_id: int) -> Outcome | None:
    """An outcome of this engagement's report, or None."""
    found = db.session.get(Outcome, outcome_id)
    return found if found is not None and found.engagement_id == engagement.id else None


def _own(engagement: Engagement, outcome_id: int) -> Outcome:
    found = find(engagement, outcome_id)
    if found is None:
        raise Incomplete({"summary": "This outcome was taken out of the report meanwhile."})
    return found


def count_in(engagement: Engagement) -> None:
    """Add a report's outcomes to the counts, as they stand now. For services.reports alone."""
    db.session.execute(_STAMP.values(counted_on=engagement.ends_on, forum_id=engagement.forum_id),
                       {"engagement": engagement.id})  # fmt: skip
    _count(engagement.id, 1)


def count_out(engagement: Engagement) -> None:
    """Take a report's outcomes out of the counts again, by what they were counted under."""
    _count(engagement.id, -1)


def _count(engagement_id: int, sign: int) -> None:
    whole: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in db.session.execute(_OF, {"engagement": engagement_id}):
        quarter = quarter_of(row.counted_on)
        keys = [
            (whole, (quarter, row.objective_id, row.kind, row.country_code, row.forum_id, row.goal_id)),
            (sums, ("goal", quarter, str(row.goal_id))), (sums, ("country", quarter, row.country_code)),
            (sums, ("forum", quarter, str(row.forum_id))), (sums, ("kind", quarter, row.kind.value)),
        ]  # fmt: skip
        for counts, key in keys:
            for place, value in enumerate((1, row.number, row.nations or 0, row.people or 0)):
                counts[key][place] += sign * value
    _add(_COUNT, (*_KEY, "goal_id"), _KEY, whole)
    _add(_SUM, _SUM_KEY, _SUM_KEY, sums)


def _add(
    adding: tuple[dict[str, Any], Any], names: tuple[str, ...], key: tuple[str, ...],
    counts: dict[tuple[Any, ...], list[int]],
) -> None:  # fmt: skip
    """Add to the rows, in one order whoever comes: nobody waits in a ring."""
    rooms, add = adding
    ordered = [
        (dict(zip(names, values, strict=True)), counts[values])
        for values in sorted(counts, key=lambda values: [str(value) for value in values])
    ]
    if not ordered:
        return
    db.session.execute(rooms[db.engine.dialect.name], [{**named, **dict.fromkeys(_SUMS, 0)} for named, _ in ordered])
    db.session.connection().execute(add, [
        {f"of_{name}": named[name] for name in key}
        | {f"plus_{name}": value for name, value in zip(_SUMS, more, strict=True)}
        for named, more in ordered
    ])  # fmt: skip
