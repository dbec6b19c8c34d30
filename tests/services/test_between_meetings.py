"""How things are decided outside meetings: by silence, on paper, for another, alone, beforehand and at once."""

from datetime import date, time, timedelta
from decimal import Decimal

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import func, select, update

from engage.models.authority import Calendared, Delegation, Emergency, StandingUse
from engage.models.board import Ballot, Charter, Decision, Motion
from engage.models.engagements import Item, Leg, Traveller
from engage.models.matters import Matter
from engage.models.outbox import OutboxMessage
from engage.models.people import RoleGrant
from engage.rules.agenda import Attends, Section
from engage.rules.authority import Method, Power
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, QuorumLacking, Refusal, Stale
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import (
    agendas,
    attendance,
    audit,
    authority,
    board,
    charters,
    due_votes,
    emergencies,
    kinds,
    meeting_rows,
    meetings,
    minutes,
    motions,
    notational,
    silence,
    sittings,
    stand_ins,
    standing,
    versions,
    visibility,
)
from engage.services.meetings import Plan
from engage.services.transaction import transaction

YES, NO = Choice.YES, Choice.NO
ALL = frozenset({ItemKind.ENGAGEMENT, ItemKind.AMENDMENT})


class Case:
    """A board of seven with one engagement on its docket, and a secretary."""

    def __init__(self, state=State.SCHEDULED, **facts):
        with transaction():
            _, (self.chair, *self.members) = make.board()
            self.secretary = make.person(Role.SECRETARIAT)
            self.item = make.engagement(state, **facts)
            make.version(self.item)
            self.id = self.item.id

    def propose(self, **facts):
        with transaction():
            return silence.propose(self.item, self.subject, by=make.actor(self.chair), now=NOON, **facts)

    def put(self):
        with transaction():
            return board.put_motion(self.item, self.subject, Outcome.APPROVE, by=make.actor(self.chair), now=NOON)

    @property
    def subject(self):
        return visibility.subject(self.id)


def have_read(store, motion, *people):
    """These have opened the text in their inbox."""
    with transaction():
        store.execute(
            update(OutboxMessage)
            .where(OutboxMessage.key.in_([f"silence_open:{motion.id}:{who.id}" for who in people]))
            .values(read_at=NOON)
        )


def tick(now):
    with transaction():
        return due_votes.tick(now)


def told(store, template):
    return store.scalar(select(func.count()).where(OutboxMessage.template == template))


def test_a_silence_runs_only_once_a_quorum_has_the_text_and_is_kept_at_its_exact_end(store):
    case = Case()
    motion = case.propose()
    have_read(store, motion, *case.members[:3])
    assert (tick(NOON), motion.runs_from) == (0, None)
    have_read(store, motion, case.members[3])
    assert tick(NOON) == 1
    assert (motion.runs_from, motion.closes_at) == (NOON, NOON + timedelta(hours=72))
    assert tick(NOON + timedelta(hours=72, microseconds=-1)) == 0
    assert case.item.state is State.UNDER_SILENCE
    assert tick(NOON + timedelta(hours=72)) == 1
    decision = store.scalars(select(Decision)).one()
    assert (case.item.state, decision.method) == (State.APPROVED, Method.SILENCE)
    assert decision.authority == (
        "Silence procedure of the Charter of the International Engagement Governance Board, "
        "in force from 1 January 2024"
    )
    assert tick(NOON + timedelta(hours=100)) == 0


def test_an_objection_breaks_a_silence_and_nothing_is_approved(store):
    case = Case()
    motion = case.propose()
    have_read(store, motion, *case.members)
    tick(NOON)
    with transaction():
        silence.object_to(motion, text="It is too early.", by=make.actor(case.members[0]), now=NOON)
    assert board.sums(motion.arithmetic) == [
        f"The silence was broken. {case.members[0].name} objected: It is too early."
    ]
    assert tick(NOON + timedelta(days=30)) == 0
    assert (case.item.state, store.scalar(select(func.count()).select_from(Decision))) == (State.SCHEDULED, 0)
    assert case.put().round == 2


def test_a_silence_that_reaches_no_quorum_is_escalated_and_never_approved(store):
    case = Case()
    motion = case.propose()
    assert tick(NOON + timedelta(days=30)) == 1
    assert (motion.closed_at, motion.escalated_at) == (None, NOON + timedelta(days=30))
    assert (case.item.state, told(store, "overdue_step")) == (State.UNDER_SILENCE, 2)
    assert tick(NOON + timedelta(days=31)) == 0


def test_an_objection_after_the_exact_end_is_refused_even_before_the_job_came(store):
    case = Case()
    motion = case.propose(hours=24)
    have_read(store, motion, *case.members)
    tick(NOON)
    with pytest.raises(NotOpen, match="exact end has passed"), transaction():
        silence.object_to(motion, text="No.", by=make.actor(case.members[0]), now=NOON + timedelta(hours=24))


@pytest.mark.parametrize("hours", [0, 23, 721])
def test_a_silence_of_fewer_hours_than_the_charter_says_is_refused(store, hours):
    with pytest.raises(Incomplete, match="Give from 24 to 720 hours"):
        Case().propose(hours=hours)


def test_silence_is_refused_where_the_charter_does_not_allow_it(store):
    case = Case()
    with transaction():
        store.execute(update(Charter).values(silence_cost=Decimal(1000)))
    with pytest.raises(NotAllowed, match=r"above the ceiling of \$1,000\.00"):
        case.propose()


def test_nobody_votes_on_a_silence_and_nobody_closes_it_early(store):
    case = Case()
    motion = case.propose()
    for act in (
        lambda: board.cast(motion, YES, by=make.actor(case.chair), now=NOON),
        lambda: board.close(motion, by=make.actor(case.chair), now=NOON),
    ):
        with pytest.raises(NotOpen, match="silence procedure"), transaction():
            act()
    assert motion.closed_at is None


def test_an_overdue_vote_with_a_quorum_is_closed_and_one_without_is_escalated(store):
    quorate, alone = Case(), None
    motion = quorate.put()
    with transaction():
        for who in (quorate.chair, *quorate.members[:3]):
            board.cast(motion, YES, by=make.actor(who), now=NOON)
        alone = make.engagement(State.SCHEDULED)
        make.version(alone)
        lonely = board.put_motion(
            alone, visibility.subject(alone.id), Outcome.APPROVE, by=make.actor(quorate.chair), now=NOON
        )
        board.cast(lonely, YES, by=make.actor(quorate.chair), now=NOON)
    assert tick(motion.closes_at - timedelta(seconds=1)) == 0
    assert tick(motion.closes_at) == 2
    assert (quorate.item.state, alone.state, lonely.closed_at) == (State.APPROVED, State.SCHEDULED, None)
    assert told(store, "overdue_step") == 2


def test_a_vote_closes_early_only_when_no_ballot_to_come_could_change_it(store):
    case = Case()
    motion = case.put()
    with transaction():
        for who, choice in zip([case.chair, *case.members[:3]], [YES, YES, YES, NO], strict=True):
            board.cast(motion, choice, reason="So.", by=make.actor(who), now=NOON)
    with pytest.raises(NotOpen, match="could change the outcome"), transaction():
        board.close(motion, by=make.actor(case.chair), now=NOON)
    with transaction():
        board.cast(motion, YES, by=make.actor(case.members[3]), now=NOON)
        assert board.close(motion, by=make.actor(case.chair), now=NOON).outcome is Outcome.APPROVE


def test_any_member_takes_a_vote_to_a_meeting_and_the_item_waits_for_it(store):
    case = Case()
    motion = case.put()
    with transaction():
        board.cast(motion, YES, by=make.actor(case.chair), now=NOON)
        notational.calendar(motion, reason="We should hear them.", by=make.actor(case.members[5]), now=NOON)
    wish = store.scalars(select(Calendared)).one()
    assert (motion.carried, wish.meet_by) == (False, NOON + timedelta(days=90))
    for act in (case.put, case.propose):
        with pytest.raises(NotOpen, match="decided in a meeting"):
            act()
    assert tick(NOON + timedelta(days=90)) == 1
    assert (told(store, "overdue_step"), case.item.state) == (2, State.SCHEDULED)


def stand_in(case, principal, holder, power=Power.VOTE, **facts):
    told = {"kinds": ALL, "most_cost": None, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=30)}
    with transaction():
        return authority.delegate(
            principal_id=principal.id, holder_id=holder.id, power=power, reason="On leave.",
            by=make.actor(principal), now=NOON, **told | facts,
        )  # fmt: skip


def test_a_stand_in_votes_for_a_seat_until_its_holder_does(store):
    case = Case()
    with transaction():
        deputy = make.person(Role.MEMBER)
    row = stand_in(case, case.members[0], deputy)
    motion = case.put()
    seat = stand_ins.seats_open_to(make.actor(deputy), case.id, case.subject, board.the_board(), TODAY)[0][0]
    with transaction():
        stand_ins.cast_for(motion, seat.id, YES, by=make.actor(deputy), now=NOON)
    ballot = store.scalars(select(Ballot)).one()
    held = board.seats_on(1, TODAY)
    assert (ballot.person_id, ballot.delegation_id) == (deputy.id, row.id)
    assert board.count(motion, store.get(Charter, 1), case.subject, held, TODAY).yes == 1
    with transaction():
        board.cast(motion, NO, reason="I see it so.", by=make.actor(case.members[0]), now=NOON)
    assert (ballot.person_id, ballot.delegation_id) == (case.members[0].id, None)
    with pytest.raises(NotOpen, match="own holder has voted"), transaction():
        stand_ins.cast_for(motion, seat.id, YES, by=make.actor(deputy), now=NOON)
    assert board.count(motion, store.get(Charter, 1), case.subject, held, TODAY).no == 1


def test_nobody_stands_in_on_an_item_of_their_own_or_after_the_delegation_ended(store):
    with transaction():
        deputy = make.person(Role.MEMBER)
    case = Case(travellers=[deputy])
    row = stand_in(case, case.members[0], deputy)
    motion = case.put()
    seat = next(seat for seat in board.seats_on(1, TODAY) if seat.holder_id == case.members[0].id)
    with pytest.raises(NotAllowed), transaction():
        stand_ins.cast_for(motion, seat.id, YES, by=make.actor(deputy), now=NOON)
    with transaction():
        authority.revoke(row.id, reason="Back.", by=make.actor(case.members[0]), now=NOON)
    assert authority.usable(make.actor(deputy), Power.VOTE, None, board.the_board(), TODAY) == []


def ended_by_revoking(store, case, row, deputy):
    authority.revoke(row.id, reason="Back.", by=make.actor(case.members[0]), now=NOON)


def ended_by_its_last_day(store, case, row, deputy):
    store.execute(update(Delegation).values(ends_on=TODAY - timedelta(days=1), starts_on=TODAY - timedelta(days=1)))


def ended_by_losing_the_role(store, case, row, deputy):
    store.execute(update(RoleGrant).where(RoleGrant.person_id == deputy.id).values(ends_on=TODAY - timedelta(days=1)))


def ended_by_becoming_secretary(store, case, row, deputy):
    store.add(RoleGrant(person_id=deputy.id, role=Role.SECRETARIAT, starts_on=TODAY))


def ended_by_travelling(store, case, row, deputy):
    store.execute(update(Traveller).values(person_id=deputy.id))


@pytest.mark.parametrize(
    "ended",
    [ended_by_revoking, ended_by_its_last_day, ended_by_losing_the_role, ended_by_becoming_secretary,
     ended_by_travelling],
)  # fmt: skip
def test_a_stand_ins_vote_is_counted_only_while_they_may_stand_in_still(store, ended):
    case = Case()
    with transaction():
        deputy = make.person(Role.MEMBER)
    row = stand_in(case, case.members[0], deputy)
    motion = case.put()
    seat = next(seat for seat in board.seats_on(1, TODAY) if seat.holder_id == case.members[0].id)
    with transaction():
        stand_ins.cast_for(motion, seat.id, YES, by=make.actor(deputy), now=NOON)
        for who in case.members[1:4]:
            board.cast(motion, YES, by=make.actor(who), now=NOON)
        ended(store, case, row, deputy)
        make.time_is_up()
    with pytest.raises(QuorumLacking, match="4 needed, 3 voted"), transaction():
        board.close(motion, by=make.actor(case.chair), now=NOON)
    assert store.scalar(select(func.count()).select_from(Decision)) == 0


def test_whose_item_was_approved_at_once_has_no_vote_on_its_ratification(store):
    case = Case(State.SUBMITTED)
    with transaction():
        own = make.engagement(State.SUBMITTED, by=case.members[0], travellers=[case.members[1]])
        make.version(own)
        board.recuse(own.id, reason="My partner.", by=make.actor(case.members[2]), now=NOON)
        made = emergencies.decide_at_once(own.id, version=1, reason="Now.", by=make.actor(case.chair), now=NOON)
    matter = store.get(Item, made.matter_id)
    with transaction():
        motion = board.put_motion(
            matter, visibility.subject(matter.id), Outcome.APPROVE, by=make.actor(case.secretary), now=NOON
        )
    for who in (case.chair, *case.members[:3]):
        with pytest.raises(NotAllowed), transaction():
            board.cast(motion, YES, by=make.actor(who), now=NOON)
    tally = board.count(motion, store.get(Charter, 1), visibility.subject(matter.id), board.seats_on(1, TODAY), TODAY)
    assert (tally.recused, tally.base) == (4, 3)
    with transaction():
        board.cast(motion, YES, by=make.actor(case.members[3]), now=NOON)
        store.add(Traveller(engagement_id=own.id, position=9, person_id=case.members[3].id))
    with pytest.raises(NotAllowed, match="recused from this item"), transaction():
        board.cast(motion, NO, reason="So.", by=make.actor(case.members[3]), now=NOON)
    tally = board.count(motion, store.get(Charter, 1), visibility.subject(matter.id), board.seats_on(1, TODAY), TODAY)
    assert (tally.recused, tally.base, tally.yes) == (5, 2, 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"ends_on": TODAY + timedelta(days=400)}, "ends_on"),
        ({"kinds": frozenset()}, "kinds"),
        ({"most_cost": Decimal(-1)}, "most_cost"),
        ({"power": Power.DECIDE}, "principal"),
    ],
)
def test_a_delegation_that_cannot_be_is_refused_at_its_field(store, changed, field):
    case = Case()
    with transaction():
        deputy = make.person(Role.MEMBER)
    with pytest.raises(Incomplete) as refusal:
        stand_in(case, case.members[0], deputy, **changed)
    assert list(refusal.value.at) == [field]
    assert store.scalar(select(func.count()).select_from(Delegation)) == 0


def test_the_secretariat_never_votes_for_anybody_and_delegations_never_overlap(store):
    case = Case()
    with pytest.raises(Incomplete, match="secretariat and administrators never do"):
        stand_in(case, case.members[0], case.secretary)
    stand_in(case, case.members[0], case.members[1])
    with pytest.raises(Incomplete, match="Another delegation of this power"):
        stand_in(case, case.members[0], case.members[2])


def test_the_chair_decides_alone_below_the_ceiling_and_cites_the_authority(store):
    case = Case(State.UNDER_REVIEW)
    with transaction():
        decision = emergencies.decide_alone(
            case.id, version=1, reason="Routine.", by=make.actor(case.chair), now=NOON
        )
    assert (case.item.state, decision.method) == (State.APPROVED, Method.DELEGATED)
    assert decision.authority == (
        "The chair, under the Charter of the International Engagement Governance Board, in force from 1 January 2024"
    )


def test_nobody_decides_alone_above_the_ceiling_or_without_the_power_or_their_own(store):
    case = Case(State.UNDER_REVIEW)
    with pytest.raises(NotAllowed, match="You are not the chair today"), transaction():
        emergencies.decide_alone(case.id, version=1, reason="So.", by=make.actor(case.members[0]), now=NOON)
    with transaction():
        store.execute(update(Charter).values(alone_cost=Decimal(100)))
    with pytest.raises(NotAllowed, match="The board decides this, nobody alone"), transaction():
        emergencies.decide_alone(case.id, version=1, reason="So.", by=make.actor(case.chair), now=NOON)
    with transaction():
        own = make.engagement(State.UNDER_REVIEW, by=case.chair)
        make.version(own)
    for act in (emergencies.decide_alone, emergencies.decide_at_once):
        with pytest.raises(NotAllowed), transaction():
            act(own.id, version=1, reason="So.", by=make.actor(case.chair), now=NOON)
    assert store.scalar(select(func.count()).select_from(Decision)) == 0


@pytest.mark.parametrize(("kept", "today", "allowed"), [("engagement", "", True), ("", "engagement", False)])
def test_who_decides_alone_does_so_under_the_charter_that_the_item_keeps(store, kept, today, allowed):
    with transaction():
        store.execute(update(Charter).values(alone_kinds=kept))
        said = charters.said_by(store.get(Charter, 1)) | {"title": "Newer charter", "alone_kinds": today}
        store.add(Charter(board_id=1, starts_on=TODAY + timedelta(days=1), **said))
    case, tomorrow = Case(State.UNDER_REVIEW), NOON + timedelta(days=1)

    def act():
        with transaction():
            return emergencies.decide_alone(
                case.id, version=1, reason="Routine.", by=make.actor(case.chair), now=tomorrow
            )

    if allowed:
        decision = act()
        assert decision.authority.startswith("The chair, under the Charter of the International")
        assert store.get(Motion, decision.motion_id).charter_id == 1
    else:
        with pytest.raises(NotAllowed, match="The board decides this, nobody alone"):
            act()
        assert store.scalar(select(func.count()).select_from(Decision)) == 0


def at_once(case, **facts):
    with transaction():
        return emergencies.decide_at_once(
            case.id, version=1, reason="The plane leaves tonight.", by=make.actor(case.chair), now=NOON, **facts
        )


@pytest.mark.parametrize(
    ("outcome", "ratified", "state"),
    [(Outcome.APPROVE, True, State.APPROVED), (Outcome.DISAPPROVE, False, State.UNDER_REVIEW)],
)
def test_an_emergency_decision_is_ratified_by_the_board_or_lapses(store, outcome, ratified, state):
    case = Case(State.SUBMITTED)
    made = at_once(case)
    assert case.item.state is State.APPROVED
    matter = store.get(Item, made.matter_id)
    assert (matter.state, matter.requester_id) == (State.SCHEDULED, case.chair.id)
    with transaction():
        motion = board.put_motion(
            matter, visibility.subject(matter.id), outcome, reason="So.", by=make.actor(case.secretary), now=NOON
        )
        for who in case.members:
            board.cast(motion, YES, by=make.actor(who), now=NOON)
        with pytest.raises(NotAllowed):
            board.cast(motion, YES, by=make.actor(case.chair), now=NOON)
        board.close(motion, by=make.actor(case.secretary), now=NOON)
    assert (made.ratified, case.item.state) == (ratified, state)


def test_an_emergency_decision_that_nobody_ratifies_in_time_lapses_into_escalation(store):
    case = Case(State.SUBMITTED)
    made = at_once(case)
    assert tick(made.ratify_by - timedelta(seconds=1)) == 0
    assert tick(made.ratify_by) == 1
    assert (made.ratified, case.item.state, told(store, "overdue_step")) == (False, State.UNDER_REVIEW, 2)


def test_an_emergency_needs_a_reason_and_the_text_that_was_read(store):
    case = Case(State.SUBMITTED)
    for facts, refusal in (({"reason": "", "version": 1}, Incomplete), ({"reason": "So.", "version": 2}, Stale)):
        with pytest.raises(refusal), transaction():
            emergencies.decide_at_once(case.id, by=make.actor(case.chair), now=NOON, **facts)
    assert store.scalar(select(func.count()).select_from(Emergency)) == 0


def granted(store, case, **facts):
    """A standing approval that the board granted by a vote on a matter."""
    with transaction():
        matter = Matter(title="Visits", text="Visits.", question="Yes?", requester_id=case.secretary.id,
                        state=State.SCHEDULED, state_since=NOON, created_at=NOON, submitted_at=NOON)  # fmt: skip
        store.add(matter)
        store.flush()
        versions.freeze(matter.id, kinds.content_of(matter.id, matter.kind), by=make.actor(case.secretary), now=NOON)
        motion = board.put_motion(
            matter, visibility.subject(matter.id), Outcome.APPROVE, by=make.actor(case.chair), now=NOON
        )
        for who in case.members:
            board.cast(motion, YES, by=make.actor(who), now=NOON)
        decision = board.close(motion, by=make.actor(case.chair), now=NOON)
        known = {"starts_on": TODAY, "ends_on": date(2027, 3, 1), "most_uses": 1, "most_cost": Decimal(5000),
                 "scope": {"country_code": "JP"}}  # fmt: skip
        return standing.grant(
            "Visits to Japan", decision_id=decision.id, by=make.actor(case.secretary), now=NOON, **known | facts
        )


def test_what_fits_a_standing_approval_is_approved_with_its_line_in_the_ledger(store):
    case = Case(State.UNDER_REVIEW)
    country = store.scalar(select(Leg.country_code).where(Leg.engagement_id == case.id))
    row = granted(store, case, scope={"country_code": country})
    assert [one.id for one in standing.fitting(case.id, case.subject, TODAY)] == [row.id]
    with transaction():
        decision = standing.use(case.id, row.id, version=1, by=make.actor(case.secretary), now=NOON)
        second = make.engagement(State.UNDER_REVIEW)
        make.version(second)
    line = store.scalars(select(StandingUse)).one()
    assert (line.number, line.cost, line.decision_id) == (1, Decimal(1200), decision.id)
    assert (case.item.state, decision.method) == (State.APPROVED, Method.STANDING)
    with pytest.raises(NotAllowed, match="All 1 uses"), transaction():
        standing.use(second.id, row.id, version=1, by=make.actor(case.secretary), now=NOON)
    with transaction():
        standing.revoke(row.id, reason="Over.", by=make.actor(case.chair), now=NOON)
    with pytest.raises(NotAllowed, match="revoked"), transaction():
        standing.use(second.id, row.id, version=1, by=make.actor(case.secretary), now=NOON)


def test_a_standing_approval_without_a_decision_of_the_board_is_refused(store):
    case = Case()
    with pytest.raises(Refusal), transaction():
        standing.grant("X", decision_id=99, starts_on=TODAY, ends_on=TODAY, most_uses=1, most_cost=Decimal(1),
                       scope={"country_code": "JP"}, by=make.actor(case.secretary), now=NOON)  # fmt: skip


@pytest.mark.parametrize("open_ones", [3, 60])
def test_looking_for_what_is_due_is_one_statement_however_many_are_open(store, statements, open_ones):
    case = Case()
    with transaction():
        for _ in range(open_ones):
            item = make.engagement(State.SCHEDULED)
            make.version(item)
            board.put_motion(item, visibility.subject(item.id), Outcome.APPROVE, by=make.actor(case.chair), now=NOON)
    statements.clear()
    with transaction():
        due_votes.tick(NOON)
    assert [line.split()[0] for line in statements] == ["SELECT"] * 4
    assert store.scalar(select(func.count()).select_from(Motion)) == open_ones


def called(case, days=14):
    with transaction():
        return meetings.schedule(
            Plan("March", TODAY + timedelta(days=days), time(14), "America/New_York", 120, "Room 7"),
            by=make.actor(case.secretary), now=NOON,
        )  # fmt: skip


def in_session(case, meeting, *there):
    """The meeting is open, and these sit in their seats."""
    now, by = meeting.starts_at, make.actor(case.secretary)
    with transaction():
        sittings.begin(meeting, by=by, now=now)
        for who in there:
            seat = next(seat.id for seat in board.seats_on(1, TODAY) if seat.holder_id == who.id)
            attendance.come(meeting, who.id, seat_id=seat, attends=Attends.IN_ROOM, by=by, now=now)
        return next((row for row in meeting_rows.entries(meeting.id) if row.section is Section.RATIFICATION), None)


def vote_in(case, meeting, entry, choice):
    now, by = meeting.starts_at, make.actor(case.secretary)
    with transaction():
        sittings.call(meeting, entry.id, by=by, now=now)
        motion = sittings.put(meeting, entry.id, Outcome.APPROVE, by=by, now=now)
        for who in case.members:
            board.cast(motion, choice, reason="So.", by=make.actor(who), now=now)
        sittings.close_vote(meeting, motion, by=by, now=now)


@pytest.mark.parametrize("when", ["before the call", "after the call", "on the day"])
def test_what_is_to_be_ratified_comes_on_the_next_agenda_by_itself(store, when):
    case = Case(State.SUBMITTED)
    if when == "before the call":
        at_once(case)
        meeting = called(case)
        with transaction():
            agendas.gather(meeting, now=NOON)
    else:
        later, meeting = called(case, days=40), called(case)
        at_once(case)
        if when == "after the call":
            with transaction():
                assert (agendas.gather_ahead(NOON), agendas.gather_ahead(NOON)) == (1, 0)
        assert meeting_rows.entries(later.id) == []
    entry = in_session(case, meeting, *case.members)
    assert entry.title == f"Ratify: {case.item.title}"


def said_of(meeting):
    return str(minutes.draft(meeting))


def test_a_meeting_ratifies_or_does_not_and_the_minutes_say_which(store):
    case = Case(State.SUBMITTED)
    for choice, ratified, state, words in (
        (YES, True, State.APPROVED, "Ratified: the emergency decision stands."),
        (NO, False, State.UNDER_REVIEW, "Not ratified: the emergency decision has lapsed."),
    ):
        if choice is NO:
            with transaction():
                case.item = make.engagement(State.SUBMITTED)
                make.version(case.item)
                case.id = case.item.id
        made = at_once(case)
        meeting = called(case, days=14 if choice is YES else 20)
        entry = in_session(case, meeting, *case.members)
        vote_in(case, meeting, entry, choice)
        assert (made.ratified, case.item.state) == (ratified, state)
        with transaction():
            sittings.end(meeting, by=make.actor(case.secretary), now=meeting.starts_at)
        assert words in said_of(meeting)
    assert told(store, "overdue_step") == 2  # of the one that lapsed: the chair and the secretary
    assert store.get(Item, made.matter_id).state is State.WITHDRAWN  # nothing is left to ratify


def test_a_meeting_that_ends_without_ratifying_lets_the_decision_lapse(store):
    case = Case(State.SUBMITTED)
    made, meeting = at_once(case), called(case)
    in_session(case, meeting, *case.members)
    with transaction():
        sittings.end(meeting, by=make.actor(case.secretary), now=meeting.starts_at)
    assert (made.ratified, made.why, case.item.state) == (
        False, "The meeting ended and had not ratified it.", State.UNDER_REVIEW
    )  # fmt: skip
    assert store.get(Item, made.matter_id).state is State.WITHDRAWN
    assert tick(made.ratify_by) == 0
    assert audit.verify().first_bad_id is None


def test_ballots_that_cannot_be_are_refused_with_a_sentence_and_nothing_changes(store):
    case = Case()
    with transaction():
        first, second = make.person(Role.MEMBER), make.person(Role.MEMBER)
        others = make.engagement(State.SCHEDULED)
        make.version(others)
    stand_in(case, case.members[0], first)
    motion = case.put()
    seat = next(seat for seat in board.seats_on(1, TODAY) if seat.holder_id == case.members[0].id)
    other_seat = next(seat for seat in board.seats_on(1, TODAY) if seat.holder_id == case.members[1].id)
    with transaction():
        stand_ins.cast_for(motion, seat.id, YES, by=make.actor(first), now=NOON)
        authority.revoke(1, reason="Another.", by=make.actor(case.members[0]), now=NOON)
    stand_in(case, case.members[0], second)
    refused = [
        (lambda: stand_ins.cast_for(motion, seat.id, NO, reason="So.", by=make.actor(second), now=NOON),
         NotOpen, "Another stand-in has voted for this seat: one seat has one vote."),
        (lambda: stand_ins.cast_for(motion, other_seat.id, YES, by=make.actor(second), now=NOON),
         NotAllowed, "You hold no delegation under which you may vote for this seat on this item today."),
        (lambda: board.cast(motion, YES, by=make.actor(second), now=NOON),
         NotAllowed, "You hold no seat on this board today, so you may not vote."),
        (lambda: board.cast(motion, NO, by=make.actor(case.members[2]), now=NOON), Incomplete, "Say why you vote no."),
    ]  # fmt: skip
    for act, kind, sentence in refused:
        with pytest.raises(kind) as told_, transaction():
            act()
        assert sentence in str(told_.value)
    assert store.execute(select(Ballot.seat_id, Ballot.person_id, Ballot.choice)).all() == [(seat.id, first.id, YES)]
    with transaction():
        motions.withdraw(motion, reason="Later.", by=make.actor(case.chair), now=NOON)
    with pytest.raises(NotOpen, match="The vote on this motion is closed"), transaction():
        board.cast(motion, YES, by=make.actor(case.members[2]), now=NOON)
    assert store.scalar(select(func.count()).select_from(Ballot)) == 1
