"""The only writer of what engagements said of their plan, so that a past day can be seen as it stood."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from engage.extensions import db
from engage.models.engagements import Engagement
from engage.models.plans import PlanEntry
from engage.rules.asking import Content

_TABLE: Any = PlanEntry.__table__
_E = PlanEntry.__table__.c
_ENTER = insert(_TABLE)
_KEPT = [column for column in _E if column.name not in ("id", "at", "requester_id")]
_HAND_OVER = insert(_TABLE).from_select(
    [*(column.name for column in _KEPT), "at", "requester_id"],
    select(*_KEPT, bindparam("now", type_=_E.at.type), bindparam("requester", type_=_E.requester_id.type))
    .where(_E.engagement_id == bindparam("engagement"))
    .order_by(_E.id.desc())
    .limit(1),
)


def enter(said: Iterable[tuple[Engagement, Content]], *, now: datetime) -> None:
    """Add what each engagement says from now on. One statement for all."""
    rows = [
        {"engagement_id": engagement.id, **entry(content, requester_id=engagement.requester_id, now=now)}
        for engagement, content in said
    ]
    db.session.execute(_ENTER, rows)


def entry(content: Content, *, requester_id: int | None, now: datetime) -> dict[str, Any]:
    """What an engagement says from now on, as a row but for its number."""
    places = [f"{leg.city}, {leg.country_code}" if leg.city else leg.country_code for leg in content.legs]
    return {
        "at": now, "title": content.title, "firmness": content.firmness,
        "direction": content.direction, "marking": content.marking, "requester_id": requester_id,
        "starts_on": content.first_day, "ends_on": content.last_day, "forum_id": content.forum_id,
        "places": "\n".join(dict.fromkeys(places)),
        "countries": spaced(leg.country_code for leg in content.legs if not leg.transit),
        "objectives": spaced(content.objective_ids), "partners": spaced(content.partner_ids),
        "travellers": spaced(t.person_id for t in content.travellers if t.person_id),
        "cost": sum(cost.amount for cost in content.costs),
    }  # fmt: skip


def hand_over(engagement_id: int, *, to: int, now: datetime) -> None:
    """Add that the engagement is another person's from now on. One statement."""
    db.session.execute(_HAND_OVER, {"engagement": engagement_id, "now": now, "requester": to})


def spaced(values: Iterable[object]) -> str:
    """Each value once, with a blank around it, so that " EE " finds one of them."""
    return "".join(f" {value}" for value in dict.fromkeys(values)) + " "
