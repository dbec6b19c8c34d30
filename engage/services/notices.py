"""The only place that tells people what became of an item: one message each, and none to whoever did it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from engage.extensions import db
from engage.models.engagements import Item, Traveller
from engage.models.people import Person, RoleGrant
from engage.rules.policy import Actor, Role
from engage.rules.workflow import APPROVED, State
from engage.services import outbox

_P, _G, _T = (t.__table__.c for t in (Person, RoleGrant, Traveller))
_SECRETARIAT = (
    select(_G.person_id)
    .select_from(RoleGrant.__table__.join(Person.__table__, _P.id == _G.person_id))
    .where(
        _G.role == Role.SECRETARIAT,
        _G.starts_on <= bindparam("today"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        _P.disabled_at.is_(None),
    )
    .distinct()
)
_TRAVELLERS = select(_T.person_id).where(_T.engagement_id == bindparam("item"), _T.person_id.is_not(None))


def moved(
    item: Item, before: State, *, span: int, by: Actor, now: datetime, reason: str, until: date | None, today: date
) -> None:
    """Tell of a move: the requester always, the secretariat of a submission, the party of an approval or its end.

    `span` is the stay in a state that the move began; it makes the messages' keys.
    """
    people: dict[int, str] = {}
    if item.state in APPROVED | {State.CANCELLED}:
        people |= dict.fromkeys(db.session.scalars(_TRAVELLERS, {"item": item.id}), "engagement_moved")
    if item.state is State.SUBMITTED:
        people |= dict.fromkeys(db.session.scalars(_SECRETARIAT, {"today": today}), "engagement_submitted")
    if item.requester_id is not None:
        people[item.requester_id] = "engagement_moved"
    people.pop(by.id or 0, None)
    subject = f"To screen: {item.title}" if item.state is State.SUBMITTED else f"{item.state.label}: {item.title}"
    facts = {"state": item.state.label, "before": before.label, "reason": reason, "until": until and until.isoformat()}
    outbox.post(
        *(
            _message(item, template, f"moved:{item.id}:{span}", to=person, subject=subject, by=by, now=now, **facts)
            for person, template in people.items()
        )
    )


def handed(item: Item, *, to: int, by: Actor, now: datetime) -> None:
    """Tell a person that an imported draft is theirs now."""
    subject = f"A request for you to complete: {item.title}"
    outbox.post(_message(item, "engagement_handed", f"claimed:{item.id}", to=to, subject=subject, by=by, now=now))


def _message(
    item: Item, template: str, key: str, *, to: int, subject: str, by: Actor, now: datetime, **facts: Any
) -> dict[str, Any]:
    path = f"/screening/{item.id}" if template == "engagement_submitted" else f"/engagements/{item.id}"
    return outbox.message(
        f"{key}:{to}", to=to, template=template, subject=subject, about=("item", item.id), now=now,
        title=item.title, by=by.name, path=path, **facts,
    )  # fmt: skip
