"""The board driven in random order against a model that a child could count by hand."""

import itertools
from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, select, update

from engage.extensions import db
from engage.models.authority import Delegation
from engage.models.board import Ballot, Decision, Motion, SeatHolding
from engage.models.people import RoleGrant
from engage.rules.authority import Power
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.refusals import Refusal
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import authority, board, motions, recusals, seats, stand_ins, visibility
from engage.services.transaction import transaction

PEOPLE = st.integers(0, 8)  # seven hold seats, two wait for one
CLOSED: list[bool] = []  # what the walks decided: both ways, or they walked in vain
STOOD_IN: list[bool] = []  # whether stand-ins voted: some could, and some could not
CHOICES = st.sampled_from([Choice.YES, Choice.YES, *Choice])  # or hardly anything is ever agreed


class Driven(RuleBasedStateMachine):
    """One item before the board. The model: who holds each seat, who stands aside, what each person last said."""

    clock = itertools.count(1)

    @initialize(asks=st.integers(0, 8), travels=st.integers(0, 8))
    def an_item(self, asks, travels):
        with transaction():
            if db.session.scalar(select(func.count()).select_from(SeatHolding)) == 0:
                make.board()
                make.person(Role.MEMBER)
                make.person(Role.MEMBER)
            voters = select(RoleGrant.person_id).where(RoleGrant.role == Role.MEMBER).order_by(RoleGrant.person_id)
            self.ids = list(db.session.scalars(voters))
            self.begin_anew()
            self.secretary = make.actor(make.person(Role.SECRETARIAT))
            people = [db.session.get_one(make.Person, id_) for id_ in self.ids]
            item = make.engagement(State.SCHEDULED, by=people[asks], travellers=[people[travels]])
            make.version(item)
            self.item_id, self.charter = item.id, seats.charter_on(1, TODAY)
            self.rules = seats.rules_of(self.charter)
        self.own = {self.ids[asks], self.ids[travels]}
        self.aside, self.said, self.motion, self.stale, self.asked = set(), {}, None, False, set()
        self.changes = 0
        self.lent, self.by = {}, {}  # whose vote somebody may cast; which seats' ballots somebody else cast
        with transaction():
            self.holders = {seat.id: seat.holder_id for seat in seats.seats_on(1, TODAY)}
        self.chair = next(seat.id for seat in seats.seats_on(1, TODAY) if seat.is_chair)

    def begin_anew(self):
        """Each walk begins with the same seats and no offices, whatever the one before left."""
        db.session.execute(delete(SeatHolding))
        db.session.execute(update(Delegation).values(revoked_at=NOON, revoked_by_id=self.ids[0]))
        db.session.execute(update(make.Person).values(office_id=None))
        for seat, holder in zip(range(1, 8), self.ids, strict=False):
            db.session.add(SeatHolding(seat_id=seat, person_id=holder, starts_on=TODAY - timedelta(days=9000)))
        db.session.flush()

    def actor(self, number):
        return make.actor(db.session.get_one(make.Person, self.ids[number]))

    def attempt(self, act):
        """Do it in a transaction; whether it was done."""
        try:
            with transaction():
                act()
            return True
        except Refusal as refusal:
            db.session.rollback()
            self.refusal = str(refusal)
            return False

    @property
    def open(self):
        return self.motion is not None

    @precondition(lambda self: not self.open)
    @rule()
    def put(self):
        def act():
            item = db.session.get_one(make.Item, self.item_id)
            self.put_id = board.put_motion(
                item, visibility.subject(item.id), Outcome.DEFER, reason="Wait.", by=self.secretary, now=NOON,
                defer_until=TODAY + timedelta(days=40),
            ).id  # fmt: skip

        if self.state() is State.SCHEDULED:
            assert self.attempt(act), self.refusal
            self.motion, self.said, self.by, self.stale = self.put_id, {}, {}, False

    @precondition(lambda self: self.open)
    @rule(number=PEOPLE, choice=CHOICES)
    def vote(self, number, choice):
        who = self.ids[number]
        motion = db.session.get_one(Motion, self.motion)
        done = self.attempt(
            lambda: board.cast(motion, choice, reason="As I see it.", by=self.actor(number), now=NOON)
        )
        allowed = (
            who in self.holders.values() and who not in self.own | self.aside and not self.stale
            and number not in self.asked
        )  # fmt: skip
        assert done is allowed
        if done:
            seat = next(seat for seat, holder in self.holders.items() if holder == who)
            self.said[seat], self.by[seat] = (who, choice), None

    @rule(seat=st.integers(0, 6), number=PEOPLE)
    def lend_a_vote(self, seat, number):
        """A holder lets somebody vote in their place: for one at a time, and never for themselves."""
        principal, who = self.holders[sorted(self.holders)[seat]], self.ids[number]
        done = self.attempt(lambda: authority.delegate(
            principal_id=principal, holder_id=who, power=Power.VOTE, kinds=frozenset(ItemKind), most_cost=None,
            starts_on=TODAY, ends_on=TODAY + timedelta(days=9), reason="Away.",
            by=self.actor(self.ids.index(principal)), now=NOON,
        ))  # fmt: skip
        assert done is (who != principal and principal not in self.lent)
        if done:
            self.lent[principal] = who

    @precondition(lambda self: self.open)
    @rule(seat=st.integers(0, 6), number=PEOPLE, choice=CHOICES)
    def lend_and_vote_at_once(self, seat, number, choice):
        """What rules picked one by one reach too seldom."""
        self.lend_a_vote(seat, number)
        for pick in range(len(self.lent)):
            self.vote_for_another(pick, choice)

    @precondition(lambda self: self.open and self.lent)
    @rule(pick=st.integers(0, 8), choice=CHOICES)
    def vote_for_another(self, pick, choice):
        """A stand-in votes for the seat until its holder does, and nobody else takes that ballot over."""
        principal, who = sorted(self.lent.items())[pick % len(self.lent)]
        seat = next((seat for seat, holder in self.holders.items() if holder == principal), None)
        if seat is None:
            return
        number, motion = self.ids.index(who), db.session.get_one(Motion, self.motion)
        done = self.attempt(
            lambda: stand_ins.cast_for(motion, seat, choice, reason="For them.", by=self.actor(number), now=NOON)
        )
        out = self.own | self.aside
        free = seat not in self.said or self.by[seat] == who
        assert done is (free and not {who, principal} & out and not self.stale and number not in self.asked)
        if done:
            self.said[seat], self.by[seat] = (principal, choice), who
        STOOD_IN.append(done)

    @precondition(lambda self: self.open)
    @rule(choices=st.lists(CHOICES, min_size=9, max_size=9))
    def everybody_votes(self, choices):
        for number, choice in enumerate(choices):
            self.vote(number, choice)

    @precondition(lambda self: not self.open)
    @rule(
        choices=st.lists(CHOICES, min_size=9, max_size=9) | st.just([Choice.NO] * 9),
        early=st.sampled_from([None, True, False]),
    )
    def a_whole_vote(self, choices, early):
        """What rules picked one by one reach too seldom."""
        self.put()
        if self.open:
            self.everybody_votes(choices)
        if self.open and early is not None:
            self.close(early)

    @rule(number=PEOPLE)
    def step_aside(self, number):
        who, held = self.ids[number], self.state()
        done = self.attempt(
            lambda: board.recuse(self.item_id, reason="Family.", by=self.actor(number), now=NOON)
        )
        assert done is (who in self.aside or held in (State.SCHEDULED, State.DEFERRED))
        if done and who not in self.aside:
            self.aside.add(who)
            self.said = {
                seat: said for seat, said in self.said.items() if said[0] != who and self.by[seat] != who
            }

    @rule(number=PEOPLE)
    def move_to_the_requesters_office(self, number):
        """From then on they are asked before they vote; a vote cast before stands."""
        with transaction():
            requester = db.session.get_one(make.Item, self.item_id).requester_id
            who, asker = db.session.get_one(make.Person, self.ids[number]), db.session.get_one(make.Person, requester)
            asker.office_id = asker.office_id or make.office().id
            who.office_id = asker.office_id
        self.ask_again()

    @rule(number=PEOPLE)
    def take_part(self, number):
        done = self.attempt(
            lambda: recusals.take_part(self.item_id, reason="No part in it.", by=self.actor(number), now=NOON)
        )
        assert done is (number in self.asked and self.ids[number] not in self.aside | self.own)
        self.ask_again()

    def ask_again(self):
        subject = visibility.subject(self.item_id)
        self.asked = {
            number for number in range(9)
            if recusals.stand(self.item_id, subject, by=self.actor(number), day=TODAY).position == "asked"
        }  # fmt: skip

    @rule(seat=st.integers(0, 6), number=PEOPLE)
    def seat_another(self, seat, number):
        """A seat changes hands: its ballot no longer counts, and nobody brings theirs along."""
        who, seat_id = self.ids[number], sorted(self.holders)[seat]
        if who in self.holders.values() or seat_id == self.chair:
            return
        with transaction():
            self.changes += 1
            since = TODAY - timedelta(days=9000 - self.changes)
            db.session.add(SeatHolding(seat_id=seat_id, person_id=who, starts_on=since))
        with transaction():
            self.holders = {one.id: one.holder_id for one in seats.seats_on(1, TODAY)}

    @precondition(lambda self: self.open)
    @rule()
    def edit(self):
        with transaction():
            item = db.session.get_one(make.Item, self.item_id)
            motions.hold_item(item.id)
            make.version(item, NOON + timedelta(seconds=next(self.clock)))
        self.stale = True

    @precondition(lambda self: self.open)
    @rule(early=st.booleans())
    def close(self, early):
        """Before its time a vote closes only when no ballot still to come could change what it says."""
        motion = db.session.get_one(Motion, self.motion)
        quorate, carried = self.recount()
        now = NOON if early else motion.closes_at
        done = self.attempt(lambda: board.close(motion, by=self.secretary, now=now))
        assert done is (quorate and not self.stale and (not early or self.settled()))
        if done:
            assert db.session.get_one(Motion, self.motion).carried is carried
            assert self.state() is (State.DEFERRED if carried else State.SCHEDULED)
            CLOSED.append(carried)
            self.motion = None

    @precondition(lambda self: self.open and self.stale)
    @rule()
    def void(self):
        with transaction():
            motions.void_open_motion(self.item_id, reason="Its text changed.", by=self.secretary, now=NOON)
        self.motion = None

    def state(self):
        return db.session.scalar(select(make.Item.state).where(make.Item.id == self.item_id))

    def counted(self):
        """Who may vote, of those who hold a seat, and what those of them have said whose ballots count."""
        out = self.own | self.aside
        base = [holder for holder in self.holders.values() if holder is not None and holder not in out]
        said = [choice for seat, (who, choice) in self.said.items() if self.holders[seat] == who and who not in out]
        return len(base), said, said.count(Choice.YES), said.count(Choice.NO)

    def recount(self):
        """Quorum and majority, seat by seat, over the base that the charter states."""
        base, said, yes, no = self.counted()
        quorate = 2 * len(said) > base
        return quorate, quorate and yes > no

    def settled(self):
        """Whether those who have not voted, all of one mind, could still turn it."""
        base, said, yes, no = self.counted()
        rest = base - len(said)
        return yes > no + rest or yes + rest <= no

    @invariant()
    def the_count_is_the_recount(self):
        if not getattr(self, "motion", None):
            return
        motion = db.session.get_one(Motion, self.motion)
        subject = visibility.subject(self.item_id)
        tally = board.count(motion, self.charter, subject, seats.seats_on(1, TODAY), TODAY)
        assert (tally.quorate, tally.carried) == self.recount()

    @invariant()
    def nobody_decides_their_own_item(self):
        if not hasattr(self, "item_id"):
            return
        told = select(Ballot.person_id).join(Motion, Motion.id == Ballot.motion_id)
        cast = set(db.session.scalars(told.where(Motion.item_id == self.item_id)))
        assert not cast & self.own
        decided = db.session.scalar(select(func.count()).where(Decision.item_id == self.item_id))
        assert (decided > 0) is (self.state() is State.DEFERRED)


@pytest.mark.filterwarnings("ignore")
def test_the_board_in_any_order_agrees_with_a_count_by_hand(store):
    assert seats.rules_of(seats.charter_on(1, TODAY)).recused_leave_the_base
    run_state_machine_as_test(
        Driven,
        settings=settings(
            max_examples=50, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck),
            database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
        ),
    )
    assert set(CLOSED) == {True, False}, len(CLOSED)
    assert set(STOOD_IN) == {True, False}, len(STOOD_IN)
