"""The only place that says in words where each seat stands in a vote, and where the reader stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engage.rules import voting
from engage.rules.authority import Method
from engage.rules.policy import Actor, Do, See, Subject, may
from engage.rules.refusals import NotAllowed
from engage.rules.voting import Choice, Tally
from engage.rules.workflow import WITH_THE_BOARD
from engage.services import attendance, ballots, motions, seats
from engage.services.seats import Place, chair_is_asked, rules_of
from engage.web import access
from engage.web.board import queries
from engage.web.board.forms import VoteForm

MARKS = {Choice.YES: "good", Choice.NO: "bad", Choice.ABSTAIN: "plain"}


@dataclass(frozen=True)
class Line:
    """One seat in the table of votes; `kind` is its mark's: good, bad, plain or wait."""

    seat: str
    holder: str
    said: str
    kind: str
    reason: str = ""
    version: int | None = None  # the text that the ballot judged; None where there is no ballot
    sha256: str = ""


@dataclass(frozen=True)
class Vote:
    """An open vote as a page shows it. `form` is None for who may not vote, and `why_not` then says why."""

    motion: Any
    tally: Tally
    settled: bool  # quorate, and no ballot to come could change the outcome
    lines: list[Line]
    form: VoteForm | None
    why_not: str
    voted: bool
    zone: str  # where the board sits
    stood_in: str = ""  # that somebody voted for the reader's seat, and what holds then


def vote_on(motion: Any, subject: Subject, places: Sequence[Place], who: Actor, form: VoteForm | None = None) -> Vote:
    """The open vote on `motion` as `who` sees it; `form` is what they sent, when it was refused."""
    the_board, charter = motions.setting_of(motion)
    held = tuple(place.seat for place in places)
    said = queries.said(motion.id) if may(who, See.BALLOTS, subject) else []
    day = seats.board_day(the_board, access.clock())
    cast = [voting.Ballot(ballot.seat_id, ballot.person_id, ballot.choice) for ballot in said]
    if any(ballot.stood_in for ballot in said):
        cast = ballots.standing(motion, subject, day)
    at_table = attendance.counted(motion, subject, held, cast, day)
    before = next((ballot for ballot in said if ballot.person_id == who.id and not ballot.stood_in), None)
    stood = next((ballot for ballot in said if ballot.person_id == who.id and ballot.stood_in), None)
    why_not = ""
    if motion.method is Method.SILENCE:
        form, why_not = None, "Nobody votes on this: it is approved unless a member objects."
        return _vote(motion, subject, places, said, at_table, charter, form, why_not, before, stood, the_board.zone)
    try:
        ballots.seat_for(who, subject, held, charter)
    except NotAllowed as refusal:
        form, why_not = None, str(refusal)
    else:
        form = form or VoteForm(
            motion=str(motion.id), choice=before and before.choice.value, reason=before.reason if before else ""
        )
    return _vote(motion, subject, places, said, at_table, charter, form, why_not, before, stood, the_board.zone)


def _vote(
    motion: Any, subject: Subject, places: Sequence[Place], said: Any, at_table: Any, charter: Any,
    form: VoteForm | None, why_not: str, before: Any, stood: Any, zone: str,
) -> Vote:  # fmt: skip
    held, cast = at_table
    counted = (held, motions.aside(subject), cast, rules_of(charter, subject.kind))
    return Vote(
        motion, voting.tally(*counted), voting.settled_early(*counted),
        bench(places, said, subject, charter, at_table, motion.meeting_id is not None), form, why_not,
        before is not None, zone, _stood_in(stood, {one.seat_id for one in cast}),
    )  # fmt: skip


def _stood_in(stood: Any, counting: set[int]) -> str:
    if stood is None:
        return ""
    said = f"{stood.person} voted {stood.choice.label.lower()} for your seat, standing in for you."
    if stood.seat_id not in counting:
        return f"{said} It counts no longer: the delegation is not in force."
    return f"{said} It counts unless you vote: your own vote takes its place."


def bench(
    places: Iterable[Place], said: Iterable[Any], subject: Subject, charter: Any, at_table: Any, in_a_meeting: bool
) -> list[Line]:
    """Every seat of the day, and what was said for it; `at_table` are the seats and ballots that count now."""
    sits = {seat.id: seat.holder_id for seat in at_table[0]}
    cast = {one.seat_id: one for one in said if one.person_id == sits.get(one.seat_id)}
    counting = {one.seat_id for one in at_table[1]}
    return [_line(place, cast, subject, charter, counting, in_a_meeting) for place in places]


def _line(
    place: Place, cast: dict[int, Any], subject: Subject, charter: Any, counting: set[int], in_a_meeting: bool
) -> Line:
    seat, holder = place.seat, place.holder_name
    if seat.holder_id is None:
        return Line(seat.name, "", "Vacant", "plain")
    if seat.holder_id in motions.own(subject):
        return Line(seat.name, holder, "Own item", "plain")
    if seat.holder_id in subject.recused_ids:
        return Line(seat.name, holder, "Recused", "plain")
    if seat.is_chair and not chair_is_asked(charter):
        return Line(seat.name, holder, "Does not vote", "plain")
    ballot = cast.get(seat.id)
    if seat.is_chair and charter.chair_breaks_ties:
        holder += ", votes in a tie alone"
    if ballot is None:
        absent = in_a_meeting and seat.id not in counting
        return Line(seat.name, holder, *(("Absent", "warn") if absent else ("Not yet", "wait")))
    holder += f", by {ballot.person}" if ballot.stood_in or ballot.person_id != seat.holder_id else ""
    judged = ballot.version, ballot.sha256
    if seat.id not in counting:
        why = "The stand-in’s delegation is not in force."
        return Line(seat.name, holder, "Counts no longer", "warn", why, *judged)
    return Line(seat.name, holder, ballot.choice.label, MARKS[ballot.choice], ballot.reason, *judged)


@dataclass(frozen=True)
class Part:
    """The reader's own part in an item, as a mark."""

    word: str
    kind: str


def mine(row: Any) -> Part | None:
    """What the docket says of the reader's own part in an item; None where there is nothing to say."""
    if row.own:
        return Part("Your own item", "plain")
    if row.recused:
        return Part("You stepped aside", "plain")
    if row.choice is not None:
        return Part(f"You voted {row.choice.label.lower()}", MARKS[row.choice])
    return None


@dataclass(frozen=True)
class Acts:
    """What the reader may do on an item's paper: which buttons stand there. The services ask again."""

    put_motion: bool
    close: bool
    recuse: bool


def acts(who: Actor, subject: Subject, places: Iterable[Place], is_open: bool) -> Acts:
    """The acts open to `who` on an item; `is_open` says whether a motion is."""
    docketed = subject.state in WITH_THE_BOARD
    seated = any(place.seat.holder_id == who.id for place in places)
    interested = who.id in motions.aside(subject)
    return Acts(
        put_motion=docketed and not is_open and may(who, Do.PUT_MOTION, subject),
        close=docketed and is_open and may(who, Do.CLOSE_VOTE, subject),
        recuse=docketed and seated and may(who, Do.RECUSE, subject) and not interested,
    )
