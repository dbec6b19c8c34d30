"""The requests room: answering the questions with which something was returned."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.workflow import Action, State
from engage.services import answering, questions, submissions, visibility
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.forms import Form, Once, clean, prose
from engage.web.requests.room import bp


@bp.route("/engagements/<int:item_id>/answer", methods=["GET", "POST"])
def answer(item_id: int) -> ResponseReturnValue:
    """Answer each question; with the last answer it is submitted again."""
    me, now = access.me(), access.clock()
    item, subject = access.or_404(visibility.find(item_id, by=me))
    if not may(me, Action.SUBMIT, subject):
        raise NotAllowed("Only the requester answers the questions about a request.")
    url = item.kind.path(item_id)
    if item.state is not State.RETURNED:
        return redirect(url, 303)
    thread = questions.thread(item_id)
    open_ones = [row for row in thread if row.answered_at is None]
    form, lacking = _form(open_ones)(request.form or None), {}
    if form.accepted():
        given = {row.id: clean(form[f"answer-{row.id}"].data) for row in open_ones}
        try:
            with transaction():
                answered = submissions.claim(form.once.data or "", by=me, now=now, leads_to=url)
                if answered is not None:
                    return redirect(answered, 303)
                answering.answer(item, subject, given, by=me, now=now)
            return safety.say("Answered, and submitted again. The secretariat has it now.", url)
        except Incomplete as refusal:
            form.refuse({name: said for name, said in refusal.at.items() if name in form})
            lacking = {name: said for name, said in refusal.at.items() if name not in form}
    page = render_template(
        "requests/answer.html", form=form, item=item, url=url, open_ones=open_ones, lacking=lacking,
        earlier=[row for row in thread if row.answered_at is not None],
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _form(open_ones: list) -> type[Form]:  # type: ignore[type-arg]
    """A form with a field for the answer to each question."""
    fields = {f"answer-{row.id}": prose(f"Answer {place}") for place, row in enumerate(open_ones, start=1)}
    return type("AnswerForm", (Once, Form), fields)
