"""A member's own interests, declared with their days: what they are asked about before they read a paper."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.refusals import Incomplete
from engage.services import interests as declared
from engage.services import submissions
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board.forms import InterestForm
from engage.web.board.room import bp
from engage.web.safety import say

HERE = "/board/interests"


@bp.route("/board/interests", methods=["GET", "POST"])
def interests() -> ResponseReturnValue:
    """What the reader has declared, and declaring more."""
    me, now = access.me(), access.clock()
    form = InterestForm(request.form or None, data={"starts_on": access.today()})
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                declared.declare(
                    form.kind.data, form.named.data or "", why=form.why.data or "", starts_on=form.starts_on.data,
                    ends_on=form.ends_on.data, by=me, now=now,
                )  # fmt: skip
                submissions.answer(form.once.data, HERE, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("Declared. You are asked before you read a paper that it touches.", HERE)
    rows = declared.of(me.id or 0)
    page = render_template("board/interests.html", form=form, rows=rows, today=access.today())
    return page, 422 if request.method == "POST" else 200


@bp.post("/board/interests/<int:interest_id>/end")
def end_interest(interest_id: int) -> ResponseReturnValue:
    """End an interest today; what was declared stays on the record."""
    with transaction():
        declared.end(interest_id, ends_on=access.today(), by=access.me(), now=access.clock())
    return say("It ends today. What was declared stays on the record.", HERE)
