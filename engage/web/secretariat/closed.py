"""The secretariat's room: days on which posts receive nobody, and who stands in for whom."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from engage.reference.places import country_named
from engage.rules.refusals import Incomplete
from engage.services import closed_days
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.forms import Day, Form, Once, text
from engage.web.secretariat import queries
from engage.web.secretariat.room import bp


class CloseForm(Once, Form):
    """Days on which a post receives nobody."""

    country = text("Country", 120, validators=[InputRequired("Name the country.")])
    starts_on = Day("First day", [InputRequired("Give the first day.")])
    ends_on = Day("Last day", [InputRequired("Give the last day.")])
    why = text("Why", 200, validators=[InputRequired("Say why.")])
    source = text("Source", 500, validators=[InputRequired("Say who told us.")])


class PairForm(Once, Form):
    """Who stands in for whom."""

    principal = text("E-mail address of the principal", 200, validators=[InputRequired("Give the address.")])
    deputy = text("E-mail address of the deputy", 200, validators=[InputRequired("Give the address.")])
    starts_on = Day("From", [InputRequired("Give the day.")])


@bp.route("/screening/closed", methods=["GET", "POST"])
def closed() -> ResponseReturnValue:
    """What requests clash with beside each other: closed posts, and pairs of whom one stays."""
    which, me, now, today = request.form.get("which", ""), access.me(), access.clock(), access.today()
    forms: dict[str, Any] = {
        name: made(request.form if which == name else None) for name, made in (("close", CloseForm), ("pair", PairForm))
    }
    for name, form in forms.items():
        for field in form:
            field.id = field.label.field_id = f"{name}-{field.short_name}"
    if request.method == "POST" and (row := request.form.get("part", "")).isdecimal() and len(row) < 10:
        with transaction():
            closed_days.part(int(row), by=me, now=now, today=today)
        return safety.say("Ended.", "/screening/closed")
    if which in forms and forms[which].accepted():
        try:
            with transaction():
                _keep(which, forms[which])
            return safety.say("Recorded. Requests are told of it from now on.", "/screening/closed")
        except Incomplete as refusal:
            forms[which].refuse(refusal.at)
    page = render_template(
        "secretariat/closed.html", forms=forms, blackouts=closed_days.blackouts(today),
        deputies=closed_days.deputies(today),
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _keep(which: str, form: Any) -> None:
    by, now = access.me(), access.clock()
    if which == "close":
        closed_days.close(
            country_named(form.country.data), form.starts_on.data, form.ends_on.data, why=form.why.data,
            source=form.source.data, by=by, now=now,
        )  # fmt: skip
    else:
        first, second = (queries.person_at(form[name].data) for name in ("principal", "deputy"))
        closed_days.pair(first, second, form.starts_on.data, by=by, now=now)
