"""What returning travellers say about a country: for the owner of its guide, who answers or writes a new version."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import lessons, submissions
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.forms import Form, Once, text
from engage.web.guidance import queries
from engage.web.guidance.room import bp, place


class AnswerForm(Once, Form):
    """What becomes of a lesson."""

    taken = RadioField(
        "What becomes of it?", [InputRequired("Choose one of the two.")],
        choices=[SelectChoice("yes", "The guide says it now"), SelectChoice("no", "The guide does not take it up")],
    )  # fmt: skip
    words = text("In a word", description="Which version says it; or why the guide does not.")


@bp.route("/guidance/<code>/said", methods=["GET", "POST"])
def said(code: str) -> ResponseReturnValue:
    """The lessons from a country, those unanswered first to be answered, beside the way to a new version."""
    code, about, _ = place(code)
    me = access.me()
    access.or_404(about if len(code) == 2 else None)
    if not may(me, Do.ANSWER_LESSON):
        raise NotAllowed("Content owners answer what travellers say about a guide.")
    form, answered = AnswerForm(request.form), request.form.get("lesson", "")
    if form.accepted() and answered.isascii() and answered.isdecimal() and len(answered) < 10:
        try:
            with transaction():
                url = f"/guidance/{code}/said"
                before = submissions.claim(form.once.data or "", by=me, now=access.clock(), leads_to=url)
                if before is not None:
                    return redirect(before, 303)
                lessons.answer(int(answered), taken_up=form.taken.data == "yes", words=form.words.data or "", by=me,
                               now=access.clock())  # fmt: skip
            return safety.say("Answered. The traveller's report keeps what they wrote.", url)
        except Incomplete as refusal:
            form.refuse(refusal.at)
    rows, _ = lessons.search(me, country=code)
    cards = [(row, _of(row.id, form if answered == str(row.id) else AnswerForm())) for row in rows]
    page = render_template(
        "guidance/said.html", code=code, place=about, cards=cards, form=form, version=queries.text(code)
    )
    return page, 422 if request.method == "POST" else 200


def _of(lesson_id: int, form: AnswerForm) -> AnswerForm:
    """The form of one lesson: several stand on one page, so their ids must differ."""
    for field in form:
        field.id = field.label.field_id = f"{field.short_name}-{lesson_id}"
    return form
