"""The only place that tells people what became of an item: one message each, and none to whoever did it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, or_, select

from engage.models.engagements import Item, Traveller
from engage.models.people import Person, RoleGrant
from engage.rules.policy import Actor, Role
from engage.rules.workflow import APPROVED, State
from engage.services import outbox

_P, _G, _T = (t.__table__.c for t in (Person, RoleGrant, Traveller))
# Whoever did it knows; and the requester has a message of their own.
_OTHERS = (bindparam("by", type_=Integer), bindparam("requester", type_=Integer))
_SECRETARIAT = (
    select(_G.person_id)
    .select_from(RoleGrant.__table__.join(Person.__table__, _P.id == _G.person_id))
    .where(
        _G.role == Role.SECRETARIAT,
        _G.starts_on <= bindparam("today"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        _P.disabled_at.is_(None),
        _G.person_id.not_in(_OTHERS),
    )
    .distinct()
)
_TRAVELLERS = select(_T.person_id).where(_T.engagement_id == bindparam("item"), _T.person_id.not_in(_OTHERS))


def moved(
    item: Item, before: State, *, span: int, by: Actor, now: datetime, reason: str, until: date | None, today: date
) -> None:
    """Tell of a move: the requester always, the secretariat of a submission, the party of an approval or its end.

    `span` is the stay in a state that the move began; it makes the messages' keys.
    """
    key = f"moved:{item.id}:{span}"
    subject = f"To screen: {item.title}" if item.state is State.SUBMITTED else f"{item.state.label}: {item.title}"
    facts = {"state": item.state.label, "before": before.label, "reason": reason, "until": until and until.isoformat()}
    others = {"by": by.id or 0, "requester": item.requester_id or 0}
    if item.state in APPROVED | {State.CANCELLED}:
        message = _message(item, "engagement_moved", key, to=0, subject=subject, by=by, now=now, **facts)
        outbox.post_each(_TRAVELLERS, {**others, "item": item.id}, message)
    if item.state is State.SUBMITTED:
        message = _message(item, "engagement_submitted", key, to=0, subject=subject, by=by, now=now, **facts)
        outbox.post_each(_SECRETARIAT, {**others, "today": today}, message)
    if item.requester_id is not None and item.requester_id != by.id:
        to = item.requester_id
        outbox.post(_message(item, "engagement_moved", f"{key}:{to}", to=to, subject=subject, by=by, now=now, **facts))


def handed(item: Item, *, to: int, by: Actor, now: datetime) -> None:
    """Tell a person that an imported draft is theirs now."""
    subject = f"A request for you to complete: {item.title}"
    outbox.post(_message(item, "engagement_handed", f"claimed:{item.id}:{to}", to=to, subject=subject, by=by, now=now))


def _message(
    item: Item, template: str, key: str, *, to: int, subject: str, by: Actor, now: datetime, **facts: Any
) -> dict[str, Any]:
    path = f"/screening/{item.id}" if template == "engagement_submitted" else f"/engagements/{item.id}"
    return outbox.message(
        key, to=to, template=template, subject=subject, about=("item", item.id), now=now,
        title=item.title, by=by.name, path=path, **facts,
    )  # fmt: skip
