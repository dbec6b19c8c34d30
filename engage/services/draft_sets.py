"""The only place that begins many drafts at once: made ready while others write, written in a statement a table.

What each row says comes from the services that begin one draft alone (engagements, states, plans), so that a draft
of a large file is the same as one typed by hand. Only the numbers are missing until the transaction that writes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Integer, bindparam, func, insert, select

from engage.extensions import db
from engage.models.engagements import Engagement, Item, StateSpan
from engage.models.plans import PlanEntry
from engage.rules.asking import Content
from engage.rules.completeness import unkeepable
from engage.rules.items import ItemKind
from engage.rules.policy import PROGRAM, Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit, engagements, plans, states
from engage.services.transaction import for_the_driver

_ITEM: Any = Item.__table__
_ENGAGEMENT: Any = Engagement.__table__
_SPAN: Any = StateSpan.__table__
_PLAN: Any = PlanEntry.__table__
# How each table calls the engagement that its rows belong to.
_OWNER = {_ITEM: "id", _ENGAGEMENT: "id", _SPAN: "item_id"}
_UNKNOWN = {"v_number": -1}
# What is referred to comes first.
_ORDER = (_ITEM, _ENGAGEMENT, _SPAN, _PLAN, *engagements.TABLES)
_LAST = select(func.coalesce(func.max(_ITEM.c.id), 0))
_NEXT = select(func.nextval(func.pg_get_serial_sequence("item", "id"))).select_from(
    func.generate_series(1, bindparam("count"))
)


@dataclass(frozen=True)
class Rows:
    """Rows of one table as its driver takes them, each with whose of the drafts it is, but not yet with its number."""

    words: str
    number: Callable[[Any, int], Any]  # puts a draft's number into a row
    turned: list[tuple[int, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Ready:
    """Drafts to be written: the rows of each table, and what the trail says of each draft."""

    tables: tuple[Rows, ...]
    told: tuple[dict[str, Any], ...]


def ready(
    found: Sequence[tuple[str, Content]], *, requester_id: int | None, by: Actor, now: datetime
) -> Ready:
    """Make drafts ready to be written: of each a reference that names it for ever, and what it says. No statement.

    Raises NotAllowed, or Incomplete for what contradicts itself.
    """
    if by is not PROGRAM and not may(by, Do.IMPORT):
        raise NotAllowed("Only the secretariat imports.")
    begun, stay, dialect = states.beginning(now), states.first_stay(by, now), db.engine.dialect
    tables: dict[Any, Rows] = {}
    told = []
    for i, (ref, content) in enumerate(found):
        if wrong := unkeepable(content):
            raise Incomplete(wrong)
        for table, row in _rows(content, {"requester_id": requester_id, "source_ref": ref, **begun}, stay, now):
            turn, empty, at = _turner(table, tuple(row), dialect)
            if table not in tables:
                tables[table] = Rows(empty[0], _placed(at))
            tables[table].turned.append((i, turn({f"v_{name}": value for name, value in row.items()} | _UNKNOWN)[1]))
        told.append(states.beginning_told(by=by, now=now, title=content.title, requester=requester_id, source=ref))
    return Ready(tuple(tables[table] for table in _ORDER if table in tables), tuple(told))


def write(drafts: Ready, *, by: Actor) -> list[int]:
    """Begin the drafts, each with its parts, its stay and its line in the trail; gives their numbers in order.

    A statement a table. Whoever imports tells the search's index afterwards. IntegrityError for a reference that is
    there already, and for what a draft names and is gone since.
    """
    numbers = _numbers(len(drafts.told))
    connection = db.session.connection()
    for table in drafts.tables:
        connection.exec_driver_sql(table.words, [table.number(row, numbers[i]) for i, row in table.turned])
    audit.note({**line, "about_id": number} for number, line in zip(numbers, drafts.told, strict=True))
    return numbers


def _rows(
    content: Content, begun: dict[str, Any], stay: dict[str, Any], now: datetime
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Every row of a draft, but for its number, with its table."""
    own = {name: getattr(content, name) for name in engagements.WRITABLE}
    days = {"starts_on": content.first_day, "ends_on": content.last_day}
    yield _ITEM, {"kind": ItemKind.ENGAGEMENT, **begun, **days, **_of(_ITEM, own)}
    yield _ENGAGEMENT, _of(_ENGAGEMENT, own)
    yield _SPAN, stay
    yield _PLAN, plans.entry(content, requester_id=begun["requester_id"], now=now)
    for table, rows in engagements.parts(content).items():
        yield from ((table, row) for row in rows)


def _numbers(count: int) -> list[int]:
    """So many free numbers of items; nobody else gets them."""
    if db.engine.dialect.name == "postgresql":
        return list(db.session.scalars(_NEXT, {"count": count}))
    last = db.session.scalar(_LAST) or 0  # SQLite has one writer at a time
    return list(range(last + 1, last + 1 + count))


def _of(table: Any, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in table.c}


@cache
def _turner(table: Any, names: tuple[str, ...], dialect: Dialect) -> tuple[Any, Any, int | None]:
    """How a row of these columns becomes what the driver takes, an empty one, and where its number goes in it."""
    bound = {name: bindparam(f"v_{name}", type_=table.c[name].type) for name in names}
    bound[_OWNER.get(table, "engagement_id")] = bindparam("v_number", type_=Integer)
    turn = for_the_driver(insert(table).values(bound), dialect)
    empty = turn({f"v_{name}": None for name in names} | _UNKNOWN)
    return turn, empty, empty[1].index(_UNKNOWN["v_number"]) if isinstance(empty[1], tuple) else None


def _placed(at: int | None) -> Callable[[Any, int], Any]:
    if at is None:
        return lambda row, number: {**row, "v_number": number}
    return lambda row, number: (*row[:at], number, *row[at + 1 :])
