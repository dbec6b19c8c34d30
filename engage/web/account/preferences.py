"""How a person wants their mail: at once, in one daily message, or in the inbox only."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.messages import TOPICS
from engage.rules.refusals import Incomplete
from engage.services import preferences
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.message_forms import messages_form
from engage.web.account.room import bp
from engage.web.safety import say


@bp.route("/account/messages", methods=["GET", "POST"])
def choose_messages() -> ResponseReturnValue:
    """A choice for each kind of message; what only the reader can do is never silenced."""
    me = access.or_404(access.me().id)
    if request.method == "GET":
        kept = {word: str(wish) for word, wish in preferences.of(me).items()}
        return render_template("account/messages.html", form=messages_form(None, **kept))
    form = messages_form(request.form)
    if form.accepted():
        wishes = {name: field.data for name, field in form._fields.items() if name in TOPICS}
        try:
            with transaction():
                preferences.choose(me, wishes, by=access.me(), now=access.clock())
            return say("Your choices hold from now on, also for what waits.", "/account/messages")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    return render_template("account/messages.html", form=form), 422
