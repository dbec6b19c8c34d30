"""What a content owner types: a new version of a guide; and what a reader types to find one."""

from collections.abc import Mapping
from typing import Any

import wtforms
from wtforms import FieldList, FormField, HiddenField, IntegerField, RadioField, SelectField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from engage.rules.guide_text import SECTIONS
from engage.web.forms import Form, prose, text


class LibraryForm(Form):
    """Finds a country by its name."""

    name = text("Country", 60)


class QuestionForm(wtforms.Form):
    """One question of the short check. Without a question it is left out."""

    class Meta(Form.Meta):
        csrf = False

    question = prose("Question", 400)
    section = SelectField(
        "Section that answers it",
        choices=[SelectChoice(slug, heading) for slug, heading in SECTIONS.items()],
        default=next(iter(SECTIONS)),
    )
    options = prose("Answers, a line each", 1300)
    answer = IntegerField("Number of the right answer, from 1", [Optional()])
    why = prose("Why it is right", 400)


class _GuideForm(Form):
    """A new version; its sections are added below, one text area each."""

    based_on = HiddenField(validators=[Length(max=20)])
    title = text("Title", 200)
    summary = prose("Summary", 4000)


def _questions() -> Any:
    return FieldList(
        FormField(QuestionForm, "Question"),
        "Short check",
        max_entries=20,
        description="The traveller answers these before acknowledging. Empty the question to leave it out.",
    )


GuideForm: type[Form] = type(
    "GuideForm",
    (_GuideForm,),
    {
        **{f"section_{slug}": prose(heading, 4000) for slug, heading in SECTIONS.items()},
        "must_know": prose("Points to remember, a line each", 8000),
        "questions": _questions(),
        "sources": prose("Sources, an address a line", 10000),
        "material": RadioField(
            "Kind of change",
            [InputRequired("Say whether travellers must read it again.")],
            choices=[
                SelectChoice("yes", "Material: travellers read and acknowledge it again"),
                SelectChoice("no", "Minor: earlier acknowledgements stand"),
            ],
        ),
        "note": prose("What changed", 1000, description="Shown to travellers who read the guide before."),
        "publish": SubmitField("Publish"),
    },
)


def fill(form: Any, version: Any) -> None:
    """Begin with the text in force, and room for one more question."""
    content = version.content
    form.based_on.data, form.title.data, form.summary.data = version.id, version.title, content["summary"]
    for slug in SECTIONS:
        form[f"section_{slug}"].data = content["sections"].get(slug, "")
    form.must_know.data = "\n".join(content["must_know"])
    form.sources.data = "\n".join(content["sources"])
    for question in (*content["check"], {}):
        form.questions.append_entry(
            {
                **question,
                "options": "\n".join(question["options"]),
                "answer": question["answer"] + 1,
            }
            if question
            else {}
        )


def content_of(form: Any) -> Mapping[str, Any]:
    """What the form says, as a version stores it."""
    return {
        "summary": form.summary.data or "",
        "sections": {slug: form[f"section_{slug}"].data or "" for slug in SECTIONS},
        "must_know": _lines(form.must_know.data),
        "check": [
            {
                "section": entry["section"].data,
                "question": entry["question"].data,
                "options": _lines(entry["options"].data),
                "answer": (entry["answer"].data or 0) - 1,
                "why": entry["why"].data or "",
            }
            for entry in form.questions.entries
            if entry["question"].data
        ],
        "sources": _lines(form.sources.data),
    }


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def differences(mine: Mapping[str, Any], title: str, theirs: Any) -> list[tuple[str, str, str]]:
    """Label, their text and mine, of every part of the guide that differs."""
    parts = [
        ("Title", theirs.title, title),
        ("Summary", theirs.content["summary"], mine["summary"]),
        *(
            (heading, theirs.content["sections"].get(slug, ""), mine["sections"][slug])
            for slug, heading in SECTIONS.items()
        ),
        ("Points to remember", "\n".join(theirs.content["must_know"]), "\n".join(mine["must_know"])),
        ("Sources", "\n".join(theirs.content["sources"]), "\n".join(mine["sources"])),
        ("Short check", _asked(theirs.content), _asked(mine)),
    ]
    return [(label, theirs, mine) for label, theirs, mine in parts if theirs != mine]


def _asked(content: Mapping[str, Any]) -> str:
    return "\n".join(f"{q['question']} {' / '.join(q['options'])}" for q in content["check"])
