"""The demonstration as it was told: its people, votes, trips and trail. Told once for all of these, which only read."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from factories import NOON
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.board import Decision, Motion
from engage.models.engagements import Engagement, Item, StateSpan
from engage.models.matters import Matter
from engage.models.people import Person, RoleGrant
from engage.models.trips import Trip
from engage.rules.asking import Asks, Direction
from engage.rules.policy import Role
from engage.rules.workflow import WITH_THE_BOARD, State
from engage.seed import DEMONSTRATION_PASSWORD, load_story, sign_ins
from engage.services import charters, duties, passwords, readiness, seats
from engage.services.transaction import transaction


@pytest.fixture(scope="module")
def told(database):
    """The story as told at NOON, once for the tests of this file that only read it."""
    database.fresh()
    with database.app.app_context():
        with transaction():
            load_story(now=NOON)
        yield db.session
        db.session.remove()
        db.engine.dispose()


def trips_by_verdict(today):
    trips = db.session.execute(
        select(Trip.id, Person.email, Trip.departs_on, Trip.returns_on).join(Person, Person.id == Trip.person_id)
    ).all()
    verdicts = readiness.verdicts([trip.id for trip in trips], today)
    return [(trip, verdicts[trip.id]) for trip in trips]


def test_there_are_trips_of_every_sort(told):
    today = NOON.date()
    sorts = Counter(
        (
            "returned" if trip.returns_on < today else "away" if trip.departs_on <= today else "ahead",
            verdict.cleared,
        )
        for trip, verdict in trips_by_verdict(today)
    )

    assert {sort for sort, trips in sorts.items() if trips} == {
        ("returned", True), ("away", True), ("ahead", True), ("ahead", False),
    }  # fmt: skip
    mine = [
        verdict
        for trip, verdict in trips_by_verdict(today)
        if trip.email == "traveller@example.gov" and trip.departs_on > today
    ]
    assert len(mine) == 2
    assert all(not verdict.cleared and len(verdict.missing) >= 3 for verdict in mine)


def test_everybody_who_is_printed_may_sign_in_and_has_their_part(told):
    wanted = {
        "requester": set(), "traveller": set(), "supervisor": {Role.SUPERVISOR}, "secretariat": {Role.SECRETARIAT},
        "chair": {Role.CHAIR, Role.MEMBER}, "reviewer": {Role.REVIEWER}, "content": {Role.CONTENT_OWNER},
        "training": {Role.TRAINING_OWNER}, "duty": {Role.DUTY_OFFICER}, "leadership": {Role.LEADERSHIP},
        "auditor": {Role.AUDITOR}, "admin": {Role.ADMINISTRATOR},
        **{f"member{n}": {Role.MEMBER} for n in ("", 2, 3, 4, 5, 6)},
    }  # fmt: skip

    assert set(sign_ins()) == {f"{name}@example.gov" for name in wanted}
    for name, roles in wanted.items():
        granted = db.session.scalars(
            select(RoleGrant.role)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(Person.email == f"{name}@example.gov")
        )
        assert (name, set(granted)) == (name, roles | {Role.REQUESTER})
    (kept,) = set(db.session.scalars(select(Person.password_hash)))
    assert passwords.matches(DEMONSTRATION_PASSWORD, kept)


def test_the_password_is_one_a_person_could_have_chosen(told):

    for name, email in db.session.execute(select(Person.name, Person.email)):
        passwords.judge(DEMONSTRATION_PASSWORD, email=email, name=name)


def test_the_board_has_seven_seats_and_all_are_filled(told):
    held = seats.seats_on(seats.the_board().id, NOON.date())

    assert [seat.holder_id is not None for seat in held] == [True] * 7


def test_each_engagement_says_how_far_its_dates_were_moved_and_from_what(told):
    made = db.session.scalars(
        select(Engagement).options(selectinload(Engagement.event), selectinload(Engagement.legs))
    ).all()

    for engagement in made:
        if engagement.event is None:
            assert engagement.notes.startswith("Demonstration: ")
            continue
        moved = re.search(r"dates shifted (back )?by (\d+) weeks? from the real event, ", engagement.notes)
        assert moved, engagement.notes
        assert engagement.event.name in engagement.notes
        weeks = int(moved[2]) * (-1 if moved[1] else 1)
        lead = engagement.event.starts_on + timedelta(weeks=weeks) - engagement.starts_on
        assert (
            timedelta(0) <= lead <= timedelta(days=5)
        )  # the party leaves up to five days before the real event, moved


def test_there_are_votes_under_way_and_decisions_of_every_outcome_but_return(told):

    open_ = db.session.scalars(
        select(Motion).where(Motion.closed_at.is_(None)).options(selectinload(Motion.ballots))
    ).all()
    counts = sorted(len(motion.ballots) for motion in open_)
    assert counts == [0, 1, 1, 2, 4]  # nobody votes on the silence; a deputy voted on one
    assert {str(outcome) for outcome in db.session.scalars(select(Decision.outcome))} == {
        "approve", "approve_with_conditions", "defer", "disapprove",
    }  # fmt: skip


def test_an_inbound_a_virtual_and_a_matter_for_advice_are_there(told):
    docketed = select(Engagement).where(Engagement.state.in_(WITH_THE_BOARD))
    found = {(e.direction, e.asks) for e in db.session.scalars(docketed)}

    assert found == {
        (Direction.OUTBOUND, Asks.DECISION), (Direction.INBOUND, Asks.DECISION), (Direction.VIRTUAL, Asks.ADVICE),
    }  # fmt: skip


def test_two_invitations_wait_for_somebody(told):
    unclaimed = db.session.scalars(select(Item).where(Item.requester_id.is_(None))).all()

    assert [(item.state, item.source_ref.partition(":")[0]) for item in unclaimed] == [
        (State.DRAFT, "demonstration")
    ] * 2


def test_every_item_has_one_open_span_that_agrees_with_its_state(told):
    open_ = db.session.execute(
        select(Item.state, StateSpan.state, Item.state_since, StateSpan.started_at).join(
            StateSpan, (StateSpan.item_id == Item.id) & StateSpan.ended_at.is_(None)
        )
    ).all()

    assert len(open_) == db.session.scalar(select(func.count()).select_from(Item))
    assert [row for row in open_ if row[0] != row[1] or row[2] != row[3]] == []


def test_nothing_was_left_open_but_what_the_requester_may_settle(told):
    missing = db.session.execute(select(Engagement.state, Engagement.missing).where(Engagement.missing != "")).all()

    assert {state for state, _ in missing} == {State.DRAFT}


def test_the_trail_reads_in_the_order_of_time(told):
    moments = db.session.scalars(select(AuditEvent.at).order_by(AuditEvent.id)).all()

    assert moments == sorted(moments)


def test_an_endorsement_and_a_waiver_wait_and_a_charter_is_to_come(told):
    (waits,) = duties.still_open("endorse", db.session.scalars(select(Item.id)).all(), NOON.date())
    assert db.session.get(Person, waits.owner_id).email == "supervisor@example.gov"
    (matter,) = db.session.scalars(select(Matter).where(Matter.waives_id.is_not(None)))
    assert matter.state is State.SCHEDULED
    in_force, to_come = seats.charter_on(1, NOON.date()), charters.all_of(seats.the_board())[0]
    assert (in_force.endorsement, in_force.title.rpartition(", ")[2]) == (True, "second edition")
    assert (to_come.starts_on > NOON.date(), to_come.reviews_together) == (True, False)
