"""One person, as administrators see and change them. Every look leaves its line in the trail."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import ReviewKind, Role
from engage.rules.refusals import Incomplete, Stale
from engage.services import grants, sessions
from engage.services import people as register
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.admin import queries
from engage.web.admin.forms import PersonForm, ReasonForm, RoleForm
from engage.web.admin.room import bp
from engage.web.personal import AbsenceForm
from engage.web.safety import say

LABELS = {"name": "Name", "office": "Office", "supervisor": "Supervisor's e-mail address", "zone": "Home time zone"}


def _url(person_id: int) -> str:
    return f"/admin/people/{person_id}"


def _known(person_id: int) -> Any:
    return access.or_404(register.find(person_id))


def _page(person_id: int, status: int = 200, **forms: Any) -> ResponseReturnValue:
    with transaction():
        access.or_404(register.profile(person_id))
        register.look(person_id, by=access.me(), now=access.clock())
    person, today = access.or_404(register.profile(person_id)), access.today()
    given = {
        "edit": PersonForm(
            None, name=person.name, office=person.office or "", supervisor=person.supervisor_email or "",
            zone=person.home_zone, senior=person.senior, version=str(person.version),
        ),
        "role": RoleForm(None, first_on=today),
        "absence": AbsenceForm(None),
        "bar": ReasonForm(None),
    } | forms  # fmt: skip
    return render_template(
        "admin/person.html",
        person=person, roles=grants.of(person_id, today), absences=grants.absences(person_id, today),
        live=len(sessions.live(person_id, now=access.clock())), offices=queries.offices(), **given,
    ), status  # fmt: skip


@bp.get("/admin/people/<int:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """Everything kept about somebody that is not a record of work."""
    return _page(person_id)


@bp.post("/admin/people/<int:person_id>")
def amend(person_id: int) -> ResponseReturnValue:
    """Change name, office, supervisor or zone; a stale page gets both texts."""
    form = PersonForm(request.form)
    if not form.accepted() or not form.version.data:
        return _page(person_id, 422, edit=form)
    try:
        with transaction():
            register.amend(
                _known(person_id), name=form.name.data, office=form.office.data, supervisor=form.supervisor.data,
                zone=form.zone.data, senior=form.senior.data, version=int(form.version.data), by=access.me(),
                now=access.clock(),
            )  # fmt: skip
    except Incomplete as refusal:
        form.refuse(refusal.at)
        return _page(person_id, 422, edit=form)
    except Stale as refusal:
        return _both_texts(person_id, form, str(refusal))
    return say("Saved.", _url(person_id))


def _both_texts(person_id: int, form: PersonForm, sentence: str) -> ResponseReturnValue:
    now = access.or_404(register.profile(person_id))
    theirs = {"name": now.name, "office": now.office, "supervisor": now.supervisor_email, "zone": now.home_zone}
    pairs = [(label, theirs[name] or "", form[name].data or "") for name, label in LABELS.items()]
    differences = [pair for pair in pairs if pair[1] != pair[2]]
    return safety.page(409, message=sentence, differences=differences, return_url=_url(person_id))


@bp.post("/admin/people/<int:person_id>/disable")
def disable(person_id: int) -> ResponseReturnValue:
    """Keep somebody out from now on."""
    form = ReasonForm(request.form)
    if not form.accepted():
        return _page(person_id, 422, bar=form)
    with transaction():
        register.disable(
            _known(person_id), reason=form.reason.data, by=access.me(), now=access.clock(), today=access.today()
        )
    return say("They are disabled, and signed out everywhere.", _url(person_id))


@bp.post("/admin/people/<int:person_id>/enable")
def enable(person_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    with transaction():
        register.enable(_known(person_id), by=access.me(), now=access.clock())
    return say("They may sign in again.", _url(person_id))


@bp.post("/admin/people/<int:person_id>/reset")
def reset(person_id: int) -> ResponseReturnValue:
    """Take the password away, and show once the link by which a new one is set."""
    person, settings = _known(person_id), access.settings()
    if register.is_demonstration(person.email) and not settings.demonstration:
        return safety.page(409, message="Addresses at example.gov belong to demonstrations: no way in from here.")
    with transaction():
        path = register.reset(person, by=access.me(), now=access.clock())
        name = person.name
    return render_template("admin/link.html", link=settings.url + path, name=name, person_id=person_id, new=False)


@bp.post("/admin/people/<int:person_id>/roles")
def grant(person_id: int) -> ResponseReturnValue:
    """Give somebody a role, from a day, through a day."""
    form = RoleForm(request.form)
    if not form.accepted():
        return _page(person_id, 422, role=form)
    kind = ReviewKind(form.kind.data) if form.kind.data else None
    try:
        with transaction():
            grants.grant(
                _known(person_id), Role(form.role.data), kind=kind, starts_on=form.first_on.data,
                ends_on=form.through_on.data, by=access.me(), now=access.clock(),
            )  # fmt: skip
    except Incomplete as refusal:
        names = {"ends_on": "through_on"}
        form.refuse({names.get(field, field): sentence for field, sentence in refusal.at.items()})
        return _page(person_id, 422, role=form)
    return say(f"{Role(form.role.data).label} is granted.", _url(person_id))


@bp.post("/admin/people/<int:person_id>/roles/<int:grant_id>/revoke")
def revoke(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role away at once."""
    granted = access.or_404(grants.find(grant_id, person_id))
    with transaction():
        grants.revoke(granted, by=access.me(), now=access.clock(), today=access.today())
    return say("The role is revoked.", _url(person_id))


@bp.post("/admin/people/<int:person_id>/absences")
def add_absence(person_id: int) -> ResponseReturnValue:
    """Say on which days somebody cannot act."""
    form = AbsenceForm(request.form)
    if not form.accepted():
        return _page(person_id, 422, absence=form)
    try:
        with transaction():
            _known(person_id)
            grants.add_absence(
                person_id, starts_on=form.starts_on.data, ends_on=form.ends_on.data, note=form.note.data,
                by=access.me(), now=access.clock(),
            )  # fmt: skip
    except Incomplete as refusal:
        form.refuse(refusal.at)
        return _page(person_id, 422, absence=form)
    return say("The absence is noted.", _url(person_id))


@bp.post("/admin/people/<int:person_id>/absences/<int:absence_id>/remove")
def remove_absence(person_id: int, absence_id: int) -> ResponseReturnValue:
    """Take an absence out."""
    with transaction():
        if not grants.remove_absence(absence_id, person_id, by=access.me(), now=access.clock()):
            abort(404)
    return say("That absence is out.", _url(person_id))
