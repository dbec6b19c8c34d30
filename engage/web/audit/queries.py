"""What the trail's pages read: Core rows, statements built once per set of filters."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.people import Person

PAGE = 50

_E, _P = AuditEvent.__table__.c, Person.__table__.c
_WHERE = {
    "actor": _E.actor_id == bindparam("actor"),
    "action": _E.action == bindparam("action"),
    "kind": _E.about_kind == bindparam("kind"),
    "record": _E.about_id == bindparam("record"),
    "outcome": _E.outcome == bindparam("outcome"),
    "since": _E.at >= bindparam("since"),
    "until": _E.at < bindparam("until"),
    "before": _E.id < bindparam("before"),
    "first": _E.id >= bindparam("first"),
    "last": _E.id <= bindparam("last"),
}
_LISTED = (
    select(
        _E.id, _E.at, _E.actor_id, _E.action, _E.about_kind, _E.about_id, _E.outcome, _E.details, _E.source,
        _P.name.label("actor"),
    )
    .outerjoin(Person, _P.id == _E.actor_id)
    .order_by(_E.id.desc())
    .limit(PAGE + 1)
)  # fmt: skip
_ENDS = select(func.min(_E.id), func.max(_E.id))


@cache
def _narrowed(names: frozenset[str]) -> Select[Any]:
    return _LISTED.where(*(_WHERE[name] for name in sorted(names)))


@cache
def _ends(names: frozenset[str]) -> Select[Any]:
    return _ENDS.where(*(_WHERE[name] for name in sorted(names)))


def trail(chosen: Mapping[str, Any], before: int | None) -> tuple[list[Row[Any]], int | None]:
    """A page of the trail, the newest line first, and the line from which the next page goes down.

    Days are first turned into line numbers by their own index, so that an old week is found at once.
    """
    facts = dict(chosen) | ({"before": before} if before else {})
    days = {name: chosen[name] for name in ("since", "until") if name in chosen}
    if days:
        first, last = db.session.execute(_ends(frozenset(days)), days).one()
        if first is None:
            return [], None
        facts |= {"first": first, "last": last}
    rows = list(db.session.execute(_narrowed(frozenset(facts)), facts))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None
