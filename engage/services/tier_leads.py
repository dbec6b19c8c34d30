"""The only place that says how long before departure a request is submitted by the tier that it would have."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engage.rules import routing
from engage.rules.asking import Content
from engage.rules.gates import Gate, Lead
from engage.services import completeness, gates, routing_facts
from engage.services.routing_facts import Begun, Read


def of(content: Content, *, today: date, item_id: int = 0) -> Lead | None:
    """The lead time of the tier that `content` would have if it were submitted on the office's day.

    `item_id` 0: it was never saved. None where nobody travels, or no tiers are set up. One statement, or none.
    """
    if not gates.counted(content):
        return None
    now = datetime.combine(today + timedelta(days=1), time(), UTC)
    return lead(routing_facts.read(Begun(item_id), _facts(content), day=today, now=now))


def judged(content: Content, *, today: date, item_id: int = 0) -> tuple[dict[str, str], bool]:
    """completeness.judge with the lead time of the tier that it would have. Two statements."""
    return completeness.judge(content, today=today, tier=of(content, today=today, item_id=item_id))


def lead(known: Read) -> Lead | None:
    """The lead time of the tier that these facts and rules give."""
    if not any(tier.least_points <= 0 for tier in known.tiers):
        return None
    found = routing.route(known.facts, known.rules, known.tiers, known.ways).tier
    step = next(tier for tier in known.tiers if tier.tier is found)
    why = f"tier {found.label.lower()}"
    return Lead(Gate.SUBMISSION, "", 0, step.lead_days, business=False, source=step.source, why=why)


def _facts(content: Content) -> dict[str, Any]:
    return {
        "legs": [{"country_code": leg.country_code, "transit": leg.transit} for leg in content.legs],
        "partners": [{"id": one} for one in content.partner_ids],
        "travellers": [{"id": one.person_id} for one in content.travellers],
        "costs": [{"amount": cost.amount, "non_federal": cost.non_federal} for cost in content.costs],
        "nature": content.nature, "other_than_coach": content.other_than_coach, "media": content.media,
    }  # fmt: skip
