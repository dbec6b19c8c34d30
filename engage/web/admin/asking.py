"""What a request meets before the board: lead times, clash rules and review rules, each a row from a day on."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from engage.reference.places import country_named
from engage.rules.clashes import Tie
from engage.rules.gates import Gate
from engage.rules.refusals import Incomplete
from engage.rules.reviews import LOOKED_AT
from engage.rules.roles import ReviewKind
from engage.services import asking_rules
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin import queries
from engage.web.admin.forms import Whole
from engage.web.admin.room import bp
from engage.web.forms import Day, Form, text
from engage.web.safety import say

_DAYS = [InputRequired("Give a whole number."), NumberRange(0, 366, "Use a number from 0 to 366.")]


class _Dated(Form):
    applies = BooleanField("It applies", default=True)
    starts_on = Day("In force from", [InputRequired("Give the day.")], description="After today.")
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])


class LeadForm(_Dated):
    """A lead time of a gate."""

    gate = SelectField("What is to be begun", choices=[SelectChoice(gate.value, gate.label) for gate in Gate])
    country = text("Country", 120, description="Its English name; empty: everywhere.")
    min_level = Whole("From this travel advisory up", [InputRequired("Give a level; 0 means any.")], default=0)
    days = Whole("Days before departure", _DAYS)
    business = BooleanField("Counted on days on which home and hosts are both open")


class ClashForm(_Dated):
    """What is looked for around a request."""

    tie = SelectField("What is looked for", choices=[])
    days = Whole("Within how many days", _DAYS)
    needs_reason = BooleanField("On the same days it needs a reason that the board reads")


class ReviewRuleForm(_Dated):
    """A fact that asks for a review."""

    code = SelectField("Which fact asks", choices=[])
    kind = SelectField("Who reviews", choices=[SelectChoice(kind.value, kind.label) for kind in ReviewKind])
    limit = Whole("From which amount or level", [Optional()], description="Empty where the fact is a yes or a no.")
    days = Whole("Business days to give it", _DAYS)


@bp.route("/admin/asking", methods=["GET", "POST"])
def asking() -> ResponseReturnValue:
    """The three kinds of rules a request meets, and a form to change each."""
    sent = request.form.get("which", "")
    forms: dict[str, Any] = {
        name: made(request.form if sent == name else None)
        for name, made in (("lead", LeadForm), ("clash", ClashForm), ("review", ReviewRuleForm))
    }
    for name, form in forms.items():
        for field in form:
            field.id = field.label.field_id = f"{name}-{field.short_name}"
    rows = queries.asking_rules(access.today())
    labels = {str(row.tie): row.label for row in rows["clash"]}
    forms["clash"].tie.choices = [SelectChoice(tie.value, labels.get(tie.value, tie.value)) for tie in Tie]
    named = {row.code: row.label for row in rows["review"]}
    forms["review"].code.choices = [SelectChoice(code, named.get(code, code)) for code in LOOKED_AT]
    if sent in forms and forms[sent].accepted():
        try:
            with transaction():
                _set(sent, forms[sent])
            return say("The rule is set.", "/admin/asking")
        except Incomplete as refusal:
            forms[sent].refuse(refusal.at)
    page = render_template("admin/asking.html", forms=forms, rows=rows)
    return page, 422 if request.method == "POST" else 200


def _set(which: str, form: Any) -> None:
    dated = {
        "applies": form.applies.data, "starts_on": form.starts_on.data, "source": form.source.data or "",
        "days": form.days.data, "by": access.me(), "now": access.clock(), "today": access.today(),
    }  # fmt: skip
    if which == "lead":
        typed = form.country.data or ""
        code = (country_named(typed) or "??") if typed else ""
        asking_rules.set_lead(
            Gate(form.gate.data), code, form.min_level.data, business=form.business.data, **dated
        )
    elif which == "clash":
        asking_rules.set_clash_rule(Tie(form.tie.data), needs_reason=form.needs_reason.data, **dated)
    else:
        asking_rules.set_review_rule(
            form.code.data, kind=ReviewKind(form.kind.data), limit=form.limit.data, **dated
        )
