"""The rules that choose an item's way: each with its days, and a change, saved after a look at last year under it."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional

from engage.rules.canonical import canonical_json, digest
from engage.rules.refusals import Incomplete
from engage.rules.routing import COMPARED, Route, Tier
from engage.services import charter_replay, routing_rules
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin.forms import Whole
from engage.web.admin.room import bp
from engage.web.forms import Day, Form, text
from engage.web.safety import say

_POINTS = [InputRequired("Give a whole number."), NumberRange(0, 100, "Use a number from 0 to 100.")]
_DAY = [InputRequired("Give the day.")]
_SOURCE = [InputRequired("Say who decided it, and where that is written.")]


class RuleForm(Form):
    """A rule's new limit and points, from a day on."""

    code = SelectField("Rule", validate_choice=False)
    applies = RadioField(
        "Does it count?", [InputRequired("Choose one."), AnyOf(["yes", "no"], "Choose one.")],
        choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")], default="yes", validate_choice=False,
    )  # fmt: skip
    limit = Whole("Limit", [Optional()], description="In the unit of the rule; empty where it is a yes or a no.")
    points = Whole("Points", _POINTS)
    starts_on = Day("In force from", _DAY, description="After today.")
    source = text("Source", 500, validators=_SOURCE)
    seen = HiddenField()


class TierForm(Form):
    """From how many points a tier begins, and its way, from a day on."""

    tier = SelectField(
        "Tier", [AnyOf(list(Tier), "Choose one.")], choices=[SelectChoice(one.value, one.label) for one in Tier],
        validate_choice=False,
    )  # fmt: skip
    least_points = Whole("From so many points", _POINTS)
    route = SelectField(
        "Way", [AnyOf(list(Route), "Choose one.")], choices=[SelectChoice(one.value, one.label) for one in Route],
        validate_choice=False,
    )  # fmt: skip
    lead_days = Whole(
        "Days before departure", [Optional(), NumberRange(0, 366, "Use a number from 0 to 366.")],
        description="By when a journey of this tier is submitted. Left empty, it stays as it was.",
    )  # fmt: skip
    starts_on = Day("In force from", _DAY, description="After today.")
    source = text("Source", 500, validators=_SOURCE)
    seen = HiddenField()


@bp.get("/admin/ways")
def ways() -> ResponseReturnValue:
    """Every rule and every tier, with what was and what will be."""
    today = access.today()
    return render_template(
        "admin/ways.html", rules=_standing(routing_rules.all_rules(), "code", today), units=COMPARED,
        tiers=_standing(routing_rules.all_tiers(), "tier", today),
    )  # fmt: skip


@bp.route("/admin/ways/rule", methods=["GET", "POST"])
def way_rule() -> ResponseReturnValue:
    """Change a rule: first how last year's items would have gone, then, by a second press, in force."""
    form = RuleForm(request.form or None)
    rows = routing_rules.all_rules()
    labels = {row.code: f"{row.label} ({COMPARED[row.code] or 'yes or no'})" for row in rows if row.code in COMPARED}
    form.code.choices = [SelectChoice(code, label) for code, label in labels.items()]

    def look() -> Any:
        return {"rules": routing_rules.with_rule(form.code.data, **_rule_of(form), today=access.today())}

    def keep() -> None:
        routing_rules.set_rule(
            form.code.data, **_rule_of(form), by=access.me(), now=access.clock(), today=access.today()
        )

    return _changed(form, "Change a rule", look, keep)


@bp.route("/admin/ways/tier", methods=["GET", "POST"])
def way_tier() -> ResponseReturnValue:
    """Change a tier: first how last year's items would have gone, then, by a second press, in force."""
    form = TierForm(request.form or None)

    def look() -> Any:
        return {"tiers": routing_rules.with_tier(Tier(form.tier.data), **_tier_of(form), today=access.today())}

    def keep() -> None:
        routing_rules.set_tier(
            Tier(form.tier.data), **_tier_of(form), by=access.me(), now=access.clock(), today=access.today()
        )

    return _changed(form, "Change a tier", look, keep)


def _changed(form: Any, title: str, look: Any, keep: Any) -> ResponseReturnValue:
    replayed = None
    if form.accepted():
        seen = digest(canonical_json({f.name: str(f.data) for f in form if f.name not in ("seen", "csrf_token")}))
        try:
            if "save" in request.form and form.seen.data == seen:
                with transaction():
                    keep()
                return say("It is set. What was submitted before keeps the way that was found.", "/admin/ways")
            since = access.clock() - charter_replay.YEAR
            found = charter_replay.replay(None, since=since, **look(), now=access.clock())
            replayed = [one for one in found if one.what == charter_replay.WAY]
            form.seen.data = seen
        except Incomplete as refusal:
            form.refuse(refusal.at)
    status = 200 if request.method == "GET" or replayed is not None else 422
    return render_template("admin/way_change.html", form=form, title=title, replayed=replayed), status


def _rule_of(form: RuleForm) -> dict[str, Any]:
    return {
        "limit": form.limit.data, "points": form.points.data, "applies": form.applies.data == "yes",
        "starts_on": form.starts_on.data, "source": form.source.data,
    }  # fmt: skip


def _tier_of(form: TierForm) -> dict[str, Any]:
    return {
        "least_points": form.least_points.data, "route": Route(form.route.data), "starts_on": form.starts_on.data,
        "source": form.source.data, "lead_days": form.lead_days.data,
    }  # fmt: skip


def _standing(rows: list[Any], key: str, today: Any) -> list[tuple[Any, str]]:
    """Each row with whether it is in force, in the past or not yet; those of one rule together."""
    order = {getattr(row, key): place for place, row in reversed(list(enumerate(rows)))}
    newest = {
        name: max((row.starts_on for row in rows if getattr(row, key) == name and row.starts_on <= today), default=None)
        for name in order
    }
    found = sorted(rows, key=lambda row: (order[getattr(row, key)], row.starts_on))
    return [
        (row, "Not yet" if row.starts_on > today else
         "In force" if row.starts_on == newest[getattr(row, key)] else "Past")
        for row in found
    ]  # fmt: skip
