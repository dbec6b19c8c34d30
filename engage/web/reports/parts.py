"""The parts of a report, each on a page of its own: outcomes, people met, lessons, what outside payers gave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.outcomes import Outcome, OutcomeKind
from engage.rules.reports import LessonKind
from engage.services import outcomes, report_doors, report_parts
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.reports import queries
from engage.web.reports.forms import LessonForm, MetForm, OutcomeForm, PaymentForm
from engage.web.reports.room import bp, engagement_or_404, settled

NONE = SelectChoice("", "None of these")


@dataclass(frozen=True)
class Part:
    """How a part is asked for: its form, what it is called, and the plain values of a form."""

    form: type[Any]
    one: str
    saved: str
    said: Callable[[Any], dict[str, Any]]


PARTS: Mapping[str, Part] = {
    "outcomes": Part(OutcomeForm, "an outcome", "The outcome is in the report.", lambda form: {
        **{name: form[name].data for name in ("objective_id", "partner_id", "nations", "people")},
        "kind": OutcomeKind(form.kind.data), "summary": form.summary.data or "", "evidence": form.evidence.data or "",
        "country_code": form.country_code.data or None,
        "number": 1 if form.number.data is None else form.number.data,
    }),
    "met": Part(MetForm, "somebody you met", "Written down.", lambda form: {
        "name": form["name"].data or "", "function": form.function.data or "",
        "organisation": form.organisation.data or "", "partner_id": form.partner_id.data,
    }),
    "lessons": Part(LessonForm, "a lesson", "The next traveller there will find it.", lambda form: {
        "kind": LessonKind(form.kind.data), "country_code": form.country_code.data or "",
        "partner_id": form.partner_id.data, "text": form["text"].data or "",
    }),
    "payments": Part(PaymentForm, "what an outside payer gave", "Written down for the half-yearly list.", lambda form: {
        "payer": form.payer.data or "", "what": form.what.data or "", "in_kind": bool(form.in_kind.data),
        "amount": form.amount.data if form.amount.data is None else Decimal(form.amount.data),
        "received_on": form.received_on.data,
    }),
}  # fmt: skip


def dress(form: Any, engagement_id: int) -> None:
    """Give a form the choices of its engagement."""
    if "partner_id" in form:
        rows = queries.partners(engagement_id)
        form.partner_id.choices = [NONE, *(SelectChoice(str(row.id), row.name) for row in rows)]
    if "country_code" in form:
        rows = queries.countries(engagement_id)
        none = [] if isinstance(form, LessonForm) else [SelectChoice("", "No country in particular")]
        form.country_code.choices = [*(SelectChoice(row.code, row.name) for row in rows), *none]
    if "objective_id" in form:
        rows = queries.objectives(engagement_id)
        form.objective_id.choices = [
            SelectChoice("", "Choose the objective"),
            *(SelectChoice(str(row.id), f"{row.code} {row.title} (goal {row.number})") for row in rows),
        ]


@bp.route("/engagements/<int:item_id>/report/<any(outcomes, met, lessons, payments):name>/new", methods=["GET", "POST"])
def part_new(item_id: int, name: str) -> ResponseReturnValue:
    """One more part."""
    return _part(item_id, name, None)


@bp.route(
    "/engagements/<int:item_id>/report/<any(outcomes, met, lessons, payments):name>/<int:part_id>",
    methods=["GET", "POST"],
)  # fmt: skip
def part(item_id: int, name: str, part_id: int) -> ResponseReturnValue:
    """Change a part, while the report is a draft."""
    return _part(item_id, name, part_id)


def _part(item_id: int, name: str, part_id: int | None) -> ResponseReturnValue:
    engagement, subject = engagement_or_404(item_id)
    kind, me, now = PARTS[name], access.me(), access.clock()
    report_doors.begun(engagement, subject, by=me, now=now)
    known = _known(engagement, name, part_id)
    form = kind.form(request.form or None, data=known)
    dress(form, item_id)
    if form.accepted():

        def act() -> tuple[str, str]:
            said = kind.said(form)
            if name == "outcomes":
                outcomes.record(engagement, Outcome(**said), part_id, by=me, now=now)
            else:
                report_parts.put(name, engagement, said, part_id, by=me, now=now, today=access.today())
            return kind.saved, f"/engagements/{item_id}/report#{name}"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template(
        "reports/part.html", engagement=engagement, form=form, name=name, kind=kind, part_id=part_id
    )
    return page, 422 if request.method == "POST" else 200


def _known(engagement: Any, name: str, part_id: int | None) -> dict[str, Any]:
    """What a part says now; for a new one, what is likely."""
    if part_id is None:
        return {"country_code": engagement_country(engagement.id)} if name in ("outcomes", "lessons") else {}
    found = outcomes.find(engagement, part_id) if name == "outcomes" else report_parts.find(name, engagement, part_id)
    if found is None:
        abort(404)
    return {name: value for name, value in vars(found).items() if not name.startswith("_")}


def engagement_country(engagement_id: int) -> str:
    """The first of the countries that the engagement names, or ""."""
    return next((row.code for row in queries.countries(engagement_id)), "")


@bp.post("/engagements/<int:item_id>/report/<any(outcomes, met, lessons, payments):name>/<int:part_id>/remove")
def part_remove(item_id: int, name: str, part_id: int) -> ResponseReturnValue:
    """Take a part out of the draft."""
    engagement, _ = engagement_or_404(item_id)
    me, now, url = access.me(), access.clock(), f"/engagements/{item_id}/report#{name}"
    if _gone(engagement, name, part_id):
        return redirect(url, 303)
    with transaction():
        if name == "outcomes":
            outcomes.remove(engagement, part_id, by=me, now=now)
        else:
            report_parts.remove(name, engagement, part_id, by=me, now=now)
    return safety.say("Taken out of the report.", url)


def _gone(engagement: Any, name: str, part_id: int) -> bool:
    found = outcomes.find(engagement, part_id) if name == "outcomes" else report_parts.find(name, engagement, part_id)
    return found is None
