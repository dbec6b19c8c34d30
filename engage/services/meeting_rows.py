"""The only reader of meetings for pages, pack and minutes: Core rows, statements built once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, or_, select
from sqlalchemy.orm import aliased

from engage.extensions import db
from engage.models.board import Ballot, Decision, Motion, Recusal, Seat, motion_put_off
from engage.models.engagements import Item, ItemVersion
from engage.models.meetings import AgendaEntry, Meeting, MeetingPaper, PublishedAgenda, ReadAheadOpening
from engage.models.minutes import ActionItem
from engage.models.people import Person
from engage.rules.agenda import ORDER, Ending

LIST_MOST = 50

_mover, _puller, _entered, _owner, _closer = (aliased(Person.__table__) for _ in range(5))
_M, _A, _I, _V, _Q, _B = (t.__table__.c for t in (Meeting, AgendaEntry, Item, ItemVersion, Motion, Ballot))
_P, _S, _D, _R, _O, _X = (t.__table__.c for t in (Person, Seat, Decision, Recusal, ReadAheadOpening, ActionItem))
_PA, _G = MeetingPaper.__table__.c, PublishedAgenda.__table__.c
_meeting: Any = bindparam("meeting")

_MEETINGS = select(
    _M.id, _M.title, _M.starts_at, _M.minutes_long, _M.zone, _M.place, _M.link, _M.cancelled_at, _M.opened_at,
    _M.ended_at, _M.papers_at,
    select(func.count()).where(_A.meeting_id == _M.id, or_(_A.ending.is_(None), _A.ending != Ending.REMOVED))
    .scalar_subquery().label("entries"),
)  # fmt: skip
_AHEAD = (
    _MEETINGS.where(or_(_M.starts_at >= bindparam("since"), and_(_M.opened_at.is_not(None), _M.ended_at.is_(None))))
    .order_by(_M.starts_at, _M.id)
    .limit(LIST_MOST)
)
_PAST = _MEETINGS.where(_M.starts_at < bindparam("since")).order_by(_M.starts_at.desc(), _M.id.desc()).limit(LIST_MOST)
_ENTRIES = (
    select(
        _A.id, _A.section, _A.position, _A.item_id, _A.heading, _A.added_at, _A.added_by_id, _A.pulled_at,
        _A.called_at, _A.closed_at, _A.ended_at, _A.ending, _I.title, _I.kind, _I.asks, _I.state, _I.requester_id,
        _V.number.label("version_number"), _V.sha256, _V.valid_from, _P.name.label("requester"),
        _puller.c.name.label("pulled_by"), _Q.id.label("motion_id"), _Q.outcome.label("moved"),
    )
    .select_from(
        AgendaEntry.__table__.outerjoin(Item.__table__, _I.id == _A.item_id)
        .outerjoin(Person.__table__, _P.id == _I.requester_id)
        .outerjoin(ItemVersion.__table__, and_(_V.item_id == _A.item_id, _V.valid_to.is_(None)))
        .outerjoin(_puller, _puller.c.id == _A.pulled_by_id)
        .outerjoin(Motion.__table__, and_(_Q.item_id == _A.item_id, _Q.closed_at.is_(None)))
    )
    .where(_A.meeting_id == _meeting, or_(_A.ending.is_(None), _A.ending != Ending.REMOVED))
)  # fmt: skip
_PAPERS = (
    select(
        _PA.id, _PA.entry_id, _PA.title, _PA.text, _PA.file_id, _PA.sha256, _PA.added_at, _P.name.label("added_by"),
        _A.item_id,
    )
    .select_from(
        MeetingPaper.__table__.join(Person.__table__, _P.id == _PA.added_by_id).outerjoin(
            AgendaEntry.__table__, _A.id == _PA.entry_id
        )
    )
    .where(_PA.meeting_id == _meeting)
    .order_by(_PA.id)
)  # fmt: skip
_PUBLISHED = (
    select(PublishedAgenda).where(PublishedAgenda.meeting_id == _meeting).order_by(PublishedAgenda.number.desc())
)
_OPENED = (
    select(_O.person_id, _P.name, _O.opened_at)
    .join_from(ReadAheadOpening.__table__, Person.__table__, _P.id == _O.person_id)
    .where(_O.meeting_id == _meeting)
    .order_by(_O.opened_at, _O.id)
)
_OPENED_BY = select(_O.id).where(_O.meeting_id == _meeting, _O.person_id == bindparam("person"))
_MOTIONS = (
    select(
        _Q.id, _Q.item_id, _Q.round, _Q.outcome, _Q.reason, _Q.conditions, _Q.defer_until, _Q.moved_at, _Q.closed_at,
        _Q.carried, _Q.arithmetic, _mover.c.name.label("moved_by"), _closer.c.name.label("closed_by"),
        _V.number.label("version"), _V.sha256, _D.id.label("decision_id"), _D.authority,
    )
    .select_from(
        Motion.__table__.join(_mover, _mover.c.id == _Q.moved_by_id)
        .join(ItemVersion.__table__, _V.id == _Q.item_version_id)
        .outerjoin(_closer, _closer.c.id == _Q.closed_by_id)
        .outerjoin(Decision.__table__, _D.motion_id == _Q.id)
    )
    .where(_Q.meeting_id == _meeting)
    .order_by(_Q.id)
)  # fmt: skip
_BALLOTS = (
    select(
        _B.motion_id, _B.seat_id, _B.person_id, _B.choice, _B.reason, _B.cast_at, _S.name.label("seat"),
        _P.name.label("person"), _entered.c.name.label("entered_by"),
    )
    .select_from(
        Ballot.__table__.join(Motion.__table__, _Q.id == _B.motion_id)
        .join(Seat.__table__, _S.id == _B.seat_id)
        .join(Person.__table__, _P.id == _B.person_id)
        .outerjoin(_entered, _entered.c.id == _B.entered_by_id)
    )
    .where(_Q.meeting_id == _meeting)
    .order_by(_B.motion_id, _B.seat_id)
)  # fmt: skip
_PUT_OFF = (
    select(motion_put_off.c.motion_id, _P.name)
    .select_from(
        motion_put_off.join(Motion.__table__, _Q.id == motion_put_off.c.motion_id).join(
            Person.__table__, _P.id == motion_put_off.c.person_id
        )
    )
    .where(_Q.meeting_id == _meeting)
    .order_by(motion_put_off.c.motion_id, _P.name)
)
_RECUSALS = (
    select(_R.item_id, _R.person_id, _R.reason, _R.at, _P.name)
    .select_from(
        Recusal.__table__.join(Person.__table__, _P.id == _R.person_id).join(
            AgendaEntry.__table__, _A.item_id == _R.item_id
        )
    )
    .where(_A.meeting_id == _meeting)
    .order_by(_R.item_id, _R.id)
)
_ACTION = select(
    _X.id, _X.meeting_id, _X.entry_id, _X.text, _X.owner_id, _X.due_on, _X.created_at, _X.done_at, _X.outcome,
    _owner.c.name.label("owner"),
).join_from(ActionItem.__table__, _owner, _owner.c.id == _X.owner_id)
_OF_MEETING = _ACTION.where(_X.meeting_id == _meeting).order_by(_X.id)
_OPEN_BEFORE = (
    _ACTION.where(_X.done_at.is_(None), _X.meeting_id != _meeting).order_by(_X.due_on, _X.id).limit(LIST_MOST)
)
_NEXT_OF_ITEM = (
    select(_M.id, _M.title, _M.starts_at, _M.zone)
    .join_from(AgendaEntry.__table__, Meeting.__table__, _M.id == _A.meeting_id)
    .where(_A.item_id == bindparam("item"), _A.ended_at.is_(None))
    .limit(1)
)
_NAMES = select(_P.id, _P.name).where(_P.id.in_(bindparam("ids", expanding=True)))
_PEOPLE = (
    select(_P.id, _P.name).where(_P.disabled_at.is_(None)).order_by(_P.name, _P.id).limit(1000)
)


def ahead(now: datetime) -> list[Any]:
    """Meetings from `now` on, and the one in session, the soonest first."""
    return list(db.session.execute(_AHEAD, {"since": now}))


def past(now: datetime) -> list[Any]:
    """Meetings before `now`, the newest first."""
    return list(db.session.execute(_PAST, {"since": now}))


def entries(meeting_id: int) -> list[Any]:
    """What stands, or stood to the end, on the agenda, in its order; with each item's state and text in force."""
    rows = db.session.execute(_ENTRIES, {"meeting": meeting_id}).all()
    return sorted(rows, key=lambda row: (ORDER[row.section], row.position, row.id))


def papers(meeting_id: int) -> list[Any]:
    """The papers beside the items' own texts, in the order they came."""
    return list(db.session.execute(_PAPERS, {"meeting": meeting_id}))


def published(meeting_id: int) -> list[PublishedAgenda]:
    """The published agendas, the newest first."""
    return list(db.session.scalars(_PUBLISHED, {"meeting": meeting_id}))


def opened_by(meeting_id: int) -> list[Any]:
    """Who opened the papers, and when first."""
    return list(db.session.execute(_OPENED, {"meeting": meeting_id}))


def has_opened(meeting_id: int, person_id: int | None) -> bool:
    """Whether the person has opened the papers."""
    return db.session.scalar(_OPENED_BY, {"meeting": meeting_id, "person": person_id}) is not None


def note_opening(meeting_id: int, person_id: int, now: datetime) -> None:
    """Note that a person opened the papers, the first time only; the caller knows that they have not."""
    db.session.execute(
        insert(ReadAheadOpening), {"meeting_id": meeting_id, "person_id": person_id, "opened_at": now}
    )


def motions(meeting_id: int) -> list[Any]:
    """The motions put in the meeting, in order."""
    return list(db.session.execute(_MOTIONS, {"meeting": meeting_id}))


def ballots(meeting_id: int) -> list[Any]:
    """The ballots on the meeting's motions, by motion and seat."""
    return list(db.session.execute(_BALLOTS, {"meeting": meeting_id}))


def put_off(meeting_id: int) -> list[Any]:
    """Whom the meeting's motions put off, as rows of motion and name."""
    return list(db.session.execute(_PUT_OFF, {"meeting": meeting_id}))


def recusals(meeting_id: int) -> list[Any]:
    """Who stepped aside from items of the agenda."""
    return list(db.session.execute(_RECUSALS, {"meeting": meeting_id}))


def actions(meeting_id: int) -> list[Any]:
    """What the meeting asked people to do."""
    return list(db.session.execute(_OF_MEETING, {"meeting": meeting_id}))


def open_actions(meeting_id: int) -> list[Any]:
    """What other meetings asked for and is still to be done, the soonest due first."""
    return list(db.session.execute(_OPEN_BEFORE, {"meeting": meeting_id}))


def next_of(item_id: int) -> Any:
    """The meeting on whose agenda an item stands, or None."""
    return db.session.execute(_NEXT_OF_ITEM, {"item": item_id}).one_or_none()


def names(ids: Collection[int]) -> dict[int, str]:
    """These people's names by id. One statement, and none for nobody."""
    return dict(db.session.execute(_NAMES, {"ids": list(ids)}).all()) if ids else {}  # type: ignore[arg-type]


def people() -> list[tuple[int, str]]:
    """Everybody who may be named, by name."""
    return [(row.id, row.name) for row in db.session.execute(_PEOPLE)]
