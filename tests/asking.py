"""A request to which nothing is lacking: as the services take it, and as a person types it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from factories import TODAY, partner

from engage.models.engagements import Engagement
from engage.models.people import Person
from engage.rules.asking import Content, ContentCost, ContentLeg, ContentTraveller, EngagementKind
from engage.rules.policy import Actor
from engage.services import clash_reasons, clashes, contents, states, visibility

STARTS = TODAY + timedelta(days=90)


def complete(lead: Person, *others: Person, **changes: object) -> Content:
    """A request to which nothing is lacking."""
    known = Content(
        title="Joint range day in Tallinn",
        nature=EngagementKind.BILATERAL,
        purpose="To agree a joint exercise.",
        outcome_sought="A date and a scope.",
        why_not_virtual="The partner shows the range on site only.",
        why_this_many="One policy and one technical traveller." if others else "",
        objective_ids=(1, 2),
        partner_ids=(partner().id,),
        legs=(
            ContentLeg("EE", "Tallinn", "Europe/Tallinn", STARTS, STARTS + timedelta(days=3)),
            ContentLeg("LV", "Riga", "Europe/Riga", STARTS + timedelta(days=3), STARTS + timedelta(days=5)),
        ),
        travellers=(ContentTraveller(lead.id, is_lead=True), *(ContentTraveller(p.id) for p in others)),
        costs=(ContentCost("Airfare", Decimal("1200.50")), ContentCost("Lodging", Decimal(800))),
    )
    return replace(known, **changes)


def accept_clashes(engagement: Engagement, by: Actor, now: datetime) -> None:
    """Give a reason for whatever stands in the way of submitting."""
    content = contents.asked_by(contents.content_of(engagement.id))
    found = clashes.find(content, item_id=engagement.id, day=states.office_day(now))
    reasons = {clash.key: "Other counterparts; both know." for clash in found.open}
    clash_reasons.accept(engagement, visibility.subject(engagement.id), reasons, by=by, now=now)


def typed(lead: Person, **changes: str | list[str]) -> dict[str, str | list[str]]:
    """A whole request, as its form sends it."""
    known = partner()
    return {
        "title": "Joint range day in Tallinn", "direction": "outbound", "nature": "bilateral", "asks": "decision",
        "firmness": "firm", "purpose": "To agree a joint exercise.", "outcome_sought": "A date and a scope.",
        "why_not_virtual": "The partner shows the range on site only.", "objectives": ["1", "5"],
        "partners": f"{known.name} (EE)",
        "legs-0-country": "Estonia", "legs-0-city": "Tallinn", "legs-0-arrives_on": str(STARTS),
        "legs-0-departs_on": str(STARTS + timedelta(days=3)),
        "lead": lead.email,
        "costs-0-what": "Airfare", "costs-0-amount": "1,200.50", "costs-0-funder": "Agency travel budget",
        **changes,
    }  # fmt: skip


def labelled(html: str) -> Iterator[str]:
    """The ids of the fields that carry an error."""
    for piece in html.split('id="')[1:]:
        name = piece.split('"')[0]
        if name.endswith("-error"):
            yield name.removesuffix("-error")
