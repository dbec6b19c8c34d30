"""The lists that a law wants: what is missing for each, its files, and the copies as they were sent."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField
from wtforms.validators import InputRequired

from engage.documents import law_lists as printed
from engage.rules.lists import ListKind, Period, period_of, periods_until
from engage.rules.policy import Do, See, may
from engage.rules.refusals import NotAllowed
from engage.services import files, law_lists, law_rows, visibility
from engage.web import access
from engage.web.downloads import attachment
from engage.web.forms import Day, Form, Once, prose, text
from engage.web.reports.room import bp, settled

SHOWN = {ListKind.PAYMENTS: 4, ListKind.GIFTS: 3, ListKind.JUSTIFICATIONS: 6}  # periods that a page offers


class SendForm(Once, Form):
    """That a list was sent, to whom and when."""

    sent_to = text("Sent to", validators=[InputRequired("Say to whom it goes.")])
    sent_on = Day("On", [InputRequired("Give the day on which it is sent.")])
    although = BooleanField("Send it although something is missing")


class JustifyForm(Once, Form):
    """Why an engagement's travel was needed."""

    words = prose("Why the travel was needed", 2000, validators=[InputRequired("Say why the travel was needed.")],
                  description="Fit to be published: the monthly list prints it.")  # fmt: skip


def _may_see() -> None:
    if not may(access.me(), See.LISTS):
        raise NotAllowed("The secretariat, leaders and auditors read the lists that a law wants.")


def _period(kind: str, starts_on: str) -> tuple[ListKind, Period]:
    """The list and period of an address; anything that is none has no page."""
    try:
        day = date.fromisoformat(starts_on)
        found = period_of(ListKind(kind), day)
    except ValueError:
        abort(404)
    if found.starts_on != day or not 2000 < day.year < 2100 or found.starts_on > access.today():
        abort(404)
    return ListKind(kind), found


@bp.get("/lists")
def law_list_index() -> ResponseReturnValue:
    """Each list with its latest periods, what is due, and what was sent."""
    _may_see()
    today, sent = access.today(), law_lists.recent()
    offered = {kind: periods_until(kind, today, SHOWN[kind]) for kind in ListKind}
    known = {(row.kind, row.starts_on) for row in sent}
    pairs = [(kind, one) for kind, periods in offered.items() for one in periods]
    return render_template(
        "reports/lists.html", offered=offered, sent=sent, known=known, due=law_rows.due(today, known, pairs)
    )


@bp.route("/lists/<any(payments, gifts, justifications):kind>/<starts_on>", methods=["GET", "POST"])
def law_list(kind: str, starts_on: str) -> ResponseReturnValue:
    """A list as it would be sent now, with what is missing; sent, it is kept for good."""
    _may_see()
    which, period = _period(kind, starts_on)
    me, today = access.me(), access.today()
    form = SendForm(request.form or None, data={"sent_on": today})
    if form.accepted():

        def act() -> tuple[str, str]:
            kept = law_lists.send(
                which, period, sent_to=form.sent_to.data or "", sent_on=form.sent_on.data,
                although=bool(form.although.data), files_of=printed.files_of, by=me, now=access.clock(), today=today,
            )  # fmt: skip
            return "Kept as sent. Nobody can change it any more.", f"/lists/sent/{kept.id}"

        if (answer := settled(form, act)) is not None:
            return answer
    made = law_lists.preview(which, period)
    page = render_template(
        "reports/list.html", made=made, form=form, sent=law_lists.of_period(which, period),
        may_send=may(me, Do.SEND_LIST) and period.ends_on < today, over=period.ends_on < today,
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


_MAKE: dict[str, tuple[Callable[[dict[str, Any], datetime], bytes], str]] = {
    "xlsx": (printed.as_xlsx, printed.XLSX),
    "csv": (lambda said, made_at: printed.as_csv(said), "text/csv"),
    "pdf": (printed.as_pdf, "application/pdf"),
}


@bp.get("/lists/<any(payments, gifts, justifications):kind>/<starts_on>/preview.<any(xlsx, csv, pdf):ending>")
def law_list_file(kind: str, starts_on: str, ending: str) -> Response:
    """The preview as a file; it says that it was not sent."""
    _may_see()
    which, period = _period(kind, starts_on)
    said = law_lists.content_of(
        law_lists.preview(which, period), number=0, sent_to="", sent_on=access.today(), made_by=access.me().name
    )
    make, media_type = _MAKE[ending]
    return attachment(make(said, access.clock()), f"{kind}-{starts_on}-preview.{ending}", media_type)


@bp.get("/lists/sent/<int:list_id>")
def law_list_sent(list_id: int) -> ResponseReturnValue:
    """A list as it was sent, with its digest and its files."""
    _may_see()
    found = access.or_404(law_lists.kept(list_id))
    return render_template(
        "reports/list_sent.html", kept=found, said=json.loads(found.content),
        stored=files.about("kept_list", [list_id]).get(list_id, []),
    )  # fmt: skip


@bp.route("/lists/justify/<int:item_id>", methods=["GET", "POST"])
def law_list_justify(item_id: int) -> ResponseReturnValue:
    """Write why an engagement's travel was needed."""
    me = access.me()
    if not may(me, Do.SEND_LIST):
        raise NotAllowed("Only the secretariat writes what the lists say.")
    engagement, _ = access.or_404(visibility.find(item_id, by=me))
    known = law_lists.justification_of(item_id)
    form = JustifyForm(request.form or None, data={"words": known.words if known else ""})
    if form.accepted():

        def act() -> tuple[str, str]:
            law_lists.justify(item_id, form.words.data or "", by=me, now=access.clock())
            return "Written down for the monthly list.", "/lists"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template("reports/justify.html", engagement=engagement, form=form)
    return page, 422 if request.method == "POST" else 200
