"""The account room's page for assistants: whom one lets acknowledge guidance in one's name, and through when."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.refusals import Incomplete
from engage.services import assistants
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.forms import AssistantForm
from engage.web.account.room import bp
from engage.web.safety import say


@bp.route("/account/assistants", methods=["GET", "POST"])
def named_assistants() -> ResponseReturnValue:
    """The assistants one has named, and a form to name another."""
    form = AssistantForm(request.form)
    if form.accepted():
        try:
            with transaction():
                assistants.name(
                    form.email.data or "", starts_on=form.starts_on.data, ends_on=form.ends_on.data,
                    by=access.me(), now=access.clock(),
                )  # fmt: skip
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("Your assistant is named, and was told.", "/account/assistants")
    page = render_template(
        "account/assistants.html", form=form, assistants=assistants.named(access.or_404(access.me().id), access.today())
    )
    return page, 422 if form.errors else 200


@bp.post("/account/assistants/<int:assistance_id>/release")
def release_assistant(assistance_id: int) -> ResponseReturnValue:
    """End a grant at once."""
    with transaction():
        assistants.release(assistance_id, by=access.me(), now=access.clock())
    return say("Your assistant may not act for you any more.", "/account/assistants")
