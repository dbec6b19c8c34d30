"""The only place that knows whose trip reports are overdue, what the charter makes of it, and who is let through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Integer, Row, bindparam, exists, or_, select

from engage.extensions import db
from engage.models.engagements import Item, Traveller
from engage.models.people import Person
from engage.models.reports import LateReportPass, TripReport
from engage.models.trips import Trip
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.workflow import APPROVED
from engage.services import audit, norms, outbox
from engage.services.report_facts import DUE, days_of

MOST = 200
LONGEST = 1_000  # characters of a reason
PASS_DAYS = {"late_pass_days": 30}

_I, _T, _R, _P, _W, _TR = (
    t.__table__.c for t in (Item, Trip, TripReport, Person, LateReportPass, Traveller)
)
_item: BindParameter[int] = bindparam("item", type_=Integer)
_MISSING = (
    select(_T.engagement_id, _T.person_id, _T.returns_on, _I.title, _P.name)
    .select_from(
        Trip.__table__.join(Item.__table__, _I.id == _T.engagement_id).join(Person.__table__, _P.id == _T.person_id)
    )
    .where(
        _T.cancelled_at.is_(None),
        _T.returns_on < bindparam("before"),
        _I.state.in_(sorted(APPROVED)),
        ~exists()
        .where(_R.engagement_id == _T.engagement_id, _R.first_filed_at.is_not(None))
        .correlate(Trip.__table__),
    )
    .order_by(_T.returns_on, _T.engagement_id, _P.name)
    .limit(MOST)
)
_asked = Item.__table__.alias("asked")
_OF_ITEM = _MISSING.where(
    or_(
        _T.person_id.in_(select(_TR.person_id).where(_TR.engagement_id == _item)),
        _T.person_id == select(_asked.c.requester_id).where(_asked.c.id == _item).scalar_subquery(),
    )
)
_STOPS = _OF_ITEM.where(
    ~exists().where(_W.person_id == _T.person_id, _W.ends_on >= bindparam("today")).correlate(Trip.__table__)
)
_OF_PERSON = _MISSING.where(_T.person_id == bindparam("person"))
_PASSES = (
    select(_W.person_id, _W.ends_on, _W.reason, _W.given_at, _P.name.label("given_by"))
    .join_from(LateReportPass.__table__, Person.__table__, _P.id == _W.given_by_id)
    .where(_W.person_id.in_(bindparam("people", expanding=True)), _W.ends_on >= bindparam("today"))
    .order_by(_W.person_id, _W.ends_on.desc())
)


@dataclass(frozen=True)
class Late:
    """A report that is overdue, and the people of its group whom it is counted against."""

    engagement_id: int
    title: str
    returned_on: date
    overdue_on: date
    people: dict[int, str]


def _late(rows: Iterable[Row[Any]], today: date) -> list[Late]:
    """Those among missing reports whose day has passed; a report is each of its group's."""
    dials = None
    found: dict[int, Late] = {}
    for row in rows:
        dials = dials or norms.on(today, DUE)
        _, overdue_on = days_of(row.returns_on, today, dials)
        if today > overdue_on:
            late = found.setdefault(
                row.engagement_id, Late(row.engagement_id, row.title, row.returns_on, overdue_on, {})
            )
            late.people[row.person_id] = row.name
    return list(found.values())


def every(today: date) -> list[Late]:
    """Every overdue report, the longest overdue first; at most MOST travellers' worth. Two statements."""
    return _late(db.session.execute(_MISSING, {"before": today}), today)


def of_item(item_id: int, today: date) -> list[Late]:
    """The overdue reports of who asks for an engagement, and of who would travel. Two statements at most."""
    return _late(db.session.execute(_OF_ITEM, {"before": today, "item": item_id}), today)


def of_person(person_id: int, today: date) -> list[Late]:
    """The overdue reports of somebody's groups. Two statements at most."""
    return _late(db.session.execute(_OF_PERSON, {"before": today, "person": person_id}), today)


def passes(people: Iterable[int], today: date) -> dict[int, Any]:
    """Who of these was let through, and through which day. One statement, none for nobody."""
    ids = sorted(set(people))
    rows = db.session.execute(_PASSES, {"people": ids, "today": today}) if ids else ()
    found: dict[int, Any] = {}
    for row in rows:
        found.setdefault(row.person_id, row)
    return found


def refuse(item_id: int, today: date) -> None:
    """Under a charter that blocks: refuse a new request while a report of its people is overdue, unless let through.

    Raises Incomplete at "late_reports".
    """
    late = _late(db.session.execute(_STOPS, {"before": today, "item": item_id, "today": today}), today)
    if late:
        first = late[0]
        whose = " and ".join(sorted(first.people.values()))
        more = f" (and {len(late) - 1} more)" if len(late) > 1 else ""
        raise Incomplete({
            "late_reports": f"The report on “{first.title}”{more}, of {whose}, has been overdue since "
            f"{first.overdue_on.day} {first.overdue_on:%B %Y}. The charter takes no new request of its people until it "
            "is filed. The secretariat may let them through, with a reason."
        })  # fmt: skip


def let_through(
    person_id: int, *, ends_on: date | None, reason: str, by: Actor, now: datetime, today: date
) -> LateReportPass:
    """Let somebody ask although a report of theirs is overdue, through a day. Raises NotAllowed or Incomplete."""
    if not may(by, Do.LET_LATE_ASK, person_id) or by.id is None:
        raise NotAllowed("The secretariat and the chair let somebody through, and never themselves.")
    most = norms.on(today, PASS_DAYS)["late_pass_days"]
    at = {}
    if ends_on is None or not today <= ends_on <= today + timedelta(days=most):
        at["ends_on"] = f"Give a day from today to {most} days ahead."
    if not reason or len(reason) > LONGEST:
        at["reason"] = f"Use at most {LONGEST:,} characters." if reason else "Say why they may ask all the same."
    if db.session.get(Person, person_id) is None:
        at["reason"] = "Nobody has this number."
    if at or ends_on is None:
        raise Incomplete(at)
    made = LateReportPass(person_id=person_id, ends_on=ends_on, reason=reason, given_by_id=by.id, given_at=now)
    db.session.add(made)
    db.session.flush()
    audit.record(
        "let_late_ask", about=("person", person_id), by=by, now=now, ends_on=ends_on, reason=reason
    )
    outbox.post(
        outbox.message(
            f"late_pass:{made.id}", to=person_id, template="late_pass",
            subject="You may ask for engagements although a report is overdue", about=("person", person_id), now=now,
            path="/reports", by=by.name, reason=reason, ends_on=f"{ends_on.day} {ends_on:%B %Y}",
        )
    )  # fmt: skip
    return made
