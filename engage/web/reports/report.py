"""The group's one report: what is known stands in it, the group writes the rest, and files it once for all."""

import json
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed, ReasonNeeded, Stale
from engage.rules.workflow import APPROVED
from engage.services import report_facts, reports, submissions
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.reports import queries
from engage.web.reports.forms import FileForm, ReportForm, TakeBackForm
from engage.web.reports.room import bp, engagement_or_404, settled


def version_of(form: Any) -> int:
    """The version of the draft that a form was made from; 0 for none."""
    given = form.version.data or ""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


@bp.get("/engagements/<int:item_id>/report")
def report(item_id: int) -> ResponseReturnValue:
    """The report as it stands. At most ten statements, whatever is in it."""
    engagement, subject = engagement_or_404(item_id)
    return _page(engagement, subject)


def _page(
    engagement: Any, subject: Any, status: int = 200, form: ReportForm | None = None, **said: Any
) -> ResponseReturnValue:
    today = access.today()
    facts = report_facts.of(engagement, today)
    begun = engagement.state in APPROVED and engagement.starts_on is not None and engagement.starts_on <= today
    mine = may(access.me(), Do.WRITE_REPORT, subject)
    filed = bool(facts.report and facts.report.filed_at)
    if form is None:
        data = {**facts.said, "version": str(facts.report.version if facts.report else 0)}
        form = ReportForm(data=data)
    page = render_template(
        "reports/report.html", engagement=engagement, facts=facts, form=form, filing=said.pop("filing", FileForm()),
        begun=begun, may_write=mine and begun and not filed, may_take_back=mine and filed, filed=filed,
        may_promise=begun and may(access.me(), Do.MAKE_COMMITMENT, subject),
        ended=engagement.ends_on is not None and engagement.ends_on <= today,
        missing=said.pop("missing", {}), theirs=said.pop("theirs", None),
    )  # fmt: skip
    return page, status


@bp.post("/engagements/<int:item_id>/report")
def write(item_id: int) -> ResponseReturnValue:
    """Save what the group writes. Where a colleague wrote meanwhile, both texts are shown and nothing is lost."""
    engagement, subject = engagement_or_404(item_id)
    form = ReportForm(request.form)
    if not form.accepted():
        return _page(engagement, subject, 422, form)
    me, now, url = access.me(), access.clock(), f"/engagements/{item_id}/report"
    said = {name: form[name].data or "" for name in reports.WRITTEN}
    try:
        with transaction():
            if submissions.claim(form.once.data or "", by=me, now=now, leads_to=url) is None:
                reports.write(engagement, said, version=version_of(form), by=me, now=now)
        return safety.say("Saved. Your group sees it; file it when it is whole.", url)
    except Incomplete as refusal:
        form.refuse(refusal.at)
        return _page(engagement, subject, 422, form)
    except Stale as stale:
        safety.end_visit()
        engagement, subject = engagement_or_404(item_id)
        facts = report_facts.of(engagement, access.today())
        form.version.data = str(facts.report.version if facts.report else 0)
        form.once.data = ReportForm().once.data
        return _page(engagement, subject, 409, form, theirs=(str(stale), facts.said))


@bp.post("/engagements/<int:item_id>/report/file")
def file(item_id: int) -> ResponseReturnValue:
    """File it: what is known and what is written are frozen together."""
    engagement, subject = engagement_or_404(item_id)
    form, me, now = FileForm(request.form), access.me(), access.clock()
    url, missing = f"/engagements/{item_id}/report", {}
    if form.accepted():
        try:
            with transaction():
                if submissions.claim(form.once.data or "", by=me, now=now, leads_to=url) is None:
                    reports.file(engagement, by=me, now=now, today=access.today(), reason=form.reason.data or "")
            return safety.say("Filed, for the whole group. Its outcomes count from now on.", url)
        except ReasonNeeded as refusal:
            form.refuse({"reason": str(refusal)})
        except Incomplete as refusal:
            missing = refusal.at
        safety.end_visit()
        form.once.data = FileForm().once.data
        engagement, subject = engagement_or_404(item_id)
    return _page(engagement, subject, 422, filing=form, missing=missing)


@bp.route("/engagements/<int:item_id>/report/take-back", methods=["GET", "POST"])
def take_back(item_id: int) -> ResponseReturnValue:
    """Write on in a filed report, with a reason; what was filed stays."""
    engagement, subject = engagement_or_404(item_id)
    if not may(access.me(), Do.WRITE_REPORT, subject):
        raise NotAllowed("Who travelled, and who asked for the engagement, write its report.")
    form = TakeBackForm(request.form)
    if form.accepted():

        def act() -> tuple[str, str]:
            reports.take_back(engagement, form.reason.data or "", by=access.me(), now=access.clock())
            return "The report is a draft again. What was filed is kept.", f"/engagements/{item_id}/report"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template("reports/take_back.html", engagement=engagement, form=form)
    return page, 422 if request.method == "POST" else 200


@bp.get("/engagements/<int:item_id>/report/versions")
def versions(item_id: int) -> ResponseReturnValue:
    """Every time it was filed."""
    engagement, _ = engagement_or_404(item_id)
    return render_template("reports/versions.html", engagement=engagement, rows=queries.versions(item_id))


@bp.get("/engagements/<int:item_id>/report/versions/<int:number>")
def version(item_id: int, number: int) -> ResponseReturnValue:
    """The report as it was filed."""
    engagement, _ = engagement_or_404(item_id)
    found = access.or_404(reports.version_of(item_id, number))
    return render_template(
        "reports/version.html", engagement=engagement, row=found, said=json.loads(found.content)
    )
