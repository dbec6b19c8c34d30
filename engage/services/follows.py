"""The only writer of Follow: what people want to be told of."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, exists, func, select

from engage.extensions import db
from engage.models.follows import Follow
from engage.models.norms import Objective
from engage.models.partners import Forum, Partner
from engage.models.places import Country
from engage.rules.follows import Followed
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services import audit

MOST = 200  # of one person

_F, _C, _P, _O, _B = (t.__table__.c for t in (Follow, Country, Partner, Objective, Forum))
COLUMNS: dict[Followed, ColumnElement[Any]] = {
    Followed.COUNTRY: _F.country_code, Followed.PARTNER: _F.partner_id, Followed.FORUM: _F.forum_id,
    Followed.TOPIC: _F.objective_id,
}  # fmt: skip
_KEYS: dict[Followed, ColumnElement[Any]] = {
    Followed.COUNTRY: _C.code, Followed.PARTNER: _P.id, Followed.FORUM: _B.id, Followed.TOPIC: _O.id,
}  # fmt: skip
_DOES = {
    kind: select(exists().where(_F.person_id == bindparam("me"), column == bindparam("key")))
    for kind, column in COLUMNS.items()
}
_OF = (
    select(
        _F.id, _F.country_code, _F.partner_id, _F.forum_id, _F.objective_id, _F.since, _C.name.label("country"),
        _P.name.label("partner"), _B.name.label("forum"), _O.code, _O.title,
    )
    .select_from(
        Follow.__table__.outerjoin(Country.__table__, _C.code == _F.country_code)
        .outerjoin(Partner.__table__, _P.id == _F.partner_id)
        .outerjoin(Forum.__table__, _B.id == _F.forum_id)
        .outerjoin(Objective.__table__, _O.id == _F.objective_id)
    )
    .where(_F.person_id == bindparam("me"))
    .order_by(_F.id.desc())
    .limit(MOST)
)  # fmt: skip


def kind_and_key(kind: str, key: str) -> tuple[Followed, str | int] | None:
    """What an address names; None where nothing of that kind is there, or it is only another name of one."""
    if kind not in list(Followed) or not (key.isascii() and key.isalnum()) or len(key) > 10:
        return None
    followed = Followed(kind)
    value: str | int = key.upper() if followed is Followed.COUNTRY else int(key) if key.isdecimal() else 0
    if isinstance(value, int) and not 0 < value < 2**31:
        return None
    there = select(exists().where(_KEYS[followed] == value))
    if followed is Followed.PARTNER:
        there = select(exists().where(_P.id == value, _P.merged_into_id.is_(None)))
    return (followed, value) if db.session.scalar(there) else None


def follows(person_id: int, kind: str, key: str | int) -> bool:
    """Whether somebody follows this. One statement."""
    return bool(db.session.scalar(_DOES[Followed(kind)], {"me": person_id, "key": key}))


def of(person_id: int) -> list[Row[Any]]:
    """What somebody follows, the newest first. One statement."""
    return list(db.session.execute(_OF, {"me": person_id}))


def follow(kind: Followed, key: str | int, *, by: Actor, now: datetime) -> None:
    """Tell the actor of this from now on; twice is as once. Raises Incomplete where there are too many."""
    if follows(by.id or 0, kind, key):
        return
    if (db.session.scalar(select(func.count()).where(_F.person_id == by.id)) or 0) >= MOST:
        raise Incomplete({"kind": f"You follow {MOST} things. Leave one first."})
    db.session.add(Follow(person_id=by.id, since=now, **{COLUMNS[kind].key or "": key}))
    db.session.flush()
    audit.record("follow", about=("person", by.id), by=by, now=now, kind=kind.value, key=key)


def unfollow(kind: Followed, key: str | int, *, by: Actor, now: datetime) -> None:
    """Tell the actor no more of this; twice is as once."""
    gone = db.session.execute(delete(Follow).where(_F.person_id == by.id, COLUMNS[kind] == key))
    if gone.rowcount:  # type: ignore[attr-defined]
        audit.record("unfollow", about=("person", by.id), by=by, now=now, kind=kind.value, key=key)
