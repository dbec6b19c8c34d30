"""The only place that looks ahead: which open steps of the board will lack people, and who is told of it, once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, or_, select

from engage.extensions import db
from engage.models.board import Ballot, Charter, Motion, Seat, SeatHolding
from engage.models.engagements import Item
from engage.models.people import Absence, Person, RoleGrant
from engage.models.trips import Trip
from engage.rules import coverage, voting
from engage.rules.coverage import Cover, Why
from engage.rules.policy import Role
from engage.rules.refusals import NotOpen
from engage.rules.workflow import WITH_THE_BOARD
from engage.services import motions, outbox, recusals, seats, visibility

DAYS_AHEAD = 60
MOST = 200  # open steps looked at, the soonest first

_M, _I, _C, _B, _S, _H, _P, _G, _A, _T = (
    model.__table__.c for model in (Motion, Item, Charter, Ballot, Seat, SeatHolding, Person, RoleGrant, Absence, Trip)
)
_OPEN = (
    select(_M.id, _M.item_id, _M.closes_at, _M.outcome, _I.title, Charter)
    .select_from(Motion.__table__.join(Item.__table__, _I.id == _M.item_id).join(Charter, _C.id == _M.charter_id))
    .where(
        _M.board_id == bindparam("board"),
        _M.closed_at.is_(None),
        _I.state.in_(sorted(WITH_THE_BOARD)),
        _M.closes_at <= bindparam("until"),
    )
    .order_by(_M.closes_at, _M.id)
    .limit(MOST)
)
_first: BindParameter[date] = bindparam("first")
_last: BindParameter[date] = bindparam("last")
_HELD = (
    select(
        _S.id, _S.name, _S.is_chair, _H.starts_on, _H.ends_on, _P.id.label("person"), _P.name.label("holder"),
        _P.disabled_at, _G.role, _G.starts_on.label("from_on"), _G.ends_on.label("through"),
    )
    .select_from(
        Seat.__table__.outerjoin(
            SeatHolding.__table__,
            and_(_H.seat_id == _S.id, _H.starts_on <= _last, or_(_H.ends_on.is_(None), _H.ends_on >= _first)),
        )
        .outerjoin(Person.__table__, _P.id == _H.person_id)
        .outerjoin(RoleGrant.__table__, and_(_G.person_id == _P.id, _G.starts_on <= _last))
    )
    .where(_S.board_id == bindparam("board"))
    .order_by(_S.id, _H.starts_on, _H.id)
)  # fmt: skip
_ABSENT = select(_A.person_id, _A.starts_on, _A.ends_on).where(_A.starts_on <= _last, _A.ends_on >= _first)
_GONE = select(_T.person_id, _T.departs_on, _T.returns_on).where(
    _T.cancelled_at.is_(None), _T.departs_on <= _last, _T.returns_on >= _first
)
_VOTED = select(_B.motion_id, _B.person_id).where(_B.motion_id.in_(bindparam("motions", expanding=True)))
_TOLD = (
    select(_P.id)
    .join_from(Person.__table__, RoleGrant.__table__, _G.person_id == _P.id)
    .where(
        _P.disabled_at.is_(None),
        _G.role.in_([Role.SECRETARIAT, Role.CHAIR]),
        _G.starts_on <= _first,
        or_(_G.ends_on.is_(None), _G.ends_on >= _first),
    )
    .distinct()
    .order_by(_P.id)
)


@dataclass(frozen=True)
class Step:
    """Something the board has to do by a day, and whether enough people can."""

    key: str
    title: str
    what: str
    url: str
    at: datetime
    day: date
    cover: Cover
    advice: tuple[str, ...]


def ahead(now: datetime, days: int = DAYS_AHEAD) -> list[Step]:
    """The open votes of the next `days`, the soonest first, each with its cover. A fixed number of statements.

    A vote whose day is over is judged as of today: it is still open.
    """
    board = seats.the_board()
    today = seats.board_day(board, now)
    last = today + timedelta(days=days)
    rows = db.session.execute(_OPEN, {"board": board.id, "until": now + timedelta(days=days)}).all()
    if not rows:
        return []
    given = {"board": board.id, "first": today, "last": last}
    held = db.session.execute(_HELD, given).all()
    spans = [(row.person_id, row.starts_on, row.ends_on, Why.ABSENT) for row in db.session.execute(_ABSENT, given)]
    spans += [(row.person_id, row.departs_on, row.returns_on, Why.TRAVELS) for row in db.session.execute(_GONE, given)]
    voted = set(map(tuple, db.session.execute(_VOTED, {"motions": [row.id for row in rows]})))
    subjects = visibility.subjects([row.item_id for row in rows])
    made = []
    for row in rows:
        day = max(today, seats.board_day(board, row.closes_at))
        places, names = _places(held, day)
        subject = subjects[row.item_id]
        covered = coverage.cover(
            places, names, seats.rules_of(row.Charter), own=motions.own(subject), recused=subject.recused_ids,
            away={person: why for person, first, until, why in spans if first <= day <= until},
            voted={person for motion, person in voted if motion == row.id},
        )  # fmt: skip
        made.append(
            Step(
                f"motion:{row.id}", row.title, f"Vote to {row.outcome.label.lower()}", f"/board/items/{row.item_id}",
                row.closes_at, day, covered, coverage.advice(covered, open_now=True),
            )
        )  # fmt: skip
    return made


def sweep(now: datetime) -> int:
    """Tell the secretariat and the chair of each step that lacks people: once each, for as long as it is open."""
    try:
        board = seats.the_board()
    except NotOpen:
        return 0  # nobody has set one up yet
    lacking = [step for step in ahead(now) if not step.cover.enough]
    if not lacking:
        return 0
    told = db.session.scalars(_TOLD, {"first": seats.board_day(board, now)}).all()
    messages = [
        outbox.message(
            f"coverage:{step.key}:{person}", to=person, template="coverage_lacking",
            subject=f"Too few can vote: {step.title}", about=("board", board.id), now=now, path="/board/coverage",
            title=step.title, what=step.what, day=f"{step.day:%A} {step.day.day} {step.day:%B %Y}", sum=step.cover.sum,
            advice=list(step.advice),
        )
        for step in lacking
        for person in told
    ]  # fmt: skip
    outbox.post(*messages)
    return len(messages)


def _places(held: Iterable[Any], day: date) -> tuple[list[voting.Seat], dict[int, str]]:
    """Who holds each seat on `day`, as services.seats says: the newest holding, and a holder who may vote."""
    known: dict[int, tuple[str, bool]] = {}
    holders: dict[int, dict[int, tuple[str, set[Role], bool]]] = {}
    for row in held:
        known[row.id] = (row.name, row.is_chair)
        sits = row.person is not None and row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)
        if not sits:
            continue
        of = holders.setdefault(row.id, {}).setdefault(row.person, (row.holder, set(), row.disabled_at is None))
        if row.role is not None and row.from_on <= day and (row.through is None or row.through >= day):
            of[1].add(row.role)
    places, names = [], {}
    for seat_id, (name, is_chair) in known.items():
        person, (holder, roles, enabled) = list(holders.get(seat_id, {0: ("", set(), False)}).items())[-1]
        sits = enabled and bool(roles & recusals.VOTERS) and Role.ADMINISTRATOR not in roles
        places.append(voting.Seat(seat_id, name, person if sits else None, is_chair))
        if sits:
            names[person] = holder
    return places, names
