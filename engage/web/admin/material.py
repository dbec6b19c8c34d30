"""What makes a change of an engagement material: dated rules, and how an administrator changes one."""

from itertools import groupby
from operator import attrgetter

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.refusals import Incomplete
from engage.services import material_rules
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin import queries
from engage.web.admin.forms import MaterialForm
from engage.web.admin.room import bp
from engage.web.safety import say


@bp.route("/admin/material", methods=["GET", "POST"])
def material() -> ResponseReturnValue:
    """The rules that say what is material; a change is a new row from a later day."""
    groups = [list(dated) for _, dated in groupby(queries.material_rules(), attrgetter("code"))]
    form = MaterialForm(request.form)
    form.code.choices = [SelectChoice(dated[0].code, dated[0].label) for dated in groups]
    if form.accepted():
        try:
            with transaction():
                material_rules.change(
                    form.code.data, applies=form.applies.data == "yes", limit=form.limit.data,
                    starts_on=form.starts_on.data, source=form.source.data, by=access.me(), now=access.clock(),
                    today=access.today(),
                )  # fmt: skip
            return say("The rule is set.", "/admin/material")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    today = access.today()
    shown = [(dated, next((row for row in dated if row.starts_on <= today), None)) for dated in groups]
    page = render_template("admin/material.html", form=form, groups=shown)
    return page, 200 if request.method == "GET" else 422
