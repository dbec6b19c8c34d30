"""The only writer of Review: which further reviews an item needs, who owes them by when, and what came of them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import (
    Integer,
    Row,
    String,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from engage.extensions import db
from engage.models.board import Charter
from engage.models.engagements import Item
from engage.models.people import Person, RoleGrant
from engage.models.places import Advisory, CountryOfConcern
from engage.models.reviews import Review, ReviewRule
from engage.reference.calendars import calendar_of
from engage.rules import reviews as rules
from engage.rules.asking import Content
from engage.rules.policy import Actor, Do, Role, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.reviews import GIVEN, Facts, Finding, Need, Rule
from engage.rules.roles import ReviewKind
from engage.rules.working_time import add_business_days
from engage.services import audit, notices

LONGEST = 5_000  # characters
MOST = 100

_R, _W, _I, _P, _G, _H = (t.__table__.c for t in (ReviewRule, Review, Item, Person, RoleGrant, Charter))
_A, _C = Advisory.__table__.c, CountryOfConcern.__table__.c
_item: Any = bindparam("item")
_day: Any = bindparam("day")
_codes: Any = bindparam("countries", expanding=True)
_zero: Any = literal_column("0")
_blank: Any = literal_column("''")


def _row(what: str, number: Any, code: Any = _blank, label: Any = _blank, kind: Any = _blank, days: Any = _zero) -> Any:
    return select(
        literal_column(f"'{what}'").label("what"), cast(number, Integer).label("number"),
        cast(code, String).label("code"), cast(label, String).label("label"), cast(kind, String).label("kind"),
        cast(days, Integer).label("days"),
    )  # fmt: skip


def _in_force(starts_on: Any, ends_on: Any) -> Any:
    return (starts_on <= _day) & or_(ends_on.is_(None), ends_on >= _day)


def _newest(column: Any, *same: Any) -> Any:
    """The newest day on or before the day asked for, among the rows that have the same values as this one."""
    other = column.table.alias()
    alike = (other.c[one.name] == one for one in same)
    newest = select(func.max(other.c[column.name])).where(other.c[column.name] <= _day, *alike)
    return newest.correlate(column.table).scalar_subquery()


# All that decides which reviews are needed, in one statement.
_FACTS = union_all(
    _row("rule", _R.limit, _R.code, _R.label, _R.kind, _R.days).where(
        _R.applies, _R.starts_on == _newest(_R.starts_on, _R.code)
    ),
    _row("advisory", _A.level).where(_A.country_code.in_(_codes), _A.as_of == _newest(_A.as_of, _A.country_code)),
    _row("of_concern", _C.id).where(_C.country_code.in_(_codes), _in_force(_C.starts_on, _C.ends_on)),
    _row("senior", _G.person_id).where(
        _G.person_id.in_(bindparam("people", expanding=True)), _G.role == Role.LEADERSHIP,
        _in_force(_G.starts_on, _G.ends_on),
    ),
    _row("known", _W.id, _W.finding, _W.why, _W.kind).where(
        _W.item_id == _item, or_(_W.finding.is_(None), _W.finding != Finding.MOOT)
    ),
    _row("together", _H.reviews_together).where(_H.starts_on == _newest(_H.starts_on, _H.board_id)),
)  # fmt: skip
_OPEN = select(_W.id, _W.kind, _W.begun_at, _W.days).where(_W.item_id == _item, _W.done_at.is_(None)).order_by(_W.id)
_doer = Person.__table__.alias("doer")
_ROWS = (
    select(
        _W.id, _W.item_id, _W.kind, _W.why, _W.asked_at, _W.begun_at, _W.due_on, _W.finding, _W.note, _W.done_at,
        _W.owner_id, _P.name.label("owner"), _doer.c.name.label("done_by"), _I.title, _I.state, _I.kind.label("of"),
        _I.starts_on, _I.ends_on,
    )
    .select_from(
        Review.__table__.join(Item.__table__, _I.id == _W.item_id)
        .outerjoin(Person.__table__, _P.id == _W.owner_id)
        .outerjoin(_doer, _doer.c.id == _W.done_by_id)
    )
)  # fmt: skip
_OF_ITEM = _ROWS.where(_W.item_id == _item).order_by(_W.id).limit(MOST)
_ONE = _ROWS.where(_W.id == bindparam("review"))
_WAITING = (
    _ROWS.where(_W.done_at.is_(None), _W.begun_at.is_not(None), _W.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(_W.due_on, _W.id)
    .limit(MOST)
)
_KINDS = select(_G.review_kind).where(
    _G.person_id == bindparam("me"), _G.role == Role.REVIEWER, _in_force(_G.starts_on, _G.ends_on)
)
_TABLE: Any = Review.__table__  # as a table: the ORM would read every changed row back
_BEGIN = update(_TABLE).where(_W.id == bindparam("review"))
_MOOT = update(_TABLE).where(_W.item_id == _item, _W.done_at.is_(None))
_TAKE = update(_TABLE).where(_W.id == bindparam("review"), _W.done_at.is_(None), _W.owner_id.is_(None))
_GIVE = update(_TABLE).where(_W.id == bindparam("review"), _W.done_at.is_(None))


def open_for(item: Item, content: Content, *, today: date, by: Actor, now: datetime) -> list[ReviewKind]:
    """Ask for the reviews that the rules of `today` want of what was submitted; gives the kinds asked for now.

    A review that was done on the same grounds stands. Together where the charter says so, else one after another.
    One statement where none is needed.
    """
    rows = db.session.execute(_FACTS, {
        "day": today, "item": item.id, "countries": sorted({leg.country_code for leg in content.legs}),
        "people": [t.person_id for t in content.travellers if t.person_id is not None],
    }).all()  # fmt: skip
    known = {(row.kind, row.label) for row in rows if row.what == "known"}
    dated = [Rule(r.code, r.label, ReviewKind(r.kind), r.number, r.days) for r in rows if r.what == "rule"]
    facts = Facts(
        content,
        advisory=max((row.number for row in rows if row.what == "advisory"), default=0),
        of_concern=any(row.what == "of_concern" for row in rows),
        senior=any(row.what == "senior" for row in rows),
    )
    wanted = [need for need in rules.needed(facts, dated) if (need.kind, need.why) not in known]
    together = all(row.number for row in rows if row.what == "together")
    for place, need in enumerate(wanted):
        _ask(item, need, begins=together or place == 0, today=today, by=by, now=now)
    return [need.kind for need in wanted]


def _ask(item: Item, need: Need, *, begins: bool, today: date, by: Actor, now: datetime) -> None:
    due_on = _due(today, need.days) if begins else None
    made = db.session.scalar(
        insert(_TABLE).returning(_W.id),
        {
            "item_id": item.id, "kind": need.kind, "why": need.why, "days": need.days, "asked_at": now, "note": "",
            "begun_at": now if begins else None, "due_on": due_on,
        },
    )  # fmt: skip
    audit.record("ask_review", about=("item", item.id), by=by, now=now, review=made, kind=need.kind, why=need.why)
    if due_on and made:
        notices.review_asked(item, made, need.kind, need.why, due_on, by=by, now=now, today=today)


def must_be_settled(item_id: int) -> None:
    """Raises NotOpen, naming the reviews that are still to come, when there are any."""
    owed = [row.kind.label.lower() for row in db.session.execute(_OPEN, {"item": item_id})]
    if owed:
        raise NotOpen(f"Reviews are still to come: {', '.join(owed)}. The board sees it when they are in.")


def end_with(item_id: int, *, by: Actor, now: datetime) -> None:
    """What is returned or taken back needs no review any more; it is asked for again with the next submission."""
    db.session.execute(_MOOT, {"item": item_id, "finding": Finding.MOOT, "done_at": now})


def of_item(item_id: int) -> list[Row[Any]]:
    """The reviews of an item, in the order they were asked for. One statement."""
    return list(db.session.execute(_OF_ITEM, {"item": item_id}))


def find(review_id: int) -> Any:
    """One review with its item, or None."""
    return db.session.execute(_ONE, {"review": review_id}).one_or_none()


def kinds_of(who: Actor, today: date) -> list[ReviewKind]:
    """What a reviewer looks at, by the roles they hold on the office's day."""
    return list(db.session.scalars(_KINDS, {"me": who.id, "day": today})) if Role.REVIEWER in who.roles else []


def waiting(kinds: Collection[ReviewKind]) -> list[Row[Any]]:
    """The reviews of these kinds that have begun and are not done, the first due first. One statement."""
    return list(db.session.execute(_WAITING, {"kinds": sorted(kinds)})) if kinds else []


def take(review: Any, subject: Subject, *, by: Actor, now: datetime, today: date) -> None:
    """Make a review one's own, so that others of the kind know. Raises NotAllowed, or NotOpen when it is taken."""
    _must_review(review, subject, by, today)
    taken = db.session.execute(_TAKE, {"review": review.id, "owner_id": by.id})
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise NotOpen("Somebody has this review in hand already, or it is done.")
    audit.record("take_review", about=("item", review.item_id), by=by, now=now, review=review.id, kind=review.kind)


def give(
    item: Item, review: Any, subject: Subject, finding: Finding, note: str, *, by: Actor, now: datetime, today: date
) -> None:
    """Record what came of a review; the next in order begins, or the secretariat hears that all are in.

    An objection stops nothing: the board reads it and decides. Raises NotAllowed, NotOpen, or Incomplete.
    """
    _must_review(review, subject, by, today)
    if finding not in GIVEN:
        raise Incomplete({"finding": "Choose what came of the review."})
    if finding is not Finding.CLEAR and not note:
        raise Incomplete({"note": "Say what the board should know."})
    if len(note) > LONGEST:
        raise Incomplete({"note": f"Use at most {LONGEST:,} characters."})
    done = db.session.execute(
        _GIVE, {"review": review.id, "finding": finding, "note": note, "done_by_id": by.id, "done_at": now,
                "owner_id": review.owner_id or by.id}
    )  # fmt: skip
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise NotOpen("This review is done already.")
    audit.record(
        "give_review", about=("item", item.id), by=by, now=now, review=review.id, kind=review.kind, finding=finding,
        reason=note,
    )  # fmt: skip
    left = db.session.execute(_OPEN, {"item": item.id}).all()
    if not left:
        notices.reviews_done(item, review.id, by=by, now=now, today=today)
    elif all(row.begun_at is None for row in left):
        following = left[0]
        due_on = _due(today, following.days)
        db.session.execute(_BEGIN, {"review": following.id, "begun_at": now, "due_on": due_on})
        why = next(row.why for row in of_item(item.id) if row.id == following.id)
        notices.review_asked(item, following.id, following.kind, why, due_on, by=by, now=now, today=today)


def _must_review(review: Any, subject: Subject, by: Actor, today: date) -> None:
    if not may(by, Do.REVIEW, subject) or review.kind not in kinds_of(by, today):
        raise NotAllowed(f"Only a reviewer for {review.kind.label.lower()} does this, and never of their own journey.")
    if review.done_at is not None or review.begun_at is None:
        raise NotOpen("This review is done already." if review.done_at else "The review before it is not done yet.")


def _due(today: date, days: int) -> date:
    home = current_app.config["SETTINGS"].home_country
    return add_business_days(today, days, [calendar_of(home, today, date(today.year + 1, 12, 31))])
