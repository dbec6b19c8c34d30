"""What the page of authorities reads: delegations, standing approvals with their ledgers, and who may act."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from engage.extensions import db
from engage.models.authority import Delegation, StandingApproval, StandingUse
from engage.models.board import Decision
from engage.models.engagements import Item
from engage.models.partners import Forum, Partner
from engage.models.people import Person, RoleGrant
from engage.models.places import Country
from engage.rules.authority import VOTED
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.voting import Outcome

_D, _A, _U = Delegation.__table__.c, StandingApproval.__table__.c, StandingUse.__table__.c
_P, _G = Person.__table__.c, RoleGrant.__table__.c
_K, _T, _F = Country.__table__.c, Partner.__table__.c, Forum.__table__.c
_holder, _principal, _alternate = (Person.__table__.alias(name) for name in ("holder", "principal", "alternate"))
_DELEGATIONS = (
    select(
        Delegation.__table__, _holder.c.name.label("holder"), _principal.c.name.label("principal"),
        _alternate.c.name.label("alternate"),
    )
    .join(_holder, _holder.c.id == _D.holder_id)
    .join(_principal, _principal.c.id == _D.principal_id)
    .outerjoin(_alternate, _alternate.c.id == _D.alternate_id)
    .order_by(_D.id.desc())
    .limit(100)
)  # fmt: skip
_APPROVALS = (
    select(
        StandingApproval.__table__, _K.name.label("country"), _T.name.label("partner"), _F.name.label("forum"),
        select(func.count()).where(_U.standing_id == _A.id).scalar_subquery().label("uses"),
        select(func.coalesce(func.sum(_U.cost), 0)).where(_U.standing_id == _A.id).scalar_subquery().label("spent"),
    )
    .select_from(
        StandingApproval.__table__.outerjoin(Country.__table__, _K.code == _A.country_code)
        .outerjoin(Partner.__table__, _T.id == _A.partner_id)
        .outerjoin(Forum.__table__, _F.id == _A.forum_id)
    )
    .order_by(_A.id.desc())
    .limit(100)
)
_MEMBERS = (
    select(_P.id, _P.name)
    .join(RoleGrant.__table__, _G.person_id == _P.id)
    .where(
        _G.role.in_([Role.MEMBER, Role.CHAIR]), _G.starts_on <= bindparam("day"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("day")), _P.disabled_at.is_(None),
    )
    .distinct()
    .order_by(_P.name, _P.id)
)  # fmt: skip


def delegations() -> list[Any]:
    """The delegations, the newest first."""
    return list(db.session.execute(_DELEGATIONS))


def approvals() -> list[Any]:
    """The standing approvals with how often and for how much they were used, the newest first."""
    return list(db.session.execute(_APPROVALS))


def members(day: date) -> list[Any]:
    """Who has the role of a board member on `day`, by name."""
    return list(db.session.execute(_MEMBERS, {"day": day}))


def may_revoke(delegation_id: int, who: Actor) -> bool:
    """Whether there is such a delegation, and `who` may end it."""
    principal = db.session.scalar(select(_D.principal_id).where(_D.id == delegation_id))
    return principal is not None and may(who, Do.DELEGATE, principal)


_C, _N, _I = Country.__table__.c, Decision.__table__.c, Item.__table__.c
_PARTNERS = select(_T.id, _T.name).where(_T.merged_into_id.is_(None)).order_by(_T.name, _T.id).limit(2000)
_FORUMS = select(_F.id, _F.name).order_by(_F.name, _F.id).limit(2000)
_COUNTRIES = select(_C.code, _C.name).where(_C.foreign).order_by(_C.name)
_GRANTING = (
    select(_N.id, _I.title)
    .join(Item.__table__, _I.id == _N.item_id)
    .where(
        _N.outcome == Outcome.APPROVE, _N.method.in_(sorted(VOTED)),
        _I.kind.in_([ItemKind.MATTER, ItemKind.PRIORITIES]),
    )
    .order_by(_N.id.desc())
    .limit(100)
)  # fmt: skip
_LEDGER = (
    select(_U.number, _U.cost, _U.used_at, _U.decision_id, _A.title, _I.title.label("item"))
    .select_from(
        StandingUse.__table__.join(StandingApproval.__table__, _A.id == _U.standing_id).join(
            Item.__table__, _I.id == _U.item_id
        )
    )
    .order_by(_U.id.desc())
    .limit(100)
)


def partners() -> list[Any]:
    """The partners in the register, by name."""
    return list(db.session.execute(_PARTNERS))


def forums() -> list[Any]:
    """The forums in the register, by name."""
    return list(db.session.execute(_FORUMS))


def countries() -> list[Any]:
    """The countries abroad, by name."""
    return list(db.session.execute(_COUNTRIES))


def known(code: str | None) -> str | None:
    """The code of a country that there is, or None."""
    return next((row.code for row in countries() if row.code == code), None)


def granting() -> list[Any]:
    """The decisions by which the board approved a matter or its priorities, the newest first."""
    return list(db.session.execute(_GRANTING))


def ledger() -> list[Any]:
    """The uses of standing approvals, the newest first."""
    return list(db.session.execute(_LEDGER))
