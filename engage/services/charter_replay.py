"""The only place that replays what was routed and voted on under other rules; it changes nothing."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Ballot, Board, Charter, Motion, Recusal, Seat, SeatHolding
from engage.models.engagements import Item, Traveller
from engage.models.meetings import Attendance
from engage.models.people import RoleGrant
from engage.models.routing import ItemRoute
from engage.rules import attendance, authority, routing, voting
from engage.rules.policy import Role
from engage.services import charters, seats
from engage.services import routing as kept
from engage.services import routing_facts as ways

YEAR = timedelta(days=365)
WAY = "Way to a decision"  # what a difference is about; else a vote

_M, _B, _S, _H = (table.__table__.c for table in (Motion, Ballot, Seat, SeatHolding))
_I, _R, _F, _G = (table.__table__.c for table in (Item, Recusal, ItemRoute, RoleGrant))
_A, _D = Attendance.__table__.c, Delegation.__table__.c
_COUNTED = (
    select(
        _M.id, _M.item_id, _M.outcome, _M.closed_at, _M.charter_id, _M.board_id, _M.carried, _M.meeting_id, _I.title,
        _I.requester_id, _I.kind,
    )
    .join_from(Motion.__table__, Item.__table__, _I.id == _M.item_id)
    .where(
        _M.closed_at >= bindparam("since"),
        _M.board_id == bindparam("board"),
        _M.method.in_(sorted(authority.VOTED)),
        _M.arithmetic.not_like('["Not counted:%'),  # void or withdrawn
    )
    .order_by(_M.closed_at, _M.id)
)
_WITHIN = select(_M.id).where(_M.closed_at >= bindparam("since")).scalar_subquery()
_CAST = (
    select(
        _B.motion_id, _B.seat_id, _B.person_id, _B.choice, func.coalesce(_D.principal_id, _B.person_id).label("for_id")
    )
    .join_from(Ballot.__table__, Delegation.__table__, _D.id == _B.delegation_id, isouter=True)
    .where(_B.motion_id.in_(_WITHIN))
)
_STAYED = select(_A.meeting_id, _A.seat_id, _A.person_id, _A.came_at, _A.left_at, _A.for_id).where(
    _A.meeting_id.in_(bindparam("meetings", expanding=True))
)
_RECUSED = select(_R.item_id, _R.person_id, _R.at)
_GOING = select(Traveller.engagement_id, Traveller.person_id).where(
    Traveller.engagement_id.in_(select(_M.item_id).where(_M.closed_at >= bindparam("since")).scalar_subquery())
)
_ROLES = select(_G.person_id, _G.role, _G.starts_on, _G.ends_on).where(
    _G.role.in_([Role.MEMBER, Role.CHAIR, Role.ADMINISTRATOR]),
    _G.person_id.in_(select(_H.person_id).scalar_subquery()),
)
_HELD = (
    select(
        _S.id, _S.name, _S.is_chair, _S.starts_on.label("seat_from"), _S.ends_on.label("seat_until"), _H.person_id,
        _H.starts_on, _H.ends_on,
    )
    .outerjoin(SeatHolding.__table__, _H.seat_id == _S.id)
    .where(_S.board_id == bindparam("board"))
    .order_by(_S.id, _H.starts_on, _H.id)
)
_ROUTED = (
    select(_F.item_id, _F.route, _F.tier, _F.points, _F.facts, _I.title)
    .join_from(ItemRoute.__table__, Item.__table__, _I.id == _F.item_id)
    .where(_F.at >= bindparam("since"), _F.reason == "")
    .order_by(_F.id)
)


@dataclass(frozen=True)
class Difference:
    """How something of last year would have gone. `before` and `after` in words; equal where nothing changes."""

    item_id: int
    title: str
    what: str
    before: str
    after: str
    arithmetic: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether it would have gone differently."""
        return self.before != self.after


def replay(
    said: Mapping[str, Any] | None, *, since: datetime, rules: Collection[routing.Rule] | None = None,
    tiers: Collection[routing.TierRule] | None = None, now: datetime,
) -> list[Difference]:  # fmt: skip
    """How what was voted on and routed since a moment would have gone under other rules; nothing is changed.

    `said` is a charter as `said_by` gives it, or None for today's, `rules` and `tiers` likewise. Votes are counted
    again from the ballots, over the seat-holders of the day they closed; ways are found again from the facts frozen
    at submission. At most ten statements, whatever the number of items.
    """
    board = seats.the_board()
    day = seats.board_day(board, now)
    charter = Charter(**(said if said is not None else charters.said_by(seats.charter_on(board.id, day))))
    if rules is None or tiers is None:
        today_rules, today_tiers = ways.rules_on(day)
        rules, tiers = today_rules if rules is None else rules, today_tiers if tiers is None else tiers
    return [*_ways_again(charter, rules, tiers, since), *_votes_again(board, charter, since)]


def _ways_again(
    charter: Charter, rules: Collection[routing.Rule], tiers: Collection[routing.TierRule], since: datetime
) -> list[Difference]:
    allowed, found = ways.ways_of(charter), []
    for row in db.session.execute(_ROUTED, {"since": since}):
        again = routing.route(kept.facts_from(row.facts), rules, tiers, allowed)
        was = f"{row.route.label}, tier {row.tier.label.lower()}, points {row.points}"
        now = f"{again.route.label}, tier {again.tier.label.lower()}, points {again.points}"
        found.append(Difference(row.item_id, row.title, WAY, was, now, again.arithmetic))
    return found


def _votes_again(board: Board, charter: Charter, since: datetime) -> list[Difference]:
    counted = list(db.session.execute(_COUNTED, {"since": since, "board": board.id}))
    cast: dict[int, list[voting.Ballot]] = defaultdict(list)  # each for whom it counts
    spoken: dict[int, list[voting.Ballot]] = defaultdict(list)  # each by whoever said it, in a meeting
    for row in db.session.execute(_CAST, {"since": since}):
        cast[row.motion_id].append(voting.Ballot(row.seat_id, row.for_id, row.choice))
        spoken[row.motion_id].append(voting.Ballot(row.seat_id, row.person_id, row.choice))
    recused = list(db.session.execute(_RECUSED))
    going = list(db.session.execute(_GOING, {"since": since}))
    roles = list(db.session.execute(_ROLES))
    holdings = list(db.session.execute(_HELD, {"board": board.id}))
    sitting, found = _sitting({row.meeting_id for row in counted if row.meeting_id}), []
    for motion in counted:
        day = seats.board_day(board, motion.closed_at)
        aside = {row.person_id for row in recused if row.item_id == motion.item_id and row.at <= motion.closed_at}
        aside |= {motion.requester_id} | {row.person_id for row in going if row.engagement_id == motion.item_id}
        held, aside = _seated(holdings, roles, day), aside - {None}
        if motion.meeting_id:
            here = attendance.sitters(sitting[motion.meeting_id], motion.closed_at)
            held = attendance.seated(held, here, aside)
            said = attendance.with_the_silent(held, here, spoken[motion.id])
        else:
            said = cast[motion.id]
        again = voting.tally(held, aside, said, seats.rules_of(charter, motion.kind))
        was = "Carried" if motion.carried else "Lost"
        then = "Carried" if again.carried else "Lost" if again.quorate else "No quorum"
        found.append(Difference(
            motion.item_id, motion.title, f"Vote on: {motion.outcome.label.lower()}", was, then, again.arithmetic,
        ))  # fmt: skip
    return found


def _seated(holdings: Collection[Any], roles: Collection[Any], day: date) -> tuple[voting.Seat, ...]:
    """The seats with who held them on `day`, of two the later; vacant as services.seats says."""

    def of(role: set[Role]) -> set[int]:
        return {
            row.person_id
            for row in roles
            if row.role in role and row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)
        }

    able, found = of({Role.MEMBER, Role.CHAIR}) - of({Role.ADMINISTRATOR}), {}
    for row in holdings:
        if (row.seat_from and row.seat_from > day) or (row.seat_until and row.seat_until < day):
            continue
        held = row.person_id and row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)
        if held or row.id not in found:
            holder = row.person_id if held and row.person_id in able else None
            found[row.id] = voting.Seat(row.id, row.name, holder, row.is_chair)
    return tuple(found.values())


def _sitting(meetings: Collection[int]) -> dict[int, list[attendance.Stay]]:
    """Who sat where in these meetings, by meeting."""
    found: dict[int, list[attendance.Stay]] = defaultdict(list)
    for row in db.session.execute(_STAYED, {"meetings": sorted(meetings)}) if meetings else ():
        found[row.meeting_id].append(
            attendance.Stay(row.seat_id, row.person_id, row.came_at, row.left_at, row.for_id)
        )
    return found
