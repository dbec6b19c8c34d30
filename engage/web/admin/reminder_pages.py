"""The ledger of reminders, and the simulator that prints their future."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.services import digests, forecast
from engage.services.forecast import Moved
from engage.web import access, exports
from engage.web.admin import reminder_queries as queries
from engage.web.admin.reminder_forms import LedgerForm, SimulatorForm
from engage.web.admin.room import bp
from engage.web.keyset import following
from engage.web.reminder_words import shown, status

LEDGER_COLUMNS = (
    exports.Column("Number", lambda one: one[0].id),
    exports.Column("Reminder", lambda one: one[0].subject),
    exports.Column("To", lambda one: one[0].reader),
    exports.Column("Rule", lambda one: one[0].rule_code),
    exports.Column("Step", lambda one: one[0].step),
    exports.Column("Counted from", lambda one: one[0].anchor_on),
    exports.Column("Noted", lambda one: one[0].noted_at),
    exports.Column("Status", lambda one: one[1][1]),
    exports.Column("Sent", lambda one: one[0].sent_at),
    exports.Column("Why", lambda one: one[1][2]),
)
MOST = 300  # rows of a simulation's page; the command prints all


@bp.get("/admin/reminders/ledger")
def reminder_ledger() -> ResponseReturnValue:
    """Every reminder that was owed to somebody, the newest first, with what became of it."""
    form = LedgerForm(request.args)
    rules = [("", "Any"), *queries.codes(), (digests.TEMPLATE, "Daily messages")]
    form.rule.choices = [SelectChoice(code, label) for code, label in rules]
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 11 and int(before) <= queries.LAST):
        abort(400)
    if not form.validate():
        return render_template("admin/reminder_ledger.html", form=form, rows=[], next_url=None, first_url=None), 422
    sought = queries.Sought(form.rule.data or "", form.status.data or "", form.reader.data or "")
    if exports.asked():
        now = access.clock()
        pages = exports.paged(lambda after: queries.ledger(sought, after or queries.LAST))
        return exports.answer("reminders", LEDGER_COLUMNS, ((row, status(row, now)) for row in pages))
    rows, more = queries.ledger(sought, int(before) if before else queries.LAST)
    return render_template(
        "admin/reminder_ledger.html", form=form, rows=shown(rows, access.clock()),
        next_url=following(before=more) if more else None, first_url=following(before=None) if before else None,
    )  # fmt: skip


@bp.get("/admin/reminders/simulator")
def reminder_simulator() -> ResponseReturnValue:
    """Who would hear what when, on today's facts or with one day moved; nothing is written."""
    form = SimulatorForm(request.args)
    if not form.validate():
        return render_template("admin/reminder_simulator.html", form=form, found=[], more=0, days=0), 422
    now, days, moved = access.clock(), form.days.data or 90, None
    at = now
    if form.at.data and form.at.data > access.today():
        at = datetime.combine(form.at.data, time(), ZoneInfo(access.settings().home_zone)).astimezone(UTC)
    if form.what.data and form.number.data and form.to.data:
        moved = Moved(form.what.data, form.number.data, form.to.data)
    found = forecast.foresee(at, at + timedelta(days=days), moved=moved)
    return render_template(
        "admin/reminder_simulator.html", form=form, found=found[:MOST], more=max(0, len(found) - MOST), days=days,
    )  # fmt: skip
