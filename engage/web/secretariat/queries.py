"""What the secretariat's pages read: what waits to be screened, what nobody has claimed, what was deferred."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, exists, select, tuple_, union_all

from engage.extensions import db
from engage.models.base import UtcDateTime
from engage.models.engagements import Item, ItemVersion
from engage.models.files import StoredFile
from engage.models.people import Person
from engage.rules.workflow import State
from engage.services.versions import MARKED_LATE

PAGE = 25
MOST = 2**31  # above every id there can be
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1)

_I, _P, _V, _FI = (t.__table__.c for t in (Item, Person, ItemVersion, StoredFile))
_after: BindParameter[int] = bindparam("after")
_most: BindParameter[int] = bindparam("most")


def _rows(ids: Select[Any], *order: ColumnElement[Any]) -> Select[Any]:
    """The rows of a list, given the statement that finds and limits their ids."""
    found = ids.subquery()
    return (
        select(
            _I.id, _I.kind, _I.title, _I.marking, _I.state_since, _I.submitted_at, _I.starts_on, _I.ends_on,
            _I.deferred_until, _I.source_ref, _P.name, _V.content.like(MARKED_LATE).label("late"),
        )
        .select_from(
            Item.__table__.join(found, found.c.id == _I.id)
            .outerjoin(Person.__table__, _P.id == _I.requester_id)
            .outerjoin(ItemVersion.__table__, (_V.item_id == _I.id) & _V.valid_to.is_(None))
        )
        .order_by(*order)
        .limit(_most)
    )  # fmt: skip


def _waiting(state: State) -> Any:
    """One state's oldest, read along its index and no further than the page."""
    return select(
        select(_I.id)
        .where(_I.state == state, tuple_(_I.state_since, _I.id) > tuple_(bindparam("since", type_=UtcDateTime), _after))
        .order_by(_I.state_since, _I.id)
        .limit(_most)
        .subquery()
        .c.id
    )


_LISTS = {
    "waiting": _rows(
        union_all(*(_waiting(s) for s in (State.SUBMITTED, State.UNDER_REVIEW))), _I.state_since, _I.id  # type: ignore[arg-type]
    ),
    "unclaimed": _rows(
        select(_I.id)
        .where(_I.requester_id.is_(None), _I.state == State.DRAFT, _I.id > _after)
        .order_by(_I.id)
        .limit(_most),
        _I.id,
    ),
    "deferred": _rows(
        select(_I.id)
        .where(
            _I.state == State.DEFERRED,
            tuple_(_I.deferred_until, _I.id) > tuple_(bindparam("until", type_=_I.deferred_until.type), _after),
        )
        .order_by(_I.deferred_until, _I.id)
        .limit(_most),
        _I.deferred_until,
        _I.id,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a page of a list begins: after this row."""

    after: int = 0
    since: datetime = BEGINNING
    until: date = FIRST_DAY


@dataclass(frozen=True)
class Found:
    """One page of a list; `following` is its last row when there are more."""

    rows: list[Row[Any]]
    following: Row[Any] | None


def listed(name: str, place: Place, *, most: int = PAGE) -> Found:
    """A page of "waiting" (oldest first), "unclaimed" or "deferred" (soonest due first)."""
    begins: dict[str, dict[str, Any]] = {"waiting": {"since": place.since}, "deferred": {"until": place.until}}
    names = {"after": place.after, "most": most + 1, **begins.get(name, {})}
    rows = list(db.session.execute(_LISTS[name], names))
    return Found(rows[:most], rows[most - 1] if len(rows) > most else None)


_HEAD: Select[Any] = (
    select(
        _I.id, _I.kind, _I.title, _I.state, _I.state_since, _I.submitted_at, _I.deferred_until, _I.source_ref,
        _I.requester_id, _P.name.label("requester"),
        exists().where(_FI.about_kind == "item", _FI.about_id == _I.id, _FI.removed_at.is_(None))
        .correlate(Item.__table__).label("attached"),
    )
    .select_from(Item.__table__.outerjoin(Person.__table__, _P.id == _I.requester_id))
    .where(_I.id == bindparam("item"))
)  # fmt: skip
_BY_EMAIL = select(_P.id).where(_P.email == bindparam("email"), _P.disabled_at.is_(None))


def head(item_id: int) -> Row[Any]:
    """The facts of an engagement that is known to be there."""
    return db.session.execute(_HEAD, {"item": item_id}).one()


def person_at(email: str) -> int | None:
    """The person with an account at this address, or None."""
    return db.session.scalar(_BY_EMAIL, {"email": email.lower()})
