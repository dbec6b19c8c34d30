"""The only place that says what the names in a file mean here: forums, partners, events, goals and people."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.norms import Goal, Objective
from engage.models.partners import Event, Forum, Partner
from engage.models.people import Person

CHUNK = 500  # names a statement, below what either database takes


@dataclass(frozen=True)
class Known:
    """The registers by name. Names are compared without case, and several of one name are all kept."""

    forums: dict[str, int]
    partners: dict[str, list[int]]
    events: dict[tuple[str, date], Any]
    objectives: dict[int, list[int]]
    people: dict[str, list[int]]

    def event(self, name: str, starts_on: date | None) -> Any:
        """The edition of this name that begins on this day: its id and kind; None when there is none."""
        return self.events.get((name.casefold(), starts_on)) if starts_on else None


def known() -> Known:
    """The registers as they stand. Five statements."""
    e, p, o, g, f, w = (t.__table__.c for t in (Event, Partner, Objective, Goal, Forum, Person))
    people = db.session.execute(select(w.id, w.name, w.email).where(w.disabled_at.is_(None)).order_by(w.id))
    called: defaultdict[str, list[int]] = defaultdict(list)
    for row in people:
        for name in {row.name.casefold(), row.email.partition("@")[0].casefold(), row.email.casefold()}:
            called[name].append(row.id)
    return Known(
        forums={row.code.casefold(): row.id for row in db.session.execute(select(f.id, f.code))},
        partners=_grouped(
            (row.name.casefold(), row.id)
            for row in db.session.execute(select(func.coalesce(p.merged_into_id, p.id).label("id"), p.name))
        ),
        events={
            (row.name.casefold(), row.starts_on): row
            for row in db.session.execute(select(e.id, e.name, e.starts_on, e.kind))
        },
        objectives=_grouped(
            (row.number, row.id)
            for row in db.session.execute(
                select(g.number, o.id).join_from(Objective, Goal, o.goal_id == g.id).order_by(o.code)
            )
        ),
        people=dict(called),
    )


def there_already(refs: Iterable[str]) -> set[str]:
    """Those of the references that an item carries already."""
    ordered, found = list(refs), set[str]()
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        found.update(ref for ref in db.session.scalars(select(Item.source_ref).where(Item.source_ref.in_(some))) if ref)
    return found


def _grouped(pairs: Iterable[tuple[Any, int]]) -> dict[Any, list[int]]:
    found: defaultdict[Any, list[int]] = defaultdict(list)
    for name, number in pairs:
        if number not in found[name]:
            found[name].append(number)
    return dict(found)
