"""The only writer of lead times, clash rules and review rules: a change is a new row from a later day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.asking import ClashRule, LeadTime
from engage.models.places import Country
from engage.models.reviews import ReviewRule
from engage.rules.clashes import Tie
from engage.rules.gates import Gate
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.reviews import LOOKED_AT
from engage.rules.roles import ReviewKind
from engage.services import audit

MOST_DAYS = 366
LATER = "Choose a day after today: what was asked for under the old row stays under it."
TAKEN = "There is a row from that day on already."


def set_lead(
    gate: Gate, country_code: str, min_level: int, *, days: int, business: bool, applies: bool, starts_on: date,
    source: str, by: Actor, now: datetime, today: date,
) -> None:  # fmt: skip
    """Give a gate a lead time, everywhere or for one country, from an advisory level up. Raises NotAllowed, Incomplete.

    The lead times of a submission everywhere are numbers of their own; here are a country's.
    """
    wrong = _wrong(by, days, starts_on, source, today)
    if country_code and db.session.get(Country, country_code) is None:
        wrong["country"] = "This is no country we know."
    if gate is Gate.SUBMISSION and not country_code:
        wrong["country"] = "Name the country: everywhere else the organisation's numbers hold."
    if not 0 <= min_level <= 4:
        wrong["min_level"] = "Use a level from 0 to 4."
    same = (LeadTime.gate == gate, LeadTime.country_code == country_code, LeadTime.min_level == min_level)
    facts = {"gate": gate, "country_code": country_code, "min_level": min_level, "business": business}
    _write(LeadTime, same, {**facts, "days": days}, applies, starts_on, source, wrong, by, now)


def set_clash_rule(
    tie: Tie, *, days: int, needs_reason: bool, applies: bool, starts_on: date, source: str, by: Actor, now: datetime,
    today: date,
) -> None:  # fmt: skip
    """Look for a tie, or no longer, within so many days. Raises NotAllowed, or Incomplete."""
    wrong = _wrong(by, days, starts_on, source, today)
    label = db.session.scalar(select(ClashRule.label).where(ClashRule.tie == tie).limit(1)) or str(tie)
    facts = {"tie": tie, "label": label, "days": days, "needs_reason": needs_reason}
    _write(ClashRule, (ClashRule.tie == tie,), facts, applies, starts_on, source, wrong, by, now)


def set_review_rule(
    code: str, *, kind: ReviewKind, limit: int | None, days: int, applies: bool, starts_on: date, source: str,
    by: Actor, now: datetime, today: date,
) -> None:  # fmt: skip
    """Let a fact ask for a review, or no longer. Raises NotAllowed, KeyError for an unknown fact, or Incomplete."""
    unit = LOOKED_AT[code]
    wrong = _wrong(by, days, starts_on, source, today)
    if days < 1:
        wrong["days"] = "A review has at least one business day."
    if unit and limit is None:
        wrong["limit"] = f"Give the limit, in {unit}: from there on the rule asks."
    elif not unit and limit is not None:
        wrong["limit"] = "This is a yes or a no: leave the limit empty."
    label = db.session.scalar(select(ReviewRule.label).where(ReviewRule.code == code).limit(1)) or code
    facts = {"code": code, "label": label, "kind": kind, "limit": limit, "days": days}
    _write(ReviewRule, (ReviewRule.code == code,), facts, applies, starts_on, source, wrong, by, now)


def _wrong(by: Actor, days: int, starts_on: date, source: str, today: date) -> dict[str, str]:
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator changes these rules.")
    wrong = {}
    if not 0 <= days <= MOST_DAYS:
        wrong["days"] = f"Use a number from 0 to {MOST_DAYS}."
    if starts_on <= today:
        wrong["starts_on"] = LATER
    if not source:
        wrong["source"] = "Say who decided it, and where that is written."
    return wrong


def _write(
    model: Any, same: tuple[Any, ...], facts: dict[str, Any], applies: bool, starts_on: date, source: str,
    wrong: dict[str, str], by: Actor, now: datetime,
) -> None:  # fmt: skip
    if db.session.scalar(select(model.id).where(*same, model.starts_on == starts_on)) is not None:
        wrong.setdefault("starts_on", TAKEN)
    if wrong:
        raise Incomplete(wrong)
    made = model(**facts, applies=applies, starts_on=starts_on, source=source)
    db.session.add(made)
    db.session.flush()
    audit.record(
        "set_asking_rule", about=(model.__tablename__, made.id), by=by, now=now,
        after={**facts, "applies": applies, "starts_on": starts_on, "source": source},
    )  # fmt: skip
