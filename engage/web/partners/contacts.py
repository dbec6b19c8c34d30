"""Contacts at a partner: written down for a purpose, kept for a time, and forgotten."""

from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, may
from engage.rules.refusals import NotAllowed
from engage.services import partner_contacts
from engage.services.transaction import transaction
from engage.web import access
from engage.web.acting import settled
from engage.web.partners.forms import ContactForm
from engage.web.partners.room import bp, moved, partner_or_404
from engage.web.safety import say

ONE = "<int(max=9223372036854775807):partner_id>"
CONTACT = "<int(max=9223372036854775807):contact_id>"


@bp.route(f"/partners/{ONE}/contacts/new", methods=["GET", "POST"])
def contact_new(partner_id: int) -> ResponseReturnValue:
    """Write down somebody at a partner."""
    partner = _kept(partner_id)
    if (elsewhere := moved(partner, "/contacts/new")) is not None:
        return elsewhere
    return _write(partner, None)


@bp.route(f"/partners/{ONE}/contacts/{CONTACT}", methods=["GET", "POST"])
def contact_edit(partner_id: int, contact_id: int) -> ResponseReturnValue:
    """Write a contact anew, or keep one for longer."""
    partner = _kept(partner_id)
    return _write(partner, access.or_404(partner_contacts.find(partner_id, contact_id, access.today())))


@bp.post(f"/partners/{ONE}/contacts/{CONTACT}/forget")
def contact_forget(partner_id: int, contact_id: int) -> ResponseReturnValue:
    """Delete a contact before its day."""
    _kept(partner_id)
    with transaction():
        found = access.or_404(partner_contacts.find(partner_id, contact_id, access.today()))
        partner_contacts.forget(found, by=access.me(), now=access.clock())
    return say("The contact is deleted.", f"/partners/{partner_id}")


def _write(partner: Any, contact: Any) -> ResponseReturnValue:
    today, me = access.today(), access.me()
    longest = partner_contacts.longest(today)
    fields = ("name", "role", "work_address", "purpose", "delete_on")
    shown: dict[str, Any] = (
        {name: getattr(contact, name) for name in fields} if contact else {"delete_on": today + timedelta(days=longest)}
    )
    number = contact.id if contact else None
    form = ContactForm(request.form or None, data=shown)
    if form.accepted():

        def act() -> tuple[str, str]:
            partner_contacts.keep(
                partner.id, name=form["name"].data or "", role=form.role.data or "",
                work_address=form.work_address.data or "", purpose=form.purpose.data or "",
                delete_on=form.delete_on.data, by=me, now=access.clock(), today=today, replaces=number,
            )  # fmt: skip
            return "The contact is kept until its day.", f"/partners/{partner.id}"

        if (answer := settled(form, act)) is not None:
            return answer
    note = (
        f"Name, role and work address, and nothing else. It is deleted on its day, at most {longest} days from now; "
        "the trail says that it was kept, never what it says."
    )
    page = render_template(
        "partners/form.html", title=f"{'Contact' if contact else 'New contact'} at {partner.name}",
        back_url=f"/partners/{partner.id}", form=form, submit="Keep it", note=note,
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _kept(partner_id: int) -> Any:
    if not may(access.me(), Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat keeps the contacts at partners.")
    return partner_or_404(partner_id)
