"""The only reader of lessons for those who come after, and where the owner of a guide answers them."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.partners import Partner
from engage.models.people import Person
from engage.models.places import Country
from engage.models.reports import Lesson, TripReport
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit
from engage.services.visibility import Scope, scope, visible

PAGE, SHOWN = 50, 10
LONGEST = 200  # characters of an answer

_L, _I, _C, _PA, _R, _P = (t.__table__.c for t in (Lesson, Item, Country, Partner, TripReport, Person))
_ALL = (
    select(
        _L.id, _L.engagement_id, _L.kind, _L.country_code, _L.partner_id, _L.text, _L.answered_at, _L.taken_up,
        _L.answer, _C.name.label("country"), _PA.name.label("partner"), _I.title, _I.ends_on, _I.marking,
        _P.name.label("answered_by"),
    )
    .select_from(
        Lesson.__table__.join(Item.__table__, _I.id == _L.engagement_id)
        .join(TripReport.__table__, _R.engagement_id == _L.engagement_id)
        .join(Country.__table__, _C.code == _L.country_code)
        .outerjoin(Partner.__table__, _PA.id == _L.partner_id)
        .outerjoin(Person.__table__, _P.id == _L.answered_by_id)
    )
    .where(_R.filed_at.is_not(None), _L.id < bindparam("before"))
    .order_by(_L.id.desc())
)  # fmt: skip
_FILTERS: dict[str, ColumnElement[bool]] = {
    "country": _L.country_code == bindparam("country"),
    "countries": _L.country_code.in_(bindparam("countries", expanding=True)),
    "partner": _L.partner_id == bindparam("partner"),
    "kind": _L.kind == bindparam("kind"),
    "unanswered": _L.answered_at.is_(None),
}


@cache
def _search(seen_by: Scope, names: frozenset[str], most: int) -> Select[Any]:
    return _ALL.where(visible(seen_by), *(_FILTERS[name] for name in sorted(names))).limit(most)


def search(who: Actor, before: int = 2**31 - 1, **chosen: Any) -> tuple[list[Row[Any]], int | None]:
    """A page of lessons of filed reports that `who` may see, the newest first, and where the next begins.

    `chosen`: country (code), partner (id), kind, unanswered (True). One statement.
    """
    rows = _found(who, PAGE + 1, before, chosen)
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def for_countries(who: Actor, codes: list[str]) -> list[Row[Any]]:
    """The newest lessons from these countries, for the next traveller there. One statement, none without a country."""
    return _found(who, SHOWN, 2**31 - 1, {"countries": codes}) if codes else []


def _found(who: Actor, most: int, before: int, chosen: dict[str, Any]) -> list[Row[Any]]:
    given = {**chosen, "me": who.id, "before": before}
    return list(db.session.execute(_search(scope(who), frozenset(chosen), most), given))


def answer(lesson_id: int, *, taken_up: bool, words: str, by: Actor, now: datetime) -> Lesson:
    """Say that the guide says it now, or why it does not. Raises NotAllowed, NotOpen or Incomplete."""
    if not may(by, Do.ANSWER_LESSON) or by.id is None:
        raise NotAllowed("Content owners answer what travellers say about a guide.")
    lesson = db.session.get(Lesson, lesson_id)
    if lesson is None or lesson.answered_at is not None:
        raise NotOpen("This lesson was answered already.")
    if len(words) > LONGEST or (not taken_up and not words):
        long = f"Use at most {LONGEST} characters."
        raise Incomplete({"words": long if words else "Say why the guide does not take it up."})
    lesson.answered_at, lesson.answered_by_id, lesson.taken_up, lesson.answer = now, by.id, taken_up, words
    db.session.flush()
    audit.record(
        "answer_lesson", about=("item", lesson.engagement_id), by=by, now=now, lesson=lesson.id, taken_up=taken_up,
        said=words,
    )  # fmt: skip
    return lesson


_WAITING = (
    select(_L.country_code, _C.name, func.count().label("lessons"))
    .select_from(
        Lesson.__table__.join(TripReport.__table__, _R.engagement_id == _L.engagement_id).join(
            Country.__table__, _C.code == _L.country_code
        )
    )
    .where(_R.filed_at.is_not(None), _L.answered_at.is_(None))
    .group_by(_L.country_code, _C.name)
    .order_by(_C.name)
)


def waiting() -> list[Row[Any]]:
    """The countries whose travellers said something that no guide has answered, and how much. One statement."""
    return list(db.session.execute(_WAITING))
