"""Where a member answers whether they step aside, before they read or vote."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from engage.rules.recusal import Position
from engage.rules.refusals import Incomplete
from engage.services import board, recusals
from engage.services.transaction import transaction
from engage.web import access, papers
from engage.web.board.room import bp
from engage.web.papers_forms import AnswerForm
from engage.web.safety import say


@bp.route("/board/items/<int:item_id>/before-you-read", methods=["GET", "POST"])
def before_you_read(item_id: int) -> ResponseReturnValue:
    """The question whether the reader steps aside from an item; nobody is asked twice about the same grounds."""
    subject, hidden = papers.opened(item_id)
    here = f"/board/items/{item_id}"
    stand = recusals.stand(item_id, subject, by=access.me(), day=access.today())
    if stand.position is not Position.ASKED:
        return hidden if hidden is not None else redirect(here)
    form = AnswerForm(request.form)
    if form.accepted():
        me, now, reason = access.me(), access.clock(), form.reason.data or ""
        aside = form.answer.data == "aside"
        try:
            with transaction():
                if aside:
                    board.recuse(item_id, reason=reason, by=me, now=now)
                else:
                    recusals.take_part(item_id, reason=reason, by=me, now=now)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            if aside:
                return say("You stepped aside. Your seat does not vote on this item.", "/board")
            return say("Your reason is kept with the item.", here)
    return papers.asked(item_id, stand, form)
