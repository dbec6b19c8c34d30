"""What a trip demands, as dated rules: read by everybody, changed from a day on by whoever answers for them."""

from datetime import timedelta
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.marking import Marking
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete
from engage.services import requirements
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.travel import demand_queries
from engage.web.travel.demand_forms import EndForm, RuleForm
from engage.web.travel.room import bp

LISTS = ("roles", "natures", "markings", "waivable_by")
PLAIN = ("label", "source", "lead_days", "blocks", "only_of_concern", "countries", "on_transit",
         "min_trip_days", "min_days_abroad")  # fmt: skip


@bp.get("/requirements")
def demands() -> ResponseReturnValue:
    """The rules in force and those to come, each with what it asks, of whom, since when and why."""
    words = {(kind, target): said for kind, target, said in requirements.targets()}
    rows = demand_queries.rules(access.today())
    return render_template(
        "travel/requirements.html",
        lines=[(row, words.get((row.kind, row.target), row.target), _asked_when(row)) for row in rows],
        may_edit=may(access.me(), Do.EDIT_REQUIREMENTS),
    )


def _asked_when(rule: Any) -> str:
    """The conditions of a rule in words; all of them must hold."""
    conditions = (
        (rule.min_level, f"the advisory level is {rule.min_level} or more"),
        (rule.only_of_concern, "it is a country of concern"),
        (rule.countries, f"it is one of {', '.join(rule.countries.split())}"),
        (not rule.on_transit, "it is more than a stop on the way"),
        (rule.min_trip_days, f"the trip lasts {rule.min_trip_days} days or more"),
        (rule.min_days_abroad, f"days abroad within 12 months come to {rule.min_days_abroad} or more"),
        (rule.natures, f"the engagement is of the kind {' or '.join(rule.natures.replace('_', ' ').split())}"),
        (rule.roles, f"the traveller is {' or '.join(word.replace('_', ' ') for word in rule.roles.split())}"),
        (rule.markings, f"the handling marking is {' or '.join(Marking(one).label for one in rule.markings.split())}"),
    )
    words = [sentence for holds, sentence in conditions if holds]
    return "When " + ", and ".join(words) if words else "Always"


def _editors_only() -> None:
    if not may(access.me(), Do.EDIT_REQUIREMENTS):
        abort(403)


@bp.route("/requirements/new", methods=["GET", "POST"])
def add_demand() -> ResponseReturnValue:
    """Write a new rule."""
    _editors_only()
    form: Any = _form()
    if request.method == "GET":
        form.blocks.data = form.on_transit.data = True
        form.starts_on.data = access.today() + timedelta(days=1)
    if form.accepted():
        try:
            with transaction():
                requirements.add(_typed(form), starts_on=form.starts_on.data, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say("The rule is written.", "/requirements")
    return render_template("travel/requirement.html", form=form, row=None), 422 if form.errors else 200


@bp.route("/requirements/<code>/change", methods=["GET", "POST"])
def change_demand(code: str) -> ResponseReturnValue:
    """Replace a rule from a day on."""
    _editors_only()
    row = access.or_404(demand_queries.latest(code[:40]))
    form: Any = _form()
    if request.method == "GET":
        for name in PLAIN:
            form[name].data = getattr(row, name)
        for name in LISTS:
            form[name].data = getattr(row, name).split()
        form.asks_for.data, form.min_level.data = f"{row.kind}:{row.target}", str(row.min_level or "")
        form.starts_on.data = access.today() + timedelta(days=1)
    if form.accepted():
        try:
            with transaction():
                requirements.change(
                    row.code, _typed(form), starts_on=form.starts_on.data, by=access.me(), now=access.clock()
                )
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say("The rule changes on that day.", "/requirements")
    return render_template("travel/requirement.html", form=form, row=row), 422 if form.errors else 200


@bp.route("/requirements/<code>/end", methods=["GET", "POST"])
def end_demand(code: str) -> ResponseReturnValue:
    """End a rule after a day."""
    _editors_only()
    row = access.or_404(demand_queries.latest(code[:40]))
    form: Any = EndForm(request.form)
    if form.accepted():
        try:
            with transaction():
                requirements.end(row.code, last_on=form.last_on.data, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say("The rule ends after that day.", "/requirements")
    return render_template("travel/requirement_end.html", form=form, row=row), 422 if form.errors else 200


def _form() -> RuleForm:
    form = RuleForm(request.form)
    offered = [SelectChoice(f"{kind}:{target}", said) for kind, target, said in requirements.targets()]
    form.asks_for.choices = [SelectChoice("", "Choose"), *offered]
    return form


def _typed(form: Any) -> requirements.Rule:
    kind, _, target = form.asks_for.data.partition(":")
    said: dict[str, Any] = {name: form[name].data for name in PLAIN}
    said |= {name: " ".join(sorted(form[name].data or ())) for name in LISTS}
    said["countries"] = " ".join((said["countries"] or "").upper().replace(",", " ").split())
    level = int(form.min_level.data) if form.min_level.data else None
    return requirements.Rule(**said, kind=kind, target=target, min_level=level)
