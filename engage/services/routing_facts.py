"""The only reader of all that tier and way are found by: rules, charter and facts, in one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Integer, String, bindparam, case, cast, literal_column, null, or_, select, union_all

from engage.extensions import db
from engage.models.board import Board, Charter
from engage.models.engagements import Item, Leg, engagement_partner
from engage.models.partners import Partner
from engage.models.people import Person
from engage.models.places import Country, CountryOfConcern
from engage.models.routing import RoutingRule, TierRule
from engage.rules import routing
from engage.rules.asking import EngagementKind
from engage.rules.authority import Limits, kinds_of
from engage.rules.items import ItemKind
from engage.rules.reports import LateReports
from engage.rules.routing import NEVER, Facts, Route, Rule, Tier, Ways
from engage.rules.workflow import APPROVED
from engage.services import advisories, contents

_R, _T, _W, _B = RoutingRule.__table__.c, TierRule.__table__.c, CountryOfConcern.__table__.c, Board.__table__.c
_I, _L, _P, _C = Item.__table__.c, Leg.__table__.c, Person.__table__.c, Charter.__table__.c
_K, _A, _EP = Country.__table__.c, Partner.__table__.c, engagement_partner.c
_DAY: Any = bindparam("day", type_=Date)


def _newest(table: Any, key: str) -> Any:
    later = table.alias(f"later_{table.name}")
    return select(later.c.starts_on).where(
        later.c[key] == table.c[key], later.c.starts_on <= _DAY
    ).order_by(later.c.starts_on.desc()).limit(1).correlate(table).scalar_subquery()  # fmt: skip


_RULES = select(_R.code, _R.label, _R.limit, _R.points, _R.source).where(
    _R.applies, _R.starts_on == _newest(RoutingRule.__table__, "code")
)
_TIERS = select(_T.tier, _T.least_points, _T.route, _T.source, _T.lead_days).where(
    _T.starts_on == _newest(TierRule.__table__, "tier")
)


def _part(name: str, of: Any, *columns: Any) -> Any:
    """One kind of fact as a row of text, so that all come in one statement."""
    texts = [*columns, *([literal_column("''")] * (10 - len(columns)))]
    told = (cast(column, String).label(f"c{place}") for place, column in enumerate(texts))
    return of.with_only_columns(literal_column(f"'{name}'").label("part"), *told)


_none = cast(null(), Integer)
_board = select(_B.id).order_by(_B.id).limit(1).scalar_subquery()
_charters = (  # of two candidates the board's own day says which is in force: its zone is not the reader's
    select(Charter.__table__, _B.zone)
    .join_from(Charter.__table__, Board.__table__, _B.id == _C.board_id)
    .where(_C.board_id == _board, _C.starts_on <= bindparam("day_after", type_=Date))
    .order_by(_C.starts_on.desc())
    .limit(2)
    .subquery()
)
_CHARTERS = _part(
    "charter", select(_charters.c.id), _charters.c.id, _charters.c.starts_on, _charters.c.zone, _charters.c.alone_kinds,
    _charters.c.alone_cost, _charters.c.silence_kinds, _charters.c.silence_cost, _charters.c.meeting_kinds,
    _charters.c.late_reports,
    case((_charters.c.endorsement, "1"), else_=""),
)  # fmt: skip
_PLAIN = [
    _part("rule", _RULES, _R.code, _R.label, _R.limit, _R.points, _R.source, _R.id),
    _part("tier", _TIERS, _T.tier, _T.least_points, _T.route, _T.source, _T.lead_days),
    _CHARTERS,
]
_before = [_I.decided_at < bindparam("now"), _I.state.in_(sorted(APPROVED)), _I.id != bindparam("itself")]
_last_there = (
    select(_L.arrives_on)
    .join_from(Leg.__table__, Item.__table__, _I.id == _L.engagement_id)
    .where(_L.country_code == _K.code, _L.transit.is_(False), *_before)
    .order_by(_L.arrives_on.desc())
    .limit(1)
    .correlate(Country.__table__)
    .scalar_subquery()
)
_last_met = (
    select(_I.starts_on)
    .join_from(engagement_partner, Item.__table__, _I.id == _EP.engagement_id)
    .where(_EP.partner_id == _A.id, *_before)
    .order_by(_I.starts_on.desc())
    .limit(1)
    .correlate(Partner.__table__)
    .scalar_subquery()
)
_COUNTRIES: Any = bindparam("countries", expanding=True)
_NOTED = select(_W.id).where(
    _W.country_code.in_(_COUNTRIES), _W.starts_on <= _DAY, or_(_W.ends_on.is_(None), _W.ends_on >= _DAY)
)
_levels = advisories.ON.subquery()
_PARTY = [
    _part("advisory", select(_levels.c.level), _levels.c.level),
    _part("concern", _NOTED, _W.country_code),
    _part("country", select(_K.code).where(_K.code.in_(_COUNTRIES)), _last_there),
    _part("partner", select(_A.id).where(_A.id.in_(bindparam("partners", expanding=True))), _last_met),
    _part("senior", select(_P.id).where(_P.id.in_(bindparam("people", expanding=True)), _P.senior), _P.id),
]
_OF_ANY, _OF_PARTY = union_all(*_PLAIN), union_all(*_PLAIN, *_PARTY)


@dataclass(frozen=True)
class Read:
    """What a way is found by. `charter_id` None where no board or charter is set up."""

    facts: Facts
    rules: list[Rule]
    tiers: list[routing.TierRule]
    charter_id: int | None
    ways: Ways
    late_reports: LateReports
    endorsement: bool  # whether the charter asks for the supervisor's word


def rules_on(day: date) -> tuple[list[Rule], list[routing.TierRule]]:
    """The rules and the tiers in force on `day`. Two statements."""
    rules = [Rule(*row) for row in db.session.execute(_RULES.order_by(_R.id), {"day": day})]
    tiers = [routing.TierRule(*row) for row in db.session.execute(_TIERS.order_by(_T.least_points), {"day": day})]
    return rules, tiers


def ways_of(charter: Charter) -> Ways:
    """For which items the charter allows the two lightest ways, and which it keeps for a meeting."""
    return _ways(
        charter.alone_kinds, charter.alone_cost, charter.silence_kinds, charter.silence_cost,
        charter.meeting_kinds or "",
    )  # fmt: skip


@dataclass(frozen=True)
class Begun:
    """What stands for a request that is being written: its number, 0 where it was never saved."""

    id: int = 0
    kind: ItemKind = ItemKind.ENGAGEMENT
    amends_id: int | None = None


def read(item: Item | Begun, content: dict[str, Any], *, day: date, now: datetime) -> Read:
    """All that the tier and the way of an item are found by on `day`: of an amendment, the engagement as it would be.

    One statement, and for an amendment those that read the engagement.
    """
    if item.kind is ItemKind.AMENDMENT and item.amends_id:
        content = {**contents.content_of(item.amends_id), **content["after"]}
    party = item.kind in (ItemKind.ENGAGEMENT, ItemKind.AMENDMENT)
    given: dict[str, Any] = {"day": day, "day_after": day + timedelta(days=1)}
    if party:
        given |= {
            "countries": sorted({leg["country_code"] for leg in content["legs"] if not leg.get("transit")}),
            "partners": sorted({one["id"] for one in content["partners"]}),
            "people": sorted({one["id"] for one in content["travellers"] if one["id"]}),
            "now": now, "itself": item.amends_id or item.id,
        }  # fmt: skip
    found: dict[str, list[Any]] = {}
    for part, *texts in db.session.execute(_OF_PARTY if party else _OF_ANY, given):
        found.setdefault(part, []).append(texts)
    rules = sorted(found.get("rule", ()), key=lambda row: int(row[5]))
    charter = _in_force(found.get("charter", ()), now)
    return Read(
        _facts(item.kind, content, found, day) if party else Facts(item.kind),
        [Rule(code, label, int(limit) if limit else None, int(points), source)
         for code, label, limit, points, source, *_ in rules],
        [routing.TierRule(Tier(tier), int(least), Route(route), source, int(days))
         for tier, least, route, source, days, *_ in found.get("tier", ())],
        int(charter[0]) if charter else None,
        _ways(charter[3], charter[4], charter[5], charter[6], charter[7]) if charter else _ways("", 0, "", 0, ""),
        LateReports(charter[8]) if charter else LateReports.IGNORE,
        bool(charter and charter[9]),
    )  # fmt: skip


def _facts(kind: ItemKind, content: dict[str, Any], found: dict[str, list[Any]], day: date) -> Facts:
    return Facts(
        kind=kind,
        cost=sum((cost["amount"] for cost in content["costs"]), Decimal("0.00")),
        advisory=max((int(row[0]) for row in found.get("advisory", ())), default=0),
        travellers=len(content["travellers"]),
        conference=content["nature"] == EngagementKind.CONFERENCE,
        non_federal=any(cost["non_federal"] for cost in content["costs"]),
        of_concern="concern" in found,
        country_days=_longest(found.get("country", ()), day),
        partner_days=_longest(found.get("partner", ()), day),
        senior="senior" in found,
        other_than_coach=bool(content.get("other_than_coach")),
        media=bool(content.get("media")),
    )


def _longest(rows: Iterable[Any], day: date) -> int | None:
    """The most days since one of these was met; NEVER for what never was, None where there is nothing to meet."""
    since = [max(0, (day - date.fromisoformat(row[0])).days) if row[0] else NEVER for row in rows]
    return max(since, default=None)


def _in_force(charters: Iterable[Any], now: datetime) -> Any:
    """The newest charter that holds on the board's own day."""
    held = [row for row in charters if date.fromisoformat(row[1]) <= now.astimezone(ZoneInfo(row[2])).date()]
    return max(held, key=lambda row: str(row[1]), default=None)


def _ways(alone: str, alone_cost: Any, silence: str, silence_cost: Any, meeting: str) -> Ways:
    def limits(kinds: str, cost: Any) -> Limits:
        return Limits(kinds_of(kinds), None if cost is None else Decimal(str(cost)))

    return Ways(limits(alone, alone_cost), limits(silence, silence_cost), kinds_of(meeting))
