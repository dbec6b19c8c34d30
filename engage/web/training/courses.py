"""Courses: how long each is good, what stands for it and what comes before; kept by training owners."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete
from engage.services import courses as service
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.training import queries
from engage.web.training.forms import CourseForm
from engage.web.training.room import bp


@bp.get("/training/courses")
def courses() -> ResponseReturnValue:
    """Every course, retired ones as well."""
    return render_template(
        "training/courses.html", lines=queries.catalogue(access.today()), edits=may(access.me(), Do.EDIT_COURSES)
    )


@bp.route("/training/courses/new", methods=["GET", "POST"])
def add_course() -> ResponseReturnValue:
    """Write a new course."""
    form = _form(None)
    if request.method == "GET":
        form.starts_on.data = access.today()
    return _page(form, None)


@bp.route("/training/courses/<int:course_id>", methods=["GET", "POST"])
def course(course_id: int) -> ResponseReturnValue:
    """Change a course."""
    form = _form(course_id)
    found = access.or_404(service.find(course_id))
    if request.method == "GET":
        stand, before = service.related(course_id)
        rows = service.validities(course_id)
        for name in ("code", "name", "hours", "source", "retired_on", "version"):
            form[name].data = getattr(found, name)
        form.valid_months.data, form.starts_on.data = rows[0].valid_months if rows else None, access.today()
        form.satisfied_by.data, form.requires.data = [str(i) for i in sorted(stand)], [str(i) for i in sorted(before)]
    return _page(form, found)


def _form(course_id: int | None) -> Any:
    if not may(access.me(), Do.EDIT_COURSES):
        abort(403)
    form = CourseForm(request.form)
    others = [row for row in queries.catalogue(access.today()) if row.id != course_id]
    form.satisfied_by.choices = [SelectChoice(str(row.id), row.name) for row in others]
    form.requires.choices = [SelectChoice(str(row.id), row.name) for row in others]
    return form


def _page(form: Any, found: Any) -> ResponseReturnValue:
    if form.accepted():
        wanted = service.Wanted(
            code=found.code if found else (form.code.data or "").upper(),
            name=form.name.data,
            hours=form.hours.data,
            source=form.source.data,
            valid_months=form.valid_months.data,
            starts_on=form.starts_on.data,
            satisfied_by=frozenset(map(int, form.satisfied_by.data or ())),
            requires=frozenset(map(int, form.requires.data or ())),
            retired_on=form.retired_on.data,
        )
        version = int(form.version.data) if (form.version.data or "").isdecimal() else 0
        try:
            with transaction():
                service.save(found, wanted, version=version, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say("The course is saved.", "/training/courses")
    page = render_template(
        "training/course.html", form=form, course=found, validities=service.validities(found.id) if found else []
    )
    return page, 422 if form.errors else 200
