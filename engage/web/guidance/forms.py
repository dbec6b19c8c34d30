"""What a content owner types: a new version of a guide; and what a reader types to find one."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import wtforms
from wtforms import FieldList, FormField, HiddenField, IntegerField, RadioField, SelectField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from engage.rules.guide_changes import PARTS, Mark
from engage.rules.guide_text import SECTIONS
from engage.services.guide_care import WHOLE, Care
from engage.web.forms import Day, Form, prose, text


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
    proposal = HiddenField(validators=[Length(max=40)])  # the version before the board that this writes anew
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
        "sources": prose("Sources of the whole guide, an address a line", 10000),
        **{f"sources_{slug}": prose(f"Sources of “{heading}”", 2000) for slug, heading in SECTIONS.items()},
        "note": prose("What changed", 1000, description="Shown to travellers who read the guide before."),
        **{
            f"mark_{part}": RadioField(
                f"“{heading}” changed", [Optional()], choices=[SelectChoice(mark.value, mark.label) for mark in Mark]
            )
            for part, heading in PARTS.items()
        },
        "publish": SubmitField("Publish"),
        "propose": SubmitField("Put it before the board"),
    },
)


EMPTY: Mapping[str, Any] = {"summary": "", "sections": {}, "must_know": [], "check": [], "sources": []}


def fill(form: Any, title: str, content: Mapping[str, Any], based_on: int) -> None:
    """Begin with a text, and room for one more question."""
    form.based_on.data, form.title.data, form.summary.data = based_on, title, content["summary"]
    for slug in SECTIONS:
        form[f"section_{slug}"].data = content["sections"].get(slug, "")
        form[f"sources_{slug}"].data = "\n".join(content.get("section_sources", {}).get(slug, []))
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
    own = {slug: lines for slug in SECTIONS if (lines := _lines(form[f"sources_{slug}"].data))}
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
    } | ({"section_sources": own} if own else {})


def marks_of(form: Any) -> dict[str, Mark]:
    """What the author said that each changed part asks of its readers."""
    return {part: Mark(mark) for part in PARTS if f"mark_{part}" in form and (mark := form[f"mark_{part}"].data)}


def ask_marks(form: Any, parts: Collection[str]) -> None:
    """Leave the choices for these parts alone on the form, and the buttons below them."""
    for part in PARTS:
        if part not in parts and f"mark_{part}" in form:
            del form[f"mark_{part}"]


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
        ("Sources", _sources(theirs.content), _sources(mine)),
        ("Short check", _asked(theirs.content), _asked(mine)),
    ]
    return [(label, theirs, mine) for label, theirs, mine in parts if theirs != mine]


def _sources(content: Mapping[str, Any]) -> str:
    own = [f"{SECTIONS[slug]}: {one}" for slug, lines in content.get("section_sources", {}).items() for one in lines]
    return "\n".join([*content["sources"], *own])


def _asked(content: Mapping[str, Any]) -> str:
    return "\n".join(f"{q['question']} {' / '.join(q['options'])}" for q in content["check"])


class _CareForm(Form):
    """Who looks after the guide and its sections; a choice and a day for each part are added below."""

    def offer(self, owners: Iterable[tuple[int, str]]) -> None:
        """The content owners to choose from."""
        choices = [SelectChoice(str(id_), name) for id_, name in owners]
        for part in CARED_FOR:
            nobody = SelectChoice("", "Whoever looks after the guide" if part else "Nobody in particular")
            self[f"owner_{part}"].choices = [nobody, *choices]

    def fill(self, cares: Mapping[str, Care]) -> None:
        """Begin with what holds now."""
        for part, care in cares.items():
            self[f"owner_{part}"].data = str(care.owner_id or "")
            self[f"review_by_{part}"].data = care.review_by

    def cares(self) -> list[Care]:
        """What the form says of each part."""
        return [
            Care(part, int(owner) if (owner := self[f"owner_{part}"].data) else None, self[f"review_by_{part}"].data)
            for part in CARED_FOR
        ]


CARED_FOR: Mapping[str, str] = {WHOLE: "The whole guide", **SECTIONS}
CareForm: type[_CareForm] = type(
    "CareForm",
    (_CareForm,),
    {
        name: field
        for part, heading in CARED_FOR.items()
        for name, field in (
            (f"owner_{part}", SelectField(f"{heading}: owner", [Optional()], validate_choice=True)),
            (f"review_by_{part}", Day(f"{heading}: review by", [Optional()])),
        )
    },
)
