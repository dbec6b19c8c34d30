"""The travel room while somebody is away: one tap to check in, whom to call, and the loaner device."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.away import Device
from engage.rules.policy import Do, Subject, may
from engage.rules.refusals import Incomplete
from engage.rules.trip_state import trip_state
from engage.rules.workflow import State
from engage.services import check_ins, emergency_contacts, loans, trips
from engage.services.transaction import transaction
from engage.web import access
from engage.web.forms import Form
from engage.web.safety import say
from engage.web.travel import queries
from engage.web.travel.away_forms import CheckInForm, ContactForm, InspectionForm, IssueForm, LoanForm
from engage.web.travel.room import bp


def _mine(trip_id: int, ability: Do) -> Any:
    """A trip of which the reader may do this; another's does not exist."""
    found, subject = access.or_404(trips.find(trip_id, by=access.me(), today=access.today()))
    if not may(access.me(), ability, subject):
        abort(404)
    return found


def _page(trip_id: int, **forms: Any) -> str:
    head = queries.head(trip_id)
    with transaction():
        contact = emergency_contacts.find(trip_id, by=access.me(), now=access.clock(), today=access.today())
    return render_template(
        "travel/away.html",
        trip=head,
        state=trip_state(head.departs_on, head.returns_on, head.cancelled_at is not None, access.today()),
        check_ins=check_ins.last(trip_id),
        loans=loans.of(trip_id),
        contact=contact,
        check_in=forms.get("check_in") or CheckInForm(),
        contact_form=forms.get("contact") or ContactForm(None, obj=contact),
        loan=forms.get("loan") or LoanForm(),
    )


@bp.get("/trips/<int:trip_id>/away")
def away(trip_id: int) -> ResponseReturnValue:
    """Everything a traveller needs on the way, on one small page."""
    _mine(trip_id, Do.CHECK_IN)
    return _page(trip_id)


@bp.post("/trips/<int:trip_id>/check-in")
def check_in(trip_id: int) -> ResponseReturnValue:
    """Say that one is well, or needs help."""
    found = _mine(trip_id, Do.CHECK_IN)
    form = CheckInForm(request.form)
    if form.accepted():
        try:
            with transaction():
                made = check_ins.check_in(
                    found, well=not form.help.data, note=form.note.data or "", by=access.me(), now=access.clock()
                )
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            told = "The duty officers were told. Stay where you can be reached."
            return say("Noted: you are well." if made.well else told, f"/trips/{trip_id}/away")
    return _page(trip_id, check_in=form), 422


@bp.post("/trips/<int:trip_id>/contact")
def contact(trip_id: int) -> ResponseReturnValue:
    """Say whom to call in an emergency."""
    found = _mine(trip_id, Do.KEEP_CONTACT)
    form = ContactForm(request.form)
    if form.accepted():
        try:
            with transaction():
                emergency_contacts.keep(
                    found, name=form.name.data or "", phone=form.phone.data or "", relation=form.relation.data or "",
                    by=access.me(), now=access.clock(), today=access.today(),
                )  # fmt: skip
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("Kept, for duty officers alone, until some days after your return.", f"/trips/{trip_id}/away")
    return _page(trip_id, contact=form), 422


@bp.post("/trips/<int:trip_id>/loans")
def ask_loan(trip_id: int) -> ResponseReturnValue:
    """Ask for a loaner device."""
    found = _mine(trip_id, Do.ASK_LOAN)
    form = LoanForm(request.form)
    if form.accepted():
        with transaction():
            loans.ask(found, Device(form.device.data), by=access.me(), now=access.clock(), today=access.today())
        return say("Asked for. You are told when it can be fetched.", f"/trips/{trip_id}/away")
    return _page(trip_id, loan=form), 422


@bp.post("/trips/<int:trip_id>/loans/<int:loan_id>/cancel")
def cancel_loan(trip_id: int, loan_id: int) -> ResponseReturnValue:
    """Take back the wish for a device."""
    _mine(trip_id, Do.ASK_LOAN)
    with transaction():
        loans.cancel(loan_id, by=access.me(), now=access.clock(), today=access.today())
    return say("Taken back.", f"/trips/{trip_id}/away")


def _handler() -> None:
    if not may(access.me(), Do.HANDLE_LOAN, Subject(State.APPROVED, None)):  # of anybody's trip but their own
        abort(403)


@bp.get("/loans")
def loan_desk() -> ResponseReturnValue:
    """Devices asked for, out, and waiting to be inspected: the desk of those who hand them out."""
    _handler()
    return render_template("travel/loans.html", lines=queries.open_loans())


@bp.route("/loans/<int:loan_id>", methods=["GET", "POST"])
def loan(loan_id: int) -> ResponseReturnValue:
    """One loan and its next step: hand the device out, take it back, or note what its inspection showed."""
    _handler()
    line = access.or_404(queries.open_loan(loan_id))
    form: Any = (IssueForm if line.issued_at is None else InspectionForm if line.returned_at else Form)(request.form)
    if form.accepted():
        try:
            with transaction():
                said = _step(line, form)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say(said, "/loans")
    return render_template("travel/loan.html", line=line, form=form), 422 if form.errors else 200


def _step(line: Any, form: Any) -> str:
    by, now, today = access.me(), access.clock(), access.today()
    if line.issued_at is None:
        loans.issue(line.id, form.tag.data or "", by=by, now=now, today=today)
        return "Noted: the device is issued."
    if line.returned_at is None:
        loans.take_back(line.id, by=by, now=now, today=today)
        return "Noted: the device is back. It waits to be inspected."
    clean = form.result.data == "clean"
    loans.inspect(line.id, clean=clean, finding=form.finding.data or "", by=by, now=now, today=today)
    return "Noted: the loan is closed."
