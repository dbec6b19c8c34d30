"""The secretariat writes for the board: what it recommends on an item, why, and what else could be done."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.voting import Outcome
from engage.services import recommendations, submissions, visibility
from engage.services.recommendations import MOST_OPTIONS, Option
from engage.services.transaction import transaction
from engage.web import access
from engage.web.safety import say
from engage.web.secretariat.forms import RecommendationForm
from engage.web.secretariat.room import bp


@bp.route("/screening/<int:item_id>/recommendation", methods=["GET", "POST"])
def recommend(item_id: int) -> ResponseReturnValue:
    """Write the recommendation, or its next version."""
    me, now = access.me(), access.clock()
    item, subject = access.or_404(visibility.find(item_id, by=me))
    if not may(me, Do.RECOMMEND, subject):
        raise NotAllowed("Only the secretariat, with no interest in the item, writes the recommendation.")
    known = recommendations.history(item_id)
    form = RecommendationForm(request.form or None, data=_typed(known[0]) if known else None)
    if form.accepted():
        there = f"/board/items/{item_id}/memo"
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                recommendations.recommend(
                    item_id, Outcome(form.outcome.data), reason=form.reason.data or "", options=_options(form),
                    by=me, now=now,
                )  # fmt: skip
                submissions.answer(form.once.data, there, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The recommendation is written. This is the memo as the board reads it.", there)
    page = render_template(
        "secretariat/recommendation.html", item=item, form=form, known=known, numbers=range(1, MOST_OPTIONS + 1)
    )
    return page, 422 if request.method == "POST" else 200


def _typed(known: recommendations.Recommended) -> dict[str, str]:
    told = {"outcome": known.outcome.value, "reason": known.reason}
    for number, one in enumerate(known.options, 1):
        told |= {f"what_{number}": one.what, f"leads_{number}": one.consequence}
    return told


def _options(form: RecommendationForm) -> list[Option]:
    pairs = [(form[f"what_{n}"].data or "", form[f"leads_{n}"].data or "") for n in range(1, MOST_OPTIONS + 1)]
    return [Option(what, leads) for what, leads in pairs if what or leads]
