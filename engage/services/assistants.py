"""The only writer of Assistance: whom a traveller lets acknowledge guidance for them, and through when."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from engage.extensions import db
from engage.models.guidance import Assistance
from engage.models.people import Person
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, outbox, people, sessions

LONGEST_DAYS = 366

_S, _P = Assistance.__table__.c, Person.__table__.c
_NAMED = (
    select(_S.id, _S.starts_on, _S.ends_on, _P.name)
    .select_from(Assistance.__table__.join(Person.__table__, _P.id == _S.assistant_id))
    .where(_S.person_id == bindparam("person"), _S.ends_on >= bindparam("today"), _S.revoked_at.is_(None))
    .order_by(_S.starts_on, _S.id)
)


def named(person_id: int, today: date) -> list[Row[Any]]:
    """The grants of a traveller that run today or later, with the assistant's name."""
    return list(db.session.execute(_NAMED, {"person": person_id, "today": today}))


def name(email: str, *, starts_on: date, ends_on: date, by: Actor, now: datetime) -> Assistance:
    """Let somebody acknowledge guidance for `by`, from `starts_on` through `ends_on`, and tell them.

    Raises NotAllowed for nobody's account, Incomplete with a sentence for each field that is wrong.
    """
    if not may(by, Do.NAME_ASSISTANT, by.id):
        raise NotAllowed("Only a person names assistants, for themselves.")
    wrong: dict[str, str] = {}
    today = sessions.office_day(now, by.zone)
    assistant = people.by_email(email)
    if assistant is None or assistant.disabled_at is not None:
        wrong["email"] = "Nobody who may sign in has this e-mail address."
    elif assistant.id == by.id:
        wrong["email"] = "Name somebody else: you act for yourself without it."
    if starts_on < today:
        wrong["starts_on"] = "Name today or a later day."
    if ends_on < starts_on:
        wrong["ends_on"] = "The last day comes before the first."
    elif (ends_on - starts_on).days >= LONGEST_DAYS:
        wrong["ends_on"] = "A year is the longest; name the assistant anew when it is over."
    if wrong or assistant is None:
        raise Incomplete(wrong)
    grant = Assistance(
        person_id=by.id, assistant_id=assistant.id, starts_on=starts_on, ends_on=ends_on, granted_at=now
    )
    db.session.add(grant)
    db.session.flush()
    audit.record(
        "name_assistant", about=("person", assistant.id), by=by, now=now, starts_on=starts_on, ends_on=ends_on
    )
    outbox.post(
        outbox.message(
            f"assistant_named:{grant.id}", to=assistant.id, template="assistant_named",
            subject=f"{by.name} named you as assistant", about=("person", by.id), now=now, path="/trips",
            traveller=by.name, first=f"{starts_on.day} {starts_on:%B %Y}", last=f"{ends_on.day} {ends_on:%B %Y}",
        )
    )
    return grant


def release(assistance_id: int, *, by: Actor, now: datetime) -> None:
    """End a grant of one's own at once. Raises NotOpen when there is none that runs."""
    grant = db.session.scalar(
        select(Assistance).where(_S.id == assistance_id, _S.person_id == by.id).with_for_update()
    )
    if grant is None or grant.revoked_at is not None:
        raise NotOpen("That assistant is not named any more.")
    grant.revoked_at = now
    db.session.flush()
    audit.record("release_assistant", about=("person", grant.assistant_id), by=by, now=now, assistance=grant.id)
