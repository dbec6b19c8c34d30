"""What the awareness pages may be narrowed by, as the registers have it."""

from sqlalchemy import BindParameter, bindparam, func, or_, select

from engage.extensions import db
from engage.models.norms import Goal, Objective
from engage.models.partners import Forum, Partner
from engage.models.people import Person

_G, _O, _F, _PA, _P = (t.__table__.c for t in (Goal, Objective, Forum, Partner, Person))
_GOALS = select(_G.id, _G.number, _G.title).order_by(_G.number)
_AIMS = (
    select(_G.id, _G.number, _G.title, _O.id, _O.code, _O.title)
    .join_from(Goal.__table__, Objective.__table__, _O.goal_id == _G.id, isouter=True)
    .order_by(_G.number, _O.code)
)
_NAME: BindParameter[str] = bindparam("name")
_FORUM = select(_F.id).where(or_(func.lower(_F.code) == _NAME, func.lower(_F.name) == _NAME)).order_by(_F.id).limit(1)
_PARTNER = (
    select(func.coalesce(_PA.merged_into_id, _PA.id))
    .where(or_(func.lower(_PA.name) == _NAME, func.lower(_PA.short_name) == _NAME))
    .order_by(_PA.id)
    .limit(1)
)
_NUMBERED = select(func.coalesce(_PA.merged_into_id, _PA.id)).where(_PA.id == bindparam("number"))
MOST_NAMESAKES = 20
_PEOPLE = (
    select(_P.id)
    .where(or_(func.lower(_P.name) == _NAME, func.lower(_P.email) == _NAME))
    .order_by(_P.id)
    .limit(MOST_NAMESAKES)
)


def goals() -> list[tuple[int, str]]:
    """The goals as choices."""
    return [(id_, f"Goal {number}: {title}") for id_, number, title in db.session.execute(_GOALS)]


def goals_and_objectives() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The goals as choices, and the objectives of all of them by code. One statement: it stands on every list."""
    rows = db.session.execute(_AIMS).all()
    goals = dict.fromkeys((id_, f"Goal {number}: {title}") for id_, number, title, *_ in rows)
    objectives = [(id_, f"{code} {title}") for *_, id_, code, title in rows if id_ is not None]
    return list(goals), sorted(objectives, key=lambda one: one[1])


def forum_named(text: str) -> int | None:
    """The forum of that code or name, whatever its letter case; None when there is no such forum."""
    return db.session.scalar(_FORUM, {"name": text.lower()})


def partner_named(text: str) -> int | None:
    """The partner of that name or short name, whatever its letter case; None when there is no such partner.

    Another name of a partner, left by a merger, leads to the partner.
    """
    return db.session.scalar(_PARTNER, {"name": text.lower()})


def partner_numbered(number: int) -> int | None:
    """The partner of that number, or the one that it was merged into; None when there is none."""
    return db.session.scalar(_NUMBERED, {"number": number})


def people_named(text: str) -> list[int]:
    """The people of that name or e-mail address, whatever its letter case."""
    return list(db.session.scalars(_PEOPLE, {"name": text.lower()}))
