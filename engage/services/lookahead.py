"""The only place that counts what lies ahead for those who lead."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Role
from engage.rules.workflow import APPROVED, FINAL, State
from engage.services import agreements, commitment_lists
from engage.services.visibility import Scope, scope, visible

LONGEST = timedelta(days=120)  # what began earlier is looked up in the register with an earlier day
_I = Item.__table__.c
_TODAY: BindParameter[Any] = bindparam("today")
_IN_PROGRESS = sorted(set(State) - APPROVED - FINAL - {State.DRAFT})


@dataclass(frozen=True)
class Tile:
    """One number, and the list that makes it up."""

    label: str
    number: int
    url: str
    hint: str


def _statement(seen_by: Scope) -> object:
    going = _I.state.in_(sorted(APPROVED))
    ahead = and_(going, _I.starts_on > _TODAY)
    return select(
        func.count().filter(and_(going, _I.starts_on <= _TODAY, or_(_I.ends_on.is_(None), _I.ends_on >= _TODAY))),
        func.count().filter(and_(ahead, _I.starts_on <= bindparam("in_30"))),
        func.count().filter(and_(ahead, _I.starts_on <= bindparam("in_60"))),
        func.count().filter(and_(ahead, _I.starts_on <= bindparam("in_90"))),
        func.count().filter(
            and_(_I.state.in_(_IN_PROGRESS), _I.starts_on >= _TODAY, _I.starts_on <= bindparam("in_90"))
        ),
    ).where(
        visible(seen_by), _I.kind == ItemKind.ENGAGEMENT, _I.starts_on >= bindparam("early"),
        _I.starts_on <= bindparam("in_90"),
    )  # fmt: skip


def tiles(who: Actor, today: date) -> list[Tile]:
    """What leaders count; each number equals the length of the list it links to. Three statements, or none."""
    if Role.LEADERSHIP not in who.roles:
        return []
    early, (in_30, in_60, in_90) = today - LONGEST, (today + timedelta(days=days) for days in (30, 60, 90))
    under_way, within_30, within_60, within_90, deciding = db.session.execute(
        _statement(scope(who)),  # type: ignore[call-overload]
        {"me": who.id, "today": today, "early": early, "in_30": in_30, "in_60": in_60, "in_90": in_90},
    ).one()
    return [
        Tile("Under way today", under_way, f"/register?from={early}&standing=under_way", "approved, and begun"),
        Tile("Within 30 days", within_30, f"/register?standing=approved&until={in_30}", "approved, not yet begun"),
        Tile("Within 60 days", within_60, f"/register?standing=approved&until={in_60}", "approved, not yet begun"),
        Tile("Within 90 days", within_90, f"/register?standing=approved&until={in_90}", "approved, not yet begun"),
        Tile("Promises overdue", commitment_lists.overdue(who, today), "/commitments?show=overdue", "ours and theirs"),
        Tile("Agreements expiring", agreements.running_out(who, today), "/agreements?standing=runs_out", "in 90 days"),
        Tile("Being decided", deciding, f"/register?standing=in_progress&until={in_90}", "for the next 90 days"),
    ]
