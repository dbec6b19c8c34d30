"""The only place that looks ahead: which open steps of the board will lack people, and who is told of it, once."""

from datetime import date, datetime, timedelta

from sqlalchemy import BindParameter, bindparam, or_, select

from engage.extensions import db
from engage.models.board import Ballot, Board, Charter, Motion
from engage.models.engagements import Item
from engage.models.people import Person, RoleGrant
from engage.rules import coverage
from engage.rules.coverage import Step
from engage.rules.policy import Role
from engage.rules.refusals import NotOpen
from engage.rules.workflow import WITH_THE_BOARD
from engage.services import coverage_facts, coverage_meetings, motions, outbox, seats, visibility
from engage.services.coverage_facts import Look

DAYS_AHEAD = 60
MOST = 200  # open steps looked at, the soonest first

_M, _I, _C, _B, _P, _G = (model.__table__.c for model in (Motion, Item, Charter, Ballot, Person, RoleGrant))

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


def ahead(now: datetime, days: int = DAYS_AHEAD) -> list[Step]:
    """The meetings and the open votes of the next `days`, the soonest first, each with its cover.

    A vote whose day is over is judged as of today: it is still open. A fixed number of statements.
    """
    board = seats.the_board()
    look = coverage_facts.look(board, seats.board_day(board, now), days)
    found = [*_votes(board, look, now, days), *coverage_meetings.steps(board, look, now, days)]
    return sorted(found, key=lambda step: (step.at, step.key))


def _votes(board: Board, look: Look, now: datetime, days: int) -> list[Step]:
    rows = db.session.execute(_OPEN, {"board": board.id, "until": now + timedelta(days=days)}).all()
    if not rows:
        return []
    voted = set(map(tuple, db.session.execute(_VOTED, {"motions": [row.id for row in rows]})))
    subjects = visibility.subjects([row.item_id for row in rows])
    made = []
    for row in rows:
        day, subject = max(look.today, seats.board_day(board, row.closes_at)), subjects[row.item_id]
        covered = look.cover(
            day, seats.rules_of(row.Charter), own=motions.own(subject), recused=subject.recused_ids, kind=subject.kind,
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
