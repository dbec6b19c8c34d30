"""The only writer of Person and Office: who is known here, and who may still come in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from engage.extensions import db
from engage.models.people import Office, Person, RoleGrant
from engage.reference.zones import is_zone
from engage.rules.policy import PROGRAM, Ability, Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.search_words import Kind
from engage.services import audit, links, search_index, sessions

# Whoever types commands on the server owns it: its commands act as an administrator without a name.
COMMAND_LINE = replace(PROGRAM, address="command", roles=frozenset({Role.ADMINISTRATOR}))
DEMONSTRATION_DOMAIN = "@example.gov"  # the people of demonstrations; they are nobody where people are real
_P, _BOSS = Person.__table__.c, Person.__table__.alias("boss").c
_PROFILE = (
    select(
        _P.id, _P.name, _P.email, _P.home_zone, _P.created_at, _P.disabled_at, _P.version, _P.senior,
        _P.password_hash.is_not(None).label("has_password"), Office.name.label("office"),
        _BOSS.name.label("supervisor"), _BOSS.email.label("supervisor_email"),
    )
    .outerjoin(Office, Office.id == _P.office_id)
    .outerjoin(_BOSS.id.table, _BOSS.id == _P.supervisor_id)
    .where(_P.id == bindparam("person"))
)  # fmt: skip
LONGEST_CHAIN = 20  # supervisors above each other; more can only be a circle


def is_demonstration(email: str) -> bool:
    """Whether this address belongs to somebody of a demonstration."""
    return email.endswith(DEMONSTRATION_DOMAIN)


def demonstration_accounts() -> list[str]:
    """Addresses of demonstration people who could sign in, at most ten: production does not start over these."""
    return list(
        db.session.scalars(
            select(Person.email)
            .where(
                Person.email.like("%" + DEMONSTRATION_DOMAIN),
                Person.password_hash.is_not(None),
                Person.disabled_at.is_(None),
            )
            .order_by(Person.email)
            .limit(10)
        )
    )


def allow(by: Actor, ability: Ability, what: object = None) -> None:
    """Raise NotAllowed unless `by` may do this."""
    if not may(by, ability, what):
        raise NotAllowed("Only an administrator may do this, and nobody to themselves what others must check.")


def find(person_id: int) -> Person | None:
    """The person, or None."""
    return db.session.get(Person, person_id)


def profile(person_id: int | None) -> Row[Any] | None:
    """What a page shows of a person, or None: the columns of Person but the password, with `office` and `supervisor`.

    `has_password` says whether they have set one.
    """
    return db.session.execute(_PROFILE, {"person": person_id}).one_or_none()


def by_email(email: str) -> Person | None:
    """The person of an address, or None."""
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def office_named(name: str) -> Office | None:
    """The office of this name, made when it is new; None for no name."""
    name = " ".join(name.split())
    if not name:
        return None
    office = db.session.scalar(select(Office).where(Office.name == name))
    if office is None:
        office = Office(name=name)
        db.session.add(office)
        db.session.flush()
    return office


def add(
    *, email: str, name: str, office: str = "", supervisor: str = "", zone: str, by: Actor, now: datetime, today: date
) -> Person:
    """Make somebody known, as a requester from `today`. They cannot sign in before they set a password.

    `supervisor` is an address. Raises NotAllowed, or Incomplete at "email", "supervisor" or "zone".
    """
    allow(by, Do.MANAGE_PEOPLE)
    email = email.strip().lower()
    if by_email(email):
        raise Incomplete({"email": "Somebody with this address is known already."})
    person = Person(
        email=email,
        name=name,
        office_id=_id(office_named(office)),
        supervisor_id=_supervisor(supervisor, of=None),
        home_zone=_zone(zone),
        created_at=now,
    )
    db.session.add(person)
    db.session.flush()
    search_index.note(Kind.PERSON, [person.id])
    db.session.add(RoleGrant(person_id=person.id, role=Role.REQUESTER, starts_on=today, granted_by_id=by.id))
    db.session.flush()
    audit.record("add_person", about=("person", person.id), by=by, now=now, after=_facts(person))
    return person


def invite(person: Person, *, by: Actor, now: datetime) -> str:
    """Post a one-time link for setting a password, and give its path, to be shown once. Earlier links end.

    Raises NotAllowed, or NotOpen for somebody who is disabled.
    """
    allow(by, Do.MANAGE_PEOPLE)
    if person.disabled_at:
        raise NotOpen(f"{person.name} is disabled. Enable them first.")
    path = links.post(person, now=now)
    audit.record("invite", about=("person", person.id), by=by, now=now)
    return path


def reset(person: Person, *, by: Actor, now: datetime) -> str:
    """Take away the password, end every session, and give the path of a one-time link for a new one.

    Raises NotAllowed, or NotOpen for somebody who is disabled.
    """
    path = invite(person, by=by, now=now)
    person.password_hash = None
    sessions.end_all(person.id, now=now)
    db.session.flush()
    audit.record("reset_password", about=("person", person.id), by=by, now=now)
    return path


def amend(
    person: Person, *, name: str, office: str, supervisor: str, zone: str, version: int, senior: bool | None = None,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Change what is known of somebody; `senior` None: as it was.

    Raises NotAllowed, Stale, or Incomplete at "supervisor" or "zone".
    """
    allow(by, Do.MANAGE_PEOPLE)
    if person.version != version:
        raise Stale("Somebody else changed this person since you opened the page.")
    before = _facts(person)
    person.name = name
    person.office_id = _id(office_named(office))
    person.supervisor_id = _supervisor(supervisor, of=person.id)
    person.home_zone = _zone(zone)
    person.senior = person.senior if senior is None else senior
    _changed(person, before, by=by, now=now)


def set_zone(person: Person, zone: str, *, by: Actor, now: datetime) -> None:
    """Change one's own home zone. Raises NotAllowed for another's, or Incomplete at "zone"."""
    if by.id != person.id:
        raise NotAllowed("Only your own zone is yours to change here.")
    before = _facts(person)
    person.home_zone = _zone(zone)
    _changed(person, before, by=by, now=now)


def disable(person: Person, *, reason: str, by: Actor, now: datetime, today: date) -> None:
    """Keep somebody out from now on: their sessions and links end. Nothing about them is erased.

    Raises NotAllowed, or NotOpen when they are disabled already or are the last administrator.
    """
    allow(by, Do.MANAGE_PEOPLE)
    if person.disabled_at:
        raise NotOpen(f"{person.name} is disabled already.")
    keep_an_administrator(today, without=person.id)
    person.disabled_at = now
    sessions.end_all(person.id, now=now)
    links.void(person.id, now=now)
    db.session.flush()
    search_index.note(Kind.PERSON, [person.id])
    audit.record("disable", about=("person", person.id), by=by, now=now, reason=reason)


def enable(person: Person, *, by: Actor, now: datetime) -> None:
    """Let somebody in again, with the password they had. Raises NotAllowed, or NotOpen when they are not disabled."""
    allow(by, Do.MANAGE_PEOPLE)
    if person.disabled_at is None:
        raise NotOpen(f"{person.name} is not disabled.")
    person.disabled_at = None
    db.session.flush()
    search_index.note(Kind.PERSON, [person.id])
    audit.record("enable", about=("person", person.id), by=by, now=now)


def look(person_id: int, *, by: Actor, now: datetime) -> None:
    """Leave the line that a look at somebody's record leaves."""
    audit.record("look", about=("person", person_id), by=by, now=now)


def keep_an_administrator(today: date, *, without: int | None = None, without_grant: int | None = None) -> None:
    """Raise NotOpen when, but for the person or grant named, nobody enabled would stay administrator.

    A grant with an end does not stand in for one without. Locks the grants that count, so that two
    administrators cannot remove each other at once.
    """
    grants = db.session.execute(
        select(RoleGrant.id, RoleGrant.person_id, RoleGrant.ends_on)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == Role.ADMINISTRATOR,
            RoleGrant.starts_on <= today,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(RoleGrant.id)
        .with_for_update()
    ).all()
    leaving = [grant for grant in grants if grant.person_id == without or grant.id == without_grant]
    staying = [grant for grant in grants if grant not in leaving]
    lasting = any(grant.ends_on is None for grant in staying)
    if leaving and not lasting and (not staying or any(grant.ends_on is None for grant in leaving)):
        raise NotOpen("This is the last administrator. Make somebody else administrator first, without an end date.")


def _changed(person: Person, before: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    after = _facts(person)
    db.session.flush()
    if after != before:
        if after["name"] == before["name"]:
            search_index.note(Kind.PERSON, [person.id])
        else:
            search_index.renamed(Kind.PERSON, person.id)
        audit.record("amend_person", about=("person", person.id), by=by, now=now, before=before, after=after)


def _facts(person: Person) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "office_id": person.office_id,
        "supervisor_id": person.supervisor_id,
        "home_zone": person.home_zone,
        "senior": person.senior,
    }


def _id(office: Office | None) -> int | None:
    return None if office is None else office.id


def _zone(zone: str) -> str:
    if not is_zone(zone):
        raise Incomplete({"zone": "Choose a time zone such as America/New_York."})
    return zone


def _supervisor(email: str, *, of: int | None) -> int | None:
    """The id behind a supervisor's address; refuses strangers, the person themselves, and circles."""
    if not email.strip():
        return None
    found = by_email(email)
    if found is None or found.disabled_at:
        raise Incomplete({"supervisor": "Nobody of this address works here."})
    if of is not None:
        above: int | None = found.id
        for _ in range(LONGEST_CHAIN):
            if above == of:
                raise Incomplete({"supervisor": "This person is, or reports to, the one you are changing."})
            above = db.session.scalar(select(Person.supervisor_id).where(Person.id == above))
            if above is None:
                break
    return found.id
