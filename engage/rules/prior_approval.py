"""The only place that says whether an engagement fits what the board approved beforehand (a standing approval)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engage.rules.asking import EngagementKind


@dataclass(frozen=True)
class Cap:
    """A standing approval: its scope (None: any), its caps on number and on the cost of all uses, and its days."""

    starts_on: date
    ends_on: date
    most_uses: int
    most_cost: Decimal
    country_code: str | None = None
    partner_id: int | None = None
    forum_id: int | None = None
    nature: EngagementKind | None = None
    most_travellers: int | None = None
    revoked: bool = False


@dataclass(frozen=True)
class Asked:
    """An engagement as a standing approval sees it; stops on the way are no countries of it."""

    countries: frozenset[str]
    partner_ids: frozenset[int]
    forum_id: int | None
    nature: EngagementKind | None
    travellers: int
    cost: Decimal
    ends_on: date | None


def why_not(cap: Cap, asked: Asked, spent: Collection[Decimal], day: date) -> str:
    """Why the engagement does not fit on `day`, as a sentence; empty when it does. `spent` is the ledger's costs."""
    if cap.revoked:
        return "This standing approval was revoked."
    if not cap.starts_on <= day <= cap.ends_on:
        return "This standing approval is not in force today."
    if cap.country_code and asked.countries != {cap.country_code}:
        return "The engagement goes to another country than this approval is for."
    if cap.partner_id and cap.partner_id not in asked.partner_ids:
        return "The engagement is not with the partner this approval is for."
    if cap.forum_id and cap.forum_id != asked.forum_id:
        return "The engagement is not in the forum this approval is for."
    if cap.nature and cap.nature is not asked.nature:
        return "The engagement is of another kind than this approval is for."
    if cap.most_travellers and asked.travellers > cap.most_travellers:
        return f"{asked.travellers} travel, and this approval is for at most {cap.most_travellers}."
    if len(spent) >= cap.most_uses:
        return f"All {cap.most_uses} uses of this approval are taken."
    left = cap.most_cost - sum(spent, Decimal(0))
    if asked.cost > left:
        return f"The engagement costs ${asked.cost:,.2f}, and ${left:,.2f} is left under this approval."
    return ""
