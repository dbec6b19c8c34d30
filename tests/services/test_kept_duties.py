"""How duties were kept in a quarter: each is counted once, where it stands, as far as its reader may see it."""

from datetime import date, datetime, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import select, update

from engage.models.commitments import Commitment
from engage.models.engagements import Item
from engage.models.reports import TripReport
from engage.models.trips import Trip
from engage.rules.commitments import Settled, Side
from engage.rules.policy import Role
from engage.rules.quarters import Quarter
from engage.rules.workflow import State
from engage.services import kept_duties, readiness
from engage.services.kept_duties import Duty
from engage.services.transaction import transaction
from engage.services.visibility import scope

DAY = timedelta(days=1)
Q1 = Quarter(2026, 1)


@pytest.fixture
def leader(store):
    with transaction():
        return make.actor(make.person(Role.LEADERSHIP))


def test_the_parts_of_a_duty_add_up_and_its_share_is_of_what_was_due():
    assert Duty("Reports", 2, 1, 1, 5, 1).owed == 10
    assert Duty("Reports", 2, 1, 1, 5, 1).share == 60
    assert Duty("Reports", 0, open=3).share is None


def journey(store, begins, days=2):
    """An approved engagement of one traveller, with the trip."""
    item = make.engagement(State.APPROVED, starts=TODAY + begins * DAY, days=days, travellers=[make.person()])
    if store.scalar(select(Trip.id).where(Trip.engagement_id == item.id)) is None:
        store.add(Trip(
            engagement_id=item.id, person_id=item.requester_id, departs_on=item.starts_on, returns_on=item.ends_on,
            opened_at=NOON,
        ))  # fmt: skip
        store.flush()
    return item


def test_reports_are_in_time_late_open_or_overdue(store, leader):
    def filed(item, at):
        store.add(TripReport(
            engagement_id=item.id, readout="It went well.", begun_at=at, begun_by_id=leader.id, written_at=at,
            written_by_id=leader.id, filed_at=at, filed_by_id=leader.id, first_filed_at=at,
        ))  # fmt: skip

    with transaction():
        filed(journey(store, -50), NOON - 45 * DAY)
        filed(journey(store, -52), NOON - DAY)
        journey(store, -54)
        journey(store, -5)
        journey(store, -100)  # of the quarter before
        journey(store, 5)  # not over
    found = kept_duties.reports(scope(leader), leader.id, Q1, TODAY)
    assert (found.kept, found.late, found.open, found.overdue) == (1, 1, 1, 1)
    with transaction():
        nobody = make.actor(make.person())
        item = store.scalars(select(Trip.engagement_id)).all()
        store.execute(update(Item).where(Item.id.in_(item)).values(marking="red"))
    assert kept_duties.reports(scope(nobody), nobody.id, Q1, TODAY).owed == 0


def test_promises_count_in_the_quarter_of_their_day(store, leader):
    with transaction():
        item = make.engagement(State.APPROVED, starts=TODAY - 60 * DAY, days=2)
        for due, settled, on in (
            (-10, Settled.KEPT, -12), (-10, Settled.KEPT, -3), (-10, Settled.RELEASED, -11), (-10, None, None),
            (10, None, None), (-90, None, None), (60, None, None),
        ):  # fmt: skip
            store.add(Commitment(
                engagement_id=item.id, side=Side.OURS, what="Send the list", counterpart="The host",
                owner_id=leader.id, made_on=TODAY - 95 * DAY, due_on=TODAY + due * DAY, settled_as=settled,
                settled_on=None if on is None else TODAY + on * DAY,
            ))  # fmt: skip
    found = kept_duties.promises(scope(leader), leader.id, Q1, TODAY)
    assert (found.kept, found.late, found.let_off, found.open, found.overdue) == (1, 1, 1, 1, 1)


def test_training_and_guides_count_as_the_checklists_of_who_left_say(store, leader):
    with transaction():
        for begins in (-20, -10, 0, 5, -100):
            journey(store, begins)
    ids = store.scalars(select(Trip.id).where(Trip.departs_on.between(Q1.first, TODAY))).all()
    verdicts = readiness.verdicts(ids, TODAY)
    kinds = ("training", "guidance")
    owed = [item for one in verdicts.values() for item in one.items if item.requirement.kind in kinds]
    training, guides = kept_duties.preparation(scope(leader), leader.id, Q1, TODAY)
    assert len(ids) == 3
    assert training.owed + guides.owed == len(owed) > 0
    assert training.kept + guides.kept == len([one for one in owed if one.state == "met"])
    names = [one.name for one in kept_duties.of(scope(leader), leader.id, Q1, TODAY, people=False)]
    assert names == ["Promises, ours and theirs"]
    assert kept_duties.preparation(scope(leader), leader.id, Quarter(2020, 1), TODAY)[0].owed == 0


def test_the_day_of_filing_is_the_offices(store, leader):
    late_evening = datetime(2026, 2, 3, 3, 0, tzinfo=NOON.tzinfo)  # still the second in New York
    assert kept_duties._standing(date(2026, 2, 2), late_evening, TODAY, "America/New_York") == "kept"
