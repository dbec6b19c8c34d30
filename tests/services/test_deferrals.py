"""Split decisions, deferrals that come back by themselves, and one reconsideration on new facts."""

from datetime import timedelta

import factories as make
import pytest
from changing import House, said
from factories import NOON, TODAY
from sqlalchemy import insert, select, text, update

from engage.extensions import db
from engage.models.board import Charter, Condition
from engage.models.engagements import Item, StateSpan
from engage.models.matters import Amendment, Reconsideration
from engage.models.outbox import OutboxMessage
from engage.models.partners import Event
from engage.models.trips import Trip
from engage.rules.items import ItemKind
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import Action, State
from engage.services import deferrals, motions, reconsiderations, versions, visibility
from engage.services.transaction import transaction

UNTIL = TODAY + timedelta(days=20)


@pytest.fixture
def house(store):
    return House()


@pytest.fixture
def asker(store):
    with transaction():
        return make.person()


def party(count):
    with transaction():
        return [make.person() for _ in range(count)]


def bring_back(house):
    with transaction():
        return deferrals.bring_back(house.now)


# ---------------------------------------------------------------- split decisions


def test_one_motion_approves_three_travellers_and_defers_one(house, asker):
    second, third, fourth = party(3)
    item = house.docketed(asker, second, third, fourth)
    motion = house.put(item, reason="Three know the networks.", put_off=[fourth.id], defer_until=UNTIL)
    house.vote(motion)
    judged = versions.current(item.id)

    decision = house.close(motion)

    amendment = db.session.scalars(select(Amendment)).one()
    assert decision.sha256 == judged.sha256  # the whole party was judged
    assert [t.person_id for t in said(item).travellers] == [asker.id, second.id, third.id]
    assert {t.person_id for t in db.session.scalars(select(Trip))} == {asker.id, second.id, third.id}
    assert (item.state, versions.current(item.id).number) == (State.APPROVED, 2)
    assert (amendment.state, amendment.deferred_until, amendment.put_off_by_id) == (State.DEFERRED, UNTIL, motion.id)
    after = versions.current(amendment.id).content["after"]
    assert [t["name"] for t in after["travellers"]] == [asker.name, second.name, third.name, fourth.name]
    assert motions.names_put_off(motion.id) == [fourth.name]


def test_whom_a_split_put_off_comes_back_on_the_day_and_travels_once_approved(house, asker):
    second, third = party(2)
    item = house.docketed(asker, second, third)
    house.decided(item, reason="Two first.", put_off=[third.id], defer_until=UNTIL)
    amendment = db.session.scalars(select(Amendment)).one()

    house.now = NOON + timedelta(days=19)
    assert bring_back(house) == 0
    house.now = NOON + timedelta(days=20)
    assert (bring_back(house), bring_back(house)) == (1, 0)
    house.decided(amendment)

    db.session.expire_all()
    assert amendment.state is State.APPROVED
    assert {t.person_id for t in db.session.scalars(select(Trip))} == {asker.id, second.id, third.id}


def test_conditions_of_a_split_hold_those_who_go(house, asker):
    (other,) = party(1)
    item = house.docketed(asker, other)
    house.decided(item, Outcome.APPROVE_WITH_CONDITIONS, reason="One first.", conditions="Report weekly.",
                  put_off=[other.id], defer_until=UNTIL)  # fmt: skip

    assert (item.state, db.session.scalars(select(Condition.item_id)).all()) == (
        State.APPROVED_WITH_CONDITIONS, [item.id],
    )  # fmt: skip


def test_a_split_that_leaves_no_party_is_refused_at_its_field(house, asker):
    (other,) = party(1)
    item = house.docketed(asker, other)

    def refused(**facts):
        with pytest.raises(Incomplete) as refusal:
            house.put(item, **facts)
        return set(refusal.value.at)

    assert refused(put_off=[asker.id], reason="x", defer_until=UNTIL) == {"put_off"}
    assert refused(put_off=[asker.id, other.id], reason="x", defer_until=UNTIL) == {"put_off"}
    assert refused(put_off=[999], reason="x", defer_until=UNTIL) == {"put_off"}
    assert refused(put_off=[other.id]) == {"reason", "defer_until"}
    assert refused(put_off=[other.id], reason="x", defer_until=TODAY) == {"defer_until"}
    assert motions.open_on(item.id) is None


def test_an_engagement_that_is_cancelled_takes_the_put_off_part_with_it(house, asker):
    (other,) = party(1)
    item = house.docketed(asker, other)
    house.decided(item, reason="One first.", put_off=[other.id], defer_until=UNTIL)

    house.do(item, Action.CANCEL, asker, reason="Off.")

    assert db.session.scalars(select(Amendment)).one().state is State.WITHDRAWN


# ---------------------------------------------------------------- deferrals


def event(ends=UNTIL):
    with transaction():
        made = Event(name="Cyber Week", starts_on=ends - timedelta(2), ends_on=ends, kind="conference")
        db.session.add(made)
        db.session.flush()
    return made


def test_a_deferral_names_an_event_comes_back_with_it_and_follows_it(house, asker):
    item, until = house.docketed(asker), event()
    house.decided(item, Outcome.DEFER, reason="After the week.", defer_event_id=until.id)
    assert (item.state, item.deferred_until, item.deferred_event_id) == (State.DEFERRED, UNTIL, until.id)

    with transaction():
        until.ends_on = UNTIL + timedelta(5)
        db.session.flush()
        assert deferrals.follow_event(until.id, now=house.now) == 1
    house.now = NOON + timedelta(days=20)
    assert bring_back(house) == 0
    house.now = NOON + timedelta(days=25)
    assert bring_back(house) == 1
    db.session.refresh(item)
    assert (item.state, item.deferred_until, item.deferred_event_id) == (State.SCHEDULED, None, None)


def test_a_deferral_to_an_event_that_is_not_there_is_refused(house, asker):
    with pytest.raises(Incomplete) as refusal:
        house.put(house.docketed(asker), Outcome.DEFER, reason="x", defer_event_id=77)
    assert set(refusal.value.at) == {"defer_until"}


def test_the_third_deferral_is_told_to_the_chair(house, asker):
    item = house.docketed(asker)
    for days in (1, 2, 3):
        assert db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "deferred_again")).all() == []
        house.decided(item, Outcome.DEFER, reason="Wait.", defer_until=TODAY + timedelta(days=days))
        house.now = NOON + timedelta(days=days)
        bring_back(house) if days < 3 else None

    chair = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "deferred_again")).all()
    assert [(row.person_id, row.facts["times"]) for row in chair] == [(house.chair.id, 3)]


def deferred_rows(asker, count):
    return [
        {"kind": ItemKind.ENGAGEMENT, "asks": "decision", "title": f"Item {n}", "state": State.DEFERRED,
         "state_since": NOON, "firmness": "firm", "requester_id": asker.id, "created_at": NOON, "submitted_at": NOON,
         "deferred_until": TODAY + timedelta(days=1 + n % 300), "version": 1}
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("existing", [1, 3, 30])
def test_looking_for_what_is_due_takes_one_statement_whatever_exists(house, asker, existing, statements):
    with transaction():
        db.session.execute(insert(Item.__table__), deferred_rows(asker, existing))
    statements.clear()

    assert (deferrals.due(TODAY), len(statements)) == ([], 1)


def test_ten_thousand_deferred_items_cost_what_is_due_of_them(house, asker):
    with transaction():
        db.session.execute(insert(Item.__table__), deferred_rows(asker, 10_000))
    db.session.execute(text("ANALYZE item"))
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    statement = deferrals._DUE.params(day=TODAY, most=200).compile(
        dialect=db.engine.dialect, compile_kwargs={"literal_binds": True}
    )
    plan = " ".join(str(row) for row in db.session.execute(text(explain + str(statement))))

    assert "ix_item_deferral_ends" in plan
    assert len(deferrals.due(TODAY + timedelta(days=1))) == 34


def test_one_sweep_takes_so_many_and_the_next_takes_the_rest(house, asker):
    made = [house.docketed(asker) for _ in range(3)]
    for item in made:
        house.decided(item, Outcome.DEFER, reason="Wait.", defer_until=UNTIL)
    house.now = NOON + timedelta(days=30)

    with transaction():
        assert deferrals.bring_back(house.now, most=2) == 2
    with transaction():
        assert deferrals.bring_back(house.now, most=2) == 1
    db.session.expire_all()
    assert {item.state for item in made} == {State.SCHEDULED}
    spans = db.session.scalars(select(StateSpan.state).where(StateSpan.item_id == made[0].id).order_by(StateSpan.id))
    assert list(spans)[-2:] == [State.DEFERRED, State.SCHEDULED]


def test_a_due_item_that_somebody_placed_or_withdrew_meanwhile_is_left_alone(house, asker):
    item = house.docketed(asker)
    house.decided(item, Outcome.DEFER, reason="Wait.", defer_until=UNTIL)
    house.do(item, Action.WITHDRAW, asker)
    house.now = NOON + timedelta(days=30)

    assert bring_back(house) == 0
    assert item.state is State.WITHDRAWN


def test_nobody_but_the_program_brings_back(house, asker):
    item = house.docketed(asker)
    house.decided(item, Outcome.DEFER, reason="Wait.", defer_until=UNTIL)

    for who in (asker, house.screener, house.chair):
        with pytest.raises(NotAllowed):
            house.do(item, Action.RESUME, who)


# ---------------------------------------------------------------- reconsideration


def ask(house, item, who, facts="The host moved the range to our side."):
    with transaction():
        return reconsiderations.ask(item, visibility.subject(item.id), facts, by=make.actor(who), now=house.later())


def test_a_disapproval_is_reconsidered_once_on_new_facts(house, asker):
    item = house.docketed(asker)
    decision = house.decided(item, Outcome.DISAPPROVE, reason="Too far.")

    made = ask(house, item, asker)

    assert (made.decision_id, made.asked_as, item.state, item.decided_at) == (
        decision.id, "requester", State.UNDER_REVIEW, None,
    )  # fmt: skip
    house.do(item, Action.PLACE, house.screener)
    house.decided(item, Outcome.DISAPPROVE, reason="Still too far.")
    with pytest.raises(NotOpen, match="once"):
        ask(house, item, asker)
    assert db.session.scalars(select(Reconsideration.item_id)).all() == [item.id]


def test_the_window_is_the_charters_and_its_last_day_counts(house, asker):
    item = house.docketed(asker)
    house.decided(item, Outcome.DISAPPROVE, reason="Too far.")
    assert reconsiderations.until(item.id, by=make.actor(asker)) == TODAY + timedelta(days=30)

    house.now = NOON + timedelta(days=31)
    with pytest.raises(NotOpen, match="over on 1 April 2026"):
        ask(house, item, asker)
    house.now = NOON + timedelta(days=30)
    ask(house, item, asker)


def test_a_charter_may_know_no_reconsideration_or_leave_it_to_the_requester(house, asker):
    item = house.docketed(asker)
    house.decided(item, Outcome.DISAPPROVE, reason="Too far.")

    with transaction():
        db.session.execute(update(Charter).values(prevailing_may_reconsider=False))
    with pytest.raises(NotAllowed, match="only the requester"):
        ask(house, item, house.members[1])
    with transaction():
        db.session.execute(update(Charter).values(reconsider_days=0))
    with pytest.raises(NotOpen, match="knows no reconsideration"):
        ask(house, item, asker)


def test_a_member_of_the_winning_side_may_ask_and_others_may_not(house, asker):
    item = house.docketed(asker)
    motion = house.put(item, Outcome.DISAPPROVE, reason="Too far.")
    house.vote(motion, voters=4)
    from engage.services import board

    with transaction():
        board.cast(motion, Choice.NO, reason="Near.", by=make.actor(house.members[4]), now=house.later())
    house.close(motion)

    with pytest.raises(NotAllowed, match="voted with the majority"):
        ask(house, item, house.members[4])
    with pytest.raises(NotAllowed, match="voted with the majority"):
        ask(house, item, house.members[5])  # did not vote
    with pytest.raises(NotAllowed):
        ask(house, item, house.screener)
    with pytest.raises(Incomplete):
        ask(house, item, house.members[1], facts="")
    assert ask(house, item, house.members[1]).asked_as == "member"


def test_an_approval_that_is_reconsidered_holds_the_travellers_until_it_stands_again(house, asker):
    item = house.approved(asker)

    ask(house, item, house.members[1], "An advisory of level 4 since this morning.")
    assert (item.state, db.session.scalars(select(Trip)).one().cancelled_at is None) == (State.UNDER_REVIEW, False)

    house.do(item, Action.PLACE, house.screener)
    house.decided(item)
    db.session.expire_all()
    assert (item.state, db.session.scalars(select(Trip)).one().cancelled_at) == (State.APPROVED, None)


def test_an_amendment_that_was_made_is_not_reconsidered_and_one_disapproved_is(house, asker):
    item = house.approved(asker)
    made = house.change(item, asker, purpose="To sign.").amendment
    house.do(made, Action.SUBMIT, asker)
    house.do(made, Action.PLACE, house.screener)
    house.decided(made)

    with pytest.raises(NotOpen):
        ask(house, made, asker)
    assert db.session.scalars(select(Reconsideration)).all() == []


def test_nothing_decided_is_nothing_to_reconsider(house, asker):
    with pytest.raises(NotOpen, match="decided nothing"):
        ask(house, house.docketed(asker), asker)


def test_the_secretariat_takes_under_review(house, asker):
    item = house.submitted(asker)

    house.do(item, Action.REVIEW, house.screener)
    assert item.state is State.UNDER_REVIEW
    with pytest.raises(NotAllowed):
        house.do(house.submitted(house.screener), Action.REVIEW, house.screener)
    house.do(item, Action.PLACE, house.screener)
    assert item.state is State.SCHEDULED
