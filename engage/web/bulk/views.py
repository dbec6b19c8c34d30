"""The import room: a file of rows is sent, its columns named, looked at, and taken whole."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from engage.importing.sheet import FILE_LIMIT_BYTES
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import bulk
from engage.services.transaction import step_aside, transaction
from engage.web import access
from engage.web.forms import Form, text
from engage.web.safety import say
from engage.web.uploads import SheetField

bp = Blueprint("bulk", __name__)

LABELS = {
    "requests": "Requests for engagements; each becomes a draft", "partners": "Partners", "forums": "Forums",
    "events": "Events that others hold", "people": "People",
}  # fmt: skip


class FileForm(Form):
    """A file, and what its rows are."""

    kind = SelectField("What are its rows?")
    file = SheetField(
        "File", FILE_LIMIT_BYTES, validators=[InputRequired("Choose a file.")],
        description="CSV (UTF-8) or XLSX, at most 5 MB and 20,000 rows; its first row names the columns.",
    )  # fmt: skip


@bp.route("/import", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Send a file; it is kept and looked at, and nothing is taken yet."""
    kinds = bulk.kinds(access.me())
    if not kinds:
        raise NotAllowed("Only the secretariat and administrators import.")
    form = FileForm(request.form or None)
    form.kind.choices = [SelectChoice(kind, LABELS[kind]) for kind in kinds]
    if form.accepted():
        name = request.files["file"].filename or "file"
        by = access.me()
        try:
            step_aside()
            table = bulk.read(form.file.data or b"")
            with transaction():
                batch = bulk.stage(
                    form.kind.data, table, name.replace("\\", "/").rpartition("/")[2],
                    by=by, now=access.clock(),
                )  # fmt: skip
                number = batch.id
            return say("The file is here. Look at its columns and at what it would do.", f"/import/{number}")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    page = render_template("bulk/index.html", form=form, rows=bulk.latest(access.me()), labels=LABELS)
    return page, 200 if request.method == "GET" else 422


def _mine(batch_id: int) -> Any:
    return access.or_404(bulk.find(batch_id, by=access.me()))


def _columns_form(batch: Any, sent: Any) -> Form:
    heads = bulk.heads(batch)
    choices = [SelectChoice("", "None: leave it empty"), *(SelectChoice(head, head[:80]) for head in heads)]
    fields: dict[str, Any] = {
        column: SelectField(column.replace("_", " ").capitalize(), choices=choices, validate_choice=False)
        for column in bulk.COLUMNS[batch.kind]
    }
    made: Form = type("ColumnsForm", (Form,), fields)(sent, data=batch.columns)
    return made


@bp.get("/import/<int(max=2147483647):batch_id>")
def batch(batch_id: int) -> ResponseReturnValue:
    """What a file would do, every bad row by its line; or how far it was taken."""
    found = _mine(batch_id)
    if found.stage.value == "staged" and found.report is None and found.total <= bulk.LOOKED_AT_ONCE:
        report = bulk.look(found, by=access.me(), now=access.clock())
        with transaction():
            found = _mine(batch_id)
            bulk.keep_report(found, report)
        found = _mine(batch_id)
    return _page(found, _columns_form(found, None) if found.stage.value == "staged" else None)


def _page(found: Any, columns: Form | None, problem: str = "", asked: Form | None = None) -> str:
    return render_template(
        "bulk/batch.html", batch=found, columns=columns, form=Form(), problem=problem, label=LABELS[found.kind],
        most=bulk.MOST_LISTED, asked=asked or _questions_form(found, None),
    )  # fmt: skip


@bp.post("/import/<int(max=2147483647):batch_id>/columns")
def columns(batch_id: int) -> ResponseReturnValue:
    """Say which column is which; it is remembered for the next file of this kind."""
    found = _mine(batch_id)
    form = _columns_form(found, request.form)
    if form.accepted():
        chosen = {name: field.data or "" for name, field in form._fields.items() if name != "csrf_token"}
        try:
            with transaction():
                bulk.name_columns(found, chosen, by=access.me())
            return say("The columns are named, and remembered for your next file.", f"/import/{batch_id}")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    return _page(found, form), 422


def _questions_form(batch: Any, sent: Any) -> Form | None:
    """What the file leaves open, a field each; None where it leaves nothing."""
    asked = (batch.report or {}).get("questions", ()) if batch.stage.value == "staged" else ()
    if not asked:
        return None
    fields: dict[str, Any] = {
        f"question-{place}": SelectField(
            f"{about} (line {line})", validate_choice=False,
            choices=[SelectChoice("", "Leave it open"), *(SelectChoice(one, one) for one in options)],
        ) if options else text(f"{about} (line {line})", 2, description="Two letters, such as EE.")
        for place, (_, line, about, options) in enumerate(asked)
    }  # fmt: skip
    known = {f"question-{place}": batch.answers.get(key, "") for place, (key, *_) in enumerate(asked)}
    made: Form = type("QuestionsForm", (Form,), fields)(sent, data=known)
    return made


@bp.post("/import/<int(max=2147483647):batch_id>/answers")
def answers(batch_id: int) -> ResponseReturnValue:
    """Answer what the file leaves open; then it is looked at again."""
    found = _mine(batch_id)
    form = _questions_form(found, request.form)
    if form is None:
        raise NotOpen("Nothing is asked about this file.")
    keys = {f"question-{place}": key for place, (key, *_) in enumerate(found.report["questions"])}
    if form.accepted():
        try:
            with transaction():
                bulk.answer(found, {key: form[name].data or "" for name, key in keys.items()})
            return say("Answered. This is what it would do now.", f"/import/{batch_id}")
        except Incomplete as refusal:
            form.refuse({name: refusal.at[key] for name, key in keys.items() if key in refusal.at})
    return _page(_mine(batch_id), _columns_form(found, None), asked=form), 422


@bp.post("/import/<int(max=2147483647):batch_id>/take")
def take(batch_id: int) -> ResponseReturnValue:
    """Take the file whole."""
    found = _mine(batch_id)
    try:
        with transaction():
            bulk.take(found, by=access.me(), now=access.clock())
    except Incomplete as refusal:
        found = _mine(batch_id)
        return _page(found, _columns_form(found, None), refusal.at["file"]), 422
    said = "It is taken." if found.stage.value == "taken" else "It is being taken."
    return say(said, f"/import/{batch_id}")
