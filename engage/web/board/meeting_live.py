"""The meeting as it is held: the item called, the quorum in sums, the vote by seat, and what the chair does next."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.agenda import Attends, Section
from engage.rules.policy import Do, Role, may
from engage.rules.refusals import Incomplete, NotOpen, QuorumLacking
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import (
    attendance,
    board,
    consent,
    meeting_rows,
    meetings,
    motions,
    seats,
    sittings,
    states,
    submissions,
)
from engage.services.meetings import Stage, stage
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board import terms
from engage.web.board.meeting_forms import ActForm, PutForm
from engage.web.board.meeting_now import at, stamp, stand_ins
from engage.web.board.meetings import by_section, found
from engage.web.board.motions import chosen, dress, number_of
from engage.web.board.room import bp
from engage.web.safety import say


@bp.route("/board/meetings/<int:meeting_id>/live", methods=["GET", "POST"])
def meeting_live(meeting_id: int) -> ResponseReturnValue:
    """The live page; a POST does one act, and a refusal stands on the page with nothing changed."""
    found(meeting_id)
    form, here, refused, status = ActForm(request.form), f"/board/meetings/{meeting_id}/live", "", 200
    if form.accepted():
        try:
            with transaction():
                done = _act(meeting_id, form)
        except (NotOpen, QuorumLacking, Incomplete) as refusal:
            refused, status = str(refusal), 409
        else:
            return say(done, here)
    elif request.method == "POST":
        refused, status = "What was sent cannot be read. Try again from here.", 422
    return _page(meeting_id, PutForm(None), refused), status


@bp.post("/board/meetings/<int:meeting_id>/live/motion")
def meeting_motion(meeting_id: int) -> ResponseReturnValue:
    """Put a motion on the item that is called."""
    found(meeting_id)
    form, me, now, refused = PutForm(request.form), access.me(), access.clock(), ""
    here = f"/board/meetings/{meeting_id}/live"
    _dressed(form, meeting_id)
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                sittings.put(
                    meetings.hold(meeting_id), number_of(form.entry.data) or 0, Outcome(form.outcome.data),
                    reason=form.reason.data or "",
                    conditions=form.conditions.data or "" if "conditions" in form else "",
                    terms=terms.written(form), defer_until=form.defer_until.data,
                    defer_event_id=number_of(form.defer_event.data), put_off=chosen(form), by=me, now=now,
                )  # fmt: skip
                submissions.answer(form.once.data, here, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        except NotOpen as refusal:
            refused = str(refusal)
        else:
            return say("The motion is put. Those present vote.", here)
    return _page(meeting_id, form, refused), 409 if refused else 422


def _dressed(form: PutForm, meeting_id: int) -> None:
    """Give the form what may be proposed for the item that is called."""
    entry = sittings.called(meeting_id)
    if entry is not None and entry.item_id is not None:
        dress(form, states.get(entry.item_id))


def _act(meeting_id: int, form: ActForm) -> str:
    """Do one act; what was done, in a sentence."""
    me, now, record = access.me(), access.clock(), meetings.hold(meeting_id)
    entry, choice = form.entry.data or 0, Choice(form.choice.data) if form.choice.data else None
    match form.act.data:
        case "open":
            sittings.begin(record, by=me, now=now)
            return "The meeting is open."
        case "come":
            attends = Attends(form.attends.data) if form.attends.data else Attends.IN_ROOM
            attendance.come(
                record, form.person.data or 0, seat_id=form.seat.data or None, attends=attends, by=me, now=now
            )
            return "They are recorded as present."
        case "go":
            attendance.go(record, form.person.data or 0, by=me, now=now)
            return "It is recorded that they left."
        case "call":
            sittings.call(record, entry, by=me, now=now)
            return "The item is called."
        case "consent":
            consent.put(record, by=me, now=now)
            return "The consent list is put to the vote."
        case "close_consent":
            vote = consent.close(record, by=me, now=now)
            return "The consent list is adopted." if vote.carried else "The consent list is not adopted."
        case "close":
            decision = sittings.close_vote(record, _motion(record, form), by=me, now=now)
            return "The motion carried: this is the decision." if decision else "The motion is lost."
        case "end":
            sittings.end(record, by=me, now=now)
            return "The meeting is ended. Its minutes are drafted."
    if choice is None:
        raise NotOpen("Choose yes, no or abstain, and try again.")
    match form.act.data:
        case "vote":
            board.cast(_motion(record, form), choice, reason=form.reason.data or "", by=me, now=now)
            return f"Your vote is counted: {choice.label.lower()}."
        case "roll":
            sittings.roll_call(record, _motion(record, form), {form.seat.data or 0: choice}, by=me, now=now)
            return "The vote is entered."
        case "vote_consent":
            consent.cast(record, choice, by=me, now=now)
            return f"Your vote is counted: {choice.label.lower()}."
        case "roll_consent":
            consent.roll_call(record, {form.seat.data or 0: choice}, by=me, now=now)
            return "The vote is entered."
    raise NotOpen("This is no act of a meeting. Open the page again.")


def _motion(record: Any, form: ActForm) -> Any:
    motion = motions.open_in(record.id, form.motion.data or 0)
    if motion is None:
        raise NotOpen("The vote on this motion is closed.")
    return motion


def _put_off(motion: Any) -> list[str]:
    return motions.names_put_off(motion.id) if motion is not None and motion.defer_until else []


def _page(meeting_id: int, form: PutForm, refused: str) -> str:
    record, who = found(meeting_id), access.me()
    rows, stays = meeting_rows.entries(meeting_id), attendance.stays(meeting_id)
    the_board = seats.the_board()
    day = seats.board_day(the_board, access.clock())
    places, charter = board.places_on(the_board.id, day), board.charter_on(the_board.id, day)
    vote = consent.last(meeting_id)
    open_consent = vote if vote is not None and vote.closed_at is None else None
    now = at(meeting_id, rows, stays, places, charter, open_consent, day)
    mine = next((line for line in now.lines if line.sitter_id == who.id), None)
    own_seat = next((line for line in now.lines if line.holder_id == who.id), None)
    to_come = [
        row for row in rows
        if row.closed_at is None and row.ended_at is None and row.section is not Section.CONSENT
        and (now.entry is None or row.id != now.entry.id)
    ]  # fmt: skip
    form.entry.data = str(now.entry.id) if now.entry else ""
    runs, idle = may(who, Do.RUN_MEETING), now.motion is None and open_consent is None
    may_put = (
        runs and idle and now.entry is not None and now.entry.state is State.SCHEDULED and who.id not in now.aside
    )  # fmt: skip
    if may_put and not request.form:
        dress(form, states.get(now.entry.item_id))
    return render_template(
        "board/meetings/live.html", meeting=record, stage=stage(record), Stage=Stage, when=meetings.in_words(record),
        now=now, sections=by_section(rows), next=to_come[0] if to_come else None,
        guests=[row for row in stays if row.seat_id is None and row.left_at is None], consent=open_consent,
        listed=[row for row in rows if row.section is Section.CONSENT and row.ended_at is None],
        consent_done=vote if vote is not None and vote.closed_at else None, mine=mine, own_seat=own_seat, form=form,
        refused=refused, people=meeting_rows.people() if runs and idle else [], choices=list(Choice),
        may_put=may_put, rows=terms.ROWS, places_off=_put_off(now.motion),
        stand_ins=stand_ins(record, now) if runs else [], may_run=runs, may_pull=may(who, Do.PULL_ITEM),
        roll=Role.SECRETARIAT in who.roles,
        attends=list(Attends), stamp=stamp(record, rows, stays, now, open_consent),
    )  # fmt: skip
