"""Agreements with partners: the list by the day on which they expire, the page of each, and its forms."""

from datetime import date
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.marking import STAYS_INSIDE, Marking
from engage.rules.partners import AgreementKind, AgreementStanding, agreement_standing
from engage.rules.policy import Do, may
from engage.rules.refusals import NotAllowed
from engage.services import agreements
from engage.web import access, exports
from engage.web.acting import settled
from engage.web.keyset import cursor, following, read
from engage.web.partners import partner_queries as queries
from engage.web.partners.forms import AgreementForm, EndForm
from engage.web.partners.room import bp, moved, partner_or_404

TABS = (("", "All"), *((one.value, one.label) for one in AgreementStanding), ("mine", "Mine"))
_COLUMNS = (
    exports.Column("Partner", lambda row: row.partner), exports.Column("Agreement", lambda row: _title(row)),
    exports.Column("Kind", lambda row: row.kind.label), exports.Column("Reference", lambda row: row.reference),
    exports.Column("Marking", lambda row: row.marking.label), exports.Column("Owner", lambda row: row.owner),
    exports.Column("Signed on", lambda row: row.signed_on), exports.Column("Last day", lambda row: row.expires_on),
    exports.Column("Ended on", lambda row: row.ended_on),
)  # fmt: skip


def _title(row: Any) -> str:
    return "A restricted agreement" if row.marking in STAYS_INSIDE else str(row.title)


@bp.get("/agreements")
def agreement_list() -> ResponseReturnValue:
    """The agreements that the reader may see, the first to expire first."""
    show, me, today = request.args.get("standing", ""), access.me(), access.today()
    if show not in {word for word, _ in TABS}:
        abort(404)
    names = frozenset({show} - {""})
    if exports.asked():
        every = exports.paged(lambda after: agreements.listed(me, today, names, after))
        return exports.answer("agreements", _COLUMNS, every)
    rows, more = agreements.listed(me, today, names, read(date))
    return render_template(
        "partners/agreements.html", rows=rows, show=show, tabs=TABS, standing_of=agreement_standing,
        next_url=following(after=cursor(*more)) if more else None,
    )  # fmt: skip


@bp.get("/agreements/<int(max=9223372036854775807):agreement_id>")
def agreement(agreement_id: int) -> ResponseReturnValue:
    """One agreement."""
    row = access.or_404(agreements.one(agreement_id, by=access.me(), today=access.today()))
    keeps = may(access.me(), Do.KEEP_AGREEMENT, row.owner_id) and row.ended_on is None
    standing = agreement_standing(row.expires_on, row.ended_on, access.today())
    return render_template("partners/agreement.html", row=row, standing=standing, keeps=keeps)


@bp.route("/partners/<int(max=9223372036854775807):partner_id>/agreements/new", methods=["GET", "POST"])
def agreement_new(partner_id: int) -> ResponseReturnValue:
    """Write down what was agreed with a partner."""
    me, partner = access.me(), partner_or_404(partner_id)
    if not may(me, Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat writes agreements down.")
    if (elsewhere := moved(partner, "/agreements/new")) is not None:
        return elsewhere
    form = AgreementForm(request.form or None, data={"owner": me.email})
    if form.accepted():

        def act() -> tuple[str, str]:
            made = agreements.write_down(partner_id, _said(form), by=me, now=access.clock())
            return "Written down. Its owner is told before it expires.", f"/agreements/{made.id}"

        if (answer := settled(form, act)) is not None:
            return answer
    return _page(f"New agreement with {partner.name}", f"/partners/{partner_id}", form, "Write it down")


@bp.route("/agreements/<int(max=9223372036854775807):agreement_id>/edit", methods=["GET", "POST"])
def agreement_edit(agreement_id: int) -> ResponseReturnValue:
    """Mend or renew an agreement."""
    row = _kept(agreement_id)
    shown = dict(row._mapping) | {
        "kind": row.kind.value, "marking": row.marking.value, "owner": queries.email_of(row.owner_id),
        "version": str(row.version),
    }  # fmt: skip
    form = AgreementForm(request.form or None, data=shown)
    if form.accepted():

        def act() -> tuple[str, str]:
            found = access.or_404(agreements.find(agreement_id, by=access.me()))
            typed = form.version.data or ""
            version = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
            agreements.revise(found, _said(form), version, by=access.me(), now=access.clock())
            return "Written down.", f"/agreements/{agreement_id}"

        if (answer := settled(form, act)) is not None:
            return answer
    return _page(row.title, f"/agreements/{agreement_id}", form, "Save")


@bp.route("/agreements/<int(max=9223372036854775807):agreement_id>/end", methods=["GET", "POST"])
def agreement_end(agreement_id: int) -> ResponseReturnValue:
    """Say that an agreement is no longer looked after."""
    row = _kept(agreement_id)
    form = EndForm(request.form or None, data={"on": access.today()})
    if form.accepted():

        def act() -> tuple[str, str]:
            found = access.or_404(agreements.find(agreement_id, by=access.me()))
            agreements.end(found, form.why.data or "", on=form.on.data, by=access.me(), now=access.clock())
            return "It has ended. Nobody is reminded of it any more.", f"/agreements/{agreement_id}"

        if (answer := settled(form, act)) is not None:
            return answer
    return _page(f"End: {row.title}", f"/agreements/{agreement_id}", form, "End the agreement")


def _kept(agreement_id: int) -> Any:
    row = access.or_404(agreements.one(agreement_id, by=access.me(), today=access.today()))
    if not may(access.me(), Do.KEEP_AGREEMENT, row.owner_id):
        raise NotAllowed("Its owner and the secretariat look after an agreement.")
    return row


def _said(form: AgreementForm) -> agreements.Said:
    return agreements.Said(
        AgreementKind(form.kind.data), form.title.data or "", form.reference.data or "", Marking(form.marking.data),
        queries.person_at(form.owner.data or ""), form.signed_on.data, form.expires_on.data,
    )  # fmt: skip


def _page(title: str, back: str, form: Any, submit: str) -> ResponseReturnValue:
    page = render_template("partners/form.html", title=title, back_url=back, form=form, submit=submit, note="")
    return page, 422 if request.method == "POST" else 200
