"""The register of partners: its list, the page of each, and the forms that keep it."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.partners import agreement_standing
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import agreements, commitment_lists, outcome_counts, partner_contacts, partners
from engage.web import access, exports
from engage.web.acting import settled
from engage.web.keyset import cursor, following, read
from engage.web.partners import partner_queries as queries
from engage.web.partners import queries as registers
from engage.web.partners.forms import PartnerFilters, PartnerForm, code_of, word
from engage.web.partners.room import bp, follow_of, moved, partner_or_404

_COLUMNS = (
    exports.Column("Name", lambda row: row.name), exports.Column("Short name", lambda row: row.short_name),
    exports.Column("Country", lambda row: row.country), exports.Column("Kind", lambda row: row.kind),
    exports.Column("Member of FIRST", lambda row: row.first_member),
    exports.Column("Last contact", lambda row: row.last_on), exports.Column("Address", lambda row: row.url),
    exports.Column("Source", lambda row: row.source_url),
)  # fmt: skip


@bp.get("/partners")
def partner_list() -> ResponseReturnValue:
    """The register of partners, by name, narrowed as asked."""
    form, me, today = PartnerFilters(request.args), access.me(), access.today()
    if not form.validate():
        return render_template("partners/partners.html", form=form, rows=[], next_url=None, word=word), 422
    chosen = form.chosen()
    if exports.asked():
        return exports.answer(
            "partners", _COLUMNS, exports.paged(lambda after: queries.partners(me, today, chosen, after))
        )
    rows, more = queries.partners(me, today, chosen, read(str))
    return render_template(
        "partners/partners.html", form=form, rows=rows, word=word,
        next_url=following(after=cursor(*more)) if more else None,
    )  # fmt: skip


@bp.get("/partners/<int(max=9223372036854775807):partner_id>")
def partner(partner_id: int) -> ResponseReturnValue:
    """One partner: what binds us, whom we know and met there, and what was promised, as far as the reader may see."""
    record, me, today = partner_or_404(partner_id), access.me(), access.today()
    if (elsewhere := moved(record)) is not None:
        return elsewhere
    promises = commitment_lists.register(me, today, frozenset({"partner", "unsettled"}), partner=partner_id)[0]
    return render_template(
        "partners/partner.html", record=record, word=word, rows=registers.engagements_with(me, partner_id),
        forums=queries.forums_of(partner_id), met=queries.met(me, partner_id), promises=promises,
        agreements=agreements.listed(me, today, frozenset({"partner"}), partner=partner_id)[0],
        contacts=partner_contacts.of(partner_id, by=me, today=today), names=queries.earlier_names(partner_id),
        standing_of=agreement_standing, outcomes=outcome_counts.with_partner(me, partner_id),
        keeps=may(me, Do.EDIT_REGISTER),
        follow=follow_of("partner", partner_id),
    )  # fmt: skip


@bp.route("/partners/new", methods=["GET", "POST"])
def partner_new() -> ResponseReturnValue:
    """Put a partner on the register."""
    me = _keeper()
    form = PartnerForm(request.form or None)
    if form.accepted():

        def act() -> tuple[str, str]:
            made = partners.add(_said(form), by=me, now=access.clock())
            return f"{made.name} is on the register.", f"/partners/{made.id}"

        if (answer := settled(form, act)) is not None:
            return answer
    return _page("New partner", "/partners", form)


@bp.route("/partners/<int(max=9223372036854775807):partner_id>/edit", methods=["GET", "POST"])
def partner_edit(partner_id: int) -> ResponseReturnValue:
    """Mend what the register says of a partner."""
    me, row = _keeper(), partner_or_404(partner_id)
    if (elsewhere := moved(row, "/edit")) is not None:
        return elsewhere
    joined = [forum.code for forum in queries.forums_of(partner_id) if forum.code != partners.FIRST]
    typed = {"country": row.country_code, "forums": ", ".join(joined), "version": str(row.version)}
    form = PartnerForm(request.form or None, data=dict(row._mapping) | typed)
    if form.accepted():

        def act() -> tuple[str, str]:
            found = access.or_404(queries.record(partner_id))
            partners.revise(found, _said(form), _version(form), by=me, now=access.clock())
            return "The register says so from now on.", f"/partners/{partner_id}"

        if (answer := settled(form, act)) is not None:
            return answer
    return _page(row.name, f"/partners/{partner_id}", form)


def _version(form: Any) -> int:
    typed = form.version.data or ""
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _keeper() -> Any:
    if not may(access.me(), Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat keeps the register of partners.")
    return access.me()


def _said(form: PartnerForm) -> partners.Said:
    typed = [code.strip() for code in (form.forums.data or "").replace(";", ",").split(",") if code.strip()]
    known = queries.forums_coded(typed) if typed else {}
    if unknown := [code for code in typed if code.lower() not in known]:
        raise Incomplete({"forums": f"There is no forum with the code “{unknown[0][:40]}”."})
    if partners.FIRST.lower() in known:
        raise Incomplete({"forums": "Whether it is a member of FIRST is said above."})
    return partners.Said(
        form.name.data or "", form.short_name.data or "", code_of(form.country.data), form.kind.data,
        form.first_member.data, form.url.data or "", form.source_url.data or "", frozenset(known.values()),
    )  # fmt: skip


def _page(title: str, back: str, form: PartnerForm) -> ResponseReturnValue:
    page = render_template("partners/form.html", title=title, back_url=back, form=form, submit="Save", note="")
    return page, 422 if request.method == "POST" else 200
