"""The requests room: the further reviews that a reviewer owes, and what they find."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, Role, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.reviews import Finding
from engage.services import reviews, states, submissions, versions
from engage.services.transaction import transaction
from engage.web import access, differences, papers, safety
from engage.web.forms import Form, Once
from engage.web.requests.forms import ReviewForm
from engage.web.requests.room import bp, seen


class TakeForm(Once, Form):
    """Nothing but the decision to take it."""


@bp.get("/reviews")
def review_list() -> ResponseReturnValue:
    """The reviews of the reader's kinds that wait, the first due first."""
    if Role.REVIEWER not in access.me().roles:
        raise NotAllowed("Only reviewers have reviews to give.")
    kinds = reviews.kinds_of(access.me(), access.today())
    return render_template("requests/reviews.html", rows=reviews.waiting(kinds), kinds=kinds)


@bp.route("/reviews/<int:review_id>", methods=["GET", "POST"])
def review(review_id: int) -> ResponseReturnValue:
    """One review: what the request says, why it is looked at, and what came of it."""
    me, today = access.me(), access.today()
    row = access.or_404(reviews.find(review_id))
    subject = access.or_404(seen(row.item_id))
    if (hidden := papers.content_hidden(row.item_id, subject)) is not None:
        return hidden
    open_here = row.done_at is None and row.begun_at is not None
    mine = open_here and may(me, Do.REVIEW, subject) and row.kind in reviews.kinds_of(me, today)
    form, taking = ReviewForm(request.form if mine else None), TakeForm()
    if mine and request.method == "POST" and "take" in request.form:
        said = "It is yours. The others can see that."
        return _once(form, lambda: _take(row, subject), f"/reviews/{review_id}", said)
    if mine and form.accepted():
        try:
            return _once(form, lambda: _give(row, subject, form), "/reviews", "Recorded. The board reads it.")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    content, version = versions.shown(row.item_id, row.state, row.of)
    page = render_template(
        "requests/review.html", form=form, taking=taking, row=row, mine=mine, content=content, version=version,
        changes=differences.asked(content), all_of=reviews.of_item(row.item_id), url=row.of.path(row.item_id),
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _take(row: Any, subject: Subject) -> None:
    reviews.take(row, subject, by=access.me(), now=access.clock(), today=access.today())


def _give(row: Any, subject: Subject, form: ReviewForm) -> None:
    item = states.get(row.item_id)
    states.hold(item)
    reviews.give(
        item, row, subject, Finding(form.finding.data), form.note.data or "", by=access.me(), now=access.clock(),
        today=access.today(),
    )  # fmt: skip


def _once(form: Any, act: Any, url: str, said: str) -> ResponseReturnValue:
    with transaction():
        answered = submissions.claim(form.once.data or "", by=access.me(), now=access.clock(), leads_to=url)
        if answered is not None:
            return redirect(answered, 303)
        act()
    return safety.say(said, url)
