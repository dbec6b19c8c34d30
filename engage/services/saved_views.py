"""The only writer of SavedView: addresses of what is planned that a person keeps by name."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, delete, func, select

from engage.extensions import db
from engage.models.views import SavedView
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services import audit

MOST = 30  # of one person
LONGEST = 500  # characters of an address
PAGES = frozenset(
    "/" + page
    for page in "calendar week agenda timeline register map measures clashes ahead priorities".split()
)

_V = SavedView.__table__.c
_OF = (
    select(_V.id, _V.name, _V.path).where(_V.person_id == bindparam("me")).order_by(func.lower(_V.name), _V.id)
)


def of(person_id: int) -> list[Any]:
    """A person's views, by name."""
    return list(db.session.execute(_OF, {"me": person_id}))


def may_be_saved(path: str) -> bool:
    """Whether this is an address of one of the pages that have views, and none of another site."""
    parts = urlsplit(path)
    return (
        len(path) <= LONGEST and path.isprintable() and not (parts.scheme or parts.netloc or parts.fragment)
        and parts.path in PAGES
    )  # fmt: skip


def save(name: str, path: str, *, by: Actor, now: datetime) -> None:
    """Keep an address under a name; a name that is taken takes the new address. Raises Incomplete at "name"."""
    if not may_be_saved(path):
        raise Incomplete({"name": "Only views of the calendar, register, map, measures and clashes can be saved."})
    views = of(by.id or 0)
    known = next((view for view in views if view.name == name), None)
    if known is None and len(views) >= MOST:
        raise Incomplete({"name": f"You have {MOST} views. Remove one first."})
    if known is not None:
        db.session.get_one(SavedView, known.id).path = path
    else:
        db.session.add(SavedView(person_id=by.id, name=name, path=path, saved_at=now))
    db.session.flush()
    audit.record("save_view", about=("person", by.id), by=by, now=now, name=name)


def remove(view_id: int, *, by: Actor, now: datetime) -> bool:
    """Forget one of the actor's own views; False when there is no such one."""
    gone = db.session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == by.id))
    if not gone.rowcount:  # type: ignore[attr-defined]
        return False
    audit.record("remove_view", about=("person", by.id), by=by, now=now, view=view_id)
    return True
