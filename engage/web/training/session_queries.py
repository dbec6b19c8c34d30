"""What the pages of sessions read: those to come with their seats, and one with who comes."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.training import BriefingSession, Course, SignUp

MOST = 50  # sessions shown at once

_S, _O, _U = BriefingSession.__table__.c, Course.__table__.c, SignUp.__table__.c
_here = (_U.session_id == _S.id) & _U.left_at.is_(None)
_taken = select(func.count()).where(_here, _U.seated_at.is_not(None)).correlate(BriefingSession.__table__)
_waiting = select(func.count()).where(_here, _U.seated_at.is_(None)).correlate(BriefingSession.__table__)
_SESSION = select(
    *_S, _O.name.label("course"), _O.code, _taken.scalar_subquery().label("taken"),
    _waiting.scalar_subquery().label("waiting"),
).join_from(BriefingSession.__table__, Course.__table__, _O.id == _S.course_id)  # fmt: skip
_AHEAD = (
    _SESSION.where(_S.cancelled_at.is_(None), _S.ends_at >= bindparam("now"))
    .order_by(_S.starts_at, _S.id)
    .limit(MOST)
)
_ONE = _SESSION.where(_S.id == bindparam("session"))


def ahead(now: datetime) -> list[Any]:
    """The sessions that are not over, the next first, each with its seats taken and its waiting list's length."""
    return list(db.session.execute(_AHEAD, {"now": now}))


def one(session_id: int) -> Any:
    """One session with its course; None when there is none."""
    return db.session.execute(_ONE, {"session": session_id}).one_or_none()
