"""The handling marking that new requests bear: dated rows, and how an administrator adds one."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.marking import Marking
from engage.rules.refusals import Incomplete
from engage.services import markings
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin.forms import MarkingForm
from engage.web.admin.room import bp
from engage.web.safety import say


@bp.route("/admin/marking", methods=["GET", "POST"])
def marking() -> ResponseReturnValue:
    """The default; a change is a new row from a later day."""
    form = MarkingForm(request.form)
    if form.accepted():
        try:
            with transaction():
                markings.change_default(
                    Marking(form.marking.data), starts_on=form.starts_on.data, source=form.source.data,
                    by=access.me(), now=access.clock(), today=access.today(),
                )  # fmt: skip
            return say("The default is set.", "/admin/marking")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    page = render_template(
        "admin/marking.html", form=form, rows=markings.defaults(), current=markings.default_on(access.today()),
        every=list(Marking),
    )  # fmt: skip
    return page, 200 if request.method == "GET" else 422
