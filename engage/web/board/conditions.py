"""The board room's conditions: what waits to be verified, what is still owed, and judging the evidence."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, See, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.workflow import APPROVED
from engage.services import condition_lists, condition_waivers, conditions, files, people, submissions, visibility
from engage.services.transaction import transaction
from engage.web import access, exports
from engage.web.board.forms import ConditionForm, OwnerForm, RefuseForm, WaiveForm
from engage.web.board.room import bp
from engage.web.safety import say

COLUMNS = (
    exports.Column("Number", lambda line: line.id),
    exports.Column("Condition", lambda line: exports.title(line.marking, line.text)),
    exports.Column("Item", lambda line: exports.title(line.marking, line.title)),
    exports.Column("Owner", lambda line: line.owner),
    exports.Column("Due", lambda line: line.due),
    exports.Column("Blocks departure", lambda line: "yes" if line.blocking else "no"),
    exports.Column("Standing", lambda line: line.standing.label),
)


@bp.get("/board/conditions")
def open_conditions() -> ResponseReturnValue:
    """Every condition that is not settled: evidence that waits to be judged first."""
    show, after = request.args.get("show", ""), request.args.get("after", 0, type=int)
    after = after if 0 <= after < 2**31 else 0
    if exports.asked():
        waits = exports.paged(lambda last: condition_lists.waiting(last or 0))
        return exports.answer(
            "conditions", COLUMNS, chain(waits, exports.paged(lambda last: condition_lists.owed(last or 0)))
        )
    waiting, more_waiting = condition_lists.waiting(after if show == "waiting" else 0)
    owed, more_owed = condition_lists.owed(after if show == "owed" else 0)
    return render_template(
        "board/conditions.html", show=show if show in ("waiting", "owed") else "", waiting=waiting, owed=owed,
        more_waiting=more_waiting, more_owed=more_owed,
    )  # fmt: skip


@bp.route("/board/conditions/<int:condition_id>", methods=["GET", "POST"])
def judge(condition_id: int) -> ResponseReturnValue:
    """Verify that a condition is met; a POST does it."""
    form = ConditionForm(request.form)

    def verify(held: Any) -> None:
        conditions.verify(held, evidence=form.evidence.data or "", by=access.me(), now=access.clock())

    return _judged(condition_id, "verifying", form, verify, "The condition is verified as met.")


@bp.post("/board/conditions/<int:condition_id>/refuse")
def refuse(condition_id: int) -> ResponseReturnValue:
    """Say that the evidence does not show it: the condition is open again."""
    form = RefuseForm(request.form)

    def refused(held: Any) -> None:
        conditions.refuse(held, form.reason.data or "", by=access.me(), now=access.clock())

    return _judged(condition_id, "refusing", form, refused, "The condition is open again, and its owner knows why.")


@bp.post("/board/conditions/<int:condition_id>/owner")
def hand_on(condition_id: int) -> ResponseReturnValue:
    """Give the condition to another owner."""
    form = OwnerForm(request.form)

    def handed(held: Any) -> None:
        owner = people.by_email(form.owner.data or "")
        if owner is None:
            raise Incomplete({"owner": "Nobody has an account at this address."})
        conditions.hand_on(held, owner.id, by=access.me(), now=access.clock())

    return _judged(condition_id, "handing", form, handed, "The condition has another owner, who was told.")


@bp.post("/board/conditions/<int:condition_id>/waive")
def ask_to_waive(condition_id: int) -> ResponseReturnValue:
    """Put before the board that the condition be waived."""
    form = WaiveForm(request.form)

    def asked(held: Any) -> None:
        condition_waivers.ask(held, reason=form.reason.data or "", by=access.me(), now=access.clock())

    said = "The board is asked to waive it. Until it says yes, the condition stands."
    return _judged(condition_id, "waiving", form, asked, said)


def _judged(condition_id: int, name: str, form: Any, act: Callable[[Any], None], done: str) -> ResponseReturnValue:
    me, now, line = access.me(), access.clock(), access.or_404(condition_lists.line(condition_id))
    subject = access.or_404(visibility.subject(line.item_id))
    access.or_404(line if may(me, See.CONTENT, subject) else None)
    if request.method == "POST" and not may(me, Do.MEET_CONDITION, subject):
        raise NotAllowed("Only the secretariat or the chair, with no interest in the item, verifies a condition.")
    there = f"/board/decisions/{line.decision_id}"
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                act(access.or_404(condition_lists.held(condition_id)))
                submissions.answer(form.once.data, there, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say(done, there)
    forms: dict[str, Any] = {
        "verifying": ConditionForm(), "refusing": RefuseForm(), "handing": OwnerForm(), "waiving": WaiveForm(),
        name: form,
    }  # fmt: skip
    for prefix, one in forms.items():  # four forms stand on one page: their ids must differ
        for field in one:
            field.id = field.label.field_id = f"{prefix}-{field.short_name}"
    page = render_template(
        "board/condition.html", line=line, history=condition_lists.steps(condition_id), subject=subject,
        files=files.about("condition", [condition_id]).get(condition_id, []),
        judges=conditions.may_judge(me, line.owner_id, subject), owned=me.id == line.owner_id,
        stands=line.state in APPROVED and not line.standing.settled, hands_on=may(me, Do.MEET_CONDITION, subject),
        asked=condition_waivers.asked(condition_id),
        **forms,
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200
