"""The results room: what engagements brought, what was promised and given, and what the law asks about it."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, Role, may
from engage.rules.refusals import NotAllowed
from engage.services import commitment_lists, late_reports, people
from engage.web import access
from engage.web.reports import counted, gifts, lists, parts, promises, queries, report
from engage.web.reports.forms import LetThroughForm
from engage.web.reports.room import bp, settled

__all__ = ["bp", "counted", "gifts", "lists", "parts", "promises", "report"]

FOLLOW = frozenset({Role.SECRETARIAT, Role.CHAIR, Role.LEADERSHIP, Role.AUDITOR})


@bp.get("/reports")
def reports() -> ResponseReturnValue:
    """The reports of one's groups and one's promises; for who follows them, what is overdue and what was filed."""
    me, today = access.me(), access.today()
    follows = bool(me.roles & FOLLOW)
    late = late_reports.every(today) if follows else late_reports.of_person(me.id or 0, today)
    return render_template(
        "reports/reports.html", own=queries.own(me.id, today), follows=follows, late=late,
        late_ids={one.engagement_id for one in late}, filed=queries.filed(me),
        passes=late_reports.passes([id_ for one in late for id_ in one.people], today),
        promises=commitment_lists.of_owner(me.id or 0, today), lets=lambda id_: may(me, Do.LET_LATE_ASK, id_),
    )  # fmt: skip


@bp.route("/reports/late/<int:person_id>", methods=["GET", "POST"])
def let_through(person_id: int) -> ResponseReturnValue:
    """Let somebody ask although a report of theirs is overdue, with a reason."""
    me, today = access.me(), access.today()
    if not may(me, Do.LET_LATE_ASK, person_id):
        raise NotAllowed("The secretariat and the chair let somebody through, and never themselves.")
    person = access.or_404(people.find(person_id))
    form = LetThroughForm(request.form or None)
    if form.accepted():

        def act() -> tuple[str, str]:
            late_reports.let_through(person_id, ends_on=form.ends_on.data, reason=form.reason.data or "", by=me,
                                     now=access.clock(), today=today)  # fmt: skip
            return f"{person.name} may ask. They have been told.", "/reports"

        if (answer := settled(form, act)) is not None:
            return answer
    late = late_reports.of_person(person_id, today)
    page = render_template("reports/let_through.html", person=person, form=form, late=late)
    return page, 422 if request.method == "POST" else 200
