"""The guidance room: the library of etiquette guides, each version for ever, and how a new one is published."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, may
from engage.services import guide_care, guide_places
from engage.web import access, keyset
from engage.web.guidance import authoring, queries, said
from engage.web.guidance.forms import LibraryForm
from engage.web.guidance.room import bp, differing, place, sections

__all__ = ["authoring", "bp", "said"]


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
        bodies=[] if name or after[0] else [(guide_places.code_of(one), one) for one in queries.of_bodies()],
        may_publish=may(access.me(), Do.PUBLISH_GUIDE),
        next_url=keyset.following(after="_".join(more)) if more else None,
        first_url=keyset.following(after=None) if after[0] else None,
    )


@bp.get("/guidance/<code>")
def guide(code: str) -> ResponseReturnValue:
    """One guide as it stands, with facts from maintained data beside it."""
    code, about, facts = place(code)
    version = queries.text(code)
    if version is None and about is None:
        abort(404)
    return render_template(
        "guidance/guide.html",
        code=code,
        place=about,
        facts=facts,
        version=version,
        sections=sections(version.content) if version else [],
        cares=guide_care.of(version.guide_id) if version else {},
        may_publish=may(access.me(), Do.PUBLISH_GUIDE),
    )


@bp.get("/guidance/<code>/versions")
def versions(code: str) -> ResponseReturnValue:
    """Every version of a guide that was ever published."""
    code, _, _ = place(code)
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
    code, _, _ = place(code)
    found = access.or_404(queries.text(code, number))
    newest = queries.text(code)
    return render_template(
        "guidance/version.html", code=code, version=found, newest=newest.number, sections=sections(found.content)
    )


@bp.get("/guidance/<code>/versions/<int:number>/against/<int:other>")
def against(code: str, number: int, other: int) -> ResponseReturnValue:
    """Two versions side by side: every part that differs."""
    code, _, _ = place(code)
    old, new = (access.or_404(queries.text(code, n)) for n in sorted((number, other)))
    return render_template(
        "guidance/against.html", code=code, old=old, new=new, parts=differing(old.content, new.content)
    )
