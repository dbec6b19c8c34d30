"""The board room's register of decisions, each with its arithmetic, ballots and conditions."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, See, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.workflow import APPROVED
from engage.services import board, conditions, submissions, visibility
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board import queries
from engage.web.board.forms import ConditionForm
from engage.web.board.room import bp
from engage.web.keyset import cursor, following, read
from engage.web.safety import say


@bp.get("/board/decisions")
def decisions() -> ResponseReturnValue:
    """The register of decisions, the newest first."""
    after = read(str)
    found = queries.decisions(before=after[1] if after else queries.LAST)
    rows = found[: queries.PAGE]
    return render_template(
        "board/decisions.html", rows=[(row, board.verdict(row.asks, row.outcome)) for row in rows],
        next_url=following(after=cursor("", rows[-1].id)) if len(found) > queries.PAGE else None,
        first_url="/board/decisions" if after else None,
    )  # fmt: skip


@bp.get("/board/decisions/<int:decision_id>")
def decision(decision_id: int) -> ResponseReturnValue:
    """One decision: what was decided, on which text, by which authority and sums, and on what conditions."""
    row, who = access.or_404(queries.decision(decision_id)), access.me()
    _, subject = access.or_404(visibility.find(row.item_id, by=who))
    return render_template(
        "board/decision.html", row=row, verdict=board.verdict(row.asks, row.outcome), sums=board.sums(row.arithmetic),
        said=queries.said(row.motion_id) if may(who, See.BALLOTS, subject) else [],
        recusals=[one for one in queries.stepped_aside(row.item_id) if one.at <= row.decided_at],
        conditions=queries.conditions(decision_id),
        may_meet=subject.state in APPROVED and may(who, Do.MEET_CONDITION, subject),
    )  # fmt: skip


@bp.route("/board/conditions/<int:condition_id>", methods=["GET", "POST"])
def meet(condition_id: int) -> ResponseReturnValue:
    """Record that a condition is met, and what shows it."""
    condition, who, now = access.or_404(queries.condition(condition_id)), access.me(), access.clock()
    item, subject = access.or_404(visibility.find(condition.item_id, by=who))
    if not may(who, Do.MEET_CONDITION, subject):
        raise NotAllowed("Only the secretariat or the chair, with no interest in the item, verifies a condition.")
    form, there = ConditionForm(request.form), f"/board/decisions/{condition.decision_id}"
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=who, now=now)) is not None:
                    return redirect(answered, 303)
                conditions.verify(condition, evidence=form.evidence.data or "", by=who, now=now)
                submissions.answer(form.once.data, there, by=who)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The condition is recorded as met.", there)
    elif condition.met_at is not None:
        raise NotOpen("This condition was recorded as met already.")
    page = render_template("board/condition.html", item=item, condition=condition, form=form)
    return page, 422 if request.method == "POST" else 200
