"""The meeting as it is held: the item called, the quorum in sums, the vote by seat, and what the chair does next."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules import attendance as sums
from engage.rules.agenda import Attends, Section
from engage.rules.attendance import Quorum
from engage.rules.canonical import canonical_json, digest
from engage.rules.policy import Do, Role, may
from engage.rules.refusals import Incomplete, NotOpen, QuorumLacking
from engage.rules.voting import Choice, Outcome, Tally
from engage.services import (
    attendance,
    ballots,
    board,
    consent,
    meeting_rows,
    meetings,
    motions,
    seats,
    sittings,
    submissions,
    visibility,
)
from engage.services.meetings import Stage, stage
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board import queries
from engage.web.board.bench import MARKS
from engage.web.board.meeting_forms import ActForm, PutForm
from engage.web.board.meetings import by_section, found
from engage.web.board.room import bp
from engage.web.safety import say


@dataclass(frozen=True)
class Line:
    """One seat in the room: who holds it, who sits there now, and what they said on the open vote."""

    id: int
    name: str
    holder: str
    holder_id: int | None
    sitter: str
    sitter_id: int | None
    here: str  # in words
    said: str
    kind: str
    note: str
    votes: bool  # its ballot may be entered now


@dataclass(frozen=True)
class Now:
    """What the meeting is at: the entry called, the open motion with its count, and the quorum for it."""

    entry: Any
    motion: Any
    tally: Tally | None
    quorum: Quorum
    lines: list[Line]
    aside: frozenset[int]
    asks: str = ""


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
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now)) is not None:
                    return redirect(answered, 303)
                sittings.put(
                    meetings.hold(meeting_id), _number(form.entry.data), Outcome(form.outcome.data),
                    reason=form.reason.data or "", conditions=form.conditions.data or "",
                    defer_until=form.defer_until.data, by=me, now=now,
                )  # fmt: skip
                submissions.answer(form.once.data, here, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        except NotOpen as refusal:
            refused = str(refusal)
        else:
            return say("The motion is put. Those present vote.", here)
    return _page(meeting_id, form, refused), 409 if refused else 422


def _number(given: str | None) -> int:
    number = int(given) if given and given.isascii() and given.isdecimal() else 0
    return number if number < 2**31 else 0


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


def _page(meeting_id: int, form: PutForm, refused: str) -> str:
    record, who = found(meeting_id), access.me()
    rows, stays = meeting_rows.entries(meeting_id), attendance.stays(meeting_id)
    the_board = seats.the_board()
    day = seats.board_day(the_board, access.clock())
    places, charter = board.places_on(the_board.id, day), board.charter_on(the_board.id, day)
    vote = consent.last(meeting_id)
    open_consent = vote if vote is not None and vote.closed_at is None else None
    now = _now(meeting_id, rows, stays, places, charter, open_consent, day)
    mine = next((line for line in now.lines if line.sitter_id == who.id), None)
    own_seat = next((line for line in now.lines if line.holder_id == who.id), None)
    to_come = [
        row for row in rows
        if row.closed_at is None and row.ended_at is None and row.section is not Section.CONSENT
        and (now.entry is None or row.id != now.entry.id)
    ]  # fmt: skip
    form.entry.data = str(now.entry.id) if now.entry else ""
    return render_template(
        "board/meetings/live.html", meeting=record, stage=stage(record), Stage=Stage, when=meetings.in_words(record),
        now=now, sections=by_section(rows), next=to_come[0] if to_come else None,
        guests=[row for row in stays if row.seat_id is None and row.left_at is None], consent=open_consent,
        listed=[row for row in rows if row.section is Section.CONSENT and row.ended_at is None],
        consent_done=vote if vote is not None and vote.closed_at else None, mine=mine, own_seat=own_seat, form=form,
        refused=refused, people=meeting_rows.people() if may(who, Do.RUN_MEETING) else [], choices=list(Choice),
        may_run=may(who, Do.RUN_MEETING), may_pull=may(who, Do.PULL_ITEM), roll=Role.SECRETARIAT in who.roles,
        attends=list(Attends), stamp=_stamp(record, rows, stays, now, open_consent),
    )  # fmt: skip


def _now(
    meeting_id: int, rows: list[Any], stays: list[Any], places: Any, charter: Any, vote: Any, day: date
) -> Now:
    here = {row.seat_id: row for row in stays if row.seat_id is not None and row.left_at is None}
    held = tuple(place.seat for place in places)
    entry = next((row for row in rows if row.called_at and not row.closed_at), None)
    subject = visibility.subject(entry.item_id) if entry is not None and entry.item_id else None
    motion = motions.open_on(entry.item_id) if entry is not None and entry.motion_id else None
    aside = motions.aside(subject) if subject else frozenset[int]()
    sitting = {seat_id: row.person_id for seat_id, row in here.items()}
    if entry is not None and subject is not None and any(row.for_id for row in here.values()):
        sitting = attendance.here_for(meeting_id, entry.item_id, subject, day)
    said: dict[int, Any] = {}
    tally = None
    if motion is not None and subject is not None:
        _, charter = motions.setting_of(motion)
        tally = ballots.count(motion, charter, subject, held, day)
        said = {one.seat_id: one for one in queries.said(motion.id)}
    elif vote is not None:
        said = {one.seat_id: one for one in consent.said(vote.id)}
        tally = consent.count_of(held, sitting, list(said.values()), charter)
    quorum = sums.quorum(held, sitting, aside, seats.rules_of(charter))
    voting = motion is not None or vote is not None
    lines = [_line(place, here, said, aside, charter, voting, sitting) for place in places]
    return Now(entry, motion, tally, quorum, lines, aside)


def _line(
    place: Any, here: dict[int, Any], said: dict[int, Any], aside: Any, charter: Any, voting: bool,
    sitting: dict[int, int],
) -> Line:  # fmt: skip
    seat, stay = place.seat, here.get(place.seat.id)
    present = f"{stay.attends.label}, since {_hour(stay.came_at)}" if stay else ""
    sitter, sitter_id = (stay.person, stay.person_id) if stay else ("", None)
    silent = seat.is_chair and not seats.chair_is_asked(charter)
    words, kind, note, votes = "", "plain", "", False
    if seat.holder_id is None:
        words = "Vacant"
    elif seat.holder_id in aside or sitter_id in aside:
        words = "Stands aside"
    elif stay is None:
        words, kind = "Absent", "warn"
    elif seat.id not in sitting:
        words, kind, note = "Not counted", "warn", "Their delegation does not reach this item."
    elif silent:
        words = "Does not vote"
    elif voting:
        votes, ballot = True, said.get(seat.id)
        words, kind = (ballot.choice.label, MARKS[ballot.choice]) if ballot else ("Not yet", "wait")
        note = getattr(ballot, "reason", "") if ballot else ""
        if ballot is not None and ballot.entered_by_id:
            note = f"{note} Entered in the roll call.".strip()
    else:
        words, kind = "Present", "good"
    return Line(
        seat.id, seat.name, place.holder_name, seat.holder_id, sitter, sitter_id, present, words, kind, note, votes
    )


def _hour(moment: Any) -> str:
    return f"{moment.astimezone(ZoneInfo(access.me().zone)):%H:%M}"


def _stamp(record: Any, rows: list[Any], stays: list[Any], now: Now, vote: Any) -> str:
    """What tells a page that it is out of date."""
    return digest(
        canonical_json([
            stage(record).value, record.version, vote.id if vote else 0, now.motion.id if now.motion else 0,
            [[row.id, str(row.section), row.position, row.called_at, row.closed_at, str(row.state)] for row in rows],
            [[row.id, row.left_at] for row in stays], [[line.said, line.note] for line in now.lines],
        ])
    )[:16]  # fmt: skip
