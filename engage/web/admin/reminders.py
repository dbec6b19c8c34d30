"""Reminder rules: read, changed with a look at whom that reaches, muted; and what the cap of a run held back."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules import ladder_text
from engage.rules.refusals import Incomplete
from engage.services import ledger, reminder_edits, reminder_health, reminder_rules, reminder_samples
from engage.services.duties import SUBJECTS
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin import reminder_queries as queries
from engage.web.admin.reminder_forms import MuteForm, RuleForm
from engage.web.admin.room import bp
from engage.web.safety import say

SHOWN = 20  # of those whom a change would reach, by name


@bp.get("/admin/reminders")
def reminder_rules_page() -> ResponseReturnValue:
    """The rules in force, what is wrong with reminders, and what is held."""
    now = access.clock()
    rows = sorted(reminder_rules.rows_in_force(now), key=lambda row: row.label)
    return render_template(
        "admin/reminders.html", rows=[(row, _ladder(row)) for row in rows], kinds=SUBJECTS, mutes=queries.mutes(),
        findings=reminder_health.findings(now), held=ledger.held_count(), sweep=queries.last_sweep(), drop=MuteForm(),
    )  # fmt: skip


@bp.route("/admin/reminders/new", methods=["GET", "POST"])
def new_reminder_rule() -> ResponseReturnValue:
    """A further rule."""
    return _edit("", RuleForm(_posted(), starts_on=access.today(), subject="Reminder: {what}",
                              others_subject="Not done yet by {owner}: {what}", mandatory=True))  # fmt: skip


@bp.route("/admin/reminders/rules/<code>", methods=["GET", "POST"])
def reminder_rule(code: str) -> ResponseReturnValue:
    """One rule as it stands, and how it is changed from a day on."""
    rows = queries.rows_of(code[:40])
    if not rows:
        abort(404)
    today = access.today()
    row = next((row for row in rows if row.starts_on <= today), rows[-1])
    kept: dict[str, Any] = {name: row._mapping[name] for name in (
        "label", "duty", "anchor", "subject", "text", "others_subject", "others_text", "urgent", "mandatory",
        "opens_at", "closes_at", "source")}  # fmt: skip
    form = RuleForm(_posted(), **kept, steps=_ladder(row, "\n"), starts_on=today, ends_on=None)
    return _edit(code, form, rows)


def _edit(code: str, form: RuleForm, rows: Any = ()) -> ResponseReturnValue:
    now, reach, sample, status = access.clock(), None, None, 200 if request.method == "GET" else 422
    if form.accepted():
        draft = form.draft(code or reminder_edits.code_for(form.label.data))
        try:
            reminder_edits.check(draft, access.today())
            if form.seen.data == form.digest() and "save" in request.form:
                with transaction():
                    reminder_edits.save(draft, by=access.me(), now=now)
                return say("The rule is set.", f"/admin/reminders/rules/{draft.code}")
            reach, sample = reminder_edits.reach(draft, now), reminder_samples.sample(draft.rule(), now)
            form.seen.raw_data, form.seen.data = None, form.digest()
            status = 200
        except Incomplete as refusal:
            form.refuse(refusal.at)
    if reach is None:
        del form.save  # only what was looked at is saved
    return render_template(
        "admin/reminder_rule.html", form=form, code=code, rows=[(row, _ladder(row)) for row in rows], reach=reach,
        sample=sample, shown=SHOWN, mute=queries.mutes().get(code) if code else None, muting=MuteForm(),
    ), status  # fmt: skip


@bp.post("/admin/reminders/rules/<code>/mute")
def mute_reminder_rule(code: str) -> ResponseReturnValue:
    """Keep a rule silent, with the reason."""
    form = MuteForm(request.form)
    if not form.accepted():
        return render_template("admin/reminder_mute.html", form=form, code=code), 422
    with transaction():
        reminder_edits.mute(code, form.reason.data, by=access.me(), now=access.clock())
    return say("The rule is muted.", f"/admin/reminders/rules/{code}")


@bp.post("/admin/reminders/rules/<code>/unmute")
def unmute_reminder_rule(code: str) -> ResponseReturnValue:
    """Let a rule speak again."""
    with transaction():
        reminder_edits.unmute(code, by=access.me(), now=access.clock())
    return say("The rule speaks again, of what comes from now on.", f"/admin/reminders/rules/{code}")


@bp.post("/admin/reminders/rules/<code>/end")
def end_reminder_rule(code: str) -> ResponseReturnValue:
    """Let a rule end today."""
    with transaction():
        reminder_edits.end(code, by=access.me(), now=access.clock())
    return say("The rule ends today.", "/admin/reminders")


@bp.post("/admin/reminders/held/release")
def release_held() -> ResponseReturnValue:
    """Let what the cap held go."""
    with transaction():
        posted, dropped = reminder_edits.let_go(by=access.me(), now=access.clock())
    return say(f"{posted} posted; {dropped} no longer needed to be.", "/admin/reminders")


@bp.post("/admin/reminders/held/drop")
def drop_held() -> ResponseReturnValue:
    """Never send what the cap held, with the reason."""
    form = MuteForm(request.form)
    if not form.accepted():
        return render_template("admin/reminder_mute.html", form=form, code=""), 422
    with transaction():
        dropped = reminder_edits.drop_held(form.reason.data, by=access.me(), now=access.clock())
    return say(f"{dropped} dropped.", "/admin/reminders/ledger?status=suppressed")


def _posted() -> Any:
    """What was typed; None at a first look, so that boxes and days stand as they are kept."""
    return request.form if request.method == "POST" else None


def _ladder(row: Any, between: str = "; ") -> str:
    """The steps of a rule in words; empty where they cannot be read."""
    try:
        return ladder_text.write(reminder_rules.steps_of(row.steps)).replace("\n", between)
    except (KeyError, TypeError, ValueError):
        return ""
