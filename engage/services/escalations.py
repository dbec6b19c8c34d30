"""The only place that tells those above when the board owes a step and the day for it has passed."""

from datetime import date, datetime

from sqlalchemy import bindparam, or_, select

from engage.extensions import db
from engage.models.people import Person, RoleGrant
from engage.rules.policy import PROGRAM, Role
from engage.services import audit, outbox, states

_P, _G = Person.__table__.c, RoleGrant.__table__.c
ABOVE = (Role.CHAIR, Role.SECRETARIAT, Role.LEADERSHIP)
_TOLD = (
    select(_G.person_id)
    .join_from(RoleGrant.__table__, Person.__table__, _P.id == _G.person_id)
    .where(
        _G.role.in_(ABOVE),
        _G.starts_on <= bindparam("day"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("day")),
        _P.disabled_at.is_(None),
    )
    .distinct()
    .order_by(_G.person_id)
)


def tell(key: str, item_id: int, title: str, why: str, *, now: datetime) -> None:
    """Tell the chair, the secretariat and leadership that a step on an item is overdue; approves nothing."""
    day: date = states.office_day(now)
    audit.record("escalate", about=("item", item_id), by=PROGRAM, now=now, reason=why)
    outbox.post(
        *(
            outbox.message(
                f"escalated:{key}:{person}", to=person, template="overdue_step", subject=f"Overdue: {title}"[:200],
                about=("item", item_id), now=now, path=f"/board/items/{item_id}", title=title, why=why,
            )
            for person in db.session.scalars(_TOLD, {"day": day})
        )
    )  # fmt: skip
