"""What the travel pages read: Core rows by statements built once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select, tuple_

from engage.extensions import db
from engage.models.away import Loan
from engage.models.board import Decision
from engage.models.engagements import Item, ItemVersion, Leg
from engage.models.guidance import Acknowledgement, Assistance, Guide, GuideVersion
from engage.models.people import Person
from engage.models.places import Country
from engage.models.trips import Clearance, Trip
from engage.rules.marking import Marking
from engage.rules.readiness import Verdict
from engage.rules.trip_state import TripState, trip_state
from engage.services import readiness

PAGE = 25

_T, _I, _P, _L, _C = Trip.__table__.c, Item.__table__.c, Person.__table__.c, Leg.__table__.c, Country.__table__.c
_X, _D = Clearance.__table__.c, Decision.__table__.c
_A, _V, _G, _S = Acknowledgement.__table__.c, GuideVersion.__table__.c, Guide.__table__.c, Assistance.__table__.c

_MINE = (
    select(_T.id, _T.engagement_id, _T.departs_on, _T.returns_on, _T.cancelled_at, _I.title, _I.marking)
    .select_from(Trip.__table__.join(Item.__table__, _I.id == _T.engagement_id))
    .where(_T.person_id == bindparam("me"))
    .limit(PAGE + 1)
)
_ASSISTED = (
    select(_T.id, _T.departs_on, _T.returns_on, _I.title, _P.name.label("traveller"))
    .select_from(
        Assistance.__table__.join(Trip.__table__, _T.person_id == _S.person_id)
        .join(Item.__table__, _I.id == _T.engagement_id)
        .join(Person.__table__, _P.id == _T.person_id)
    )
    .where(
        _S.assistant_id == bindparam("me"),
        _S.revoked_at.is_(None),
        _S.starts_on <= bindparam("today"),
        _S.ends_on >= bindparam("today"),
        _T.cancelled_at.is_(None),
        _T.returns_on >= bindparam("today"),
    )
    .order_by(_T.departs_on, _T.id)
    .limit(PAGE)
)
_at = tuple_(bindparam("after_day", type_=_T.departs_on.type), bindparam("after_id", type_=_T.id.type))
_day_and_id = tuple_(_T.departs_on, _T.id)
_COMING = _MINE.where(_T.returns_on >= bindparam("today")).order_by(_T.departs_on, _T.id)
_PAST = _MINE.where(_T.returns_on < bindparam("today")).order_by(_T.departs_on.desc(), _T.id.desc())
_LISTS = {
    (False, False): _COMING,
    (False, True): _COMING.where(_day_and_id > _at),
    (True, False): _PAST,
    (True, True): _PAST.where(_day_and_id < _at),
}
_PLACES = (
    select(_L.engagement_id, _L.city, _C.name)
    .select_from(Leg.__table__.join(Country.__table__, _C.code == _L.country_code))
    .where(_L.engagement_id.in_(bindparam("ids", expanding=True)))
    .order_by(_L.engagement_id, _L.position)
)
_HEAD = (
    select(
        _T.id, _T.engagement_id, _T.person_id, _T.departs_on, _T.returns_on, _T.cancelled_at, _T.debriefed_on,
        _I.title, _I.state, _P.name.label("traveller"), _P.home_zone,
    )
    .select_from(
        Trip.__table__.join(Item.__table__, _I.id == _T.engagement_id).join(Person.__table__, _P.id == _T.person_id)
    )
    .where(_T.id == bindparam("trip"))
)  # fmt: skip
_LEGS = (
    select(_L.country_code, _C.name.label("country"), _C.foreign, _L.city, _L.zone, _L.arrives_on, _L.departs_on,
           _L.transit)
    .select_from(Leg.__table__.join(Country.__table__, _C.code == _L.country_code))
    .where(_L.engagement_id == bindparam("engagement"))
    .order_by(_L.position)
)
_CLEARANCES = (
    select(
        _X.kind, _X.country_code, _C.name.label("country"), _X.status, _X.reference, _X.decided_on, _X.valid_until,
        _X.restriction, _X.recorded_at, _P.name.label("recorded_by"),
    )
    .select_from(
        Clearance.__table__.join(Country.__table__, _C.code == _X.country_code).join(
            Person.__table__, _P.id == _X.recorded_by_id
        )
    )
    .where(_X.trip_id == bindparam("trip"))
    .order_by(_C.name, _X.kind)
)  # fmt: skip
_READ = (
    select(
        _G.id, _G.country_code, _G.partner_id, _G.forum_id, _V.id.label("version_id"), _V.title, _V.number, _V.sha256,
        _A.at, _A.by_id, _A.score, _A.questions, _P.name.label("given_by"),
    )
    .select_from(
        Acknowledgement.__table__.join(GuideVersion.__table__, _V.id == _A.guide_version_id)
        .join(Guide.__table__, _G.id == _V.guide_id)
        .join(Person.__table__, _P.id == _A.by_id)
    )
    .where(_A.trip_id == bindparam("trip"))
    .order_by(_A.at.desc(), _A.id.desc())
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A trip as a line of the list. `next_due` is the first thing that still holds the traveller up."""

    id: int
    title: str
    departs_on: date
    returns_on: date
    state: TripState
    places: str
    verdict: Verdict
    marking: Marking  # of its engagement

    @property
    def next_due(self) -> Any:
        """The missing item that is due first, or None."""
        return min(self.verdict.missing, key=lambda item: item.due_on, default=None)


def mine(
    person_id: int, today: date, past: bool, after: tuple[date, int] | None
) -> tuple[list[Line], tuple[date, int] | None]:
    """A page of somebody's trips and where the next begins: those to come by departure, or those past, last first.

    Nine statements, whatever the number of trips.
    """
    given: dict[str, Any] = {"me": person_id, "today": today}
    if after:
        given |= {"after_day": after[0], "after_id": after[1]}
    found = list(db.session.execute(_LISTS[past, after is not None], given))
    more = (found[PAGE - 1].departs_on, found[PAGE - 1].id) if len(found) > PAGE else None
    found = found[:PAGE]
    places = _places(row.engagement_id for row in found)
    verdicts = readiness.verdicts([row.id for row in found], today)
    lines = [
        Line(
            row.id,
            row.title,
            row.departs_on,
            row.returns_on,
            trip_state(row.departs_on, row.returns_on, row.cancelled_at is not None, today),
            "; ".join(places[row.engagement_id]),
            verdicts[row.id],
            row.marking,
        )
        for row in found
    ]
    return lines, more


def _places(engagement_ids: Iterable[int]) -> dict[int, list[str]]:
    ids = sorted(set(engagement_ids))
    places: dict[int, list[str]] = defaultdict(list)
    for row in db.session.execute(_PLACES, {"ids": ids}) if ids else ():
        place = f"{row.city}, {row.name}" if row.city and row.city != row.name else row.name
        if place not in places[row.engagement_id]:
            places[row.engagement_id].append(place)
    return places


def head(trip_id: int) -> Any:
    """The trip with its engagement's title and state and its traveller's name."""
    return db.session.execute(_HEAD, {"trip": trip_id}).one()


def legs(engagement_id: int) -> list[Row[Any]]:
    """The stays of the journey, in order."""
    return list(db.session.execute(_LEGS, {"engagement": engagement_id}))


def clearances(trip_id: int) -> list[Row[Any]]:
    """The outside clearances as last recorded."""
    return list(db.session.execute(_CLEARANCES, {"trip": trip_id}))



def assisted(me: int, today: date) -> list[Row[Any]]:
    """The coming trips of those who named `me` as assistant for today, by departure; at most a page."""
    return list(db.session.execute(_ASSISTED, {"me": me, "today": today}))


def read(trip_id: int) -> list[Row[Any]]:
    """What was acknowledged for the trip, newest first."""
    return list(db.session.execute(_READ, {"trip": trip_id}))


def version(version_id: int) -> GuideVersion | None:
    """One published text of a guide."""
    return db.session.get(GuideVersion, version_id)


def local_now(zone: str, now: datetime) -> datetime:
    """The moment on the clocks of a place."""
    from zoneinfo import ZoneInfo

    return now.astimezone(ZoneInfo(zone))


_STAYS = select(Leg).where(_L.engagement_id == bindparam("engagement")).order_by(_L.position)
_EDITION = select(func.max(ItemVersion.number)).where(ItemVersion.item_id == bindparam("engagement"))


def stays(engagement_id: int) -> list[Leg]:
    """The stays of an engagement, in the order of the journey."""
    return list(db.session.scalars(_STAYS, {"engagement": engagement_id}))


def edition(engagement_id: int) -> int:
    """How often the engagement's text has changed: what a calendar compares."""
    return db.session.scalar(_EDITION, {"engagement": engagement_id}) or 0


_O2 = Loan.__table__.c
_OPEN_LOANS = (
    select(
        _O2.id, _O2.trip_id, _O2.device, _O2.tag, _O2.asked_at, _O2.issued_at, _O2.returned_at, _O2.due_back_on,
        _P.name.label("traveller"), _P.id.label("person_id"), _T.departs_on, _T.returns_on,
    )
    .select_from(
        Loan.__table__.join(Trip.__table__, _T.id == _O2.trip_id).join(Person.__table__, _P.id == _T.person_id)
    )
    .where(
        _O2.inspected_at.is_(None),
        _O2.cancelled_at.is_(None),
        or_(_T.cancelled_at.is_(None), _O2.issued_at.is_not(None)),
    )
)  # fmt: skip
_LOANS_BY_DAY = _OPEN_LOANS.order_by(_O2.due_back_on, _O2.id).limit(100)
_OPEN_LOAN = _OPEN_LOANS.where(_O2.id == bindparam("loan"))


def open_loans() -> list[Row[Any]]:
    """Loans not closed yet, those due back first; at most a hundred."""
    return list(db.session.execute(_LOANS_BY_DAY))


def open_loan(loan_id: int) -> Any:
    """One loan that is not closed; None when there is none."""
    return db.session.execute(_OPEN_LOAN, {"loan": loan_id}).one_or_none()


_NAMES = select(_C.code, _C.name).order_by(_C.name)


def countries() -> list[Row[Any]]:
    """Every country by name."""
    return list(db.session.execute(_NAMES))
