"""The only writer of declared interests."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from engage.extensions import db
from engage.models.interests import Interest
from engage.models.partners import Forum, Partner
from engage.models.places import Country
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit

LONGEST = 2000  # characters of the reason
MOST = 100  # interests of one person in force

_N, _C, _A, _F = Interest.__table__.c, Country.__table__.c, Partner.__table__.c, Forum.__table__.c
_OF = (
    select(
        _N.id, _N.person_id, _N.why, _N.starts_on, _N.ends_on, _N.declared_at,
        func.coalesce(_C.name, _A.name, _F.name, _N.organisation).label("name"),
        _N.country_code, _N.partner_id, _N.forum_id,
    )
    .select_from(
        Interest.__table__.outerjoin(Country.__table__, _C.code == _N.country_code)
        .outerjoin(Partner.__table__, _A.id == _N.partner_id)
        .outerjoin(Forum.__table__, _F.id == _N.forum_id)
    )
    .where(_N.person_id == bindparam("person"))
    .order_by(_N.starts_on.desc(), _N.id.desc())
    .limit(2 * MOST)
)  # fmt: skip


def of(person_id: int) -> list[Any]:
    """What a person has declared, the newest first: name, why, starts_on, ends_on and what kind of thing it is."""
    return list(db.session.execute(_OF, {"person": person_id}))


def declare(
    kind: str, named: str, *, why: str, starts_on: date, ends_on: date | None = None, by: Actor, now: datetime
) -> Interest:
    """Declare an interest of one's own in a "country", "partner", "forum" or "organisation", by its name.

    Registers are searched by name, code or short name; an organisation is kept as it is written. Raises NotAllowed
    or Incomplete with the field.
    """
    if by.id is None or not may(by, Do.DECLARE_INTEREST, by.id):
        raise NotAllowed("Only you declare your own interests.")
    at: dict[str, str] = {}
    subject = _found(kind, named)
    if subject is None:
        at["named"] = "Say in whom or what." if not named else f"No {kind} of this name is in the register."
    if not why or len(why) > LONGEST:
        at["why"] = "Say what the interest is." if not why else f"Use at most {LONGEST:,} characters."
    if ends_on is not None and ends_on < starts_on:
        at["ends_on"] = "It cannot end before it begins."
    in_force = [row for row in of(by.id) if row.ends_on is None or row.ends_on >= starts_on]
    if len(in_force) >= MOST:
        at["named"] = f"You have declared {MOST} interests. End those that are over."
    if at or subject is None:
        raise Incomplete(at)
    made = Interest(person_id=by.id, why=why, starts_on=starts_on, ends_on=ends_on, declared_at=now, **subject)
    db.session.add(made)
    db.session.flush()
    after = {**subject, "why": why, "starts_on": starts_on, "ends_on": ends_on}
    audit.record("declare_interest", about=("person", by.id), by=by, now=now, interest=made.id, after=after)
    return made


def end(interest_id: int, *, ends_on: date, by: Actor, now: datetime) -> None:
    """End an interest of one's own on a day. What was declared stays on the record.

    Raises NotOpen for one that is not there, or is over, or Incomplete at "ends_on".
    """
    interest = db.session.get(Interest, interest_id, with_for_update=True)
    if interest is None or interest.person_id != by.id or not may(by, Do.DECLARE_INTEREST, interest.person_id):
        raise NotOpen("This interest is not yours to end.")
    if interest.ends_on is not None and interest.ends_on <= ends_on:
        raise NotOpen("This interest has ended already.")
    if ends_on < interest.starts_on:
        raise Incomplete({"ends_on": "It cannot end before it begins."})
    before, interest.ends_on = interest.ends_on, ends_on
    db.session.flush()
    audit.record(
        "end_interest", about=("person", by.id or 0), by=by, now=now, interest=interest.id, before=before, after=ends_on
    )


def _found(kind: str, named: str) -> dict[str, Any] | None:
    word = func.lower(bindparam("word"))
    given = {"word": named}
    if not named:
        return None
    if kind == "country":
        same = or_(func.lower(_C.name) == word, func.lower(_C.code) == word)
        code = db.session.scalar(select(_C.code).where(same), given)
        return code and {"country_code": code, "organisation": ""}
    if kind == "partner":
        same = or_(func.lower(_A.name) == word, func.lower(_A.short_name) == word)
        called = func.coalesce(_A.merged_into_id, _A.id)  # an earlier name is a name too
        number = db.session.scalar(select(called).where(same).order_by(_A.id).limit(1), given)
        return number and {"partner_id": number, "organisation": ""}
    if kind == "forum":
        same = or_(func.lower(_F.name) == word, func.lower(_F.code) == word)
        number = db.session.scalar(select(_F.id).where(same).order_by(_F.id).limit(1), given)
        return number and {"forum_id": number, "organisation": ""}
    return {"organisation": named[:200]}
