"""Travel advisories: the levels in force, recorded by hand or loaded from the published file after a preview."""

import json
from datetime import date
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.importing.advisories import parse_advisories
from engage.importing.sheet import Unreadable
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete
from engage.services import advisories, norms
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.travel import advice_queries as queries
from engage.web.travel.forms import AdvisoryFileForm, AdvisoryForm, TakeForm
from engage.web.travel.room import bp


@bp.get("/advisories")
def advisory_levels() -> ResponseReturnValue:
    """The level of each country today, and whether it is so old that it should be looked at again."""
    today = access.today()
    old = {low: norms.norm_on("advisory_old_high" if low > 2 else "advisory_old_low", today) for low in (1, 2, 3, 4)}
    lines, lacking = queries.advisories(today)
    return render_template(
        "travel/advisories.html",
        lines=[(row, (today - row.as_of).days > old[row.level]) for row in lines],
        lacking=lacking,
        meanings=advisories.MEANINGS,
        may_record=may(access.me(), Do.RECORD_ADVISORY),
    )


def _recorders_only() -> None:
    if not may(access.me(), Do.RECORD_ADVISORY):
        abort(403)


@bp.route("/advisories/record", methods=["GET", "POST"])
def record_advisory() -> ResponseReturnValue:
    """Record one advisory by hand."""
    _recorders_only()
    form: Any = AdvisoryForm(request.form)
    form.country_code.choices = [SelectChoice("", "Choose a country"), *(
        SelectChoice(code, name) for code, name in queries.foreign_countries()
    )]  # fmt: skip
    if request.method == "GET":
        form.country_code.data = request.args.get("country")
        form.as_of.data = access.today()
    if form.accepted():
        try:
            with transaction():
                new = advisories.record(
                    form.country_code.data, int(form.level.data), form.as_of.data, form.source.data, by=access.me(),
                    now=access.clock(),
                )  # fmt: skip
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            said = "Recorded. Travellers it concerns are asked about again." if new else "That was recorded already."
            return safety.say(said, "/advisories")
    return render_template("travel/advisory.html", form=form), 422 if form.errors else 200


@bp.route("/advisories/load", methods=["GET", "POST"])
def load_advisories() -> ResponseReturnValue:
    """Read the published file and show what it would change; nothing is written yet."""
    _recorders_only()
    form: Any = AdvisoryFileForm(request.form)
    if form.accepted():
        try:
            found = parse_advisories(form.file.data)
        except Unreadable as refusal:
            form.refuse({"file": str(refusal)})
        else:
            before = advisories.on(access.today(), [row.country_code for row in found.rows])
            names = dict(queries.foreign_countries())
            rows = [row for row in found.rows if row.country_code in names and row.as_of <= access.today()]
            changed = [(names[row.country_code], before.get(row.country_code), row) for row in rows
                       if _differs(row, before.get(row.country_code))]  # fmt: skip
            take = TakeForm()
            plain = [[row.country_code, row.level, str(row.as_of), row.source] for _, _, row in changed]
            take.rows.data = json.dumps(plain)
            return render_template(
                "travel/advisories_preview.html", changed=changed, same=len(found.rows) - len(changed),
                left_out=found.left_out, form=take,
            )  # fmt: skip
    return render_template("travel/advisories_load.html", form=form), 422 if form.errors else 200


def _differs(row: Any, before: Any) -> bool:
    return before is None or row.as_of > before.as_of


@bp.post("/advisories/take")
def take_advisories() -> ResponseReturnValue:
    """Take what the preview showed, all of it or nothing."""
    _recorders_only()
    form: Any = TakeForm(request.form)
    if not form.accepted():
        abort(400)
    try:
        rows = [(str(code)[:2], int(level), date.fromisoformat(as_of), str(source)[:500])
                for code, level, as_of, source in json.loads(form.rows.data)]  # fmt: skip
    except (ValueError, TypeError):
        abort(400)
    with transaction():
        new = advisories.record_all(rows, by=access.me(), now=access.clock())
    said = f"{new} advisor{'y' if new == 1 else 'ies'} taken. Travellers they concern are asked about again."
    return safety.say(said, "/advisories")
