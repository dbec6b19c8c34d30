"""The only place that makes a file of the docket: every item on it, as its reader may see it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from engage.services import holding
from engage.web import exports
from engage.web.board import queries

COLUMNS = (
    exports.Column("Number", lambda one: one[0].id),
    exports.Column("Item", lambda one: exports.title(one[0].marking, one[0].title)),
    exports.Column("Kind", lambda one: one[0].kind.named(one[0].asks)),
    exports.Column("Marking", lambda one: one[0].marking.label),
    exports.Column("Asked by", lambda one: one[0].requester),
    exports.Column("Motion", lambda one: one[0].outcome.label if one[0].motion_id else ""),
    exports.Column("Vote by", lambda one: one[0].closes_at),
    exports.Column("First day", lambda one: _unless_aside(one[0], one[0].starts_on)),
    exports.Column("Last day", lambda one: _unless_aside(one[0], one[0].ends_on)),
    exports.Column("City", lambda one: _unless_aside(one[0], one[0].city)),
    exports.Column("Country", lambda one: _unless_aside(one[0], one[0].country)),
    exports.Column("Who holds it", lambda one: one[1].who),
    exports.Column("Since", lambda one: one[1].since),
    exports.Column("What comes next", lambda one: one[1].next_what),
    exports.Column("Next date", lambda one: one[1].next_on),
    exports.Column("Missing", lambda one: one[1].missing),
)


def _unless_aside(row: Any, said: Any) -> Any:
    """What a row says, but to who stands aside from it, as on the page."""
    return None if row.recused else said


def rows(me: int | None, day: date, *, chair: bool) -> Iterator[tuple[Any, holding.Holding]]:
    """Every item on the docket with who holds it, the longest placed first."""

    def page(after: tuple[datetime, int] | None) -> tuple[list[Any], tuple[datetime, int] | None]:
        found, more = queries.docket(me, seated=False, chair=chair, after=after)
        held = holding.lines([row.id for row in found], day=day, me=None)
        return [(row, held[row.id]) for row in found], more

    return exports.paged(page)
