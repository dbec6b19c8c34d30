"""Where a supervisor says whether they stand behind a request."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import endorsements, versions, visibility
from engage.services.transaction import transaction
from engage.web import access
from engage.web.forms import Form, Once, prose
from engage.web.requests.room import bp
from engage.web.safety import say


class EndorsementForm(Once, Form):
    """Whether the supervisor stands behind it, and why not."""

    word = RadioField(
        "Your word",
        [InputRequired("Choose one."), AnyOf(["yes", "no"], "Choose one.")],
        choices=[SelectChoice("yes", "I endorse it"), SelectChoice("no", "I send it back to the requester")],
        validate_choice=False,
    )
    reason = prose("Reason", description="Needed where you send it back: the requester reads it.")


@bp.route("/engagements/<int:item_id>/endorse", methods=["GET", "POST"])
def endorse(item_id: int) -> ResponseReturnValue:
    """The supervisor's word on a request, before it is screened."""
    found: tuple[Any, Any] = access.or_404(visibility.find(item_id, by=access.me()))
    item, subject = found
    if not may(access.me(), Do.ENDORSE, subject):
        raise NotAllowed("Only the requester’s supervisor endorses it, and never a journey of their own.")
    where = endorsements.stand(item_id, subject)
    if where is None or not where.waits:
        raise NotOpen("This does not wait for an endorsement.")
    form, here = EndorsementForm(request.form), item.kind.path(item_id)
    if form.accepted():
        yes = form.word.data == "yes"
        try:
            with transaction():
                endorsements.endorse(
                    item, subject, endorsed=yes, reason=form.reason.data or "", by=access.me(), now=access.clock()
                )
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("Endorsed. The secretariat screens it." if yes else "Sent back to the requester.", here)
    page = render_template(
        "requests/endorse.html", item=item, form=form, here=here,
        content=versions.shown(item_id, subject.state, subject.kind)[0],
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200
