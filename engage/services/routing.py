"""The only writer of an item's tier and way, and the only place that asks whether another way may be taken."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from engage.extensions import db
from engage.models.board import Charter
from engage.models.engagements import Item
from engage.models.people import Person
from engage.models.routing import ItemRoute
from engage.rules import authority, routing
from engage.rules.authority import Method
from engage.rules.canonical import canonical_json
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.reports import LateReports
from engage.rules.routing import Facts, Fired, Route, Routing, Tier
from engage.rules.workflow import WITH_THE_SECRETARIAT, Action
from engage.services import audit, endorsements, late_reports, states
from engage.services.routing_facts import Read

LONGEST_REASON = 2000  # characters

_F, _P, _C = ItemRoute.__table__.c, Person.__table__.c, Charter.__table__.c
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
_newer = ItemRoute.__table__.alias("newer")
_LATEST_OF = (
    select(
        _F.item_id, _F.tier, _F.route, _F.points, _F.fired, _F.arithmetic, _F.reason, _F.at, _F.by_id,
        _P.name.label("by_name"), _C.title.label("charter"), _C.starts_on.label("charter_from"),
    )
    .join_from(ItemRoute.__table__, Charter.__table__, _C.id == _F.charter_id)
    .outerjoin(Person.__table__, _P.id == _F.by_id)
    .where(
        _F.item_id.in_(bindparam("items", expanding=True)),
        _F.id == select(func.max(_newer.c.id)).where(_newer.c.item_id == _F.item_id)
        .correlate(ItemRoute.__table__).scalar_subquery(),
    )
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


def route_of(item_id: int) -> Found | None:
    """The tier and the way of an item, as frozen when it was last submitted, or raised since; None for neither."""
    row = db.session.execute(_LATEST, {"item": item_id}).one_or_none()
    return None if row is None else _found(row)


def routes_of(item_ids: Collection[int]) -> dict[int, Found]:
    """The same of many items, by item. One statement, and none for none."""
    rows = db.session.execute(_LATEST_OF, {"items": list(item_ids)}) if item_ids else ()
    return {row.item_id: _found(row) for row in rows}


def _found(row: Any) -> Found:
    return Found(
        row.tier, row.route, row.points, tuple(Fired(**one) for one in json.loads(row.fired)),
        tuple(json.loads(row.arithmetic)), row.charter, row.charter_from, row.at, row.reason, row.by_name,
    )  # fmt: skip


def freeze(item: Item, known: Read, *, by: Actor, now: datetime) -> Routing | None:
    """Find the tier and the way of an item by the charter and the rules of today (`known`), and keep them as evidence.

    Where the charter asks for it, the supervisor is told that the item waits for their word.
    None where no board, charter or tiers are set up: then there is nothing to find it by.
    """
    if known.endorsement:
        endorsements.ask(item, by=by, now=now)
    if known.charter_id is None or not any(tier.least_points <= 0 for tier in known.tiers):
        return None
    if item.kind is ItemKind.ENGAGEMENT and known.late_reports is LateReports.BLOCK:
        late_reports.refuse(item.id, states.office_day(now))
    found = routing.route(known.facts, known.rules, known.tiers, known.ways)
    _keep(item.id, known.charter_id, found, known.facts, reason="", by=by, now=now)
    return found


def must_allow(item_id: int, method: Method, kind: ItemKind, charter: Charter) -> None:
    """Raises NotOpen where the item's own way, or its charter, asks for a fuller way than `method`.

    An item whose way was never found, because it was never submitted by anybody, is bound by the charter alone.
    """
    if kind in authority.kinds_of(charter.meeting_kinds) and not routing.allowed(method, Route.MEETING):
        raise NotOpen(f"The charter keeps this kind of item for a meeting: {kind.label.lower()}.")
    row = db.session.execute(_FROZEN, {"item": item_id}).one_or_none()
    if row is not None and not routing.allowed(method, row.route):
        raise NotOpen(
            f"This goes by {row.route.label.lower()}: tier {row.tier.label.lower()}, {row.points} points. "
            f"{method.label} is a lighter way, and nobody lowers a way."
        )


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
    if "new_country" in kept:  # as it was kept before days were: within two years, or not
        new = kept.pop("new_country")
        kept["country_days"] = None if new is None else 731 if new else 0
    return Facts(**{**kept, "kind": ItemKind(kept["kind"]), "cost": Decimal(kept["cost"])})


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
