"""The board room: the docket, the paper of an item with its vote, and what may be done there."""

from datetime import datetime
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.items import ItemKind
from engage.rules.policy import Do, See, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, QuorumLacking
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import DEFERRALS_FLAGGED, WITH_THE_BOARD, step
from engage.services import board, files, holding, motions, recusals, seats, stakes, submissions, versions, visibility
from engage.services.conditions import told
from engage.services.seats import Place
from engage.services.transaction import transaction
from engage.web import access, differences, exports, papers
from engage.web.board import docket_list, queries, terms
from engage.web.board.bench import acts, mine, vote_on
from engage.web.board.between import board_clock
from engage.web.board.forms import CloseForm, MotionForm, RecusalForm, VoteForm
from engage.web.board.motions import chosen, dress, may_withdraw, number_of
from engage.web.board.room import bp
from engage.web.keyset import cursor, following, read
from engage.web.safety import say


def _places() -> tuple[Place, ...]:
    the_board = board.the_board()
    return board.places_on(the_board.id, seats.board_day(the_board, access.clock()))


def _found(item_id: int) -> tuple[Any, Subject]:
    return access.or_404(visibility.find(item_id, by=access.me()))


def _subject(item_id: int) -> Subject:
    subject = access.or_404(visibility.subject(item_id))
    return access.or_404(subject if may(access.me(), See.ENGAGEMENT, subject) else None)


def _number(given: str | None) -> int:
    """The number of the motion that a form named; 0, which none has, for what cannot be one."""
    number = int(given) if given and given.isascii() and given.isdecimal() else 0
    return number if number < 2**31 else 0


def _named(item_id: int, found: Any) -> Any:
    """What was found by the motion that a form of this item's pages named. Raises NotOpen where there was none."""
    if found is None:
        _subject(item_id)
        raise NotOpen("The motion you answered is not one of this item. Open the item again.")
    return found


@bp.get("/board")
def docket() -> ResponseReturnValue:
    """What is before the board: first what waits for the reader's vote, then the rest, then what was decided."""
    who, after, places = access.me(), read(datetime), _places()
    seat = next((place.seat for place in places if place.seat.holder_id == who.id), None)
    chair = seat is not None and seat.is_chair
    if exports.asked():
        return exports.answer("docket", docket_list.COLUMNS, docket_list.rows(who.id, access.today(), chair=chair))
    waiting = queries.waiting(who.id, chair=chair) if seat and not after else []
    rows, more = queries.docket(who.id, seated=seat is not None, chair=chair, after=after)
    shown = [row.id for row in (*waiting[: queries.PAGE], *rows)]
    recent = queries.decisions(most=queries.RECENT)[: queries.RECENT] if not after else []
    return render_template(
        "board/docket.html", seat=seat, looks_ahead=may(who, See.COVERAGE),
        waiting=waiting[: queries.PAGE], waiting_more=len(waiting) > queries.PAGE,
        rows=[(row, mine(row)) for row in rows], paged=after is not None,
        recent=[(row, board.verdict(row.asks, row.outcome)) for row in recent], seats=len(places), now=access.clock(),
        flagged=DEFERRALS_FLAGGED,
        held=holding.lines(shown, day=access.today(), me=who.id),
        next_url=following(after=cursor(*more)) if more else None,
    )  # fmt: skip


@bp.route("/board/items/<int:item_id>", methods=["GET", "POST"])
def paper(item_id: int) -> ResponseReturnValue:
    """The paper of an item, the vote that is open on it, and the reader's own ballot; a POST votes."""
    form = VoteForm(request.form)
    if request.method == "GET":
        subject, hidden = papers.opened(item_id)
        return _paper(item_id, subject, None) if hidden is None else hidden
    if form.accepted():
        choice = Choice(form.choice.data)
        try:
            with transaction():
                number, reason = _number(form.motion.data), form.reason.data or ""
                _named(item_id, board.cast_on(
                    item_id, number, choice, reason=reason, by=access.me(), now=access.clock()
                ))  # fmt: skip
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say(f"Your vote is counted: {choice.label.lower()}.", f"/board/items/{item_id}")
    subject, hidden = papers.opened(item_id)
    return (_paper(item_id, subject, form), 422) if hidden is None else hidden


def _paper(item_id: int, subject: Subject, form: VoteForm | None) -> str:
    version, places, rounds = access.or_404(versions.current(item_id)), _places(), queries.rounds(item_id)
    motion = motions.open_on(item_id) if subject.state in WITH_THE_BOARD else None
    vote = vote_on(motion, subject, places, access.me(), form) if motion else None
    past = queries.past(item_id)
    return render_template(
        "board/paper.html", item_id=item_id, state=subject.state, text=version.content, version=version, vote=vote,
        kind=_kind(item_id, subject.kind, version.content), path=subject.kind.path(item_id),
        changes=differences.asked(version.content),
        past=past, attached=files.about("item", [item_id]).get(item_id, []) if past.attached else [],
        flagged=DEFERRALS_FLAGGED, put_off=queries.put_off(motion.id) if motion and motion.defer_until else [],
        may_withdraw=motion is not None and may_withdraw(motion, subject),
        put=next((row for row in rounds if motion and row.id == motion.id), None),
        rounds=[(row, board.sums(row.arithmetic)) for row in rounds if row.closed_at],
        ends=board_clock(motion, vote.zone) if motion and vote else "",
        conditions=told(motion) if motion else [], part=recusals.took_part(item_id),
        recusals=queries.stepped_aside(item_id), acts=acts(access.me(), subject, places, motion is not None),
    )  # fmt: skip


def _kind(item_id: int, kind: ItemKind, text: dict[str, Any]) -> str:
    """What an item is, in words; of a matter that is to be decided, what it settles."""
    settles = stakes.settled_by(item_id) if kind is ItemKind.MATTER else ""
    return settles or kind.named(text["asks"])


@bp.route("/board/items/<int:item_id>/motion", methods=["GET", "POST"])
def put_motion(item_id: int) -> ResponseReturnValue:
    """Put one of the five outcomes to the vote."""
    item, subject = _found(item_id)
    if not may(access.me(), Do.PUT_MOTION, subject):
        raise NotAllowed("You may not put a motion on this item.")
    form, now, here = MotionForm(request.form), access.clock(), f"/board/items/{item_id}"
    dress(form, item)
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=access.me(), now=now)) is not None:
                    return redirect(answered, 303)
                _put(item, subject, form, now)
                submissions.answer(form.once.data, here, by=access.me())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The motion is put, and the members are asked for their votes.", here)
    else:
        step(subject.state, Outcome.APPROVE, subject.kind)  # off the docket there is nothing to fill in: say so at once
        if motions.open_on(item_id):
            raise NotOpen("A motion is open on this item already. Close that vote first.")
    page = render_template(
        "board/motion.html", item=item, form=form, rows=terms.ROWS,
        by_default=board.closing_moment(board.the_board(), now),
    )
    return page, 422 if request.method == "POST" else 200


def _put(item: Any, subject: Subject, form: MotionForm, now: datetime) -> None:
    day = form.closes_on.data
    board.put_motion(
        item, subject, Outcome(form.outcome.data), reason=form.reason.data or "",
        conditions=form.conditions.data or "" if "conditions" in form else "", defer_until=form.defer_until.data,
        terms=terms.written(form), defer_event_id=number_of(form.defer_event.data), put_off=chosen(form),
        closes_at=motions.same_time_on(day, board.the_board(), now) if day else None, by=access.me(), now=now,
    )  # fmt: skip


@bp.route("/board/items/<int:item_id>/recuse", methods=["GET", "POST"])
def recuse(item_id: int) -> ResponseReturnValue:
    """Step aside from an item."""
    item, subject = _found(item_id)
    if not may(access.me(), Do.RECUSE, subject):
        raise NotAllowed("Only members of the board may step aside from an item.")
    form = RecusalForm(request.form)
    if form.accepted():
        try:
            with transaction():
                board.recuse(item_id, reason=form.reason.data or "", by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("You stepped aside. Your seat does not vote on this item.", f"/board/items/{item_id}")
    return render_template("board/recuse.html", item=item, form=form), 422 if request.method == "POST" else 200


@bp.route("/board/items/<int:item_id>/close", methods=["GET", "POST"])
def close(item_id: int) -> ResponseReturnValue:
    """Show what the count would come to now, and close the vote."""
    item, subject = _found(item_id)
    if not may(access.me(), Do.CLOSE_VOTE, subject):
        raise NotAllowed("You may not close this vote.")
    form, now, here, lacking = CloseForm(request.form), access.clock(), f"/board/items/{item_id}", ""
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=access.me(), now=now)) is not None:
                    return redirect(answered, 303)
                motion = _named(item_id, motions.find(item_id, _number(form.motion.data)))
                decision = board.close(motion, by=access.me(), now=now)
                there = f"/board/decisions/{decision.id}" if decision else here
                submissions.answer(form.once.data, there, by=access.me())
        except QuorumLacking as refusal:
            lacking = str(refusal)
        else:
            said = "The motion carried: this is the decision." if decision else "The motion is lost."
            return say(said, there, "success" if decision else "info")
    motion = motions.open_on(item_id)
    if motion is None:
        raise NotOpen("No vote is open on this item.")
    form.motion.data = str(motion.id)
    page = render_template(
        "board/close.html", item=item, form=form, vote=vote_on(motion, subject, _places(), access.me()),
        lacking=lacking, put_off=queries.put_off(motion.id) if motion.defer_until else [],
    )  # fmt: skip
    return page, 409 if lacking else 422 if request.method == "POST" else 200
