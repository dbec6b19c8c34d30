"""The only writer of ItemVersion: the texts that ballots and decisions cite, frozen for ever."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, insert, select, update

from engage.extensions import db
from engage.models.engagements import ItemVersion
from engage.models.people import Person
from engage.rules import canonical
from engage.rules.items import ItemKind
from engage.rules.policy import Actor
from engage.rules.workflow import EDITABLE, State
from engage.services import kinds

# A version submitted later than the lead time says so. Canonical JSON escapes quotes inside a text, so in it
# these characters are that key alone: lists read the mark with LIKE, without opening the text.
MARKED_LATE = '%"late":true%'

_V, _P = ItemVersion.__table__.c, Person.__table__.c
_mine: BindParameter[int] = bindparam("item")
_VERSION = (
    _V.id, _V.number, _V.content, _V.sha256, _V.valid_from, _V.valid_to, _V.minor, _V.reason, _P.name.label("by_name"),
)  # fmt: skip
_VERSIONS = (
    select(*_VERSION)
    .select_from(ItemVersion.__table__.outerjoin(Person.__table__, _P.id == _V.by_id))
    .where(_V.item_id == _mine)
)
_CURRENT = _VERSIONS.where(_V.valid_to.is_(None))
_CURRENT_OF = (
    select(_V.item_id, *_VERSION)
    .select_from(ItemVersion.__table__.outerjoin(Person.__table__, _P.id == _V.by_id))
    .where(_V.item_id.in_(bindparam("items", expanding=True)), _V.valid_to.is_(None))
)
_NUMBERED = _VERSIONS.where(_V.number == bindparam("number"))
_OF_ID = select(*_VERSION).select_from(
    ItemVersion.__table__.outerjoin(Person.__table__, _P.id == _V.by_id)
).where(_V.id == bindparam("version"))
_OLDER = ItemVersion.__table__.alias("older")
# With the newest version that changed anything material: votes on it, or on a minor one after it, judge this text.
_JUDGED = select(func.max(_OLDER.c.id)).where(_OLDER.c.item_id == _V.item_id, _OLDER.c.minor.is_(False))
_IN_FORCE = select(
    _V.id, _V.number, _V.sha256, _JUDGED.correlate(ItemVersion.__table__).scalar_subquery().label("judged_id")
).where(_V.item_id == _mine, _V.valid_to.is_(None))
_TABLE: Any = ItemVersion.__table__  # as a table: the ORM would read every changed row back
_CLOSE = update(_TABLE).where(_V.item_id == bindparam("item"), _V.number < bindparam("below"), _V.valid_to.is_(None))
_LAST = select(func.coalesce(func.max(_V.number), 0) + 1).where(_V.item_id == bindparam("item")).scalar_subquery()
_FREEZE = insert(_TABLE).values(number=_LAST).returning(_V.number)


@dataclass(frozen=True)
class Version:
    """A frozen text. `content` is shaped as kinds.content_of gives it; `valid_to` None: the version in force."""

    id: int
    number: int
    content: dict[str, Any]
    sha256: str
    valid_from: datetime
    valid_to: datetime | None
    by_name: str | None
    minor: bool  # it differs from the one before in nothing material
    reason: str  # why it changed, where somebody was asked
    agrees: bool  # whether the text still has the digest it was frozen under


def freeze(
    item_id: int, content: dict[str, Any], *, minor: bool = False, reason: str = "", by: Actor, now: datetime
) -> tuple[int, str]:
    """Write the next version of an item, in force from `now`, and close the one before; gives (number, SHA-256).

    `minor` says that nothing material differs from the one before, `reason` why it changed. The caller holds the
    item's row, so numbers have no gaps. Nothing is ever written over.
    """
    text = canonical.canonical_json(content)
    sha256 = canonical.digest(text)
    number = db.session.scalar(
        _FREEZE,
        {
            "item": item_id,
            "item_id": item_id,
            "content": text,
            "sha256": sha256,
            "valid_from": now,
            "valid_to": None,
            "by_id": by.id,
            "minor": minor,
            "reason": reason,
        },
    )
    if number and number > 1:
        db.session.execute(_CLOSE, {"item": item_id, "below": number, "valid_to": now})
    return number or 0, sha256


def current(item_id: int) -> Version | None:
    """The version in force, or None where nothing was submitted yet."""
    return _version(_CURRENT, item=item_id)


def current_of(item_ids: Collection[int]) -> dict[int, Version]:
    """The versions in force of many items, by item. One statement, and none for none."""
    rows = db.session.execute(_CURRENT_OF, {"items": list(item_ids)}) if item_ids else ()
    return {row.item_id: _as_version(row) for row in rows}


def numbered(item_id: int, number: int) -> Version | None:
    """One version of an item, or None."""
    return _version(_NUMBERED, item=item_id, number=number)


def by_id(version_id: int) -> Version:
    """The version with this id, which is known to be there."""
    found = _version(_OF_ID, version=version_id)
    if found is None:
        raise KeyError(version_id)
    return found


def in_force(item_id: int) -> Any:
    """The version of an item in force: id, number, sha256 and judged_id; None for what was never submitted.

    `judged_id` is the newest version that changed anything material: a motion put on it or later judges this text.
    """
    return db.session.execute(_IN_FORCE, {"item": item_id}).one_or_none()


def shown(
    item_id: int, state: State, kind: ItemKind = ItemKind.ENGAGEMENT
) -> tuple[dict[str, Any], Version | None]:
    """What a page shows of an item, and the version in force.

    Out of the requester's hands that is the frozen text, word for word what is judged; a draft, and what was
    returned, is shown as it is now.
    """
    version = current(item_id)
    as_now = version is None or state in EDITABLE
    return (kinds.content_of(item_id, kind) if as_now else version.content), version  # type: ignore[union-attr]


def _version(statement: Any, **names: int) -> Version | None:
    row = db.session.execute(statement, names).one_or_none()
    return None if row is None else _as_version(row)


def _as_version(row: Any) -> Version:
    return Version(
        row.id, row.number, kinds.thawed(row.content), row.sha256, row.valid_from, row.valid_to, row.by_name,
        row.minor, row.reason,
        agrees=canonical.digest(row.content) == row.sha256,
    )  # fmt: skip


