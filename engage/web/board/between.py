"""The board room: what may be done with an item outside meetings. Each act is a page of its own, and says why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from engage.rules.authority import BETWEEN_MEETINGS, Method
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Refusal
from engage.rules.voting import Choice
from engage.rules.workflow import State
from engage.services import (
    ballots,
    board,
    calendared,
    emergencies,
    motions,
    notational,
    seats,
    silence,
    stand_ins,
    standing,
    submissions,
    versions,
    visibility,
)
from engage.services.transaction import transaction
from engage.web import access, papers
from engage.web.board.forms import _choose
from engage.web.board.motions import number_of
from engage.web.board.room import bp
from engage.web.forms import Form, Once, prose
from engage.web.safety import say


class ActForm(Once, Form):
    """Why somebody acts so, on which text or motion; the hours of a silence; the seat, vote or approval chosen."""

    motion = HiddenField(validators=[Length(max=18)])
    text_read = HiddenField(validators=[Length(max=18)])
    hours = IntegerField("Hours of silence", [Optional()], description="On business days. Left empty: as usual.")
    seat = SelectField("Vote for the seat", choices=[], validate_choice=False)
    approval = SelectField("Standing approval", choices=[], validate_choice=False)
    choice = _choose("The vote", Choice, "Choose yes, no or abstain.")
    reason = prose("Reason", description="Kept with the item. The members read it.")


@dataclass(frozen=True)
class Way:
    """One act: its heading, what it means, its button, what is said afterwards, and the fields it asks for."""

    heading: str
    means: str
    button: str
    said: str
    fields: tuple[str, ...]
    run: Callable[..., Any]


def _motion(item_id: int, form: ActForm) -> Any:
    found = motions.find(item_id, number_of(form.motion.data) or 0)
    if found is None:
        raise NotOpen("The motion you answered is not one of this item. Open the item again.")
    return found


def _silence(item: Any, subject: Subject, form: ActForm, reason: str, now: datetime) -> None:
    silence.propose(item, subject, reason=reason, hours=form.hours.data, by=access.me(), now=now)


def _object(item: Any, subject: Subject, form: ActForm, reason: str, now: datetime) -> None:
    silence.object_to(_motion(item.id, form), text=reason, by=access.me(), now=now)


def _calendar(item: Any, subject: Subject, form: ActForm, reason: str, now: datetime) -> None:
    notational.calendar(_motion(item.id, form), reason=reason, by=access.me(), now=now)


def _alone(item: Any, subject: Subject, form: ActForm, reason: str, now: datetime) -> None:
    read = number_of(form.text_read.data) or 0
    emergencies.decide_alone(item.id, version=read, reason=reason, by=access.me(), now=now)


def _at_once(item: Any, subject: Subject, form: ActForm, reason: str, now: datetime) -> None:
    read = number_of(form.text_read.data) or 0
    emergencies.decide_at_once(item.id, version=read, reason=reason, by=access.me(), now=now)


def _stand_in(item: Any, subject: Subject, form: ActForm, reason: str, now: datetime) -> None:
    stand_ins.cast_for(
        _motion(item.id, form), number_of(form.seat.data) or 0, Choice(form.choice.data), reason=reason,
        by=access.me(), now=now,
    )  # fmt: skip


def _standing(item: Any, subject: Subject, form: ActForm, reason: str, now: datetime) -> None:
    read = number_of(form.text_read.data) or 0
    standing.use(item.id, number_of(form.approval.data) or 0, version=read, by=access.me(), now=now)


WAYS = {
    "silence": Way(
        "Propose under the silence procedure",
        "It is approved at an exact moment unless a member objects in writing. It runs once the text has reached a "
        "quorum of the members, and only where the charter allows it.",
        "Propose it", "The text is proposed. The silence begins when it has reached a quorum.", ("hours", "reason"),
        _silence,
    ),
    "object": Way(
        "Object", "An objection, or an amendment, in writing breaks the silence. The item goes back on the docket.",
        "Object", "You objected, and the silence is broken.", ("reason",), _object,
    ),
    "calendar": Way(
        "Take it to a meeting", "The vote ends and votes cast on it are void. The item waits for the next meeting.",
        "Take it to a meeting", "The item waits for a meeting, and the members know.", ("reason",), _calendar,
    ),
    "decide-alone": Way(
        "Decide alone",
        "You approve this yourself, under the ceiling of the charter. The decision cites your authority.",
        "Approve it", "It is approved, and the decision cites your authority.", ("reason",), _alone,
    ),
    "emergency": Way(
        "Decide at once",
        "You approve this at once. The board is asked to ratify it, and you have no vote on that. What it does not "
        "ratify in time ends.",
        "Approve it at once", "It is approved, and a matter to ratify it stands on the docket.", ("reason",), _at_once,
    ),
    "stand-in": Way(
        "Vote for another", "You vote for the seat of somebody who asked you to. Their own vote, until the close, "
        "takes the place of yours.",
        "Vote", "The vote is counted, with both names.", ("seat", "choice", "reason"), _stand_in,
    ),
    "standing": Way(
        "Approve under a standing approval", "The board approved engagements like this beforehand. The use is written "
        "in the ledger.",
        "Approve it", "It is approved, and the ledger has its line.", ("approval",), _standing,
    ),
}  # fmt: skip


def open_ways(item: Any, subject: Subject, motion: Any, who: Actor, now: datetime) -> list[tuple[str, str]]:
    """The acts outside meetings that are open to `who` on an item: where each is, and its words."""
    item_id = item.id
    the_board, found = board.the_board(), []
    day = seats.board_day(the_board, now)
    waits = calendared.waiting(item_id) is not None
    if motion is not None:
        _, charter = motions.setting_of(motion)
        try:
            ballots.seat_for(who, subject, seats.seats_on(the_board.id, day), charter)
        except NotAllowed:
            pass
        else:
            found += ["object"] if motion.method is Method.SILENCE else []
            found += ["calendar"] if motion.method in BETWEEN_MEETINGS else []
        if motion.method is Method.NOTATIONAL and stand_ins.seats_open_to(who, item_id, subject, the_board, day):
            found.append("stand-in")
    else:
        charter = emergencies.charter_of(item.submitted_at or now, the_board)
        screened = subject.state in (State.UNDER_REVIEW, State.SCHEDULED) and not waits
        if subject.state is State.SCHEDULED and not waits and may(who, Do.PUT_MOTION, subject):
            found += [] if silence.not_allowed(item_id, subject, charter) else ["silence"]
        if screened and may(who, Do.USE_STANDING, subject) and standing.fitting(item_id, subject, day):
            found.append("standing")
        if subject.state in emergencies.SUBMITTED and may(who, Do.DECIDE_ALONE, subject):
            try:
                emergencies.power_of(who, item_id, subject, the_board, charter, now)
            except Refusal:
                pass
            else:
                found += ["decide-alone"] if screened and not emergencies.within_ceiling(
                    item_id, subject, charter
                ) else []
                found.append("emergency")
    return [(f"/board/items/{item_id}/{name}", WAYS[name].heading) for name in found]


def board_clock(motion: Any, zone: str) -> str:
    """When a motion's time is over, in words, on the clock of the board."""
    local = motion.closes_at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} {local:%Z}"


@bp.get("/board/items/<int:item_id>/ways")
def ways_between(item_id: int) -> ResponseReturnValue:
    """What the reader may do with an item outside meetings."""
    item, subject = access.or_404(visibility.find(item_id, by=access.me()))
    _, hidden = papers.opened(item_id)
    if hidden is not None:
        return hidden
    ways = open_ways(item, subject, motions.open_on(item_id), access.me(), access.clock())
    return render_template(
        "board/ways.html", item=item, ways=[(url, words, WAYS[url.rsplit("/", 1)[1]].means) for url, words in ways]
    )


@bp.route(
    '/board/items/<int:item_id>/<any(silence,object,calendar,"decide-alone",emergency,"stand-in",standing):name>',
    methods=["GET", "POST"],
)
def act_between(item_id: int, name: str) -> ResponseReturnValue:
    """One page for each act outside meetings: what it means, why it is done, and do it."""
    item, subject = access.or_404(visibility.find(item_id, by=access.me()))
    _, hidden = papers.opened(item_id)
    if hidden is not None:
        return hidden
    way, form, now, here = WAYS[name], ActForm(request.form), access.clock(), f"/board/items/{item_id}"
    motion, version = motions.open_on(item_id), versions.current(item_id)
    if request.method == "GET" and (here + "/" + name, way.heading) not in open_ways(
        item, subject, motion, access.me(), now
    ):
        raise NotOpen("This is not open to you on this item now.")
    the_board = board.the_board()
    day = seats.board_day(the_board, now)
    for field in ("hours", "seat", "approval", "choice", "reason"):
        if field not in way.fields:
            del form[field]
    if "seat" in form:
        form.seat.choices = [
            SelectChoice(str(seat.id), seat.name)
            for seat, _ in stand_ins.seats_open_to(access.me(), item_id, subject, the_board, day)
        ]
    if "approval" in form:
        form.approval.choices = [
            SelectChoice(str(row.id), row.title) for row in standing.fitting(item_id, subject, day)
        ]
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=access.me(), now=now, leads_to=here)) is not None:
                    return redirect(answered, 303)
                way.run(item, subject, form, (form.reason.data or "") if "reason" in form else "", now)
        except Incomplete as refusal:
            form.refuse({"reason" if key == "text" else key: said for key, said in refusal.at.items()})
        else:
            return say(way.said, here)
    if request.method == "GET":
        form.motion.data = str(motion.id) if motion else ""
        form.text_read.data = str(version.number) if version else ""
    page = render_template("board/act.html", item=item, way=way, form=form)
    return page, 422 if request.method == "POST" else 200
