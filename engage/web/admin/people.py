"""The list of people, and inviting somebody new."""

from datetime import date
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.refusals import Incomplete
from engage.services import people as register
from engage.services import submissions
from engage.services.transaction import transaction
from engage.web import access, exports
from engage.web.admin import queries
from engage.web.admin.forms import InviteForm, SearchForm
from engage.web.admin.room import bp
from engage.web.keyset import cursor, following, read
from engage.web.safety import say

_COLUMNS = (
    exports.Column("Name", lambda row: row[0].name),
    exports.Column("E-mail address", lambda row: row[0].email),
    exports.Column("Office", lambda row: row[0].office),
    exports.Column("Roles", lambda row: ", ".join(row[1])),
    exports.Column("Disabled", lambda row: row[0].disabled_at),
)


def _with_roles(typed: str, after: Any, today: date) -> tuple[list[Any], Any]:
    rows, more = queries.people(typed, after)
    roles = queries.roles([row.id for row in rows], today)
    return [(row, roles.get(row.id, [])) for row in rows], more


@bp.get("/admin/people")
def people() -> ResponseReturnValue:
    """Everybody, by name, or those whose name or address begins like this."""
    form, after = SearchForm(request.args), read(str)
    if not form.validate():
        return render_template("admin/people.html", form=form, rows=[], roles={}, next_url=None, first_url=None), 422
    if exports.asked():
        typed, today = form.q.data or "", access.today()
        return exports.answer("people", _COLUMNS, exports.paged(lambda after: _with_roles(typed, after, today)))
    rows, more = queries.people(form.q.data or "", after)
    return render_template(
        "admin/people.html",
        form=form, rows=rows, roles=queries.roles([row.id for row in rows], access.today()),
        next_url=following(after=cursor(*more)) if more else None, first_url=following(after=None) if after else None,
    )  # fmt: skip


@bp.route("/admin/people/new", methods=["GET", "POST"])
def invite() -> ResponseReturnValue:
    """Make somebody known, and show once the link by which they set a password."""
    form = InviteForm(request.form, zone=access.settings().home_zone)
    if form.accepted():
        try:
            return _invited(form)
        except Incomplete as refusal:
            form.refuse(refusal.at)
    status = 200 if request.method == "GET" else 422
    return render_template("admin/invite.html", form=form, offices=queries.offices()), status


def _invited(form: InviteForm) -> ResponseReturnValue:
    who, now, settings = access.me(), access.clock(), access.settings()
    if register.is_demonstration(form.email.data.lower()) and not settings.demonstration:
        raise Incomplete({"email": "Addresses at example.gov belong to demonstrations."})
    with transaction():
        if known := submissions.claim(form.once.data, by=who, now=now):
            return say("They were invited already by this form.", known)
        person = register.add(
            email=form.email.data, name=form.name.data, office=form.office.data, supervisor=form.supervisor.data,
            zone=form.zone.data, by=who, now=now, today=access.today(),
        )  # fmt: skip
        path = register.invite(person, by=who, now=now)
        person_id, name = person.id, person.name
        submissions.answer(form.once.data, f"/admin/people/{person_id}", by=who)
    return render_template("admin/link.html", link=settings.url + path, name=name, person_id=person_id, new=True)
