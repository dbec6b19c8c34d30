"""The travel room's desk: a guide to read for a trip, what changed in it, and the statement of having read it."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engage.documents.markdown import to_html
from engage.rules.guide_changes import PARTS, Reread, changed, text_of
from engage.rules.guide_text import SECTIONS
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, Stale
from engage.services import acknowledgements, guidance, guide_places, trips
from engage.services.acknowledgements import Reading
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.travel import queries
from engage.web.travel.forms import reading_form
from engage.web.travel.room import bp


@bp.route("/trips/<int:trip_id>/guides/<int:guide_id>", methods=["GET", "POST"])
def guide(trip_id: int, guide_id: int) -> ResponseReturnValue:
    """A guide to read for a trip, and the statement of having read it."""
    found, subject = access.or_404(trips.find(trip_id, by=access.me(), today=access.today()))
    here = f"/trips/{trip_id}"
    asked = access.or_404(acknowledgements.reading(found, guide_id, today=access.today()))
    version = asked.version
    form: Any = reading_form(version.content, asked.asked)(request.form)
    may_say = may(access.me(), Do.ACKNOWLEDGE, subject)
    if request.method == "POST":
        if not may_say:
            abort(404)
        if form.version_id.data != str(version.id) or form.sha256.data != version.sha256:
            return safety.page(409, message=guidance.CHANGED, return_url=f"{here}/guides/{guide_id}")
        if form.accepted():
            said = _said(form)
            try:
                with transaction():
                    acknowledgements.acknowledge(
                        found, version.id, version.sha256, **said, by=access.me(), now=access.clock()
                    )
            except Incomplete as refusal:
                with transaction():
                    acknowledgements.note_try(found, asked, said["answers"], by=access.me(), now=access.clock())
                form.refuse(refusal.at)
            except Stale as refusal:
                return safety.page(409, message=str(refusal), return_url=f"{here}/guides/{guide_id}")
            else:
                return safety.say("Noted: this guide was read and acknowledged for the trip.", here)
    else:
        form.version_id.data, form.sha256.data = version.id, version.sha256
    page = render_template(
        "travel/guide.html",
        trip=queries.head(trip_id),
        own=found.person_id == access.me().id,
        may_say=may_say,
        version=version,
        news=_news(asked),
        again=asked.again,
        before=asked.before,
        sections=_sections(version.content),
        form=form,
        reread=_wrong(form, version.content, asked.asked),
        read=[row for row in queries.read(trip_id) if row.id == guide_id],
        code=guide_places.code_of(asked.guide),
    )
    return page, 422 if form.errors else 200


def _said(form: Any) -> dict[str, Any]:
    """What was ticked and answered, by place."""
    return {
        "ticked": {int(place) for place in form.must_know.data or ()},
        "answers": {
            int(name.removeprefix("question_")): int(field.data)
            for name, field in form._fields.items()
            if name.startswith("question_") and field.data
        },
    }


def _wrong(form: Any, content: dict[str, Any], asked: tuple[int, ...]) -> list[tuple[str, str]]:
    """Slug and heading of the sections whose questions were answered wrongly."""
    wrong = [content["check"][place]["section"] for place in asked if form._fields[f"question_{place}"].errors]
    return [(slug, heading) for slug, heading in SECTIONS.items() if slug in wrong]


def _news(asked: Reading) -> list[tuple[str, str, Markup, Markup, bool]]:
    """Part, heading, new and old text, and whether it must be read again, of what changed since it was last read."""
    if asked.before is None:
        return []
    old, new = asked.before.content, asked.version.content
    return [
        (part, PARTS[part], _html(new, part), _html(old, part), _again(asked.again, part)) for part in changed(old, new)
    ]


def _again(again: Reread, part: str) -> bool:
    return again.whole or part in again.parts


def _html(content: dict[str, Any], part: str) -> Markup:
    text = text_of(content, part)
    return to_html("\n".join(f"- {line}" for line in text.splitlines()) if part == "must_know" else text)


def _sections(content: dict[str, Any]) -> list[tuple[str, str, Markup]]:
    """Slug, heading and HTML of each section, in order."""
    return [
        (slug, heading, to_html(content["sections"][slug]))
        for slug, heading in SECTIONS.items()
        if content["sections"].get(slug)
    ]
