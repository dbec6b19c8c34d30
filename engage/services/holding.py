"""The only place that says who holds an item: by name, since when, what comes next and by when, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, func, or_, select

from engage.extensions import db
from engage.models.asking import Question
from engage.models.board import Condition, Motion
from engage.models.engagements import Item
from engage.models.meetings import AgendaEntry, Meeting
from engage.models.norms import Norm
from engage.models.people import Person, RoleGrant
from engage.models.reviews import Review
from engage.reference.calendars import calendar_of
from engage.rules.policy import Role
from engage.rules.workflow import APPROVED, FINAL, State
from engage.rules.working_time import add_business_days

SHOWN = 2  # names of the secretariat; the rest is counted
SCREENING = "screening_days"

_I, _P, _G, _M, _W, _Q, _C, _N = (
    t.__table__.c for t in (Item, Person, RoleGrant, Motion, Review, Question, Condition, Norm)
)  # fmt: skip
_A, _T = AgendaEntry.__table__.c, Meeting.__table__.c
_owner, _owner_of_item = Person.__table__.alias("owner"), Person.__table__.alias("asker")


def _one(column: Any, *where: Any) -> Any:
    return select(column).where(*where).correlate(Item.__table__).scalar_subquery()


_day: Any = bindparam("day")
_desk = (
    select(_P.name)
    .join_from(RoleGrant.__table__, Person.__table__, _P.id == _G.person_id)
    .where(
        _G.role == Role.SECRETARIAT, _G.starts_on <= _day, or_(_G.ends_on.is_(None), _G.ends_on >= _day),
        _P.disabled_at.is_(None),
    )
    .distinct()
    .subquery("desk")
)  # fmt: skip
# What a statement over `item` reads beside its own columns, to say who holds each row; it takes `:day`.
COLUMNS: tuple[Any, ...] = (
    select(func.aggregate_strings(_desk.c.name, "; ")).scalar_subquery().label("desk"),
    select(_N.value).where(_N.key == SCREENING, _N.starts_on <= _day).order_by(_N.starts_on.desc()).limit(1)
    .scalar_subquery().label("screening_days"),
    _one(func.min(_M.closes_at), _M.item_id == _I.id, _M.closed_at.is_(None)).label("vote_closes"),
    _one(func.min(_T.starts_at), _A.item_id == _I.id, _A.ending.is_(None), _T.id == _A.meeting_id,
         _T.cancelled_at.is_(None), _T.ended_at.is_(None)).label("meets_at"),
    _one(func.min(_W.due_on), _W.item_id == _I.id, _W.done_at.is_(None)).label("review_due"),
    _one(func.min(_W.kind), _W.item_id == _I.id, _W.done_at.is_(None), _W.begun_at.is_not(None)).label("review"),
    select(func.min(_owner.c.name)).where(_W.item_id == _I.id, _W.done_at.is_(None), _owner.c.id == _W.owner_id)
    .correlate(Item.__table__).scalar_subquery().label("reviewer"),
    _one(func.count(_Q.id), _Q.item_id == _I.id, _Q.answered_at.is_(None)).label("questions"),
    _one(func.count(_C.id), _C.item_id == _I.id, _C.met_at.is_(None), _C.waived_at.is_(None)).label("conditions"),
)  # fmt: skip


_LINES = (
    select(
        _I.id, _I.state, _I.state_since, _I.starts_on, _I.deferred_until, _I.requester_id,
        _owner_of_item.c.name.label("requester"), *COLUMNS,
    )
    .select_from(Item.__table__.outerjoin(_owner_of_item, _owner_of_item.c.id == _I.requester_id))
    .where(_I.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip


@dataclass(frozen=True)
class Holding:
    """Who has an item, since when; what comes next and on which day (None: no day is set); what is missing."""

    who: str
    since: datetime
    next_on: date | None = None
    next_what: str = ""
    missing: str = ""

    def late(self, today: date) -> bool:
        """Whether the day of what comes next is over."""
        return self.next_on is not None and self.next_on < today


def lines(ids: Sequence[int], *, day: date, me: int | None) -> dict[int, Holding]:
    """Who holds each of a page's items, by item. One statement, however many; none for no items.

    Whether the reader may see them was asked when the page's rows were read.
    """
    rows = db.session.execute(_LINES, {"ids": list(ids), "day": day}) if ids else ()
    return {row.id: line(row, me=me) for row in rows}


def line(row: Any, *, me: int | None) -> Holding:
    """Who holds an item, as `me` reads it, out of a row with COLUMNS and the item's own: its state, its days.

    `requester` is the name of whoever asked.
    """
    asker = "You" if row.requester_id == me and me is not None else row.requester or "Nobody yet: it was imported"
    desk, since = f"The secretariat{_names(row.desk)}", row.state_since
    match row.state:
        case State.DRAFT:
            return Holding(asker, since, missing="It is not submitted yet")
        case State.RETURNED:
            count = row.questions
            owed = f"{count} question{'' if count == 1 else 's'} to answer" if count else "To be submitted again"
            return Holding(asker, since, missing=f"{owed}; the clock stands still")
        case State.SUBMITTED:
            due = _screened_by(since, row.screening_days)
            return Holding(desk, since, due, "Screened by", "The secretariat’s look")
        case State.UNDER_REVIEW if row.review:
            kind = str(row.review).replace("_", " ")
            who = row.reviewer or f"The reviewers ({kind})"
            return Holding(who, since, row.review_due, "Review due by", f"The {kind} review")
        case State.DEFERRED:
            return Holding(desk, since, row.deferred_until, "Comes back on")
        case State.SCHEDULED | State.UNDER_SILENCE:
            if row.vote_closes:
                return Holding("The board", since, _moment(row.vote_closes).date(), "The vote closes on", "Votes")
            if row.meets_at:
                return Holding("The board", since, _moment(row.meets_at).date(), "The board meets on", "A decision")
            return Holding("The board", since, missing="A motion")
    if row.state in APPROVED:
        count = row.conditions
        owed = f"{count} condition{'' if count == 1 else 's'} still to be met" if count else ""
        return Holding("The travellers", since, row.starts_on, "It begins on", owed)
    if row.state in FINAL:
        return Holding("Nobody", since)
    return Holding(desk, since, missing="To be placed on the docket, or returned")


def _names(told: str | None) -> str:
    names = sorted((told or "").split("; ")) if told else []
    if not names:
        return ""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f" ({', '.join(names[:SHOWN])}{more})"


def _screened_by(since: datetime, days: int | None) -> date | None:
    if not days:
        return None
    home, begun = str(current_app.config["SETTINGS"].home_country), _moment(since).date()
    return add_business_days(begun, days, [calendar_of(home, begun, date(begun.year + 1, 12, 31))])


def _moment(at: Any) -> datetime:
    """A moment as it comes out of a function of the database, which on SQLite has lost its zone."""
    made = datetime.fromisoformat(at) if isinstance(at, str) else at
    return made if made.tzinfo else made.replace(tzinfo=UTC)
