"""The only place that tells people of conditions: the owner of what is owed and judged, the judges of evidence."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, exists, or_, select

from engage.extensions import db
from engage.models.board import Condition, ConditionStep
from engage.models.people import Person, RoleGrant
from engage.rules.policy import Actor, Role
from engage.services import motions, outbox, visibility

_P, _G, _S = Person.__table__.c, RoleGrant.__table__.c, ConditionStep.__table__.c
_JUDGES = (
    select(_P.id)
    .where(
        _P.disabled_at.is_(None),
        _P.id != bindparam("owner", type_=Integer),
        _P.id.not_in(bindparam("aside", expanding=True)),
        exists().where(
            _G.person_id == _P.id,
            _G.role.in_([Role.SECRETARIAT, Role.CHAIR]),
            _G.starts_on <= bindparam("today"),
            or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        ),
    )
    .order_by(_P.id)
)
_STEPS = select(_S.id).where(_S.condition_id == bindparam("condition")).order_by(_S.id.desc()).limit(1)


def owed(condition: Condition, title: str, *, by: Actor, now: datetime) -> None:
    """Tell the owner what the board asks of them."""
    _post(condition, "condition_owed", condition.owner_id, f"A condition for you: {title}", title, by=by, now=now)


def given(condition: Condition, title: str, *, by: Actor, now: datetime) -> None:
    """Tell those who may judge that evidence waits for them."""
    subject = visibility.subject(condition.item_id)
    aside = sorted(motions.aside(subject)) if subject else []
    asked = {"owner": condition.owner_id, "aside": aside, "today": now.date()}
    for person in db.session.scalars(_JUDGES, asked).all():
        if person != by.id:
            _post(
                condition, "condition_given", person, f"Evidence to verify: {title}", title, by=by, now=now,
                path=f"/board/conditions/{condition.id}",
            )  # fmt: skip


def settled(condition: Condition, title: str, verdict: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Tell the owner how their evidence was judged."""
    if condition.owner_id != by.id:
        _post(
            condition, "condition_settled", condition.owner_id, f"{verdict}: condition of {title}", title, by=by,
            now=now, verdict=verdict, reason=reason,
        )  # fmt: skip


def _post(
    condition: Condition, template: str, to: int, subject: str, title: str, *, by: Actor, now: datetime, path: str = "",
    **facts: Any,
) -> None:  # fmt: skip
    turn = db.session.scalar(_STEPS, {"condition": condition.id}) or 0  # a later step earns its own message
    outbox.post(
        outbox.message(
            f"{template}:{condition.id}:{turn}:{to}", to=to, template=template, subject=subject,
            about=("item", condition.item_id), now=now, title=title, condition=condition.text, by=by.name,
            blocking=condition.blocking, path=path or f"/conditions/{condition.id}", **facts,
        )
    )  # fmt: skip
