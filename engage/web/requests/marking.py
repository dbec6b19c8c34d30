"""The requests room: the handling marking of one engagement, changed at once and with a reason."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.items import ItemKind
from engage.rules.marking import Marking
from engage.rules.policy import Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import markings, visibility
from engage.web import access
from engage.web.requests.changing import once
from engage.web.requests.forms import MarkForm
from engage.web.requests.room import bp, version_of


@bp.route("/engagements/<int:item_id>/marking", methods=["GET", "POST"])
def mark(item_id: int) -> ResponseReturnValue:
    """Choose another marking; it holds at once, in whatever state the engagement is."""
    item, subject = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.ENGAGEMENT))
    if not may(access.me(), Do.MARK, subject):
        raise NotAllowed("Only the requester and the secretariat mark an engagement.")
    form = MarkForm(request.form or None, data={"marking": item.marking, "version": str(item.version)})
    if form.accepted():
        try:
            return once(form, lambda: _mark(item, subject, form))
        except Incomplete as refusal:
            form.refuse(refusal.at)
    page = render_template("requests/marking.html", form=form, item=item)
    return page, 200 if request.method == "GET" else 422


def _mark(item: Any, subject: Subject, form: MarkForm) -> tuple[str, str]:
    to = Marking(form.marking.data)
    markings.mark(
        item, subject, to, version_of(form), why=form.why.data or "", by=access.me(), now=access.clock()
    )  # fmt: skip
    return f"It is marked {to.label} now. {to.circle}", f"/engagements/{item.id}"
