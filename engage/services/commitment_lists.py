"""The only reader of promises for pages: of an engagement, of its partners, of an owner, and the whole register."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, Row, Select, and_, bindparam, func, or_, select, tuple_

from engage.extensions import db
from engage.models.commitments import Commitment, CommitmentWord
from engage.models.engagements import Engagement, Item, engagement_partner
from engage.models.partners import Partner
from engage.models.people import Person
from engage.rules.commitments import Settled, Side, Standing, standing
from engage.rules.marking import Marking
from engage.rules.policy import Actor
from engage.services.visibility import Scope, scope, visible

PAGE = 50
SHOWN = 20  # beside something else: the register has them all

_C, _W, _I, _P, _PA = (t.__table__.c for t in (Commitment, CommitmentWord, Item, Person, Partner))
_EP = engagement_partner.c
_item: BindParameter[int] = bindparam("item", type_=Integer)
_ALL = (
    select(
        _C.id, _C.engagement_id, _C.side, _C.what, _C.partner_id, _C.counterpart, _C.owner_id, _C.made_on, _C.due_on,
        _C.settled_as, _C.settled_on, _P.name.label("owner"), _PA.name.label("partner"), _I.title,
        _I.marking,
    )
    .select_from(
        Commitment.__table__.join(Item.__table__, _I.id == _C.engagement_id)
        .join(Person.__table__, _P.id == _C.owner_id)
        .outerjoin(Partner.__table__, _PA.id == _C.partner_id)
    )
)  # fmt: skip
_open = _C.settled_on.is_(None)
_BY_DAY = (_C.due_on, _C.id)
# Of the partners that an item names, whichever engagement they were made at; and what was promised at itself.
_with_its_partners = _C.partner_id.in_(select(_EP.partner_id).where(_EP.engagement_id == _item))
_OVERDUE_WITH = (
    _ALL.where(_open, _C.due_on < bindparam("today"), _with_its_partners).order_by(*_BY_DAY).limit(SHOWN + 1)
)
_AT_OR_WITH = (
    _ALL.where(or_(_C.engagement_id == _item, and_(_open, _with_its_partners))).order_by(*_BY_DAY).limit(200)
)
_OF_OWNER = _ALL.where(_open, _C.owner_id == bindparam("me")).order_by(*_BY_DAY).limit(SHOWN + 1)
_WORDS = (
    select(_W.word, _W.text, _W.due_on, _W.at, _W.engagement_id, _P.name.label("who"), _I.title)
    .select_from(
        CommitmentWord.__table__.join(Person.__table__, _P.id == _W.by_id).outerjoin(
            Item.__table__, _I.id == _W.engagement_id
        )
    )
    .where(_W.commitment_id == bindparam("id"))
    .order_by(_W.id.desc())
    .limit(200)
)


@dataclass(frozen=True)
class Line:
    """A promise as every page shows it; `whom` is the partner, or who else it was."""

    id: int
    engagement_id: int
    title: str
    side: Side
    what: str
    whom: str
    partner_id: int | None
    owner_id: int
    owner: str
    made_on: date
    due_on: date
    settled_as: Settled | None
    settled_on: date | None
    standing: Standing
    marking: Marking = Marking.GREEN  # of the engagement at which it was made

    @property
    def mark(self) -> str:
        """The kind of mark that says where it stands."""
        return {Standing.OPEN: "wait", Standing.OVERDUE: "bad"}.get(self.standing, "good")


def _line(row: Row[Any], today: date) -> Line:
    return Line(
        row.id, row.engagement_id, row.title, row.side, row.what, row.partner or row.counterpart, row.partner_id,
        row.owner_id, row.owner, row.made_on, row.due_on, row.settled_as, row.settled_on,
        standing(row.due_on, row.settled_as, today), row.marking,
    )  # fmt: skip


def _lines(statement: Select[Any], day: date, **given: Any) -> list[Line]:
    return [_line(row, day) for row in db.session.execute(statement, given)]


def overdue_with(item_id: int, today: date) -> list[Line]:
    """The overdue promises with the partners that an item names, the longest overdue first.

    At most SHOWN and one more. One statement. For screening, clashes and the decision memo.
    """
    return _lines(_OVERDUE_WITH, today, item=item_id, today=today)


def at_or_with(engagement_id: int, today: date) -> tuple[list[Line], list[Line]]:
    """The promises made at an engagement, and the open ones from elsewhere with its partners. One statement."""
    found = _lines(_AT_OR_WITH, today, item=engagement_id)
    here = [one for one in found if one.engagement_id == engagement_id]
    return here, [one for one in found if one.engagement_id != engagement_id]


def of_owner(person_id: int, today: date) -> list[Line]:
    """The open promises that somebody keeps or follows, by day; at most SHOWN and one more. One statement."""
    return _lines(_OF_OWNER, today, me=person_id)


@cache
def _due_by(seen_by: Scope) -> Select[Any]:
    return _ALL.where(visible(seen_by), _open, _C.due_on <= bindparam("until")).order_by(*_BY_DAY).limit(SHOWN + 1)


def due_by(seen_by: Scope, me: int, until: date, today: date) -> list[Line]:
    """The open promises due on or before a day that a reader may see, those overdue first; at most SHOWN and one more.

    For who looks ahead. One statement.
    """
    return _lines(_due_by(seen_by), today, until=until, me=me)


@cache
def _count(seen_by: Scope) -> Select[Any]:
    joined = Commitment.__table__.join(Item.__table__, _I.id == _C.engagement_id)
    return select(func.count()).select_from(joined).where(visible(seen_by), _open, _C.due_on < bindparam("today"))


def overdue(who: Actor, today: date) -> int:
    """How many promises that `who` may see are overdue. One statement."""
    return db.session.scalar(_count(scope(who)), {"me": who.id, "today": today}) or 0


_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "open": and_(_open, _C.due_on >= bindparam("today")),
    "overdue": and_(_open, _C.due_on < bindparam("today")),
    "kept": _C.settled_as == Settled.KEPT,
    "released": _C.settled_as == Settled.RELEASED,
    "unsettled": _open,
    "ours": _C.side == Side.OURS,
    "theirs": _C.side == Side.THEIRS,
    "partner": _C.partner_id == bindparam("partner"),
    "country": _C.partner_id.in_(select(_PA.id).where(_PA.country_code == bindparam("country"))),
    "mine": _C.owner_id == bindparam("me"),
    "forum": _C.engagement_id.in_(
        select(Engagement.__table__.c.id).where(Engagement.__table__.c.forum_id == bindparam("forum"))
    ),
}
_at = tuple_(bindparam("after_day", type_=_C.due_on.type), bindparam("after_id", type_=_C.id.type))


@cache
def _register(seen_by: Scope, names: frozenset[str], later: bool) -> Select[Any]:
    statement = _ALL.where(visible(seen_by), *(_FILTERS[name] for name in sorted(names)))
    if later:
        statement = statement.where(tuple_(*_BY_DAY) > _at)
    return statement.order_by(*_BY_DAY).limit(PAGE + 1)


def register(
    who: Actor, today: date, names: frozenset[str], after: tuple[date, int] | None = None, **given: Any
) -> tuple[list[Line], tuple[date, int] | None]:
    """A page of the promises that `who` may see, by day, and where the next begins. One statement.

    `names` narrow it: a standing, "unsettled", "ours" or "theirs", "mine", "partner" and "forum" (with their ids),
    "country" (of the partner, with its code).
    """
    given |= {"me": who.id, "today": today}
    if after:
        given |= {"after_day": after[0], "after_id": after[1]}
    found = _lines(_register(scope(who), names, after is not None), today, **given)
    more = (found[PAGE - 1].due_on, found[PAGE - 1].id) if len(found) > PAGE else None
    return found[:PAGE], more


@cache
def _one(seen_by: Scope) -> Select[Any]:
    return _ALL.where(visible(seen_by), _C.id == bindparam("id"))


def one(commitment_id: int, *, by: Actor, today: date) -> Line | None:
    """A promise, or None when there is none that `by` may see: to them it does not exist."""
    row: Any = db.session.execute(_one(scope(by)), {"id": commitment_id, "me": by.id}).one_or_none()
    return None if row is None else _line(row, today)


def words(commitment_id: int) -> list[Row[Any]]:
    """What was said of a promise, the newest first."""
    return list(db.session.execute(_WORDS, {"id": commitment_id}))
