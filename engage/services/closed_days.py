"""The only writer of days on which a post receives nobody, and of who stands in for whom."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from engage.extensions import db
from engage.models.asking import Blackout, Deputy
from engage.models.people import Person
from engage.models.places import Country
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit

MOST = 200

_B, _D, _P, _C = (t.__table__.c for t in (Blackout, Deputy, Person, Country))
_deputy = Person.__table__.alias("deputy_person")
_day: Any = bindparam("day")
_BLACKOUTS = (
    select(_B.id, _C.name.label("country"), _B.starts_on, _B.ends_on, _B.why, _B.source)
    .join_from(Blackout.__table__, Country.__table__, _C.code == _B.country_code)
    .where(_B.ends_on >= _day)
    .order_by(_B.starts_on, _B.id)
    .limit(MOST)
)
_DEPUTIES = (
    select(_D.id, _P.name.label("principal"), _deputy.c.name.label("deputy"), _D.starts_on, _D.ends_on)
    .select_from(
        Deputy.__table__.join(Person.__table__, _P.id == _D.principal_id).join(
            _deputy, _deputy.c.id == _D.deputy_id
        )
    )
    .where(or_(_D.ends_on.is_(None), _D.ends_on >= _day))
    .order_by(_P.name, _D.id)
    .limit(MOST)
)


def blackouts(day: date) -> list[Row[Any]]:
    """The days on which posts receive nobody, from `day` on."""
    return list(db.session.execute(_BLACKOUTS, {"day": day}))


def deputies(day: date) -> list[Row[Any]]:
    """Who stands in for whom on `day` or later."""
    return list(db.session.execute(_DEPUTIES, {"day": day}))


def close(
    country_code: str | None, first: date, last: date, *, why: str, source: str, by: Actor, now: datetime
) -> None:
    """Record that a post receives nobody. Raises NotAllowed, or Incomplete."""
    _must(by)
    wrong = {}
    if country_code is None or db.session.get(Country, country_code) is None:
        wrong["country"] = "This is no country we know. Write its name or two-letter code."
    if last < first:
        wrong["ends_on"] = "The last day is before the first."
    if not why:
        wrong["why"] = "Say why."
    if not source:
        wrong["source"] = "Say who told us."
    if wrong:
        raise Incomplete(wrong)
    made = Blackout(country_code=country_code, starts_on=first, ends_on=last, why=why, source=source)
    db.session.add(made)
    db.session.flush()
    after = {"country": country_code, "starts_on": first, "ends_on": last, "why": why, "source": source}
    audit.record("close_days", about=("blackout", made.id), by=by, now=now, after=after)


def pair(principal_id: int | None, deputy_id: int | None, first: date, *, by: Actor, now: datetime) -> None:
    """Record who stands in for whom from a day on. Raises NotAllowed, or Incomplete."""
    _must(by)
    wrong = {}
    if principal_id is None:
        wrong["principal"] = "Nobody has an account at this address."
    if deputy_id is None:
        wrong["deputy"] = "Nobody has an account at this address."
    elif deputy_id == principal_id:
        wrong["deputy"] = "Name somebody else: nobody stands in for themselves."
    if wrong:
        raise Incomplete(wrong)
    made = Deputy(principal_id=principal_id, deputy_id=deputy_id, starts_on=first)
    db.session.add(made)
    db.session.flush()
    audit.record("name_deputy", about=("person", principal_id), by=by, now=now, deputy=deputy_id, starts_on=first)


def part(deputy_row: int, *, by: Actor, now: datetime, today: date) -> None:
    """End a pair with today. Raises NotAllowed."""
    _must(by)
    row = db.session.get(Deputy, deputy_row)
    if row is not None and (row.ends_on is None or row.ends_on > today):
        row.ends_on = max(today, row.starts_on)
        db.session.flush()
        audit.record("end_deputy", about=("person", row.principal_id), by=by, now=now, deputy=row.deputy_id)


def _must(by: Actor) -> None:
    if not may(by, Do.EDIT_REGISTER):
        raise NotAllowed("Only the secretariat keeps these days.")
