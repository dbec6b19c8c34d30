"""The only writer of PartnerMerge: one partner found to be another, all that pointed at it moved, and taken back.

What points at a partner is read from the tables themselves, so that none is forgotten. Frozen texts and the trail keep
the name under which they were written; the number of the merged partner leads to the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, and_, delete, exists, func, insert, select, update

from engage.extensions import db
from engage.models import Base
from engage.models.base import UtcDateTime
from engage.models.engagements import Item, engagement_partner
from engage.models.partners import Partner, PartnerMerge
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, search_index
from engage.services.search_index import Kind
from engage.services.visibility import scope, visible

LONGEST_REASON = 2_000
AT_ONCE = 500
# What moves, in the words of the page. The history of merges stays as it was.
LABELS = {
    "engagement_partner": "Engagements that name it", "outcome": "Results", "lesson": "Lessons",
    "person_met": "People met", "commitment": "Promises", "agreement": "Agreements", "partner_contact": "Contacts",
    "partner_forum": "Forums", "standing_approval": "Standing approvals", "interest": "Declared interests",
    "guide": "Guides", "follow": "People who follow it", "partner": "Earlier names",
    "priority_aim": "Priorities of a year",
}  # fmt: skip
_HISTORY = "partner_merge"


@dataclass(frozen=True)
class Pointer:
    """A column that names a partner; `key` tells its rows apart, `sets` are the columns that may stand once with it."""

    table: Table
    column: Column[Any]
    key: Column[Any]
    sets: tuple[tuple[Column[Any], ...], ...]

    @property
    def label(self) -> str:
        """What its rows are, in words."""
        return LABELS[self.table.name]


@dataclass(frozen=True)
class Preview:
    """What a merge would do: (what, how many), and why it cannot be."""

    lines: list[tuple[str, int]]
    hindrances: list[str]


@cache
def pointers() -> tuple[Pointer, ...]:
    """Every column that names a partner, but those of the history of merges."""
    return tuple(
        Pointer(table, column, _key(table, column), tuple(_sets(table, column)))
        for table in Base.metadata.sorted_tables
        if table.name != _HISTORY
        for column in table.columns
        if any(key.column is Partner.__table__.c.id for key in column.foreign_keys)
    )


def _key(table: Table, column: Column[Any]) -> Column[Any]:
    (key,) = [one for one in table.primary_key.columns if one is not column]
    return key


def _sets(table: Table, column: Column[Any]) -> Iterator[tuple[Column[Any], ...]]:
    for rule in table.constraints:
        names = list(rule.columns) if isinstance(rule, UniqueConstraint) or rule is table.primary_key else []
        if column in names:
            yield tuple(one for one in names if one is not column)


def preview(gone: Partner, kept: Partner, *, by: Actor) -> Preview:
    """What merging would move; of engagements, those that `by` may see are counted. Raises NotAllowed."""
    _allowed(by)
    lines = []
    for to in pointers():
        count = select(func.count()).select_from(to.table).where(to.column == gone.id)
        given: dict[str, Any] = {}
        if to.table is engagement_partner:
            count = count.where(exists().where(Item.__table__.c.id == to.key, visible(scope(by))))
            given = {"me": by.id}
        if number := db.session.scalar(count, given):
            lines.append((to.label, number))
    return Preview(sorted(lines), _hindrances(gone, kept))


def _hindrances(gone: Partner, kept: Partner) -> list[str]:
    at = []
    if gone.id == kept.id:
        at.append("Choose another partner: nothing is merged into itself.")
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        at.append("One of the two is another name already. Merge the partners that are on the register.")
    for to in pointers():
        if () in to.sets:  # each partner has at most one
            both = select(func.count(to.column.distinct())).where(to.column.in_([gone.id, kept.id]))
            if db.session.scalar(both) == 2:
                at.append(f"Both have their own: {to.label.lower()}. Bring them together first.")
    return at


def merge(gone: Partner, kept: Partner, reason: str, *, by: Actor, now: datetime) -> PartnerMerge:
    """Let `gone` be another name of `kept`: all that pointed at the one points at the other. All or nothing.

    Raises NotAllowed, NotOpen where it cannot be, or Incomplete at "reason".
    """
    _allowed(by)
    for id_ in sorted({gone.id, kept.id}):  # locks are taken by number
        db.session.refresh(db.session.get_one(Partner, id_), with_for_update=True)
    if hindrances := _hindrances(gone, kept):
        raise NotOpen(" ".join(hindrances))
    if not reason or len(reason) > LONGEST_REASON:
        raise Incomplete({"reason": f"Say how you know that they are one, in at most {LONGEST_REASON:,} characters."})
    moved: dict[str, Any] = {}
    for to in pointers():
        dropped = _drop_doubles(to, gone.id, kept.id)
        rows = list(db.session.scalars(select(to.key).where(to.column == gone.id).order_by(to.key)))
        if rows:
            db.session.execute(update(to.table).where(to.column == gone.id).values({to.column.name: kept.id}))
        if rows or dropped:
            moved[f"{to.table.name}.{to.column.name}"] = {"rows": rows, "dropped": dropped}
    gone.merged_into_id = kept.id
    made = PartnerMerge(gone_id=gone.id, kept_id=kept.id, reason=reason, moved=moved, merged_at=now, merged_by_id=by.id)
    db.session.add(made)
    db.session.flush()
    audit.record(
        "merge", about=("partner", gone.id), by=by, now=now, into=kept.id, reason=reason, merge=made.id,
        moved={name: len(one["rows"]) for name, one in moved.items()},
        doubled={name: len(one["dropped"]) for name, one in moved.items() if one["dropped"]},
    )  # fmt: skip
    _search_follows(made)
    return made


def take_back(made: PartnerMerge, *, by: Actor, now: datetime) -> None:
    """Let the two be two again: what the merge moved, and still points there, points back. Later rows stay.

    Raises NotAllowed, or NotOpen where it was taken back or the other was merged since.
    """
    _allowed(by)
    gone, kept = (db.session.get_one(Partner, id_) for id_ in (made.gone_id, made.kept_id))
    for id_ in sorted({gone.id, kept.id}):
        db.session.refresh(db.session.get_one(Partner, id_), with_for_update=True)
    if made.undone_at is not None or gone.merged_into_id != kept.id:
        raise NotOpen("This cannot be taken back any more: it was, or the other partner was merged since.")
    gone.merged_into_id = None
    for to in pointers():
        one = made.moved.get(f"{to.table.name}.{to.column.name}", {"rows": [], "dropped": []})
        for start in range(0, len(one["rows"]), AT_ONCE):
            some = one["rows"][start : start + AT_ONCE]
            back = update(to.table).where(to.column == kept.id, to.key.in_(some))
            db.session.execute(back.values({to.column.name: gone.id}))
        for row in one["dropped"]:
            _put_back(to, row, kept.id)
    made.undone_at, made.undone_by_id = now, by.id
    db.session.flush()
    audit.record("take_back_merge", about=("partner", gone.id), by=by, now=now, into=kept.id, merge=made.id)
    _search_follows(made)


def _drop_doubles(to: Pointer, gone_id: int, kept_id: int) -> list[dict[str, Any]]:
    """Take away the rows that would stand twice: the other partner has the same; gives them for taking back."""
    dropped = []
    for others in to.sets:
        same = to.table.alias("same")
        twice = exists().where(same.c[to.column.name] == kept_id, *(same.c[one.name] == one for one in others))
        which = and_(to.column == gone_id, twice)
        dropped += [
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row._mapping.items()}
            for row in db.session.execute(select(to.table).where(which))
        ]
        db.session.execute(delete(to.table).where(which))
    return dropped


def _put_back(to: Pointer, row: dict[str, Any], kept_id: int) -> None:
    """A row that stood twice is there again, where its like at the other partner still is."""
    values = {
        column.name: datetime.fromisoformat(row[column.name])
        if isinstance(column.type, UtcDateTime) and row[column.name] else row[column.name]
        for column in to.table.columns
    }  # fmt: skip
    like = [to.table.c[one.name] == values[one.name] for others in to.sets[:1] for one in others]
    if db.session.scalar(select(exists().where(to.column == kept_id, *like))):
        db.session.execute(insert(to.table), [values])


def _search_follows(made: PartnerMerge) -> None:
    """Whoever searches for either name finds what is there now."""
    standing = made.undone_at is None
    if standing:
        search_index.forget(Kind.PARTNER, [made.gone_id])
    search_index.note(Kind.PARTNER, [made.kept_id] if standing else [made.kept_id, made.gone_id])
    named = made.moved.get("engagement_partner.partner_id", {"rows": [], "dropped": []})
    search_index.note(Kind.ENGAGEMENT, [*named["rows"], *(row["engagement_id"] for row in named["dropped"])])
    search_index.note(Kind.GUIDE, made.moved.get("guide.partner_id", {"rows": []})["rows"])


def _allowed(by: Actor) -> None:
    if not may(by, Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat merges partners.")
