"""What a meeting of the board asked of a person: one action item, and saying that it is done."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms.validators import DataRequired

from engage.rules.policy import Do, See, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import action_items, meetings, people
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.room import bp
from engage.web.forms import Form, prose
from engage.web.safety import say


class DoneForm(Form):
    """What came of an action item."""

    outcome = prose("What came of it?", most=1_000, validators=[DataRequired("Say what came of it.")])


@bp.route("/actions/<int:action_id>", methods=["GET", "POST"])
def action(action_id: int) -> ResponseReturnValue:
    """One action item, for its owner and for who sees meetings; a POST says that it is done."""
    me, found = access.me(), access.or_404(action_items.find(action_id))
    access.or_404(found if found.owner_id == me.id or may(me, See.MEETING) else None)
    may_finish = may(me, Do.FINISH_ACTION, found.owner_id)
    form, here = DoneForm(request.form), f"/actions/{action_id}"
    if request.method == "POST" and not may_finish:
        raise NotAllowed("Only its owner and the secretariat say that this is done.")
    if form.accepted():
        try:
            with transaction():
                held = access.or_404(action_items.find(action_id))
                action_items.finish(held, outcome=form.outcome.data or "", by=me, now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("It is done. The next meeting sees it.", here)
    owner = access.or_404(people.find(found.owner_id))
    page = render_template(
        "account/action.html", action=found, owner=owner.name, meeting=access.or_404(meetings.find(found.meeting_id)),
        form=form, may_finish=may_finish and found.done_at is None, sees_meeting=may(me, See.MEETING),
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200
