"""The part of the story between meetings: a silence that runs, and a member who votes for another's seat."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.board import Motion
from engage.models.engagements import Item
from engage.models.outbox import OutboxMessage
from engage.rules.authority import Method, Power
from engage.rules.items import ItemKind
from engage.rules.policy import PROGRAM
from engage.rules.recusal import Position
from engage.rules.voting import Choice
from engage.seed.demonstration.stage import Stage
from engage.services import authority, inbox, recusals, seats, silence, stand_ins, visibility

Scene = tuple[datetime, Callable[[datetime], Any]]
AWAY, DEPUTY = "member5", "member2"
VISIT = "Visit of SK-CERT to our exercise team"


def scenes(stage: Stage) -> Iterator[Scene]:
    """A small visit goes round under silence; whoever goes on leave lets a colleague vote."""
    yield stage.moment(3, 10), partial(_propose, stage)
    yield stage.moment(3, 11), partial(_delegate, stage)
    yield stage.moment(2, 14), partial(_begin, stage)
    yield stage.moment(1, 14), partial(_vote, stage)


def _propose(stage: Stage, now: datetime) -> None:
    item = db.session.scalars(select(Item).where(Item.title == VISIT)).one()
    subject = visibility.subject(item.id)
    assert subject is not None  # noqa: S101  it was found a line above
    reason = "Two days here, at no cost to us. Last year’s visit went the same way."
    silence.propose(item, subject, reason=reason, by=stage.actor("secretariat", now), now=now)


def _begin(stage: Stage, now: datetime) -> None:
    """The members read the text in their inboxes; then the silence runs by itself."""
    motion = db.session.scalars(select(Motion).where(Motion.method == Method.SILENCE)).one()
    sent = OutboxMessage.key.like(f"silence_open:{motion.id}:%")
    told = select(OutboxMessage.id, OutboxMessage.person_id).where(sent)
    for message, person in db.session.execute(told.order_by(OutboxMessage.id)).all():
        name = next(name for name, number in stage.people.items() if number == person)
        inbox.mark_read(message, by=stage.actor(name, now), now=now)
    silence.begin(motion, by=PROGRAM, now=now)


def _delegate(stage: Stage, now: datetime) -> None:
    by, day = stage.actor(AWAY, now), now.astimezone(stage.zone).date()
    authority.delegate(
        principal_id=stage.people[AWAY], holder_id=stage.people[DEPUTY], power=Power.VOTE,
        kinds=frozenset({ItemKind.ENGAGEMENT, ItemKind.AMENDMENT}), most_cost=None, starts_on=day,
        ends_on=day + timedelta(days=28), reason="I travel, and am on leave after it.", by=by, now=now,
    )  # fmt: skip


def _vote(stage: Stage, now: datetime) -> None:
    """The deputy votes for the seat on whatever is open and not yet voted on."""
    by, board = stage.actor(DEPUTY, now), seats.the_board()
    day = seats.board_day(board, now)
    open_ones = select(Motion).where(Motion.closed_at.is_(None), Motion.method == Method.NOTATIONAL).order_by(Motion.id)
    for motion in db.session.scalars(open_ones).all():
        subject = visibility.subject(motion.item_id)
        if subject is None or recusals.stand(motion.item_id, subject, by=by, day=day).position is not Position.READS:
            continue
        for seat, _ in stand_ins.seats_open_to(by, motion.item_id, subject, board, day):
            stand_ins.cast_for(motion, seat.id, Choice.YES, reason="As we agreed before the leave.", by=by, now=now)
            return
