"""Sessions of courses: what is offered, signing up and giving back, and who came."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete
from engage.services import briefings
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.training import queries, session_queries
from engage.web.training.forms import SessionForm
from engage.web.training.room import bp


@bp.get("/training/sessions")
def sessions() -> ResponseReturnValue:
    """The sessions that are not over."""
    return render_template(
        "training/sessions.html", lines=session_queries.ahead(access.clock()), edits=may(access.me(), Do.EDIT_COURSES)
    )


@bp.get("/training/sessions/<int:session_id>")
def session(session_id: int) -> ResponseReturnValue:
    """One session; whoever holds it also sees who comes."""
    found = access.or_404(session_queries.one(session_id))
    me, now = access.me(), access.clock()
    people = briefings.names(session_id)
    mine = next((row for row in people if row.person_id == me.id), None)
    checks = may(me, Do.VERIFY_COMPLETION)
    edits = may(me, Do.EDIT_COURSES)
    waiting = [row.id for row in people if row.seated_at is None]
    return render_template(
        "training/session.html",
        session=found,
        mine=mine,
        place=waiting.index(mine.id) + 1 if mine and mine.id in waiting else 0,
        people=people if checks or edits else [],
        checks=checks and found.starts_at - briefings.EARLY <= now,
        edits=edits,
        ahead=found.cancelled_at is None and found.starts_at > now,
    )


@bp.route("/training/sessions/new", methods=["GET", "POST"])
def hold_session() -> ResponseReturnValue:
    """Announce a session."""
    form: Any = _form()
    if request.method == "GET":
        form.zone.data = access.me().zone
    if form.accepted() and (plan := _plan(form)) is not None:
        try:
            with transaction():
                made = briefings.hold(int(form.course_id.data), plan, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            _refuse(form, refusal)
        else:
            return safety.say("The session is announced.", f"/training/sessions/{made.id}")
    return render_template("training/session_form.html", form=form, session=None), 422 if form.errors else 200


@bp.route("/training/sessions/<int:session_id>/edit", methods=["GET", "POST"])
def move_session(session_id: int) -> ResponseReturnValue:
    """Change time, place or seats of a session."""
    form: Any = _form()
    found = access.or_404(session_queries.one(session_id))
    form.course_id.data = str(found.course_id)
    if request.method == "GET":
        starts, ends = (moment.astimezone(ZoneInfo(found.zone)) for moment in (found.starts_at, found.ends_at))
        form.starts_on.data, form.starts_at.data = starts.date(), starts.time()
        form.ends_on.data, form.ends_at.data = ends.date(), ends.time()
        for name in ("zone", "place", "seats", "note", "version"):
            form[name].data = getattr(found, name)
    elif form.accepted() and (plan := _plan(form)) is not None:
        try:
            with transaction():
                version = int(form.version.data) if (form.version.data or "").isdecimal() else 0
                briefings.move(session_id, plan, version=version, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            _refuse(form, refusal)
        else:
            return safety.say("The session is changed.", f"/training/sessions/{session_id}")
    return render_template("training/session_form.html", form=form, session=found), 422 if form.errors else 200


def _form() -> SessionForm:
    if not may(access.me(), Do.EDIT_COURSES):
        abort(403)
    form = SessionForm(request.form)
    form.course_id.choices = [
        SelectChoice("", "Choose a course"),
        *(SelectChoice(str(course.id), course.name) for course in queries.courses(access.today())),
    ]
    return form


def _refuse(form: Any, refusal: Incomplete) -> None:
    named = {"starts_at": "starts_on", "ends_at": "ends_on"}
    form.refuse({named.get(name, name): sentence for name, sentence in refusal.at.items()})


def _plan(form: Any) -> briefings.Plan | None:
    """What was typed; None, and said at the field, where no such zone is known."""
    try:
        zone = ZoneInfo(form.zone.data)
    except (KeyError, ValueError, OSError):
        form.refuse({"zone": "This is no time zone. Write one such as America/New_York."})
        return None

    def moment(day: date, at: time) -> datetime:
        return datetime.combine(day, at, zone).astimezone(UTC)  # an hour that the clocks skip is the one after

    return briefings.Plan(
        starts_at=moment(form.starts_on.data, form.starts_at.data),
        ends_at=moment(form.ends_on.data, form.ends_at.data),
        zone=form.zone.data,
        place=form.place.data or "",
        seats=form.seats.data,
        note=form.note.data or "",
    )


@bp.post("/training/sessions/<int:session_id>/cancel")
def cancel_session(session_id: int) -> ResponseReturnValue:
    """Cancel a session."""
    with transaction():
        briefings.cancel(session_id, by=access.me(), now=access.clock())
    return safety.say("Cancelled. Everybody who signed up is told.", "/training/sessions")


@bp.post("/training/sessions/<int:session_id>/sign-up")
def sign_up(session_id: int) -> ResponseReturnValue:
    """Take a seat, or a place on the waiting list."""
    with transaction():
        seated = briefings.sign_up(session_id, by=access.me(), now=access.clock()).seated_at is not None
    waits = "Every seat is taken: you are on the waiting list, and are told when one is free."
    said = "You have a seat." if seated else waits
    return safety.say(said, f"/training/sessions/{session_id}")


@bp.post("/training/sessions/<int:session_id>/leave")
def leave_session(session_id: int) -> ResponseReturnValue:
    """Give a seat back."""
    with transaction():
        briefings.leave(session_id, by=access.me(), now=access.clock())
    return safety.say("You are no longer signed up.", f"/training/sessions/{session_id}")


@bp.post("/training/sessions/<int:session_id>/people/<int:sign_up_id>/check-in")
def check_in(session_id: int, sign_up_id: int) -> ResponseReturnValue:
    """Note that somebody came."""
    if not any(row.id == sign_up_id for row in briefings.names(session_id)):
        abort(404)
    with transaction():
        briefings.check_in(sign_up_id, by=access.me(), now=access.clock())
    return safety.say("Checked in; the completion is recorded.", f"/training/sessions/{session_id}")
