"""The only writer of charters, and the one that replays what was decided under other rules."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.board import Ballot, Board, Charter, Motion, Recusal, Seat, SeatHolding
from engage.models.engagements import Item, Traveller
from engage.models.people import RoleGrant
from engage.models.routing import ItemRoute
from engage.rules import authority, routing, voting
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.reports import LateReports
from engage.services import audit, seats
from engage.services import routing as kept
from engage.services import routing_facts as ways

YEAR = timedelta(days=365)
SAID = (  # what a charter says, beside its day: the names of its columns
    "title", "quorum_share", "quorum_at_least", "threshold_share", "recused_leave_the_base", "vacant_leave_the_base",
    "chair_votes", "reconsider_days", "prevailing_may_reconsider", "calendar_days", "silence_kinds", "silence_cost",
    "silence_hours", "silence_least_hours", "alone_kinds", "alone_cost", "ratify_days", "standing_months",
    "late_reports", "source",
)  # fmt: skip

_M, _B, _S, _H, _C = (table.__table__.c for table in (Motion, Ballot, Seat, SeatHolding, Charter))
_I, _R, _F, _G = (table.__table__.c for table in (Item, Recusal, ItemRoute, RoleGrant))
_COUNTED = (
    select(
        _M.id, _M.item_id, _M.outcome, _M.closed_at, _M.charter_id, _M.board_id, _M.carried, _I.title, _I.requester_id
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
_CAST = select(_B.motion_id, _B.seat_id, _B.person_id, _B.choice).where(_B.motion_id.in_(_WITHIN))
_RECUSED = select(_R.item_id, _R.person_id, _R.at)
_GOING = select(Traveller.engagement_id, Traveller.person_id).where(
    Traveller.engagement_id.in_(select(_M.item_id).where(_M.closed_at >= bindparam("since")).scalar_subquery())
)
_ROLES = select(_G.person_id, _G.role, _G.starts_on, _G.ends_on).where(
    _G.role.in_([Role.MEMBER, Role.CHAIR, Role.ADMINISTRATOR]),
    _G.person_id.in_(select(_H.person_id).scalar_subquery()),
)
_HELD = (
    select(_S.id, _S.name, _S.is_chair, _H.person_id, _H.starts_on, _H.ends_on)
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


def said_by(charter: Charter) -> dict[str, Any]:
    """All that a charter says, beside its day."""
    return {name: getattr(charter, name) for name in SAID}


def wrong_with(said: Mapping[str, Any], *, seats_of_board: int) -> dict[str, str]:
    """A sentence for each number that no board could meet, by its name; empty for a sound charter."""
    wrong = {}
    for name, label in (("title", "title"), ("source", "source: who decided it, and where that is written")):
        if not said[name]:
            wrong[name] = f"Give the {label}."
    quorum, threshold = _share(said["quorum_share"]), _share(said["threshold_share"])
    if quorum is None or not 0 <= quorum < 1:
        wrong["quorum_share"] = (
            "Quorum is more than a share of the seats: give less than the whole, such as 1/2 or 0."
        )
    if threshold is None or threshold >= 1:
        wrong["threshold_share"] = (
            "More than 100 % of the votes can never be reached: give at least 1/2 and less than the whole, such as 2/3."
        )
    elif threshold < voting.HALF:
        wrong["threshold_share"] = "Below a half a tie would carry: give at least 1/2."
    least = said["quorum_at_least"]
    if least is not None and least < 1:
        wrong["quorum_at_least"] = "Quorum is at least one seat."
    elif least is not None and least > seats_of_board - (not said["chair_votes"]):
        wrong["quorum_at_least"] = (
            f"The board has {seats_of_board - (not said['chair_votes'])} voting seats, so a quorum of {least} "
            "could never be reached."
        )
    for name in ("silence_kinds", "alone_kinds"):
        try:
            authority.kinds_of(said[name])
        except ValueError:
            wrong[name] = f"Use these words, with blanks between: {', '.join(ItemKind)}."
    if said["late_reports"] not in set(LateReports):
        wrong["late_reports"] = f"Use one of these words: {', '.join(LateReports)}."
    if said["silence_least_hours"] < 1:
        wrong["silence_least_hours"] = "Silence lasts at least one hour."
    elif said["silence_least_hours"] > said["silence_hours"]:
        wrong["silence_least_hours"] = "The fewest hours are no more than the usual ones."
    for name in ("reconsider_days", "calendar_days", "ratify_days", "standing_months", "silence_hours"):
        if not 0 <= said[name] <= 1000:
            wrong[name] = "Use a number from 0 to 1,000."
    for name in ("silence_cost", "alone_cost"):
        if said[name] is not None and not 0 <= said[name] < 10**9:
            wrong[name] = "Use an amount from 0 up to a thousand million, or leave it empty for no ceiling."
    return wrong


def add(said: Mapping[str, Any], *, starts_on: date, by: Actor, now: datetime) -> Charter:
    """Put a charter in force from a day after today; items submitted before keep the one they have.

    Raises NotAllowed, or Incomplete with a sentence at each name, having changed nothing.
    """
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change the charter.")
    board = seats.the_board()
    must_be_sound(board, said, starts_on=starts_on, now=now)
    made = Charter(board_id=board.id, starts_on=starts_on, **{name: said[name] for name in SAID})
    before = seats.find_charter(board.id, starts_on)
    was = said_by(before) if before else {}
    db.session.add(made)
    db.session.flush()
    changed = [name for name in SAID if was.get(name) != said[name]]
    audit.record(
        "set_charter", about=("charter", made.id), by=by, now=now,
        before={name: _plain(was.get(name)) for name in changed},
        after={name: _plain(said[name]) for name in changed}, starts_on=starts_on,
    )  # fmt: skip
    return made


def must_be_sound(board: Board, said: Mapping[str, Any], *, starts_on: date, now: datetime) -> None:
    """Raises Incomplete with a sentence at each name where a charter could not hold from that day."""
    count = len({row.id for row in db.session.execute(_HELD, {"board": board.id})})
    wrong = wrong_with(said, seats_of_board=count)
    if starts_on <= seats.board_day(board, now):
        wrong["starts_on"] = "Choose a day after today: what was submitted under the old charter keeps it."
    elif db.session.scalar(select(_C.id).where(_C.board_id == board.id, _C.starts_on == starts_on)):
        wrong["starts_on"] = "Another charter begins on that day, and two would be in force at once. Choose another."
    if wrong:
        raise Incomplete(wrong)


def all_of(board: Board) -> list[Charter]:
    """Every charter of the board, the newest first."""
    return list(db.session.scalars(select(Charter).where(_C.board_id == board.id).order_by(_C.starts_on.desc())))


def replay(
    said: Mapping[str, Any] | None, *, since: datetime, rules: Collection[routing.Rule] | None = None,
    tiers: Collection[routing.TierRule] | None = None, now: datetime,
) -> list[Difference]:  # fmt: skip
    """How what was voted on and routed since a moment would have gone under other rules; nothing is changed.

    `said` is a charter as `said_by` gives it, or None for today's, `rules` and `tiers` likewise. Votes are counted
    again from the ballots, over the seat-holders of the day they closed; ways are found again from the facts frozen
    at submission. At most nine statements, whatever the number of items.
    """
    board = seats.the_board()
    day = seats.board_day(board, now)
    charter = Charter(**(said if said is not None else said_by(seats.charter_on(board.id, day))))
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
        found.append(Difference(row.item_id, row.title, "Way to a decision", was, now, again.arithmetic))
    return found


def _votes_again(board: Board, charter: Charter, since: datetime) -> list[Difference]:
    counted = list(db.session.execute(_COUNTED, {"since": since, "board": board.id}))
    cast: dict[int, list[voting.Ballot]] = defaultdict(list)
    for row in db.session.execute(_CAST, {"since": since}):
        cast[row.motion_id].append(voting.Ballot(row.seat_id, row.person_id, row.choice))
    recused = list(db.session.execute(_RECUSED))
    going = list(db.session.execute(_GOING, {"since": since}))
    roles = list(db.session.execute(_ROLES))
    holdings = list(db.session.execute(_HELD, {"board": board.id}))
    rules, found = seats.rules_of(charter), []
    for motion in counted:
        day = seats.board_day(board, motion.closed_at)
        aside = {row.person_id for row in recused if row.item_id == motion.item_id and row.at <= motion.closed_at}
        aside |= {motion.requester_id} | {row.person_id for row in going if row.engagement_id == motion.item_id}
        again = voting.tally(_seated(holdings, roles, day), aside - {None}, cast[motion.id], rules)
        was = "Carried" if motion.carried else "Lost"
        then = "Carried" if again.carried else "Lost" if again.quorate else "No quorum"
        found.append(Difference(
            motion.item_id, motion.title, f"Vote on: {motion.outcome.label.lower()}", was, then, again.arithmetic,
        ))  # fmt: skip
    return found


def _seated(holdings: Collection[Any], roles: Collection[Any], day: date) -> list[voting.Seat]:
    """The seats with who held them on `day`, of two the later; vacant as services.seats says."""

    def of(role: set[Role]) -> set[int]:
        return {
            row.person_id
            for row in roles
            if row.role in role and row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)
        }

    able, found = of({Role.MEMBER, Role.CHAIR}) - of({Role.ADMINISTRATOR}), {}
    for row in holdings:
        held = row.person_id and row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)
        if held or row.id not in found:
            holder = row.person_id if held and row.person_id in able else None
            found[row.id] = voting.Seat(row.id, row.name, holder, row.is_chair)
    return list(found.values())


def _share(words: Any) -> Fraction | None:
    try:
        return Fraction(words)
    except (ValueError, TypeError, ZeroDivisionError, InvalidOperation):
        return None


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
