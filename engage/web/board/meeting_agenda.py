"""The agenda of a meeting as it is built: items added, ordered and taken off, papers given, the whole published."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules import agenda
from engage.rules.agenda import Section
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import agendas, candidates, holding, meeting_rows, meetings, read_ahead, submissions
from engage.services.meetings import stage
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board.meeting_forms import ActForm, AddForm, PaperForm
from engage.web.board.meetings import by_section, found
from engage.web.board.room import bp
from engage.web.safety import say


def _must_convene() -> None:
    if not may(access.me(), Do.CONVENE):
        raise NotAllowed("Only the secretariat and the chair make the agenda.")


@bp.route("/board/meetings/<int:meeting_id>/agenda", methods=["GET", "POST"])
def meeting_agenda(meeting_id: int) -> ResponseReturnValue:
    """Build the agenda; a POST does one small act."""
    found(meeting_id)
    _must_convene()
    form, here, refused = ActForm(request.form), f"/board/meetings/{meeting_id}/agenda", ""
    if form.accepted():
        try:
            with transaction():
                done = _act(meeting_id, form)
        except (NotOpen, Incomplete) as refusal:
            refused = str(refusal)
        else:
            return say(done, f"{here}#entry-{form.entry.data}" if form.entry.data else here)
    record, rows = found(meeting_id), meeting_rows.entries(meeting_id)
    suggested = candidates.suggestions(record)
    items = [row.item_id for row in rows if row.item_id] + [row.id for _, row in suggested]
    page = render_template(
        "board/meetings/agenda.html", meeting=record, stage=stage(record), when=meetings.in_words(record),
        sections=by_section(rows), SECTIONS=list(Section),
        suggested=[(agenda.section_of(one), row) for one, row in suggested], refused=refused,
        held=holding.lines(items, day=access.today(), me=access.me().id),
        published=meeting_rows.published(meeting_id), late=read_ahead.late, due=read_ahead.due_on(record),
    )  # fmt: skip
    return page, 409 if refused else 422 if request.method == "POST" else 200


def _act(meeting_id: int, form: ActForm) -> str:
    """Do one act; what was done, in a sentence."""
    me, now, record = access.me(), access.clock(), meetings.hold(meeting_id)
    entry = form.entry.data or 0
    section = Section(form.section.data) if form.section.data else None
    match form.act.data:
        case "add":
            agendas.add(record, form.item.data or 0, section=section, by=me, now=now)
            return "It is on the agenda."
        case "add_all":
            for candidate, _ in candidates.suggestions(record):
                agendas.add(record, candidate.item_id, by=me, now=now)
            return "Everything suggested is on the agenda, in the order suggested."
        case "remove":
            agendas.remove(record, entry, by=me, now=now)
            return "It is off the agenda, and on the docket still."
        case "up" | "down":
            agendas.arrange(record, entry, up=form.act.data == "up", by=me, now=now)
            return "The order is changed."
        case "move":
            agendas.arrange(record, entry, position=form.position.data, section=section, by=me, now=now)
            return "The order is changed."
        case "publish":
            agendas.publish(record, by=me, now=now)
            return "The agenda is published, as it stands."
    raise NotOpen("This is no act of an agenda. Open the page again.")


@bp.route("/board/meetings/<int:meeting_id>/agenda/point", methods=["GET", "POST"])
def meeting_point(meeting_id: int) -> ResponseReturnValue:
    """Put a point that is no item on the agenda."""
    record, form, me, now = found(meeting_id), AddForm(request.form), access.me(), access.clock()
    _must_convene()
    here = f"/board/meetings/{meeting_id}/agenda"
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                agendas.add_heading(
                    meetings.hold(meeting_id), form.heading.data or "", Section(form.section.data), by=me, now=now
                )
                submissions.answer(form.once.data, here, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The point is on the agenda.", here)
    return render_template("board/meetings/point.html", form=form, meeting=record), 422 if form.errors else 200


@bp.route("/board/meetings/<int:meeting_id>/papers/new", methods=["GET", "POST"])
def meeting_paper(meeting_id: int) -> ResponseReturnValue:
    """Give the meeting a paper."""
    record, form, me, now = found(meeting_id), PaperForm(request.form), access.me(), access.clock()
    _must_convene()
    rows = [row for row in meeting_rows.entries(meeting_id) if row.ended_at is None]
    form.entry.choices = [
        SelectChoice(0, "The whole meeting"), *(SelectChoice(row.id, row.title or row.heading) for row in rows)
    ]  # fmt: skip
    here = f"/board/meetings/{meeting_id}"
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                read_ahead.add(
                    meetings.hold(meeting_id), form.title.data or "", text=form.text.data or "", file=form.file.data,
                    entry_id=form.entry.data or None, by=me, now=now,
                )  # fmt: skip
                submissions.answer(form.once.data, here, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The paper is given.", here)
    page = render_template("board/meetings/paper.html", form=form, meeting=record, late=record.papers_at is not None)
    return page, 422 if request.method == "POST" else 200


@bp.post("/board/meetings/<int:meeting_id>/pull")
def meeting_pull(meeting_id: int) -> ResponseReturnValue:
    """Take an item off the consent list: one click of any member."""
    form = ActForm(request.form)
    found(meeting_id)
    if not form.accepted():
        raise NotOpen("This is not on the consent list.")
    with transaction():
        agendas.pull(meetings.hold(meeting_id), form.entry.data or 0, by=access.me(), now=access.clock())
    back = "/live" if form.act.data == "live" else ""
    return say("It is off the consent list, and is discussed by itself.", f"/board/meetings/{meeting_id}{back}")
