"""The board's charters: all of them with their days, and a new one, saved after a look at last year under it."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import charter as paper
from engage.rules.canonical import canonical_json, digest
from engage.rules.charter import to_carry
from engage.rules.items import ItemKind
from engage.rules.refusals import Incomplete
from engage.rules.thresholds import by_kind
from engage.services import charter_replay, charters, seats
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin.charter_forms import CharterForm, filled, said_by
from engage.web.admin.room import bp
from engage.web.downloads import attachment
from engage.web.safety import say

LABELS = {
    **{name: field.args[0] for name, field in vars(CharterForm).items() if hasattr(field, "args") and field.args},
    "chair_votes": "The chair votes like any member", "chair_breaks_ties": "The chair votes to break a tie",
    "thresholds": "What some kinds of item need instead",
}  # fmt: skip


@bp.get("/admin/charters")
def charter_list() -> ResponseReturnValue:
    """Every charter of the board with its numbers."""
    board, today = seats.the_board(), access.today()
    dated = charters.all_of(board)
    return render_template(
        "admin/charters.html", board=board, charters=dated, labels=LABELS, said=charters.said_by, apart=_apart,
        current=next((one for one in dated if one.starts_on <= today), None),
    )  # fmt: skip


def _apart(charter: Any) -> list[tuple[ItemKind, str]]:
    """Which kinds of item need something else, and what, in words."""
    return [(kind, to_carry(needed)) for kind, needed in sorted(by_kind(charter.thresholds).items())]


@bp.get("/admin/charters/<int:charter_id>")
def charter(charter_id: int) -> ResponseReturnValue:
    """One charter in sentences, to be read, printed and signed."""
    board = seats.the_board()
    said = paper.told(_one(charter_id), board, access.today())
    return render_template(
        "charter.html", said=said, pdf=f"/admin/charters/{charter_id}.pdf",
        back=[("Administration", "/admin"), ("Charters", "/admin/charters")],
    )  # fmt: skip


@bp.get("/admin/charters/<int:charter_id>.pdf")
def charter_pdf(charter_id: int) -> ResponseReturnValue:
    """The same as PDF."""
    one = _one(charter_id)
    return attachment(paper.as_pdf(one, seats.the_board(), access.today()), f"charter-{one.starts_on}.pdf")


def _one(charter_id: int) -> Any:
    found = next((one for one in charters.all_of(seats.the_board()) if one.id == charter_id), None)
    return access.or_404(found)


@bp.route("/admin/charters/new", methods=["GET", "POST"])
def charter_new() -> ResponseReturnValue:
    """A new charter: first how last year would have gone under it, then, by a second press, in force."""
    board = seats.the_board()
    newest = next(iter(charters.all_of(board)), None)
    form = CharterForm(request.form or None, data=filled(charters.said_by(newest)) if newest else {})
    replayed = None
    if form.accepted():
        try:
            said, starts_on = said_by(form), form.starts_on.data
            seen = digest(canonical_json({**_words(said), "starts_on": str(starts_on)}))
            if "save" in request.form and form.seen.data == seen:
                with transaction():
                    charters.add(said, starts_on=starts_on, by=access.me(), now=access.clock())
                return say("The charter is set. What was submitted before keeps its own.", "/admin/charters")
            charters.must_be_sound(board, said, starts_on=starts_on, now=access.clock())
            replayed = charter_replay.replay(said, since=access.clock() - charter_replay.YEAR, now=access.clock())
            form.seen.data = seen
        except Incomplete as refusal:
            form.refuse(refusal.at)
    status = 200 if request.method == "GET" or replayed is not None else 422
    return render_template("admin/charter_new.html", form=form, replayed=replayed, kinds=ItemKind), status


def _words(said: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in said.items()}
