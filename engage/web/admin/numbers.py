"""The room's first page, the organisation's dated numbers, the rules in force, and how the mail queue is."""

from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.refusals import Incomplete
from engage.services import norms, outbox
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin import queries
from engage.web.admin.forms import NumberForm
from engage.web.admin.room import bp
from engage.web.safety import say

# From what the days of a reminder are counted, in words.
ANCHORS = {
    "motion.closes_at": "The end of the vote",
    "item.state_since": "The day it came to them",
    "completion.valid_until": "The last day of the training",
    "trip.departs_on": "Departure",
}


@bp.get("/admin")
def overview() -> ResponseReturnValue:
    """What administrators look after, and how the mail queue is."""
    waiting, oldest, _ = outbox.queue(most=queries.MOST_COUNTED, late=access.clock())
    return render_template(
        "admin/overview.html", waiting=waiting, oldest=oldest, refused=queries.refused(),
        most=queries.MOST_COUNTED, mail=access.settings().mail is not None,
    )  # fmt: skip


@bp.route("/admin/numbers", methods=["GET", "POST"])
def numbers() -> ResponseReturnValue:
    """The dated numbers; a change is a new row from a later day."""
    rows = queries.norms()
    groups = [(key, list(dated)) for key, dated in groupby(rows, attrgetter("key"))]
    form = NumberForm(request.form)
    form.key.choices = [SelectChoice(key, dated[0].label) for key, dated in groups]
    if form.accepted():
        try:
            with transaction():
                norms.change(
                    form.key.data, form.value.data, starts_on=form.starts_on.data, source=form.source.data,
                    by=access.me(), now=access.clock(), today=access.today(),
                )  # fmt: skip
            return say("The number is set.", "/admin/numbers")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    today = access.today()
    shown = [(dated, next((row for row in dated if row.starts_on <= today), None)) for _, dated in groups]
    return render_template("admin/numbers.html", form=form, groups=shown), 200 if request.method == "GET" else 422


@bp.get("/admin/rules")
def rules() -> ResponseReturnValue:
    """The rules of readiness and of reminding, with their sources."""
    requirements = [(rule, _asked_when(rule)) for rule in queries.requirements()]
    reminders = [(rule, ANCHORS.get(rule.anchor, rule.anchor)) for rule in queries.reminders()]
    return render_template("admin/rules.html", requirements=requirements, reminders=reminders)


def _asked_when(rule: Any) -> str:
    """The conditions of a requirement in words; all of them must hold."""
    conditions = (
        (rule.min_level, f"the advisory level is {rule.min_level} or more"),
        (rule.min_trip_days, f"the trip lasts {rule.min_trip_days} days or more"),
        (rule.min_days_abroad, f"the days abroad come to {rule.min_days_abroad} or more"),
        (rule.only_of_concern, "a country of concern is visited"),
        (rule.countries, f"one of these is visited: {', '.join(rule.countries.split())}"),
        (rule.roles, f"the traveller goes as: {', '.join(rule.roles.replace('_', ' ').split())}"),
    )
    words = [sentence for holds, sentence in conditions if holds]
    return "When " + " and ".join(words) if words else "Always"
