"""The board room: what a motion's form offers on one item, and how its mover takes a motion back."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules import workflow
from engage.rules.items import ItemKind
from engage.rules.policy import Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import board, motions, submissions, versions, visibility
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board import queries
from engage.web.board.forms import MotionForm, WithdrawMotionForm
from engage.web.board.room import bp
from engage.web.safety import say


def dress(form: MotionForm, item: Any) -> None:
    """Give a motion's form what may be proposed for this item: outcomes of its kind, its travellers, coming events."""
    known = workflow.outcomes(item.kind)
    form.outcome.choices = [choice for choice in form.outcome.choices if choice.value in known]
    form.defer_event.choices = [SelectChoice("", "No event")] + [
        SelectChoice(str(row.id), f"{row.name}, {row.starts_on.day} {row.starts_on:%B %Y}")
        for row in queries.events(access.today())
    ]
    version = versions.current(item.id) if item.kind is ItemKind.ENGAGEMENT else None
    party = version.content["travellers"] if version else []
    form.put_off.choices = [SelectChoice(str(t["id"]), t["name"]) for t in party if t["id"] and not t["lead"]]
    if not form.put_off.choices:
        del form.put_off
    if workflow.Outcome.APPROVE_WITH_CONDITIONS not in known:
        del form.conditions


def chosen(form: MotionForm) -> list[int]:
    """Whom a motion's form puts off, by id."""
    return [number for text in form.put_off.data or () if (number := number_of(text))] if "put_off" in form else []


def number_of(text: str | None) -> int | None:
    """A number as the database keeps them; None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def may_withdraw(motion: Any, subject: Subject) -> bool:
    """Whether the reader put this motion and may take it back."""
    return motion.moved_by_id == access.me().id and may(access.me(), Do.WITHDRAW_MOTION, subject)


@bp.route("/board/items/<int:item_id>/withdraw-motion", methods=["GET", "POST"])
def withdraw_motion(item_id: int) -> ResponseReturnValue:
    """Take back the open motion that one put oneself."""
    item, subject = access.or_404(visibility.find(item_id, by=access.me()))
    motion = motions.open_on(item_id)
    if motion is None:
        raise NotOpen("No motion is open on this item.")
    if not may_withdraw(motion, subject):
        raise NotAllowed("Only whoever put a motion withdraws it.")
    form, here, now = WithdrawMotionForm(request.form), f"/board/items/{item_id}", access.clock()
    if form.accepted() and form.motion.data == str(motion.id):
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=access.me(), now=now, leads_to=here)) is not None:
                    return redirect(answered, 303)
                board.withdraw(motion, reason=form.reason.data or "", by=access.me(), now=now)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The motion is withdrawn. The members know that their votes are void.", here)
    form.motion.data = str(motion.id)
    page = render_template("board/withdraw_motion.html", item=item, motion=motion, form=form)
    return page, 422 if request.method == "POST" else 200
