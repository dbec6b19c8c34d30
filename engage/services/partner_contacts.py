"""The only writer of PartnerContact: who is where at a partner, kept for a purpose and until a day, then deleted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, or_, select

from engage.extensions import db
from engage.models.engagements import Item, engagement_partner
from engage.models.partners import PartnerContact
from engage.models.people import Person
from engage.rules.partners import faulty_contact
from engage.rules.policy import PROGRAM, Actor, Do, See, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.workflow import State
from engage.services import audit, norms, partners
from engage.services.visibility import travels

DIALS = {"partner_contact_days": 365}  # the longest that one is kept without a new word, where nothing else is set
MOST = 200

_C, _I, _EP, _P = PartnerContact.__table__.c, Item.__table__.c, engagement_partner.c, Person.__table__.c
_OF = (
    select(_C.id, _C.name, _C.role, _C.work_address, _C.purpose, _C.delete_on, _P.name.label("kept_by"))
    .join_from(PartnerContact.__table__, Person.__table__, _P.id == _C.kept_by_id)
    .where(_C.partner_id == bindparam("partner"), _C.delete_on > bindparam("today"))
    .order_by(_C.name, _C.id)
    .limit(MOST)
)
# Whether the reader asked for, or travels on, something with this partner.
_PARTY = select(
    exists()
    .where(_EP.partner_id == bindparam("partner"), _I.id == _EP.engagement_id)
    .where(or_(_I.requester_id == bindparam("me"), travels(bindparam("me"))))
)


def of(partner_id: int, *, by: Actor, today: date) -> list[Row[Any]] | None:
    """The contacts at a partner by name; None where they are not `by`'s to see. At most two statements.

    They are for the secretariat, for who leads, and for those who have an engagement with that partner.
    """
    if not may(by, See.CONTACTS):
        party = bool(by.id) and db.session.scalar(_PARTY, {"partner": partner_id, "me": by.id})
        if not (party and may(by, See.CONTACTS, Subject(State.APPROVED, by.id))):
            return None
    return list(db.session.execute(_OF, {"partner": partner_id, "today": today}))


def longest(today: date) -> int:
    """How many days a contact may be kept without a new word."""
    return norms.on(today, DIALS)["partner_contact_days"]


def keep(
    partner_id: int, *, name: str, role: str, work_address: str, purpose: str, delete_on: date | None, by: Actor,
    now: datetime, today: date, replaces: int | None = None,
) -> PartnerContact:  # fmt: skip
    """Write down somebody at a partner, or write one anew, which is also how one is kept for longer.

    The trail says that it was done, never what. Raises NotAllowed, or Incomplete with a sentence at each field.
    """
    if not may(by, Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat keeps the contacts at partners.")
    at = faulty_contact(name, role, work_address, purpose, delete_on, today=today, longest=longest(today))
    if not partners.live(partner_id):
        at["name"] = "Choose a partner of the register."
    if at:
        raise Incomplete(at)
    made = (replaces and db.session.get(PartnerContact, replaces)) or PartnerContact(partner_id=partner_id)
    made.name, made.role, made.work_address, made.purpose = name, role, work_address, purpose
    made.delete_on, made.kept_by_id, made.kept_at = delete_on, by.id, now  # type: ignore[assignment]
    db.session.add(made)
    db.session.flush()
    audit.record("keep_contact", about=("partner", partner_id), by=by, now=now, contact=made.id, until=delete_on)
    return made


def find(partner_id: int, contact_id: int, today: date) -> PartnerContact | None:
    """A contact at a partner that is still kept."""
    found = db.session.get(PartnerContact, contact_id)
    return found if found and found.partner_id == partner_id and found.delete_on > today else None


def forget(contact: PartnerContact, *, by: Actor, now: datetime) -> None:
    """Delete a contact before its day. Raises NotAllowed."""
    if not may(by, Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat keeps the contacts at partners.")
    audit.record("forget_contact", about=("partner", contact.partner_id), by=by, now=now, contact=contact.id)
    db.session.delete(contact)
    db.session.flush()


def purge(today: date, *, now: datetime) -> int:
    """Delete the contacts whose day has come; gives how many. Flushes, never commits."""
    due = db.session.execute(
        select(_C.id, _C.partner_id).where(_C.delete_on <= today).order_by(_C.id).limit(500)
    ).all()
    for row in due:
        audit.record("purge_contact", about=("partner", row.partner_id), by=PROGRAM, now=now, contact=row.id)
    if due:
        db.session.execute(delete(PartnerContact).where(_C.id.in_([row.id for row in due])))
    return len(due)
