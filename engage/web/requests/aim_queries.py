"""What the form of a year's priorities names, as the registers have it."""

from sqlalchemy import BindParameter, bindparam, func, or_, select

from engage.extensions import db
from engage.models.norms import Goal, Objective
from engage.models.partners import Partner

_G, _O, _P = Goal.__table__.c, Objective.__table__.c, Partner.__table__.c
_NAME: BindParameter[str] = bindparam("name")
_GOALS = select(_G.id, _G.number, _G.title).order_by(_G.number)
_OBJECTIVES = select(_O.id, _O.code, _O.title).order_by(_O.code)
_PARTNER = (
    select(func.coalesce(_P.merged_into_id, _P.id))
    .where(or_(func.lower(_P.name) == _NAME, func.lower(_P.short_name) == _NAME))
    .order_by(_P.id)
    .limit(1)
)


def goals() -> list[tuple[int, str]]:
    """The goals, by number."""
    return [(row.id, f"Goal {row.number}: {row.title}") for row in db.session.execute(_GOALS)]


def objectives() -> list[tuple[int, str]]:
    """The objectives, by code."""
    return [(row.id, f"{row.code} {row.title}") for row in db.session.execute(_OBJECTIVES)]


def partner_named(text: str) -> int | None:
    """The partner of that name or short name, whatever its letter case; None when there is none."""
    return db.session.scalar(_PARTNER, {"name": text.lower()})
