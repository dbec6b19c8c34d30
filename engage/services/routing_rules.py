"""The only writer of the dated rules of tier and way; a row holds from its day until the next of its code or tier."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.routing import RoutingRule, TierRule
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.routing import COMPARED, Route, Rule, Tier
from engage.rules.routing import TierRule as Step
from engage.services import audit, routing_facts

MOST = 10_000_000  # of a limit
MOST_POINTS = 100
MOST_DAYS = 366  # before departure

_R, _T = RoutingRule.__table__.c, TierRule.__table__.c
_RULES = select(RoutingRule).order_by(_R.id)
_TIERS = select(TierRule).order_by(_T.id)


def all_rules() -> list[RoutingRule]:
    """Every row of every rule, in the order in which they were set."""
    return list(db.session.scalars(_RULES))


def all_tiers() -> list[TierRule]:
    """Every row of every tier."""
    return list(db.session.scalars(_TIERS))


def with_rule(
    code: str, *, limit: int | None, points: int, applies: bool, starts_on: date, source: str, today: date
) -> list[Rule]:
    """The rules of `starts_on` with this one instead, for a look at last year. Raises Incomplete with the field."""
    rows = [row for row in all_rules() if row.code == code]
    wrong: dict[str, str] = _when(starts_on, {row.starts_on for row in rows}, today)
    if not rows or code not in COMPARED:
        wrong["code"] = "Choose a rule of the list."
    elif COMPARED[code] and limit is None:
        wrong["limit"] = f"Give the limit, in {COMPARED[code]}."
    elif not COMPARED[code] and limit is not None:
        wrong["limit"] = "This rule has no limit: it is a yes or a no. Leave it empty."
    if limit is not None and not 0 <= limit <= MOST:
        wrong["limit"] = f"Use a number from 0 to {MOST:,}."
    if not 0 <= points <= MOST_POINTS:
        wrong["points"] = f"Use a number from 0 to {MOST_POINTS}."
    if not source:
        wrong["source"] = "Say who decided it, and where that is written."
    if wrong:
        raise Incomplete(wrong)
    others = [rule for rule in routing_facts.rules_on(starts_on)[0] if rule.code != code]
    return [*others, Rule(code, rows[0].label, limit, points, source)] if applies else others


def with_tier(
    tier: Tier, *, least_points: int, route: Route, starts_on: date, source: str, today: date,
    lead_days: int | None = None,
) -> list[Step]:  # fmt: skip
    """The tiers of `starts_on` with this one instead, for a look at last year. Raises Incomplete with the field."""
    wrong = _when(starts_on, {row.starts_on for row in all_tiers() if row.tier is tier}, today)
    others = [one for one in routing_facts.rules_on(starts_on)[1] if one.tier is not tier]
    if not 0 <= least_points <= MOST_POINTS:
        wrong["least_points"] = f"Use a number from 0 to {MOST_POINTS}."
    elif not any(one.least_points == 0 for one in others) and least_points > 0:
        wrong["least_points"] = "One tier begins at 0 points: an item without any would have no way."
    elif any(one.least_points == least_points for one in others):
        wrong["least_points"] = "Another tier begins at this number, and one of the two could never be reached."
    if lead_days is not None and not 0 <= lead_days <= MOST_DAYS:
        wrong["lead_days"] = f"Use a number from 0 to {MOST_DAYS}."
    if not source:
        wrong["source"] = "Say who decided it, and where that is written."
    if wrong:
        raise Incomplete(wrong)
    return [*others, Step(tier, least_points, route, source, lead_days or 0)]


def set_rule(code: str, *, starts_on: date, by: Actor, now: datetime, today: date, **said: Any) -> RoutingRule:
    """Let a rule give other points, from another limit, or none at all, from a day after `today` on.

    Items submitted before keep the way that was found. Raises NotAllowed, or Incomplete with the field.
    """
    _must_be_allowed(by)
    with_rule(code, starts_on=starts_on, today=today, **said)
    rows = [row for row in all_rules() if row.code == code]
    made = RoutingRule(code=code, label=rows[0].label, starts_on=starts_on, **said)
    db.session.add(made)
    db.session.flush()
    before = max((row for row in rows if row.starts_on < starts_on), key=lambda row: row.starts_on, default=None)
    audit.record(
        "set_routing_rule", about=("routing_rule", made.id), by=by, now=now,
        before=before and {"limit": before.limit, "points": before.points, "applies": before.applies},
        after={"code": code, "starts_on": starts_on, **said},
    )  # fmt: skip
    return made


def set_tier(tier: Tier, *, starts_on: date, by: Actor, now: datetime, today: date, **said: Any) -> TierRule:
    """Let a tier begin at other points, go another way, or be asked for earlier, from a day after `today` on.

    `lead_days` None: as long before departure as by the tier's row before.
    Raises NotAllowed, or Incomplete with the field.
    """
    _must_be_allowed(by)
    with_tier(tier, starts_on=starts_on, today=today, **said)
    rows = [row for row in all_tiers() if row.tier is tier and row.starts_on < starts_on]
    before = max(rows, key=lambda row: row.starts_on, default=None)
    if said.get("lead_days") is None:
        said["lead_days"] = before.lead_days if before else 0
    made = TierRule(tier=tier, starts_on=starts_on, **said)
    db.session.add(made)
    db.session.flush()
    audit.record(
        "set_tier", about=("tier_rule", made.id), by=by, now=now,
        before=before and {
            "least_points": before.least_points, "route": before.route, "lead_days": before.lead_days,
        },
        after={"tier": tier, "starts_on": starts_on, **said},
    )  # fmt: skip
    return made


def _must_be_allowed(by: Actor) -> None:
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change the rules that choose a way.")


def _when(starts_on: date, taken: set[date], today: date) -> dict[str, str]:
    if starts_on <= today:
        return {"starts_on": "Choose a day after today: what was submitted keeps the way that was found."}
    return {"starts_on": "It has a row from that day on already."} if starts_on in taken else {}
