"""The minutes of a meeting: drafted, written in their narrative, approved, sealed, added to; and its action items."""

import json
from typing import Any

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from engage.documents import meeting_minutes
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import action_items, meeting_rows, meetings, minutes, submissions
from engage.services.meetings import stage
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board.meeting_forms import ActionForm, AddendumForm, ApproveForm
from engage.web.board.meetings import found
from engage.web.board.room import bp
from engage.web.downloads import attachment
from engage.web.forms import Form, prose
from engage.web.safety import say


def _opened(meeting_id: int) -> Any:
    record = found(meeting_id)
    return access.or_404(record if record.opened_at else None)


@bp.get("/board/meetings/<int:meeting_id>/minutes")
def meeting_minutes_page(meeting_id: int) -> ResponseReturnValue:
    """The minutes: sealed with their addenda, or the draft as it stands."""
    record, who = _opened(meeting_id), access.me()
    sealed, written = minutes.sealed(meeting_id), minutes.of(meeting_id)
    said = json.loads(sealed.content) if sealed else minutes.draft(record)
    return render_template(
        "board/meetings/minutes.html", meeting=record, stage=stage(record), said=said, sealed=sealed, written=written,
        addenda=minutes.addenda(meeting_id), intact=sealed is None or minutes.intact(sealed),
        may_write=sealed is None and may(who, Do.KEEP_MINUTES),
        may_approve=sealed is None and record.ended_at is not None and may(who, Do.APPROVE_MINUTES),
        may_seal=sealed is None and written is not None and written.approved_at is not None
        and may(who, Do.KEEP_MINUTES),
        may_add=sealed is not None and may(who, Do.KEEP_MINUTES), approve=ApproveForm(None),
        may_ask=sealed is None and may(who, Do.RUN_MEETING),
    )  # fmt: skip


@bp.get("/board/meetings/<int:meeting_id>/minutes.pdf")
def meeting_minutes_pdf(meeting_id: int) -> Response:
    """The minutes on paper."""
    record = _opened(meeting_id)
    sealed, written = minutes.sealed(meeting_id), minutes.of(meeting_id)
    if sealed is not None:
        made = meeting_minutes.of_sealed(sealed, minutes.addenda(meeting_id))
    else:
        newest = max(filter(None, (record.opened_at, record.ended_at, written and written.changed_at)))
        made = meeting_minutes.as_pdf(minutes.draft(record), made_at=newest)
    return attachment(made, f"minutes-{meeting_id}.pdf")


@bp.route("/board/meetings/<int:meeting_id>/minutes/edit", methods=["GET", "POST"])
def meeting_minutes_edit(meeting_id: int) -> ResponseReturnValue:
    """Write the narrative of the minutes; all else in them is recorded acts."""
    record = _opened(meeting_id)
    if not may(access.me(), Do.KEEP_MINUTES):
        raise NotAllowed("Only the secretariat writes the minutes.")
    if minutes.sealed(meeting_id) is not None:
        raise NotOpen("These minutes are sealed. An addendum corrects them.")
    written, rows = minutes.of(meeting_id), meeting_rows.entries(meeting_id)
    told = minutes.narrative(written)
    form = _narrative(rows)(
        request.form, version=str(written.version if written else ""),
        **{f"part_{key}" if key.isdecimal() else key: text for key, text in told.items()},
    )  # fmt: skip
    if form.accepted():
        given = {name.removeprefix("part_"): form[name].data or "" for name in form.words}
        seen = form.version.data or ""
        version = int(seen) if seen.isdecimal() and len(seen) < 10 else None
        try:
            with transaction():
                held = meetings.hold(meeting_id)
                minutes.write(held, given, version=version, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse({(f"part_{key}" if key.isdecimal() else key): text for key, text in refusal.at.items()})
        else:
            return say("The narrative is kept.", f"/board/meetings/{meeting_id}/minutes")
    page = render_template("board/meetings/minutes_edit.html", form=form, meeting=record)
    return page, 422 if request.method == "POST" else 200


def _narrative(rows: list[Any]) -> Any:
    """A form with a field for the opening, for each entry, and for the closing."""
    words = {"opening": prose("Opening"), **{f"part_{row.id}": prose(row.title or row.heading) for row in rows},
             "closing": prose("Closing")}  # fmt: skip
    return type("NarrativeForm", (Form,), {"version": HiddenField(validators=[Length(max=12)]), "words": list(words),
                                           **words})  # fmt: skip


@bp.post("/board/meetings/<int:meeting_id>/minutes/approve")
def meeting_minutes_approve(meeting_id: int) -> ResponseReturnValue:
    """Approve the minutes as they stand."""
    _opened(meeting_id)
    form = ApproveForm(request.form)
    if not form.accepted():
        raise NotOpen("Say how the minutes were approved: choose one of the two ways.")
    with transaction():
        minutes.approve(meetings.hold(meeting_id), how=form.how.data, by=access.me(), now=access.clock())
    return say("The minutes are approved. The secretariat can seal them.", f"/board/meetings/{meeting_id}/minutes")


@bp.post("/board/meetings/<int:meeting_id>/minutes/seal")
def meeting_minutes_seal(meeting_id: int) -> ResponseReturnValue:
    """Seal the minutes for ever."""
    _opened(meeting_id)
    with transaction():
        minutes.seal(meetings.hold(meeting_id), by=access.me(), now=access.clock())
    return say("The minutes are sealed. An addendum corrects them.", f"/board/meetings/{meeting_id}/minutes")


@bp.route("/board/meetings/<int:meeting_id>/minutes/addendum", methods=["GET", "POST"])
def meeting_minutes_addendum(meeting_id: int) -> ResponseReturnValue:
    """Correct sealed minutes."""
    record, form, me, now = _opened(meeting_id), AddendumForm(request.form), access.me(), access.clock()
    if not may(me, Do.KEEP_MINUTES):
        raise NotAllowed("Only the secretariat adds to minutes.")
    if minutes.sealed(meeting_id) is None:
        raise NotOpen("The minutes are not sealed yet: correct the draft.")
    here = f"/board/meetings/{meeting_id}/minutes"
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                minutes.add_addendum(meetings.hold(meeting_id), form.text.data or "", by=me, now=now)
                submissions.answer(form.once.data, here, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The addendum stands beside the minutes.", here)
    page = render_template("board/meetings/addendum.html", form=form, meeting=record)
    return page, 422 if request.method == "POST" else 200


@bp.route("/board/meetings/<int:meeting_id>/actions/new", methods=["GET", "POST"])
def meeting_action(meeting_id: int) -> ResponseReturnValue:
    """Record what the meeting asks somebody to do."""
    record, form, me, now = _opened(meeting_id), ActionForm(request.form), access.me(), access.clock()
    if not may(me, Do.RUN_MEETING):
        raise NotAllowed("Only the chair and the secretariat record action items.")
    form.owner.choices = [SelectChoice(number, name) for number, name in meeting_rows.people()]
    here = f"/board/meetings/{meeting_id}/minutes"
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                action_items.add(
                    meetings.hold(meeting_id), form.text.data or "", owner_id=form.owner.data, due_on=form.due_on.data,
                    entry_id=_called(meeting_id), by=me, now=now,
                )  # fmt: skip
                submissions.answer(form.once.data, here, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The action item is recorded, and its owner is told.", here)
    page = render_template("board/meetings/action.html", form=form, meeting=record)
    return page, 422 if request.method == "POST" else 200


def _called(meeting_id: int) -> int | None:
    """The entry under discussion, to which an action item belongs."""
    return next((row.id for row in meeting_rows.entries(meeting_id) if row.called_at and not row.closed_at), None)
