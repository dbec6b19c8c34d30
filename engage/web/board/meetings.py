"""The board's meetings: the list, one meeting, and calling, moving and cancelling it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import meeting_calendar, meeting_pack
from engage.rules.agenda import Section
from engage.rules.policy import Do, See, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import (
    agendas,
    holding,
    meeting_rows,
    meetings,
    minutes,
    read_ahead,
    seats,
    submissions,
    visibility,
)
from engage.services.meetings import Stage, stage
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board.meeting_forms import CancelForm, MeetingForm
from engage.web.board.room import bp
from engage.web.downloads import attachment
from engage.web.safety import say


def found(meeting_id: int) -> Any:
    """The meeting, for whoever may see meetings; else 404."""
    return access.or_404(meetings.find(meeting_id) if may(access.me(), See.MEETING) else None)


def by_section(rows: list[Any]) -> list[tuple[Section, list[Any]]]:
    """The entries under their sections, those with entries alone."""
    return [(one, kept) for one in Section if (kept := [row for row in rows if row.section is one])]


@bp.get("/board/meetings")
def meetings_list() -> ResponseReturnValue:
    """The meetings to come, and those past."""
    now = access.clock()
    ahead = meeting_rows.ahead(now - timedelta(hours=12))
    known = {row.id for row in ahead}
    past = [row for row in meeting_rows.past(now) if row.id not in known]
    return render_template(
        "board/meetings/list.html", ahead=[(row, stage(row), meetings.in_words(row)) for row in ahead],
        past=[(row, stage(row), meetings.in_words(row)) for row in past], may_convene=may(access.me(), Do.CONVENE),
    )  # fmt: skip


@bp.route("/board/meetings/new", methods=["GET", "POST"])
def meeting_new() -> ResponseReturnValue:
    """Call a meeting."""
    me, now = access.me(), access.clock()
    if not may(me, Do.CONVENE):
        raise NotAllowed("Only the secretariat and the chair call a meeting.")
    form = MeetingForm(request.form, zone=seats.the_board().zone)
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                made = meetings.schedule(form.plan(), by=me, now=now)
                agendas.gather(made, now=now)
                there = f"/board/meetings/{made.id}"
                submissions.answer(form.once.data, there, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The meeting is called, and the members are told.", there)
    page = render_template("board/meetings/edit.html", form=form, meeting=None)
    return page, 422 if request.method == "POST" else 200


@bp.get("/board/meetings/<int:meeting_id>")
def meeting(meeting_id: int) -> ResponseReturnValue:
    """One meeting: when and where, its agenda, its papers, and what came of it."""
    record, who = found(meeting_id), access.me()
    rows, papers = meeting_rows.entries(meeting_id), meeting_rows.papers(meeting_id)
    subjects = visibility.subjects([row.item_id for row in rows if row.item_id])
    due = read_ahead.due_on(record)
    readable = read_ahead.readable(who, papers, subjects)
    return render_template(
        "board/meetings/meeting.html", meeting=record, stage=stage(record), when=meetings.in_words(record),
        sections=by_section(rows), closed={i for i, one in subjects.items() if read_ahead.hidden(who, one)},
        papers=readable, held_back=len(papers) - len(readable), late=read_ahead.late, due=due,
        in_time=read_ahead.in_time(record, due), published=meeting_rows.published(meeting_id),
        opened=meeting_rows.opened_by(meeting_id), actions=meeting_rows.actions(meeting_id),
        before=meeting_rows.open_actions(meeting_id), sealed=minutes.sealed(meeting_id), Stage=Stage,
        held=holding.lines([row.item_id for row in rows if row.item_id], day=access.today(), me=who.id),
        may_convene=may(who, Do.CONVENE), may_run=may(who, Do.RUN_MEETING), may_pull=may(who, Do.PULL_ITEM),
    )  # fmt: skip


@bp.route("/board/meetings/<int:meeting_id>/edit", methods=["GET", "POST"])
def meeting_edit(meeting_id: int) -> ResponseReturnValue:
    """Move a meeting, or change where it is."""
    record = found(meeting_id)
    if not may(access.me(), Do.CONVENE):
        raise NotAllowed("Only the secretariat and the chair move a meeting.")
    meetings.must_be_ahead(record)
    local = record.starts_at.astimezone(ZoneInfo(record.zone))
    form = MeetingForm(
        request.form, title=record.title, day=local.date(), hour=local.time(), minutes_long=record.minutes_long,
        zone=record.zone, place=record.place, link=record.link,
    )  # fmt: skip
    if form.accepted():
        try:
            with transaction():
                meetings.reschedule(meetings.hold(meeting_id), form.plan(), by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The meeting is changed, and the members are told.", f"/board/meetings/{meeting_id}")
    page = render_template("board/meetings/edit.html", form=form, meeting=found(meeting_id))
    return page, 422 if request.method == "POST" else 200


@bp.route("/board/meetings/<int:meeting_id>/cancel", methods=["GET", "POST"])
def meeting_cancel(meeting_id: int) -> ResponseReturnValue:
    """Call a meeting off."""
    record, form = found(meeting_id), CancelForm(request.form)
    if not may(access.me(), Do.CONVENE):
        raise NotAllowed("Only the secretariat and the chair call a meeting off.")
    meetings.must_be_ahead(record)
    if form.accepted():
        try:
            with transaction():
                meetings.cancel(
                    meetings.hold(meeting_id), reason=form.reason.data or "", by=access.me(), now=access.clock()
                )
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The meeting is cancelled. Its items are on the docket still.", f"/board/meetings/{meeting_id}")
    page = render_template("board/meetings/cancel.html", form=form, meeting=found(meeting_id))
    return page, 422 if request.method == "POST" else 200


@bp.get("/board/meetings/<int:meeting_id>/meeting.ics")
def meeting_ics(meeting_id: int) -> Response:
    """The meeting for a calendar."""
    url = f"{access.settings().url}/board/meetings/{meeting_id}"
    return attachment(meeting_calendar.as_calendar(found(meeting_id), url=url), "meeting.ics", "text/calendar")


@bp.get("/board/meetings/<int:meeting_id>/papers")
def meeting_papers(meeting_id: int) -> ResponseReturnValue:
    """The read-ahead on one page; that it was opened is recorded."""
    record, who = found(meeting_id), access.me()
    if record.papers_at is not None and not meeting_rows.has_opened(meeting_id, who.id):
        with transaction():
            read_ahead.opened(meeting_id, by=who, now=access.clock())
    pack = meeting_pack.pack(found(meeting_id), who)
    return render_template("board/meetings/papers.html", meeting=found(meeting_id), pack=pack)


@bp.get("/board/meetings/<int:meeting_id>/pack.pdf")
def meeting_pack_pdf(meeting_id: int) -> Response:
    """The board pack as one tagged document; without the papers of items from which the reader stands aside."""
    record, who = found(meeting_id), access.me()
    if record.papers_at is not None and not meeting_rows.has_opened(meeting_id, who.id):
        with transaction():
            read_ahead.opened(meeting_id, by=who, now=access.clock())
    return attachment(meeting_pack.as_pdf(meeting_pack.pack(found(meeting_id), who)), f"board-pack-{meeting_id}.pdf")


@bp.get("/board/meetings/<int:meeting_id>/agendas/<int:number>")
def meeting_agenda_record(meeting_id: int, number: int) -> ResponseReturnValue:
    """A published agenda, word for word."""
    record = found(meeting_id)
    made = access.or_404(next((one for one in meeting_rows.published(meeting_id) if one.number == number), None))
    return render_template(
        "board/meetings/published.html", meeting=record, made=made, said=agendas.published(made), Section=Section
    )
