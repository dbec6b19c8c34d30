"""Votes that meet at the same instant: real threads, each with a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import factories as make
import pytest
from factories import NOON
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.board import Ballot, Decision, Motion
from engage.models.engagements import Item
from engage.rules.policy import Role
from engage.rules.refusals import Refusal
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import Action, State
from engage.services import audit, board, interests, items, recusals, visibility
from engage.services.transaction import transaction


def docketed():
    """A motion on an item of the docket, with the seven who hold the seats, and the secretary who put it."""
    with transaction():
        _, holders = make.board()
        secretary = make.actor(make.person(Role.SECRETARIAT))
        item = make.engagement(State.SCHEDULED)
        make.version(item)
        subject = visibility.subject(item.id)
        motion = board.put_motion(item, subject, Outcome.APPROVE, by=secretary, now=NOON)
        found = motion.id, [make.actor(who) for who in holders], secretary
    db.session.remove()
    return found


def at_once(app, acts):
    """Do every one of `acts` in a thread of its own at the same instant; gives what each said, or its refusal."""
    line = Barrier(len(acts))

    def run(act):
        with app.app_context():
            line.wait()
            try:
                with transaction():
                    act()
                return "done"
            except Refusal as refusal:
                return type(refusal).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def casting(motion_id, who, choice):
    def act():
        board.cast(db.session.get_one(Motion, motion_id), choice, reason="As I see it.", by=who, now=NOON)

    return act


def closing(motion_id, who):
    def act():
        board.close(db.session.get_one(Motion, motion_id), by=who, now=NOON)

    return act


def test_fifty_equal_ballots_at_once_are_one_vote(app, store):
    motion_id, holders, _ = docketed()
    said = at_once(app, [casting(motion_id, holders[1], Choice.YES)] * 50)
    assert said == ["done"] * 50
    assert store.execute(select(Ballot.person_id, Ballot.choice)).all() == [(holders[1].id, Choice.YES)]
    assert store.scalar(select(func.count()).where(AuditEvent.action == "vote")) == 1
    assert audit.verify().first_bad_id is None


def test_different_ballots_of_one_seat_at_once_leave_the_one_that_the_trail_ends_with(app, store):
    motion_id, holders, _ = docketed()
    at_once(app, [casting(motion_id, holders[1], choice) for choice in list(Choice) * 4])
    last = store.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "vote").order_by(AuditEvent.id.desc())
    ).first()
    (choice,) = store.scalars(select(Ballot.choice)).all()
    assert f'"after":{{"choice":"{choice}"' in last


def test_twenty_closes_at_once_make_one_decision(app, store):
    motion_id, holders, secretary = docketed()
    with transaction():
        for who in holders[:4]:
            casting(motion_id, who, Choice.YES)()
    db.session.remove()
    said = at_once(app, [closing(motion_id, secretary)] * 20)
    assert sorted(said) == ["NotOpen"] * 19 + ["done"]
    assert store.scalar(select(func.count()).select_from(Decision)) == 1
    assert store.scalars(select(Item.state)).all() == [State.APPROVED]


@pytest.mark.parametrize("again", range(5))
def test_a_vote_and_the_close_never_both_win(app, store, again):
    motion_id, holders, secretary = docketed()
    with transaction():
        for who in holders[:4]:
            casting(motion_id, who, Choice.YES)()
    db.session.remove()
    late = [casting(motion_id, who, Choice.NO) for who in holders[4:]]
    *voted, closed = at_once(app, [*late, closing(motion_id, secretary)])

    motion = store.get_one(Motion, motion_id)
    noes = voted.count("done")
    assert closed == "done"
    assert set(voted) <= {"done", "NotOpen"}
    assert board.sums(motion.arithmetic)[-1].startswith(f"4 yes, {noes} no, 0 abstained")
    assert store.scalar(select(func.count()).select_from(Ballot)) == 4 + noes


@pytest.mark.parametrize("again", range(5))
def test_who_steps_aside_while_the_vote_closes_is_counted_nowhere_or_was_there_before(app, store, again):
    motion_id, holders, secretary = docketed()
    with transaction():
        for who in holders[:5]:
            casting(motion_id, who, Choice.YES)()
        item_id = db.session.get_one(Motion, motion_id).item_id
    db.session.remove()

    def step_aside():
        board.recuse(item_id, reason="I know them.", by=holders[0], now=NOON)

    aside, closed = at_once(app, [step_aside, closing(motion_id, secretary)])
    assert closed == "done"
    counted = board.sums(store.get_one(Motion, motion_id).arithmetic)[-1]
    expected = {"done": "4 yes", "NotOpen": "5 yes"}
    assert counted.startswith(expected[aside])


def test_of_many_motions_at_once_one_is_put(app, store):
    with transaction():
        make.board()
        secretary = make.actor(make.person(Role.SECRETARIAT))
        item = make.engagement(State.SCHEDULED)
        make.version(item)
        item_id = item.id
    db.session.remove()

    def put():
        item = db.session.get_one(Item, item_id)
        board.put_motion(item, visibility.subject(item_id), Outcome.APPROVE, by=secretary, now=NOON)

    assert sorted(at_once(app, [put] * 10)) == ["NotOpen"] * 9 + ["done"]


@pytest.mark.parametrize("again", range(5))
@pytest.mark.parametrize(("yes", "no", "carries"), [(3, 2, True), (2, 3, False), (2, 2, False)])
def test_the_last_yes_against_the_last_no_gives_what_the_tally_says(app, store, again, yes, no, carries):
    motion_id, holders, secretary = docketed()
    with transaction():
        for who, choice in zip(holders, [Choice.YES] * yes + [Choice.NO] * no, strict=False):
            casting(motion_id, who, choice)()
    db.session.remove()
    said = at_once(app, [casting(motion_id, holders[5], Choice.YES), casting(motion_id, holders[6], Choice.NO)])
    assert said == ["done", "done"]
    with transaction():
        motion = db.session.get_one(Motion, motion_id)
        decision = board.close(motion, by=secretary, now=motion.closes_at)
    assert (decision is not None) is carries
    assert store.scalars(select(Item.state)).one() is (State.APPROVED if carries else State.SCHEDULED)


def returning(motion_id, who):
    def act():
        item = db.session.get_one(Item, db.session.get_one(Motion, motion_id).item_id)
        items.act(item, visibility.subject(item.id), Action.RETURN, by=who, now=NOON, reason="Which dates?")

    return act


@pytest.mark.parametrize("again", range(5))
def test_a_vote_against_the_return_of_the_item_decides_nothing(app, store, again):
    motion_id, holders, secretary = docketed()
    *voted, returned = at_once(
        app, [*(casting(motion_id, who, Choice.YES) for who in holders), returning(motion_id, secretary)]
    )
    assert returned == "done"
    assert set(voted) <= {"done", "NotOpen", "Stale"}
    assert store.scalar(select(func.count()).select_from(Ballot)) == voted.count("done")
    assert store.scalar(select(func.count()).select_from(Decision)) == 0
    assert store.scalars(select(Item.state)).one() is State.RETURNED
    assert store.get_one(Motion, motion_id).carried is False


@pytest.mark.parametrize("again", range(5))
def test_the_close_and_the_return_of_the_item_never_both_win(app, store, again):
    motion_id, holders, secretary = docketed()
    with transaction():
        for who in holders[:4]:
            casting(motion_id, who, Choice.YES)()
    db.session.remove()
    closed, returned = at_once(app, [closing(motion_id, holders[0]), returning(motion_id, secretary)])
    assert sorted([closed, returned]) == ["NotOpen", "done"]
    decided = store.scalar(select(func.count()).select_from(Decision))
    state = store.scalars(select(Item.state)).one()
    assert (decided, state) == ((1, State.APPROVED) if closed == "done" else (0, State.RETURNED))


@pytest.mark.parametrize("again", range(5))
def test_stepping_aside_and_taking_part_at_once_leave_one_word(app, store, again):
    motion_id, holders, _ = docketed()
    with transaction():
        item_id = db.session.get_one(Motion, motion_id).item_id
        interests.declare("country", "EE", why="Family.", starts_on=make.TODAY, by=holders[1], now=NOON)
    db.session.remove()

    def aside():
        board.recuse(item_id, reason="Family.", by=holders[1], now=NOON)

    def part():
        recusals.take_part(item_id, reason="Far away.", by=holders[1], now=NOON)

    at_once(app, [aside, part, casting(motion_id, holders[1], Choice.YES)])
    assert holders[1].id in visibility.subject(item_id).recused_ids
    assert store.scalar(select(func.count()).where(Ballot.person_id == holders[1].id)) == 0
