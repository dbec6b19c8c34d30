"""Whether enough people can decide: counted on the day, told once, in a fixed number of statements."""

from datetime import time, timedelta

import factories as make
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.models.board import SeatHolding
from engage.models.outbox import OutboxMessage
from engage.models.people import Absence
from engage.rules.agenda import Section
from engage.rules.authority import Power
from engage.rules.coverage import Why, advice, cover
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.voting import CharterRules, Choice, Outcome, Seat
from engage.rules.workflow import State
from engage.services import agendas, authority, board, coverage, meetings, visibility
from engage.services.transaction import transaction

SEATS = [Seat(1, "Chair", 11, True), Seat(2, "Policy", 12), Seat(3, "Legal", 13), Seat(4, "Operations", None)]
NAMES = {11: "Ada", 12: "Ben", 13: "Cleo"}


def covered(**facts):
    return cover(SEATS, NAMES, CharterRules(), **{"own": (), "recused": (), "away": {}, **facts})


def test_vacant_and_recused_seats_leave_the_base_and_the_absent_do_not():
    assert (covered().able, covered().needed) == (3, 2)
    assert (covered(recused={12}).able, covered(recused={12}).needed) == (2, 2)
    assert (covered(away={12: Why.ABSENT}).able, covered(away={12: Why.ABSENT}).needed) == (2, 2)


def test_who_has_voted_counts_wherever_they_are():
    away = {12: Why.TRAVELS, 13: Why.ABSENT}
    assert covered(away=away).enough is False
    assert covered(away=away, voted={13}).enough is True


def test_what_helps_is_said_of_what_lacks():
    lacking = covered(away={12: Why.TRAVELS, 13: Why.ABSENT})
    assert advice(lacking, open_now=True) == (
        "Ask Cleo, Ben to vote before leaving.", "Fill the vacant seat Operations.", "Put off the day for votes.",
    )  # fmt: skip
    assert advice(covered(), open_now=True) == ()
    assert lacking.sum == "1 seat can take part, 2 needed: 1 too few."


def motion(holders, **facts):
    item = make.engagement(State.SCHEDULED, **facts)
    make.version(item)
    return board.put_motion(item, visibility.subject(item.id), Outcome.APPROVE, by=make.actor(holders[0]), now=NOON)


def away(who, first=TODAY, days=20):
    make.db.session.add(Absence(person_id=who.id, starts_on=first, ends_on=first + timedelta(days=days)))


def test_absences_travel_recusals_and_seats_that_end_are_counted_on_the_day(store):
    with transaction():
        _, holders = make.board()
        motion(holders, travellers=[holders[6]])
        away(holders[1])
        make.engagement(State.APPROVED, travellers=[holders[2]], starts=TODAY, days=10)
        store.scalars(select(SeatHolding).where(SeatHolding.person_id == holders[3].id)).one().ends_on = TODAY
    (step,) = coverage.ahead(NOON)
    assert {(one.holder, one.why) for one in step.cover.lacking} == {
        (holders[1].name, Why.ABSENT), (holders[2].name, Why.TRAVELS), ("", Why.VACANT), (holders[6].name, Why.OWN),
    }  # fmt: skip
    assert (step.cover.able, step.cover.needed) == (3, 3)


def test_the_secretariat_and_the_chair_are_told_once(store):
    with transaction():
        _, holders = make.board()
        secretary = make.person(Role.SECRETARIAT)
        asked = motion(holders)
        for who in holders[2:6]:
            away(who)
    for _ in range(2):
        with transaction():
            coverage.sweep(NOON)
    told = store.scalars(select(OutboxMessage.person_id).where(OutboxMessage.template == "coverage_lacking"))
    assert sorted(told) == sorted([holders[0].id, secretary.id])
    with transaction():
        for who in (holders[2], holders[3]):
            board.cast(asked, Choice.YES, by=make.actor(who), now=NOON)
    assert coverage.ahead(NOON)[0].cover.enough


def test_nobody_is_told_where_there_are_enough_or_no_vote(store):
    with transaction():
        _, holders = make.board()
        assert coverage.sweep(NOON) == 0
        motion(holders)
        assert coverage.sweep(NOON) == 0
    assert store.scalar(select(func.count()).where(OutboxMessage.template == "coverage_lacking")) == 0


def test_looking_ahead_costs_the_same_statements_however_many_votes_are_open(store, statements):
    counts = []
    with transaction():
        _, holders = make.board()
    for more in (1, 2, 27):
        with transaction():
            for _ in range(more):
                motion(holders)
        statements.clear()
        coverage.ahead(NOON)
        counts.append(len(statements))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 9


def test_meetings_ahead_are_counted_on_their_day_and_each_item_from_which_somebody_stands_aside(store, statements):
    with transaction():
        _, holders = make.board()
        chair = make.actor(holders[0])
        met = meetings.schedule(
            meetings.Plan("April meeting", TODAY + timedelta(days=30), time(10), "America/New_York", 120, "Room 4"),
            by=chair, now=NOON,
        )  # fmt: skip
        own, others = (make.engagement(State.SCHEDULED, travellers=[who]) for who in (holders[2], make.person()))
        for item in (own, others):
            make.version(item)
            agendas.add(met, item.id, section=Section.DECISION, by=chair, now=NOON)
        for who in holders[3:6]:
            away(who, TODAY + timedelta(days=29), 3)
    whole, item = coverage.ahead(NOON)

    assert (whole.title, whole.what, whole.cover.able, whole.cover.needed) == ("April meeting", "Meeting", 4, 4)
    assert (item.title, item.cover.able, item.cover.needed) == (own.title, 3, 4)
    assert item.advice[-1] == "Move the meeting."
    assert coverage.ahead(NOON, days=29) == []


def test_a_stand_in_covers_for_whoever_is_away_where_the_delegation_reaches(store):
    with transaction():
        _, holders = make.board()
        motion(holders)
        for who in holders[1:5]:
            away(who)
    assert coverage.ahead(NOON)[0].cover.enough is False
    with transaction():
        authority.delegate(
            principal_id=holders[1].id, holder_id=make.person(Role.MEMBER).id, power=Power.VOTE,
            kinds=frozenset({ItemKind.ENGAGEMENT}), most_cost=None, starts_on=TODAY, ends_on=TODAY + timedelta(days=40),
            reason="Away.", by=make.actor(holders[1]), now=NOON,
        )  # fmt: skip
    assert coverage.ahead(NOON)[0].cover.enough
