"""Completions from the learning system: a file is shown first, and then taken whole or not at all."""

import base64
import binascii
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete
from engage.services import imports
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.training.forms import CompletionsForm, TakeForm
from engage.web.training.room import bp

SHOWN = 200  # rows of a preview that are listed


@bp.route("/training/import", methods=["GET", "POST"])
def take_completions() -> ResponseReturnValue:
    """Read a file and show what it would record; nothing is written yet."""
    _owners_only()
    form: Any = CompletionsForm(request.form)
    if form.accepted():
        plan = imports.preview("completions", form.file.data, now=access.clock(), by=access.me())
        if plan.problems:
            return render_template("training/import.html", form=form, problems=plan.problems[:SHOWN]), 422
        take = TakeForm()
        take.content.data = base64.b64encode(form.file.data).decode()
        return render_template("training/import_preview.html", plan=plan, form=take, shown=SHOWN)
    return render_template("training/import.html", form=form, problems=()), 422 if form.errors else 200


@bp.post("/training/import/take")
def take_shown() -> ResponseReturnValue:
    """Take the file that the preview showed, compared afresh."""
    _owners_only()
    form: Any = TakeForm(request.form)
    if not form.accepted():
        abort(400)
    try:
        content = base64.b64decode(form.content.data, validate=True)
    except (binascii.Error, ValueError):
        abort(400)
    again: Any = CompletionsForm()
    try:
        with transaction():
            plan = imports.take("completions", content, by=access.me(), now=access.clock(), name="completions.csv")
    except imports.Unsound as unsound:
        return render_template("training/import.html", form=again, problems=unsound.plan.problems[:SHOWN]), 422
    except Incomplete as refusal:
        again.refuse(refusal.at)
        return render_template("training/import.html", form=again, problems=()), 422
    taken = len(plan.new) + len(plan.changed)
    return safety.say(f"{taken} completion{'' if taken == 1 else 's'} recorded and verified.", "/training")


def _owners_only() -> None:
    if not may(access.me(), Do.VERIFY_COMPLETION):
        abort(403)
