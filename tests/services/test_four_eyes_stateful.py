"""Nobody decides their own item by any path: roles gained later, delegations, seats and offices that change hands."""

import itertools
from datetime import time, timedelta
from decimal import Decimal

import factories as make
import pytest
from factories import NOON, TODAY
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update

from engage.extensions import db
from engage.models.authority import Delegation, Emergency
from engage.models.board import Ballot, Decision, Motion, Seat, SeatHolding
from engage.models.engagements import Item, Traveller
from engage.models.matters import Matter
from engage.models.outbox import OutboxMessage
from engage.models.people import Office, RoleGrant
from engage.rules.agenda import Attends
from engage.rules.authority import Method, Power
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.refusals import Refusal
from engage.rules.voting import Choice, Outcome
from engage.services import (
    attendance,
    authority,
    board,
    due_votes,
    emergencies,
    kinds,
    meetings,
    motions,
    recusals,
    seats,
    silence,
    sittings,
    stand_ins,
    standing,
    versions,
    visibility,
)
from engage.services.meetings import Plan
from engage.services.transaction import transaction

MANY = 6
WHO = st.integers(0, MANY - 1)
WHICH = st.integers(0, 1)  # of the items on which the board votes; the others are decided by one person
METHODS: set[Method] = set()  # the ways the walks decided by: or they walked in vain


STOOD: list[bool] = []  # whether somebody voted for a seat not their own, of those who tried


class Paths(RuleBasedStateMachine):
    """Six people and a board of five seats, five items of theirs; anybody tries anything, and roles change hands."""

    clock = itertools.count(1)

    @initialize()
    def begin(self):
        with transaction():
            db.session.execute(update(Delegation).values(revoked_at=NOON, revoked_by_id=1))
            db.session.execute(delete(SeatHolding))
            everybody = [make.person(Role.MEMBER) for _ in range(MANY)]
            self.ids = [who.id for who in everybody]
            self.offices = list(db.session.scalars(select(Office.id)))
            self.seats = list(db.session.scalars(select(Seat.id).order_by(Seat.id)))[:5]
            for seat, who in zip(self.seats, self.ids, strict=False):
                db.session.add(SeatHolding(seat_id=seat, person_id=who, starts_on=TODAY - timedelta(days=9000)))
            for who, role in ((0, Role.CHAIR), (4, Role.CHAIR), (5, Role.SECRETARIAT)):
                db.session.add(RoleGrant(person_id=self.ids[who], role=role, starts_on=TODAY))
            self.clerk = make.actor(make.person(Role.SECRETARIAT))  # keeps the meetings, and decides nothing
            self.items = []
            for asks, goes in ((1, 2), (0, 0), (3, 1), (2, 3), (4, 0)):
                item = make.engagement(make.State.SCHEDULED, by=everybody[asks], travellers=[everybody[goes]])
                make.version(item)
                self.items.append(item.id)

    def by(self, who):
        return make.actor(db.session.get_one(make.Person, self.ids[who]))

    def attempt(self, act):
        try:
            with transaction():
                act()
        except Refusal:
            db.session.rollback()
            return False
        return True

    def all_try(self, first, act):
        """Everybody in turn, from one on: whoever may do it does, and the others are refused."""
        for number in range(MANY):
            self.attempt(lambda n=number: act(self.by((first + n) % MANY)))

    def before_the_board(self):
        """The items, and the matters by which emergency decisions on them are ratified."""
        matters = db.session.scalars(select(Emergency.matter_id).where(Emergency.item_id.in_(self.items)))
        return [*self.items, *matters]

    def open_motions(self):
        return list(db.session.scalars(select(Motion).where(
            Motion.item_id.in_(self.before_the_board()), Motion.closed_at.is_(None)
        ).order_by(Motion.id)))  # fmt: skip

    # --- What changes hands ------------------------------------------------------------------------------------

    @rule(who=WHO, role=st.sampled_from([Role.CHAIR, Role.SECRETARIAT, Role.CHAIR, Role.ADMINISTRATOR]))
    def a_role_is_gained(self, who, role):
        with transaction():
            db.session.add(RoleGrant(person_id=self.ids[who], role=role, starts_on=TODAY - timedelta(next(self.clock))))

    @rule(who=WHO)
    def a_role_is_lost(self, who):
        with transaction():
            db.session.execute(
                delete(RoleGrant).where(RoleGrant.person_id == self.ids[who], RoleGrant.role != Role.MEMBER)
            )

    @rule(who=WHO, seat=st.integers(0, 4))
    def a_seat_changes_hands(self, who, seat):
        with transaction():
            db.session.execute(delete(SeatHolding).where(SeatHolding.person_id == self.ids[who]))
            db.session.execute(delete(SeatHolding).where(SeatHolding.seat_id == self.seats[seat]))
            db.session.add(SeatHolding(
                seat_id=self.seats[seat], person_id=self.ids[who], starts_on=TODAY - timedelta(days=8999)
            ))  # fmt: skip

    @rule(who=WHO, office=st.integers(0, 3))
    def somebody_moves_office(self, who, office):
        with transaction():
            where = self.offices[office % len(self.offices)] if self.offices else None
            db.session.execute(update(make.Person).where(make.Person.id == self.ids[who]).values(office_id=where))

    @rule(principal=WHO, holder=WHO, alternate=st.none() | WHO, power=st.sampled_from([*Power, Power.VOTE]))
    def somebody_delegates(self, principal, holder, alternate, power):
        for to in (self.ids[(holder + n) % MANY] for n in range(MANY)):  # the first who may; the rest would overlap
            self.attempt(lambda to=to: authority.delegate(
                principal_id=self.ids[principal], holder_id=to, power=power, kinds=frozenset(ItemKind),
                most_cost=None, starts_on=TODAY, ends_on=TODAY + timedelta(days=9), reason="Away.",
                alternate_id=None if alternate is None else self.ids[alternate], by=self.by(principal), now=NOON,
            ))  # fmt: skip

    @rule(who=WHO, which=WHICH)
    def somebody_steps_aside(self, who, which):
        self.attempt(lambda: board.recuse(self.items[which], reason="Mine.", by=self.by(who), now=NOON))

    # --- What decides ----------------------------------------------------------------------------------------------

    @rule(who=WHO, which=st.integers(0, 3))
    def a_motion_is_put(self, who, which):
        known = [*self.items[:2], *self.before_the_board()[5:]]
        item = db.session.get_one(Item, known[which % len(known)])
        self.all_try(who, lambda by: board.put_motion(
            item, visibility.subject(item.id), Outcome.APPROVE, by=by, now=NOON
        ))  # fmt: skip

    @rule(who=WHO, which=WHICH)
    def a_silence_is_proposed(self, who, which):
        item = db.session.get_one(Item, self.items[which])
        self.all_try(who, lambda by: silence.propose(item, visibility.subject(item.id), hours=24, by=by, now=NOON))

    @rule(choice=st.sampled_from([Choice.YES, Choice.YES, Choice.NO]))
    def everybody_tries_to_vote(self, choice):
        for motion, who in itertools.product(self.open_motions(), range(MANY)):
            item_id = motion.item_id
            STOOD.extend(
                self.attempt(lambda m=motion, w=who, s=seat: stand_ins.cast_for(
                    m, s, choice, reason="So.", by=self.by(w), now=NOON
                ))
                for seat in self.seats
            )  # fmt: skip
            self.attempt(lambda i=item_id, w=who: recusals.take_part(i, reason="Fair.", by=self.by(w), now=NOON))
            self.attempt(lambda m=motion, w=who: board.cast(m, choice, reason="So.", by=self.by(w), now=NOON))

    @rule(who=WHO, choice=st.sampled_from([Choice.YES, Choice.YES, Choice.NO]))
    def somebody_tries_every_seat(self, who, choice):
        for motion, seat in itertools.product(self.open_motions(), self.seats):
            self.attempt(lambda m=motion, s=seat: stand_ins.cast_for(
                m, s, choice, reason="So.", by=self.by(who), now=NOON
            ))  # fmt: skip

    @rule(who=WHO)
    def somebody_closes(self, who):
        with transaction():
            make.time_is_up()
        for motion in self.open_motions():
            self.all_try(who, lambda by, m=motion: board.close(m, by=by, now=NOON))

    @rule(puts=WHO, closes=WHO, which=st.integers(0, 3), away=WHO, deputy=WHO)
    def a_whole_vote_is_held(self, puts, closes, which, away, deputy):
        self.somebody_delegates(away, deputy, None, Power.VOTE)
        self.a_motion_is_put(puts, which)
        self.everybody_tries_to_vote(Choice.YES)
        self.somebody_closes(closes)

    @rule(who=WHO, at_once=st.booleans())
    def somebody_decides_alone(self, who, at_once):
        act, which = (emergencies.decide_at_once, 3) if at_once else (emergencies.decide_alone, 2)
        self.all_try(who, lambda by: act(self.items[which], version=1, reason="Now.", by=by, now=NOON))

    @rule(who=WHO)
    def somebody_uses_a_standing_approval(self, who):
        self.all_try(who, lambda by: standing.use(self.items[4], 1, version=1, by=by, now=NOON))

    @rule(who=WHO, which=WHICH)
    def a_whole_silence_is_kept(self, who, which):
        self.a_silence_is_proposed(who, which)
        self.the_clock_runs()

    @rule(who=WHO, which=st.integers(0, 3), choice=st.sampled_from([Choice.YES, Choice.YES, Choice.NO]))
    def a_meeting_is_held(self, who, which, choice):
        day = TODAY + timedelta(days=14 + next(self.clock))
        with transaction():
            meeting = meetings.schedule(
                Plan("March", day, time(14), "America/New_York", 120, "Room 7"),
                by=self.clerk, now=NOON,
            )  # fmt: skip
            sittings.begin(meeting, by=self.clerk, now=meeting.starts_at)
        for seat in seats.seats_on(1, TODAY):
            if seat.holder_id:
                self.attempt(lambda s=seat: attendance.come(
                    meeting, s.holder_id, seat_id=s.id, attends=Attends.IN_ROOM, by=self.clerk, now=meeting.starts_at
                ))  # fmt: skip
        known = [*self.items[:2], *self.before_the_board()[5:]]
        item = db.session.get_one(Item, known[which % len(known)])
        self.all_try(who, lambda by: board.put_motion(
            item, visibility.subject(item.id), Outcome.APPROVE, meeting_id=meeting.id, by=by, now=NOON
        ))  # fmt: skip
        self.everybody_tries_to_vote(choice)
        self.somebody_closes(who)
        for motion in self.open_motions():
            self.attempt(lambda m=motion: motions.withdraw(
                m, reason="No quorum.", by=self.by(self.ids.index(m.moved_by_id)), now=NOON
            ))  # fmt: skip
        self.attempt(lambda: sittings.end(meeting, by=self.clerk, now=meeting.starts_at))

    @rule()
    def the_clock_runs(self):
        with transaction():
            db.session.execute(update(OutboxMessage).values(read_at=NOON))
            due_votes.tick(NOON)
            due_votes.tick(NOON + timedelta(days=20))

    # --- What must hold ----------------------------------------------------------------------------------------------

    def own(self, item_id):
        """Whose an item is; of what ratifies a decision, also whose that item is."""
        ratifies = db.session.scalar(select(Emergency.item_id).where(Emergency.matter_id == item_id))
        asks = db.session.scalar(select(Item.requester_id).where(Item.id == item_id))
        goes = db.session.scalars(select(Traveller.person_id).where(Traveller.engagement_id == item_id))
        return {asks, *goes} | (self.own(ratifies) if ratifies else set())

    @invariant()
    def nobody_decides_their_own(self):
        for item_id in self.before_the_board() if hasattr(self, "items") else ():
            own = self.own(item_id)
            cast = select(Ballot.person_id, Delegation.principal_id).outerjoin(Delegation).join(
                Motion, Motion.id == Ballot.motion_id
            )  # fmt: skip
            said = db.session.execute(cast.where(Motion.item_id == item_id)).all()
            assert not {person for row in said for person in row} & own
            closed = select(Decision.method, Decision.closed_by_id, Motion.moved_by_id).join(
                Motion, Motion.id == Decision.motion_id
            )  # fmt: skip
            for method, closer, mover in db.session.execute(closed.where(Decision.item_id == item_id)):
                METHODS.add(method)
                assert not {closer, mover} & own, method
            assert "" not in db.session.scalars(select(Decision.authority).where(Decision.item_id == item_id)).all()

    @invariant()
    def what_counts_is_of_seats_and_of_nobody_aside(self):
        for motion in self.open_motions() if hasattr(self, "items") else ():
            held = seats.seats_on(1, TODAY)
            subject = visibility.subject(motion.item_id)
            tally = board.count(motion, motions.setting_of(motion)[1], subject, held, TODAY)
            free = [seat for seat in held if seat.holder_id and seat.holder_id not in motions.aside(subject)]
            assert tally.present <= len(free)


def a_standing_approval():
    """The board approves a matter, and by it a standing approval of journeys to Estonia."""
    _, members = make.board()
    clerk = make.actor(make.person(Role.SECRETARIAT))
    matter = Matter(title="Estonia", text="As every year.", question="May they?", requester_id=clerk.id,
                    state=make.State.SCHEDULED, state_since=NOON, created_at=NOON, submitted_at=NOON)  # fmt: skip
    db.session.add(matter)
    db.session.flush()
    versions.freeze(matter.id, kinds.content_of(matter.id, matter.kind), by=clerk, now=NOON)
    clerk = make.actor(make.person(Role.SECRETARIAT))
    motion = board.put_motion(matter, visibility.subject(matter.id), Outcome.APPROVE, by=clerk, now=NOON)
    for who in members:
        board.cast(motion, Choice.YES, by=make.actor(who), now=NOON)
    decision = board.close(motion, by=clerk, now=NOON)
    standing.grant(
        "Estonia", decision_id=decision.id, starts_on=TODAY, ends_on=TODAY + timedelta(days=365), most_uses=1000,
        most_cost=Decimal(9_000_000), scope={"country_code": "EE"}, by=clerk, now=NOON,
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_nobody_decides_their_own_item_by_any_path(store):
    with transaction():
        a_standing_approval()
        charter = seats.charter_on(1, TODAY)
        charter.silence_kinds = charter.alone_kinds = "engagement amendment"
        charter.silence_cost = charter.alone_cost = None
        charter.meeting_kinds = ""
    run_state_machine_as_test(
        Paths,
        settings=settings(
            max_examples=30, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck),
            database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
        ),
    )
    assert set(Method) == METHODS  # by every way there is
    assert sum(STOOD) > 0
