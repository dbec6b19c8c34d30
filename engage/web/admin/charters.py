"""The board's charters: all of them with their days, and a new one, saved after a look at last year under it."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.canonical import canonical_json, digest
from engage.rules.refusals import Incomplete
from engage.services import charters, routing_facts, seats
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin.charter_forms import CharterForm
from engage.web.admin.room import bp
from engage.web.safety import say

LABELS = {
    name: field.args[0] for name, field in vars(CharterForm).items() if hasattr(field, "args") and field.args
}  # fmt: skip


@bp.get("/admin/charters")
def charter_list() -> ResponseReturnValue:
    """Every charter of the board with its numbers, its seats today, and the rules that choose the way of an item."""
    board, today = seats.the_board(), access.today()
    rules, tiers = routing_facts.rules_on(today)
    dated = charters.all_of(board)
    return render_template(
        "admin/charters.html", board=board, charters=dated, labels=LABELS, said=charters.said_by,
        current=next((one for one in dated if one.starts_on <= today), None),
        places=seats.places_on(board.id, today), rules=rules, tiers=tiers,
    )  # fmt: skip


@bp.route("/admin/charters/new", methods=["GET", "POST"])
def charter_new() -> ResponseReturnValue:
    """A new charter: first how last year would have gone under it, then, by a second press, in force."""
    board = seats.the_board()
    newest = next(iter(charters.all_of(board)), None)
    form = CharterForm(request.form or None, data=charters.said_by(newest) if newest else {})
    replayed = None
    if form.accepted():
        said, starts_on = _said(form), form.starts_on.data
        seen = digest(canonical_json({**_words(said), "starts_on": str(starts_on)}))
        try:
            if "save" in request.form and form.seen.data == seen:
                with transaction():
                    charters.add(said, starts_on=starts_on, by=access.me(), now=access.clock())
                return say("The charter is set. What was submitted before keeps its own.", "/admin/charters")
            charters.must_be_sound(board, said, starts_on=starts_on, now=access.clock())
            replayed = charters.replay(said, since=access.clock() - charters.YEAR, now=access.clock())
            form.seen.data = seen
        except Incomplete as refusal:
            form.refuse(refusal.at)
    status = 200 if request.method == "GET" or replayed is not None else 422
    return render_template("admin/charter_new.html", form=form, replayed=replayed), status


def _said(form: CharterForm) -> dict[str, Any]:
    return {name: form[name].data for name in charters.SAID}


def _words(said: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in said.items()}
