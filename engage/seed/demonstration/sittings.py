"""The part of the story about meetings: one past with sealed minutes, one ahead with a published agenda."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.meetings import Meeting
from engage.rules.agenda import Attends, Section
from engage.rules.items import PARTY
from engage.rules.recusal import Position
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import Action
from engage.seed.demonstration.stage import Stage
from engage.services import (
    action_items,
    agendas,
    attendance,
    board,
    candidates,
    items,
    matters,
    meeting_rows,
    meetings,
    minutes,
    read_ahead,
    recusals,
    sittings,
    visibility,
)
from engage.services.meetings import Plan

Scene = tuple[datetime, Callable[[datetime], Any]]
HELD, AHEAD = 7, timedelta(days=9)  # days ago; days ahead
PRESENT = ("chair", "member", "member2", "member3", "member4")
PAST, COMING = "Monthly meeting of the board", "Next monthly meeting of the board"
QUESTION = "How early should we tell partners that a delegation changes?"


def scenes(stage: Stage) -> Iterator[Scene]:
    """Both meetings, act by act."""
    yield stage.moment(15, 6), partial(_call, stage, PAST, stage.day(HELD))
    yield stage.moment(15, 7), partial(_ask, stage)
    yield stage.moment(14, 9), partial(_prepare, stage)
    yield stage.moment(13, 9), partial(_paper, stage)
    yield stage.moment(HELD, 5), partial(_hold, stage)
    yield stage.moment(HELD - 2, 9), partial(_seal, stage)
    yield stage.moment(4, 9), partial(_add, stage)
    ahead = stage.today + AHEAD
    ahead += timedelta(days=(7 - ahead.weekday()) % 7 if ahead.weekday() > 4 else 0)
    yield stage.moment(3, 14), partial(_call, stage, COMING, ahead)
    yield stage.moment(1, 15), partial(_publish, stage)


def _meeting(title: str) -> Meeting:
    return db.session.scalars(select(Meeting).where(Meeting.title == title)).one()


def _call(stage: Stage, title: str, day: Any, now: datetime) -> None:
    plan = Plan(title, day, time(10), str(stage.zone), 90, "Conference room A", "https://meet.example.gov/board")
    meetings.schedule(plan, by=stage.actor("secretariat", now), now=now)


def _ask(stage: Stage, now: datetime) -> None:
    """A matter for advice, which the secretariat raises and a colleague of the story screens."""
    by = stage.actor("leadership", now)
    text = "Two partners learnt of a change from the traveller. We would like one rule for all."
    made = matters.raise_matter(QUESTION, text, "Five business days, or ten?", by=by, now=now)
    for action, who in ((Action.SUBMIT, "leadership"), (Action.PLACE, "secretariat")):
        item = db.session.get_one(Item, made.id)
        subject = visibility.subject(made.id)
        assert subject is not None  # noqa: S101  it was raised a line above
        items.act(item, subject, action, by=stage.actor(who, now), now=now)


def _prepare(stage: Stage, now: datetime) -> None:
    meeting, by = _meeting(PAST), stage.actor("secretariat", now)
    agendas.add_heading(meeting, "Welcome, and the minutes of the last meeting", Section.OPENING, by=by, now=now)
    matter = db.session.scalars(select(Item.id).where(Item.title == QUESTION)).one()
    agendas.add(meeting, matter, by=by, now=now)
    agendas.add_heading(meeting, "Dates of the spring exercises", Section.OTHER, by=by, now=now)
    agendas.publish(meeting, by=by, now=now)


def _paper(stage: Stage, now: datetime) -> None:
    """A paper that comes late, and says so."""
    meeting, by = _meeting(PAST), stage.actor("secretariat", now)
    entry = meeting_rows.entries(meeting.id)[1].id
    read_ahead.add(
        meeting, "What three partners answered", text="Two would like ten days. One said that five are enough.",
        entry_id=entry, by=by, now=now,
    )  # fmt: skip


def _hold(stage: Stage, now: datetime) -> None:
    meeting, chair, secretary = _meeting(PAST), stage.actor("chair", now), stage.actor("secretariat", now)
    seats = {place.seat.holder_id: place.seat.id for place in board.places_on(meeting.board_id, now.date())}
    meetings.open_(meeting, by=chair, now=now)
    for name in PRESENT:
        person = stage.people[name]
        how = Attends.REMOTE if name == "member4" else Attends.IN_ROOM
        attendance.come(meeting, person, seat_id=seats[person], attends=how, by=secretary, now=now)
    opening, matter, other = meeting_rows.entries(meeting.id)
    minute = timedelta(minutes=1)
    sittings.call(meeting, opening.id, by=chair, now=now + minute)
    sittings.call(meeting, matter.id, by=chair, now=now + 3 * minute)
    motion = sittings.put(
        meeting, matter.id, Outcome.APPROVE, reason="Ten business days, and at once where a journey is near.",
        by=chair, now=now + 9 * minute,
    )  # fmt: skip
    _answer(stage, matter.item_id, now + 9 * minute)
    for name in PRESENT[:2]:
        board.cast(motion, Choice.YES, by=stage.actor(name, now), now=now + 10 * minute)
    called = {seats[stage.people[name]]: Choice.YES for name in PRESENT[2:4]}
    sittings.roll_call(meeting, motion, called, by=secretary, now=now + 11 * minute)
    sittings.close_vote(meeting, motion, by=chair, now=now + 12 * minute)
    action_items.add(
        meeting, "Write the rule into the guide for requesters.", owner_id=stage.people["content"],
        due_on=stage.today + timedelta(days=5), entry_id=matter.id, by=secretary, now=now + 13 * minute,
    )  # fmt: skip
    sittings.call(meeting, other.id, by=chair, now=now + 14 * minute)
    sittings.end(meeting, by=chair, now=now + 17 * minute)
    told = {
        "opening": "The chair welcomed the members, and said that the last minutes stand.",
        str(matter.id): "Members spoke of two visits on which a partner had prepared for other people.",
        str(other.id): "The dates are agreed by mail.",
    }
    minutes.write(meeting, told, version=None, by=secretary, now=now + 19 * minute)


def _answer(stage: Stage, item_id: int, now: datetime) -> None:
    """Whoever something ties to the item says first why they can judge it."""
    subject = visibility.subject(item_id)
    for name in PRESENT:
        by = stage.actor(name, now)
        if subject and recusals.stand(item_id, subject, by=by, day=now.date()).position is Position.ASKED:
            recusals.take_part(item_id, reason="We share an office. The rule binds us all alike.", by=by, now=now)


def _seal(stage: Stage, now: datetime) -> None:
    meeting = _meeting(PAST)
    minutes.approve(meeting, how="By the chair, as the charter says.", by=stage.actor("chair", now), now=now)
    minutes.seal(meeting, by=stage.actor("secretariat", now), now=now + timedelta(minutes=5))


def _add(stage: Stage, now: datetime) -> None:
    text = "The meeting was in conference room C: room A was being painted."
    minutes.add_addendum(_meeting(PAST), text, by=stage.actor("secretariat", now), now=now)


def _publish(stage: Stage, now: datetime) -> None:
    meeting, by = _meeting(COMING), stage.actor("secretariat", now)
    agendas.add_heading(meeting, "Welcome", Section.OPENING, by=by, now=now)
    for number, (candidate, row) in enumerate(candidates.suggestions(meeting)[:4]):
        plain = row.kind in PARTY and number < 1
        section = Section.CONSENT if plain else None
        agendas.add(meeting, candidate.item_id, section=section, by=by, now=now)
    agendas.publish(meeting, by=by, now=now)
