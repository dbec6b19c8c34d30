"""The guidance room: the library of etiquette guides, each version for ever, and how a new one is published."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.documents.markdown import to_html
from engage.rules.guide_text import SECTIONS
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, Stale
from engage.services import guidance
from engage.services.transaction import transaction
from engage.web import access, keyset, safety
from engage.web.guidance import queries
from engage.web.guidance.forms import GuideForm, LibraryForm, content_of, differences, fill

bp = Blueprint("guidance", __name__)


@bp.get("/guidance")
def library() -> ResponseReturnValue:
    """All guides, found by the country's name."""
    form = LibraryForm(request.args)
    name = (form.name.data or "") if form.validate() else ""
    after = request.args.get("after", "")[:300].rpartition("_")
    lines, more = queries.library(name, (after[0], after[2]) if after[0] and "\x00" not in after[0] else None)
    return render_template(
        "guidance/library.html",
        form=form,
        name=name,
        lines=lines,
        general=None if name or after[0] else queries.general(),
        next_url=keyset.following(after="_".join(more)) if more else None,
        first_url=keyset.following(after=None) if after[0] else None,
    )


@bp.get("/guidance/<code>")
def guide(code: str) -> ResponseReturnValue:
    """One guide as it stands, with facts from maintained data beside it."""
    code, facts = _place(code)
    version = queries.text(code)
    if version is None and facts is None:
        abort(404)
    return render_template(
        "guidance/guide.html",
        code=code,
        facts=facts,
        version=version,
        sections=_sections(version.content) if version else [],
        may_publish=may(access.me(), Do.PUBLISH_GUIDE),
    )


def _place(code: str) -> tuple[str, queries.Facts | None]:
    """The code as guides are addressed by it, and what is known of the country; anything else is a 404."""
    if code == "general":
        return code, None
    code = code.upper()
    return code, access.or_404(queries.facts(code, access.clock(), access.today()))


@bp.get("/guidance/<code>/versions")
def versions(code: str) -> ResponseReturnValue:
    """Every version of a guide that was ever published."""
    code, _ = _place(code)
    version = access.or_404(queries.text(code))
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= access.LARGEST_ID:
        abort(400)
    lines, more = queries.versions(version.guide_id, before)
    return render_template(
        "guidance/versions.html",
        code=code,
        version=version,
        lines=lines,
        next_url=keyset.following(before=str(more)) if more else None,
        first_url=keyset.following(before=None) if before else None,
    )


@bp.get("/guidance/<code>/versions/<int:number>")
def version(code: str, number: int) -> ResponseReturnValue:
    """One published text, in force or not."""
    code, _ = _place(code)
    found = access.or_404(queries.text(code, number))
    newest = queries.text(code)
    return render_template(
        "guidance/version.html", code=code, version=found, newest=newest.number, sections=_sections(found.content)
    )


@bp.route("/guidance/<code>/edit", methods=["GET", "POST"])
def edit(code: str) -> ResponseReturnValue:
    """Write the next version of a guide: preview it, then publish it."""
    code, _ = _place(code)
    if not may(access.me(), Do.PUBLISH_GUIDE):
        abort(403)
    version = access.or_404(queries.text(code))
    form: Any = GuideForm(request.form)
    content: Any = None
    if request.method == "GET":
        fill(form, version)
    elif form.accepted():
        content = content_of(form)
        if form.publish.data:
            try:
                with transaction():
                    guidance.publish(
                        version.guide_id,
                        form.title.data,
                        content,
                        based_on=int(form.based_on.data) if form.based_on.data.isdecimal() else 0,
                        material=form.material.data == "yes",
                        note=form.note.data or "",
                        by=access.me(),
                        now=access.clock(),
                    )
            except Incomplete as refusal:
                form.refuse(refusal.at)
            except Stale as refusal:
                return safety.page(
                    409,
                    message=str(refusal),
                    differences=differences(content, form.title.data, queries.text(code)),
                    return_url=f"/guidance/{code}/edit",
                )
            else:
                return safety.say("Published. The earlier version stays readable.", f"/guidance/{code}")
    shown = content if content and not form.errors else None
    if shown is None:
        del form.publish  # nobody publishes what nobody has looked at
    page = render_template(
        "guidance/edit.html",
        code=code,
        version=version,
        form=form,
        content=shown,
        sections=_sections(shown) if shown else [],
    )
    return page, 422 if form.errors else 200


def _sections(content: Any) -> list[tuple[str, str, Any]]:
    return [
        (slug, heading, to_html(content["sections"][slug]))
        for slug, heading in SECTIONS.items()
        if content["sections"].get(slug)
    ]
