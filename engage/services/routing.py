"""The only writer of an item's tier and way, and the reader of the dated rules behind them."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, or_, select

from engage.extensions import db
from engage.models.board import Board, Charter
from engage.models.engagements import Item, Leg
from engage.models.people import Person
from engage.models.places import CountryOfConcern
from engage.models.routing import ItemRoute, RoutingRule, TierRule
from engage.rules import authority, routing
from engage.rules.asking import EngagementKind
from engage.rules.authority import Limits
from engage.rules.canonical import canonical_json
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.routing import Facts, Fired, Route, Routing, Rule, Tier, Ways
from engage.rules.workflow import APPROVED, WITH_THE_SECRETARIAT, Action
from engage.services import advisories, audit, contents, seats, states

LONGEST_REASON = 2000  # characters
NOVEL_DAYS = 730  # what the label of the rule says: two years

_R, _T, _F, _W = RoutingRule.__table__.c, TierRule.__table__.c, ItemRoute.__table__.c, CountryOfConcern.__table__.c
_I, _L, _P, _C = Item.__table__.c, Leg.__table__.c, Person.__table__.c, Charter.__table__.c
_later_r, _later_t = RoutingRule.__table__.alias("later_rule"), TierRule.__table__.alias("later_tier")
_RULES = (
    select(_R.code, _R.label, _R.limit, _R.points, _R.source)
    .where(
        _R.applies,
        _R.starts_on
        == select(func.max(_later_r.c.starts_on))
        .where(_later_r.c.code == _R.code, _later_r.c.starts_on <= bindparam("day"))
        .correlate(RoutingRule.__table__)
        .scalar_subquery(),
    )
    .order_by(_R.id)
)
_TIERS = (
    select(_T.tier, _T.least_points, _T.route, _T.source)
    .where(
        _T.starts_on
        == select(func.max(_later_t.c.starts_on))
        .where(_later_t.c.tier == _T.tier, _later_t.c.starts_on <= bindparam("day"))
        .correlate(TierRule.__table__)
        .scalar_subquery()
    )
    .order_by(_T.least_points)
)
_OF_CONCERN = select(
    exists().where(
        _W.country_code.in_(bindparam("countries", expanding=True)),
        _W.starts_on <= bindparam("day"),
        or_(_W.ends_on.is_(None), _W.ends_on >= bindparam("day")),
    )
)
_KNOWN = (  # countries where an approved engagement was in the days before
    select(_L.country_code)
    .distinct()
    .join_from(Leg.__table__, Item.__table__, _I.id == _L.engagement_id)
    .where(
        _L.country_code.in_(bindparam("countries", expanding=True)),
        _L.transit.is_(False),
        _L.arrives_on >= bindparam("since"),
        _I.decided_at < bindparam("now"),
        _I.state.in_(sorted(APPROVED)),
        _I.id != bindparam("item"),
    )
)
_LATEST = (
    select(
        _F.tier, _F.route, _F.points, _F.fired, _F.arithmetic, _F.reason, _F.at, _F.by_id,
        _P.name.label("by_name"), _C.title.label("charter"), _C.starts_on.label("charter_from"),
    )
    .join_from(ItemRoute.__table__, Charter.__table__, _C.id == _F.charter_id)
    .outerjoin(Person.__table__, _P.id == _F.by_id)
    .where(_F.item_id == bindparam("item"))
    .order_by(_F.id.desc())
    .limit(1)
)  # fmt: skip
_FROZEN = (
    select(_F.item_id, _F.charter_id, _F.tier, _F.route, _F.points, _F.facts, _F.fired, _F.arithmetic)
    .where(_F.item_id == bindparam("item"))
    .order_by(_F.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Found:
    """The tier and the way of an item as frozen, with what fired, the sums and the charter. `reason`: why raised."""

    tier: Tier
    route: Route
    points: int
    fired: tuple[Fired, ...]
    arithmetic: tuple[str, ...]
    charter: str
    charter_from: date
    at: datetime
    reason: str
    by_name: str | None


def rules_on(day: date) -> tuple[list[Rule], list[routing.TierRule]]:
    """The rules and the tiers in force on `day`. Two statements."""
    rules = [Rule(*row) for row in db.session.execute(_RULES, {"day": day})]
    return rules, [routing.TierRule(*row) for row in db.session.execute(_TIERS, {"day": day})]


def ways_of(charter: Charter) -> Ways:
    """For which items the charter allows the two lightest ways."""
    return Ways(
        delegated=Limits(authority.kinds_of(charter.alone_kinds), charter.alone_cost),
        silence=Limits(authority.kinds_of(charter.silence_kinds), charter.silence_cost),
    )


def route_of(item_id: int) -> Found | None:
    """The tier and the way of an item, as frozen when it was last submitted, or raised since; None for neither."""
    row = db.session.execute(_LATEST, {"item": item_id}).one_or_none()
    if row is None:
        return None
    return Found(
        row.tier, row.route, row.points, tuple(Fired(**one) for one in json.loads(row.fired)),
        tuple(json.loads(row.arithmetic)), row.charter, row.charter_from, row.at, row.reason, row.by_name,
    )  # fmt: skip


def freeze(item: Item, content: dict[str, Any], *, by: Actor, now: datetime) -> Routing | None:
    """Find the tier and the way of an item by the charter and the rules of today, and keep them as evidence.

    None where no board, charter or tiers are set up: then there is nothing to find it by.
    """
    board = db.session.scalar(select(Board).order_by(Board.id).limit(1))
    if board is None:
        return None
    day = seats.board_day(board, now)
    charter = seats.find_charter(board.id, day)
    rules, tiers = rules_on(day)
    if charter is None or not any(tier.least_points <= 0 for tier in tiers):
        return None
    facts = _facts(item, content, day, now)
    found = routing.route(facts, rules, tiers, ways_of(charter))
    _keep(item.id, charter.id, found, facts, reason="", by=by, now=now)
    return found


def raise_to_meeting(item: Item, subject: Subject, *, reason: str, by: Actor, now: datetime) -> None:
    """Let an item go to a meeting whatever its tier says; nothing ever lowers a way.

    For whoever screens it, while it may still be placed. Raises NotAllowed, NotOpen, or Incomplete at "why".
    """
    states.hold(item)
    if not may(by, Action.PLACE, subject):
        raise NotAllowed("Only the secretariat raises an item to a meeting, and never one of their own.")
    row = db.session.execute(_FROZEN, {"item": item.id}).one_or_none()
    if item.state not in WITH_THE_SECRETARIAT or row is None:
        raise NotOpen("Its way was not found, or it has left the screening: it cannot be raised.")
    if row.route is Route.MEETING:
        raise NotOpen("It goes to a meeting already.")
    if not reason or len(reason) > LONGEST_REASON:
        said = "Say why the board should meet on it."
        raise Incomplete({"why": f"Use at most {LONGEST_REASON:,} characters." if reason else said})
    sums = [*json.loads(row.arithmetic), "The secretariat raised it to a meeting."]
    known = {**row._mapping, "route": Route.MEETING, "arithmetic": canonical_json(sums)}
    db.session.execute(insert(ItemRoute).values(**known, reason=reason, by_id=by.id, at=now))
    audit.record("raise_to_meeting", about=("item", item.id), by=by, now=now, before=row.route, reason=reason)


def facts_from(text: str) -> Facts:
    """The facts as they were frozen."""
    kept = json.loads(text)
    return Facts(**{**kept, "kind": ItemKind(kept["kind"]), "cost": Decimal(kept["cost"])})


def _facts(item: Item, content: dict[str, Any], day: date, now: datetime) -> Facts:
    """What the rules look at: of an amendment, the engagement as it would be."""
    if item.kind is ItemKind.AMENDMENT and item.amends_id:
        content = {**contents.content_of(item.amends_id), **content["after"]}
    elif item.kind is not ItemKind.ENGAGEMENT:
        return Facts(item.kind)
    countries = sorted({leg["country_code"] for leg in content["legs"] if not leg.get("transit")})
    costs = content["costs"]
    return Facts(
        kind=item.kind,
        cost=sum((cost["amount"] for cost in costs), Decimal("0.00")),
        advisory=max((level.level for level in advisories.on(day, countries).values()), default=0),
        travellers=len(content["travellers"]),
        conference=content["nature"] == EngagementKind.CONFERENCE,
        non_federal=any(cost["non_federal"] for cost in costs),
        of_concern=bool(db.session.scalar(_OF_CONCERN, {"countries": countries, "day": day})),
        new_country=_is_new(item, countries, day, now),
    )


def _is_new(item: Item, countries: Collection[str], day: date, now: datetime) -> bool | None:
    if not countries:
        return None
    since, itself = day - timedelta(days=NOVEL_DAYS), item.amends_id or item.id
    asked = {"countries": countries, "since": since, "now": now, "item": itself}
    return set(db.session.scalars(_KNOWN, asked)) != set(countries)


def _keep(
    item_id: int, charter_id: int, found: Routing, facts: Facts, *, reason: str, by: Actor, now: datetime
) -> None:
    db.session.execute(
        insert(ItemRoute).values(
            item_id=item_id, charter_id=charter_id, tier=found.tier, route=found.route, points=found.points,
            facts=canonical_json({**asdict(facts), "cost": str(facts.cost)}),
            fired=canonical_json([asdict(one) for one in found.fired]),
            arithmetic=canonical_json(list(found.arithmetic)), reason=reason, by_id=by.id, at=now,
        )
    )  # fmt: skip
