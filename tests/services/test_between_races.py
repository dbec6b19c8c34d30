"""Acts outside meetings that meet at the same instant: real threads, each with a connection of its own."""

from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from services.test_between_meetings import Case, granted, have_read, stand_in
from services.test_board_races import at_once
from sqlalchemy import func, select, update

from engage.extensions import db
from engage.models.authority import StandingUse
from engage.models.board import Ballot, Decision, Motion
from engage.models.engagements import Item
from engage.rules.policy import Role
from engage.rules.voting import Choice
from engage.rules.workflow import State
from engage.services import audit, board, due_votes, seats, silence, stand_ins, standing
from engage.services.transaction import transaction


def motion_of(number):
    return db.session.get_one(Motion, number)


@pytest.mark.parametrize("again", range(3))
def test_an_objection_and_the_end_of_a_silence_never_both_win(app, store, again):
    case = Case()
    motion = case.propose(hours=24)
    have_read(store, motion, *case.members)
    with transaction():
        due_votes.tick(NOON)
    number, item_id, ends, member = motion.id, case.id, motion.closes_at, make.actor(case.members[0])
    db.session.remove()

    objected, ended = at_once(app, [
        lambda: silence.object_to(motion_of(number), text="No.", by=member, now=ends - timedelta(seconds=1)),
        lambda: due_votes.settle_due(motion_of(number), now=ends),
    ])  # fmt: skip
    decided = store.scalar(select(func.count()).select_from(Decision))
    assert (objected, ended, decided, store.get(Item, item_id).state) in [
        ("done", "done", 0, State.SCHEDULED), ("NotOpen", "done", 1, State.APPROVED),
    ]  # fmt: skip
    assert audit.verify().first_bad_id is None


def test_of_many_uses_of_the_last_of_a_standing_approval_at_once_one_is_made(app, store):
    case = Case(State.UNDER_REVIEW)
    row = granted(store, case, scope={"country_code": "EE"})
    with transaction():
        others = [make.engagement(State.UNDER_REVIEW) for _ in range(5)]
        for item in others:
            make.version(item)
    numbers, approval, by = [item.id for item in others], row.id, make.actor(case.secretary)
    db.session.remove()

    def using(number):
        return lambda: standing.use(number, approval, version=1, by=by, now=NOON)

    assert sorted(at_once(app, [using(number) for number in numbers])) == ["NotAllowed"] * 4 + ["done"]
    assert store.scalar(select(func.count()).select_from(StandingUse)) == 1


@pytest.mark.parametrize("again", range(3))
def test_of_a_holder_and_a_stand_in_at_once_the_holders_vote_stands(app, store, again):
    case = Case()
    with transaction():
        deputy = make.person(Role.MEMBER)
    stand_in(case, case.members[0], deputy)
    motion = case.put()
    seat = next(seat.id for seat in seats.seats_on(1, TODAY) if seat.holder_id == case.members[0].id)
    number, holder, other, holder_id = motion.id, make.actor(case.members[0]), make.actor(deputy), case.members[0].id
    db.session.remove()

    first, second = at_once(app, [
        lambda: board.cast(motion_of(number), Choice.NO, reason="So.", by=holder, now=NOON),
        lambda: stand_ins.cast_for(motion_of(number), seat, Choice.YES, by=other, now=NOON),
    ])  # fmt: skip
    assert (first, second) in [("done", "done"), ("done", "NotOpen")]
    assert store.execute(select(Ballot.person_id, Ballot.choice, Ballot.delegation_id)).all() == [
        (holder_id, Choice.NO, None)
    ]


def test_of_many_jobs_at_the_end_of_a_vote_one_decides(app, store):
    case = Case()
    motion = case.put()
    with transaction():
        for who in (case.chair, *case.members[:4]):
            board.cast(motion, Choice.YES, by=make.actor(who), now=NOON)
        store.execute(update(Motion).values(closes_at=NOON))
    number = motion.id
    db.session.remove()
    at_once(app, [lambda: due_votes.settle_due(motion_of(number), now=NOON)] * 6)
    assert store.scalar(select(func.count()).select_from(Decision)) == 1
