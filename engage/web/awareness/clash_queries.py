"""What the register of clashes reads: which were accepted, by whom and why, as far as its reader may see both sides."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, select

from engage.extensions import db
from engage.models.asking import AcceptedClash
from engage.models.commitments import Commitment
from engage.models.engagements import Item
from engage.models.people import Person
from engage.rules.marking import Marking
from engage.rules.policy import Actor, See, may
from engage.rules.workflow import State
from engage.services import visibility
from engage.services.clashes import CLOSED_PROMISE
from engage.services.visibility import Scope, scope, visible

PAGE = 50
LAST = 2**31 - 1
RESTRICTED = "A restricted engagement"

_MADE_AT: Any = select(Commitment.id, Commitment.engagement_id).where(
    Commitment.id.in_(bindparam("ids", expanding=True))
)
_K, _I, _P = AcceptedClash.__table__.c, Item.__table__.c, Person.__table__.c


class Accepted(NamedTuple):
    """A clash in spite of which somebody asked. `with_url` leads to the other engagement, "" where it is none."""

    id: int
    item_id: int
    title: str
    state: State
    starts_on: date | None
    ends_on: date | None
    clash: str
    with_url: str
    reason: str
    by: str
    at: datetime
    marking: Marking


@cache
def _accepted(seen_by: Scope, ahead: bool) -> Select[Any]:
    statement = (
        select(
            _K.id, _K.key, _K.said, _K.reason, _K.at, _P.name.label("by"), _I.id.label("item_id"), _I.title, _I.state,
            _I.starts_on, _I.ends_on, _I.marking,
        )
        .join_from(AcceptedClash.__table__, Item.__table__, _I.id == _K.engagement_id)
        .join(Person.__table__, _P.id == _K.by_id)
        .where(visible(seen_by), _K.id < bindparam("before"))
        .order_by(_K.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    return statement.where(_I.ends_on >= bindparam("today")) if ahead else statement


def accepted(who: Actor, today: date, *, ahead: bool, before: int = LAST) -> tuple[list[Accepted], int | None]:
    """A page of accepted clashes, the latest first, and where the next begins; `ahead`: of what is not over.

    What clashes with an engagement that `who` may not see, or with a promise made at one, says only that there is one.
    Three statements at most.
    """
    given = {"me": who.id, "before": before} | ({"today": today} if ahead else {})
    rows = db.session.execute(_accepted(scope(who), ahead), given).all()
    others, promises = _named(rows, "item:"), _named(rows, "promise:")
    if promises:
        made = dict(db.session.execute(_MADE_AT, {"ids": sorted(promises.values())}).all())
        promises = {number: made.get(promise, 0) for number, promise in promises.items()}
    subjects = visibility.subjects({*others.values(), *promises.values()})
    seen = {number for number, subject in subjects.items() if may(who, See.ENGAGEMENT, subject)}
    listed = []
    for row in rows[:PAGE]:
        other, promised_at = others.get(row.id), promises.get(row.id)
        hidden = any(at is not None and at not in seen for at in (other, promised_at))
        said = (RESTRICTED if other else CLOSED_PROMISE) if hidden else row.said
        listed.append(
            Accepted(
                row.id, row.item_id, row.title, row.state, row.starts_on, row.ends_on, said,
                f"/engagements/{other}" if other and not hidden else "",
                "" if hidden else row.reason, row.by, row.at, row.marking,
            )
        )  # fmt: skip
    return listed, rows[PAGE - 1].id if len(rows) > PAGE else None


def _named(rows: Sequence[Row[Any]], kind: str) -> dict[int, int]:
    """What each row's key names, of those that name a thing of this kind."""
    keys = {row.id: row.key.removeprefix(kind) for row in rows if row.key.startswith(kind)}
    return {number: int(key) for number, key in keys.items() if key.isdecimal()}
