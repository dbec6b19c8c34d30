"""The only writer of absences, and of roles held but for the requester's that everybody begins with."""

from datetime import date, datetime, timedelta

from sqlalchemy import Row, or_, select

from engage.extensions import db
from engage.models.people import Absence, Person, RoleGrant
from engage.rules.policy import Actor, Do, ReviewKind, Role
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit
from engage.services.people import allow, keep_an_administrator

FAR = date.max


def grant(
    person: Person, role: Role, *, kind: ReviewKind | None = None, starts_on: date, ends_on: date | None = None,
    by: Actor, now: datetime,
) -> RoleGrant:  # fmt: skip
    """Give somebody a role from `starts_on` through `ends_on`, by office days; None: until revoked.

    Administrators grant nothing to themselves. Raises NotAllowed, or Incomplete at "kind", "ends_on" or "role".
    """
    if by.id is not None and by.id == person.id:
        raise NotAllowed("Nobody grants a role to themselves. Ask another administrator.")
    allow(by, Do.GRANT_ROLE, person.id)
    if (role is Role.REVIEWER) != (kind is not None):
        raise Incomplete({"kind": "A reviewer has a kind, and nobody else has."})
    if ends_on is not None and ends_on < starts_on:
        raise Incomplete({"ends_on": "The last day lies before the first."})
    twice = db.session.scalar(
        select(RoleGrant.id)
        .where(
            RoleGrant.person_id == person.id,
            RoleGrant.role == role,
            RoleGrant.review_kind == kind if kind else RoleGrant.review_kind.is_(None),
            RoleGrant.starts_on <= (ends_on or FAR),
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= starts_on),
        )
        .limit(1)
    )
    if twice is not None:
        raise Incomplete({"role": "They hold this role already on some of these days. Revoke that first."})
    made = RoleGrant(
        person_id=person.id, role=role, review_kind=kind, starts_on=starts_on, ends_on=ends_on, granted_by_id=by.id
    )
    db.session.add(made)
    db.session.flush()
    audit.record("grant_role", about=("person", person.id), by=by, now=now, after=_facts(made))
    return made


def revoke(granted: RoleGrant, *, by: Actor, now: datetime, today: date) -> None:
    """Take a role away at once: its last day was yesterday. A grant that had not begun before is taken out.

    Raises NotAllowed, or NotOpen when it is the last administrator's.
    """
    allow(by, Do.MANAGE_PEOPLE)
    if granted.role is Role.ADMINISTRATOR:
        keep_an_administrator(today, without_grant=granted.id)
    before, person_id = _facts(granted), granted.person_id
    if granted.starts_on < today:
        granted.ends_on = min(granted.ends_on or FAR, today - timedelta(days=1))
    else:
        db.session.delete(granted)
    db.session.flush()
    audit.record("revoke_role", about=("person", person_id), by=by, now=now, before=before)


def find(grant_id: int, person_id: int) -> RoleGrant | None:
    """A grant of a person's, or None."""
    return db.session.scalar(select(RoleGrant).where(RoleGrant.id == grant_id, RoleGrant.person_id == person_id))


def of(person_id: int, today: date) -> list[Row[tuple[int, Role, ReviewKind | None, date, date | None]]]:
    """The roles a person holds or will hold: id, role, review_kind, starts_on, ends_on."""
    return list(
        db.session.execute(
            select(
                RoleGrant.id, RoleGrant.role, RoleGrant.review_kind, RoleGrant.starts_on, RoleGrant.ends_on
            )
            .where(RoleGrant.person_id == person_id, or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today))
            .order_by(RoleGrant.role, RoleGrant.starts_on, RoleGrant.id)
        )
    )


def add_absence(
    person_id: int, *, starts_on: date, ends_on: date, note: str, by: Actor, now: datetime
) -> None:
    """Say on which days somebody cannot act, both included. Raises NotAllowed, or Incomplete at "ends_on"."""
    allow(by, Do.EDIT_ABSENCE, person_id)
    if ends_on < starts_on:
        raise Incomplete({"ends_on": "The last day lies before the first."})
    db.session.add(Absence(person_id=person_id, starts_on=starts_on, ends_on=ends_on, note=note))
    db.session.flush()
    audit.record(
        "add_absence", about=("person", person_id), by=by, now=now, after={"starts_on": starts_on, "ends_on": ends_on}
    )


def remove_absence(absence_id: int, person_id: int, *, by: Actor, now: datetime) -> bool:
    """Take an absence out; False when there is none such. Raises NotAllowed."""
    allow(by, Do.EDIT_ABSENCE, person_id)
    absence = db.session.scalar(select(Absence).where(Absence.id == absence_id, Absence.person_id == person_id))
    if absence is None:
        return False
    before = {"starts_on": absence.starts_on, "ends_on": absence.ends_on}
    db.session.delete(absence)
    db.session.flush()
    audit.record("remove_absence", about=("person", person_id), by=by, now=now, before=before)
    return True


def absences(person_id: int, today: date) -> list[Row[tuple[int, date, date, str]]]:
    """A person's absences that are not over: id, starts_on, ends_on, note."""
    return list(
        db.session.execute(
            select(Absence.id, Absence.starts_on, Absence.ends_on, Absence.note)
            .where(Absence.person_id == person_id, Absence.ends_on >= today)
            .order_by(Absence.starts_on, Absence.id)
            .limit(100)
        )
    )


def _facts(granted: RoleGrant) -> dict[str, object]:
    return {
        "person_id": granted.person_id,
        "role": granted.role,
        "kind": granted.review_kind,
        "starts_on": granted.starts_on,
        "ends_on": granted.ends_on,
    }
