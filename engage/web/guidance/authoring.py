"""The guidance room's desk for content owners: a next version or a first one, and who looks after which section."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.guide_changes import changed
from engage.rules.guide_text import SECTIONS
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, Stale
from engage.services import guidance, guide_care, guide_places, lessons
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.guidance import proposals, queries
from engage.web.guidance.forms import (
    CARED_FOR,
    EMPTY,
    CareForm,
    GuideForm,
    ask_marks,
    content_of,
    differences,
    fill,
    marks_of,
)
from engage.web.guidance.room import bp, differing, place, sections


@bp.route("/guidance/<code>/edit", methods=["GET", "POST"])
def edit(code: str) -> ResponseReturnValue:
    """Write the next version of a guide, or the first: preview it, mark what changed, then publish it."""
    code, about, _ = place(code)
    if not may(access.me(), Do.PUBLISH_GUIDE):
        abort(403)
    version = queries.text(code)
    old = version.content if version else EMPTY
    form: Any = GuideForm(request.form)
    if version is None:
        del form.note
    content: Any = None
    if request.method == "GET":
        title = version.title if version else f"{about.name}: etiquette for official visits" if about else ""
        fill(form, title, old, version.id if version else 0)
        proposals.begin_with(form, request.args.get("proposal"), version)
    elif form.accepted():
        content = content_of(form)
        if form.propose.data and version:
            try:
                return proposals.put(version, form, content)
            except Incomplete as refusal:
                form.refuse(refusal.at)
            except Stale as refusal:
                return safety.page(409, message=str(refusal), return_url=f"/guidance/{code}/edit")
        elif form.publish.data:
            try:
                with transaction():
                    _publish(code, version, form, content)
            except Incomplete as refusal:
                form.refuse(refusal.at)
            except Stale as refusal:
                now_there = queries.text(code)
                return safety.page(
                    409,
                    message=str(refusal),
                    differences=differences(content, form.title.data, now_there) if now_there else [],
                    return_url=f"/guidance/{code}/edit",
                )
            else:
                return safety.say("Published. Every earlier version stays readable.", f"/guidance/{code}")
    wrong = {name for name in form.errors if name}
    changed_now = changed(old, content) if content and version else ()
    ask_marks(form, {*changed_now, *(name.removeprefix("mark_") for name in wrong)})
    if content is None or any(not name.startswith("mark_") for name in wrong):
        content = None
        del form.publish  # nobody publishes what nobody has looked at
    if content is None or version is None:
        del form.propose
    page = render_template(
        "guidance/edit.html",
        code=code,
        version=version,
        place=about,
        form=form,
        content=content,
        headings=SECTIONS,
        sections=sections(content) if content else [],
        differing=differing(old, content) if content and version else [],
    )
    return page, 422 if wrong or form.form_errors else 200


def _publish(code: str, version: Any, form: Any, content: Any) -> None:
    by, now, title = access.me(), access.clock(), form.title.data or ""
    if version is None:
        guidance.begin(code, title, content, by=by, now=now)
        return
    guidance.publish(
        version.guide_id,
        title,
        content,
        based_on=int(form.based_on.data) if form.based_on.data.isdecimal() else 0,
        marks=marks_of(form),
        note=form.note.data or "",
        by=by,
        now=now,
    )


@bp.route("/guidance/<code>/care", methods=["GET", "POST"])
def care(code: str) -> ResponseReturnValue:
    """Who looks after the guide and each section of it, and by when it is reviewed."""
    code, _, _ = place(code)
    if not may(access.me(), Do.PUBLISH_GUIDE):
        abort(403)
    version = access.or_404(queries.text(code))
    form: Any = CareForm(request.form)
    form.offer(queries.content_owners(access.today()))
    if request.method == "GET":
        form.fill(guide_care.of(version.guide_id))
    elif form.accepted():
        try:
            with transaction():
                guide_care.set_care(version.guide_id, form.cares(), by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say("Noted. Each owner is reminded before the day.", f"/guidance/{code}")
    page = render_template("guidance/care.html", code=code, version=version, form=form)
    return page, 422 if form.errors else 200


@bp.get("/guidance/work")
def work() -> ResponseReturnValue:
    """What waits for content owners: countries travelled to without a guide, reviews due, starter texts."""
    if not may(access.me(), Do.PUBLISH_GUIDE):
        abort(403)
    today = access.today()
    return render_template(
        "guidance/work.html",
        wanted=queries.wanted(today),
        reviews=[(one, guide_places.code_of(one), CARED_FOR[one.part]) for one in queries.reviews_due(today)],
        starters=queries.starters(), said=lessons.waiting(),
    )
