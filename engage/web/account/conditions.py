"""What the board asks of a person: the conditions they own, and the evidence they give."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.conditions import Standing
from engage.rules.refusals import Incomplete
from engage.rules.workflow import APPROVED
from engage.services import condition_lists, conditions, files, submissions, visibility
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.forms import EvidenceForm
from engage.web.account.room import bp
from engage.web.safety import say


@bp.get("/conditions")
def conditions_list() -> ResponseReturnValue:
    """The conditions that the reader owns: what is owed first, then what is settled."""
    lines = condition_lists.of_owner(access.me().id)
    open_ = [line for line in lines if not line.standing.settled and line.state in APPROVED]
    return render_template(
        "account/conditions.html", owed=sorted(open_, key=lambda line: (line.due is None, line.due, line.id)),
        settled=[line for line in lines if line not in open_],
    )  # fmt: skip


@bp.route("/conditions/<int:condition_id>", methods=["GET", "POST"])
def condition(condition_id: int) -> ResponseReturnValue:
    """One condition, for its owner: what shows that it is met, and how that was judged."""
    me, now, line = access.me(), access.clock(), access.or_404(condition_lists.line(condition_id))
    subject = access.or_404(visibility.subject(line.item_id))
    access.or_404(line if me.id == line.owner_id or conditions.may_judge(me, line.owner_id, subject) else None)
    form, here = EvidenceForm(request.form), f"/conditions/{condition_id}"
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                held = access.or_404(condition_lists.held(condition_id))
                conditions.give(held, form.evidence.data or "", by=me, now=now, file=form.file.data)
                submissions.answer(form.once.data, here, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("Your evidence is given. It counts once somebody else has verified it.", here)
    page = render_template(
        "account/condition.html", line=line, form=form, history=condition_lists.steps(condition_id),
        files=files.about("condition", [condition_id]).get(condition_id, []),
        gives=line.state in APPROVED and line.standing in (Standing.OPEN, Standing.GIVEN) and me.id == line.owner_id,
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200
