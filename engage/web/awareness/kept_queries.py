"""What a country's page reads beside engagements: its guide, the days its post receives nobody, and open promises."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.asking import Blackout
from engage.models.guidance import Guide, GuideVersion
from engage.rules.policy import Actor
from engage.services import commitment_lists
from engage.services.commitment_lists import Line

SHOWN = 10  # promises; the register of promises has them all

_B, _G, _V = Blackout.__table__.c, Guide.__table__.c, GuideVersion.__table__.c
_GUIDE = (
    select(_V.title, _V.number, _V.reviewed_on, _V.starter)
    .join_from(Guide.__table__, GuideVersion.__table__, _V.guide_id == _G.id)
    .where(_G.country_code == bindparam("code"))
    .order_by(_V.number.desc())
    .limit(1)
)
_CLOSED = (
    select(_B.starts_on, _B.ends_on, _B.why)
    .where(_B.country_code == bindparam("code"), _B.ends_on >= bindparam("today"))
    .order_by(_B.starts_on, _B.id)
    .limit(20)
)


def guide(code: str) -> Any:
    """The country's guide as it is in force; None where there is none. One statement."""
    return db.session.execute(_GUIDE, {"code": code}).one_or_none()


def closed(code: str, today: date) -> list[Any]:
    """The days, not yet over, on which the post there receives nobody. One statement."""
    return list(db.session.execute(_CLOSED, {"code": code, "today": today}))


def promises(who: Actor, code: str, today: date) -> tuple[list[Line], bool]:
    """The open promises with the country's partners that `who` may see, and whether there are more. One statement."""
    rows, more = commitment_lists.register(who, today, frozenset({"unsettled", "country"}), country=code)
    return rows[:SHOWN], more is not None or len(rows) > SHOWN
