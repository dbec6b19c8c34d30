"""Changes after the submission: minor ones are made and logged, material ones have consequences."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import factories as make
import pytest
from asking import STARTS
from changing import House, said
from factories import TODAY
from sqlalchemy import select

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.board import Motion
from engage.models.engagements import Engagement
from engage.models.matters import Amendment
from engage.models.outbox import OutboxMessage
from engage.models.trips import Trip
from engage.rules.asking import ContentCost, ContentTraveller
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import Action, State
from engage.services import amendments, changes, items, material_rules, versions, visibility
from engage.services.transaction import transaction


@pytest.fixture
def house(store):
    return House()


@pytest.fixture
def asker(store):
    with transaction():
        return make.person()


def told(template):
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == template).order_by("id"))
    return [row.person_id for row in rows]


def test_a_minor_change_of_an_approved_engagement_is_made_at_once_and_logged(house, asker):
    with transaction():
        other = make.person()
    item = house.approved(asker, other)

    done = house.change(item, asker, notes="Bring cables.", title="Range day")

    line = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "change")).one()
    assert (done.findings, done.amendment, done.voided) == ((), None, False)
    assert (item.state, item.title) == (State.APPROVED, "Range day")
    now = versions.current(item.id)
    assert (now.number, now.minor, now.reason, now.content["notes"]) == (2, True, "The host asked.", "Bring cables.")
    assert (json.loads(line.details)["version"], json.loads(line.details)["minor"]) == (2, True)
    assert told("engagement_changed") == [other.id]  # the asker knows


def test_trips_and_their_reminders_follow_a_minor_move(house, asker):
    item = house.approved(asker)
    legs = tuple(replace(leg, arrives_on=leg.arrives_on + timedelta(2), departs_on=leg.departs_on + timedelta(2))
                 for leg in said(item).legs)  # fmt: skip

    house.change(item, asker, legs=legs)

    trip = db.session.scalars(select(Trip)).one()
    assert (trip.departs_on, trip.returns_on) == (STARTS + timedelta(2), STARTS + timedelta(7))
    assert (item.starts_on, item.ends_on) == (STARTS + timedelta(2), STARTS + timedelta(7))


def test_who_is_left_out_does_not_travel_and_who_comes_again_does(house, asker):
    with transaction():
        other = make.person()
    item = house.approved(asker, other)

    house.change(item, asker, travellers=(ContentTraveller(asker.id, is_lead=True),), why_this_many="")
    left = db.session.scalars(select(Trip).where(Trip.person_id == other.id)).one()
    assert left.cancelled_at is not None

    with transaction():
        amendment = house.change(
            item, asker, why_this_many="Two know it.",
            travellers=(ContentTraveller(asker.id, is_lead=True), ContentTraveller(other.id)),
        ).amendment  # fmt: skip
    house.do(amendment, Action.SUBMIT, asker)
    house.do(amendment, Action.PLACE, house.screener)
    house.decided(amendment)
    db.session.expire_all()
    assert db.session.scalars(select(Trip).where(Trip.person_id == other.id)).one().cancelled_at is None


def test_a_material_change_of_an_approved_engagement_becomes_the_draft_of_an_amendment(house, asker):
    item = house.approved(asker)

    done = house.change(item, asker, purpose="To sign.")

    amendment = done.amendment
    assert [found.code for found in done.findings] == ["purpose"]
    assert (amendment.state, amendment.amends_id, amendment.requester_id) == (State.DRAFT, item.id, asker.id)
    assert (said(item).purpose, versions.current(item.id).number) == ("To agree a joint exercise.", 1)


def test_an_amendment_that_is_approved_changes_exactly_what_it_asked(house, asker):
    with transaction():
        other = make.person()
    item = house.approved(asker)
    amendment = house.change(
        item, asker, why_this_many="Two know it.",
        travellers=(ContentTraveller(asker.id, is_lead=True), ContentTraveller(other.id)),
    ).amendment  # fmt: skip
    house.do(amendment, Action.SUBMIT, asker)
    house.change(item, asker, notes="Bring cables.")  # another part, meanwhile
    house.do(amendment, Action.PLACE, house.screener)
    frozen = versions.current(amendment.id)

    decision = house.decided(amendment)

    db.session.expire_all()
    assert set(frozen.content["after"]) == {"travellers", "why_this_many"}
    assert decision.sha256 == frozen.sha256
    assert (amendment.state, item.state) == (State.APPROVED, State.APPROVED)
    now = said(item)
    assert ([t.person_id for t in now.travellers], now.notes) == ([asker.id, other.id], "Bring cables.")
    version = versions.current(item.id)
    assert (version.number, version.minor, version.id) == (3, False, amendment.applied_version_id)
    assert {t.person_id for t in db.session.scalars(select(Trip))} == {asker.id, other.id}


def test_an_amendment_that_is_disapproved_leaves_the_engagement_as_it_stood(house, asker):
    item = house.approved(asker)
    amendment = house.change(item, asker, purpose="To sign.").amendment
    house.do(amendment, Action.SUBMIT, asker)
    house.do(amendment, Action.PLACE, house.screener)
    before = versions.current(item.id)

    house.decided(amendment, Outcome.DISAPPROVE, reason="Not now.")

    db.session.expire_all()
    assert (amendment.state, item.state) == (State.DISAPPROVED, State.APPROVED)
    assert versions.current(item.id).sha256 == before.sha256


def test_two_amendments_of_one_part_do_not_wait_beside_each_other(house, asker):
    item = house.approved(asker)
    amendment = house.change(item, asker, purpose="To sign.").amendment

    with pytest.raises(Incomplete) as refusal:
        house.change(item, asker, purpose="To celebrate.")

    assert f"Amendment {amendment.id} changes something of the same" in refusal.value.at["title"]


def test_a_minor_change_does_not_slip_past_an_open_amendment_of_the_same_part(house, asker):
    item = house.approved(asker)
    house.change(item, asker, costs=(ContentCost("Airfare", Decimal(9000)),))

    with pytest.raises(Incomplete):
        house.change(item, asker, costs=(ContentCost("Airfare", Decimal(900)),))


def test_a_minor_change_voids_a_vote_outside_a_meeting_which_is_on_identical_text(house, asker):
    item = house.docketed(asker)
    motion = house.put(item)
    house.vote(motion, voters=3)

    done = house.change(item, asker, notes="Bring cables.")

    db.session.refresh(motion)
    assert (done.findings, done.voided, item.state, motion.carried) == ((), True, State.SCHEDULED, False)
    assert json.loads(motion.arithmetic) == [
        "Not counted: the text was changed, and a vote outside a meeting is on identical text."
    ]
    assert (versions.current(item.id).number, versions.current(item.id).minor) == (2, True)
    with pytest.raises(NotOpen, match="closed"):
        house.vote(motion, voters=1)
    again = house.put(item)
    house.vote(again, voters=5)
    assert house.close(again).sha256 == versions.current(item.id).sha256
    assert told("item_changed") == [house.screener.id]


def test_before_approval_a_material_change_voids_the_votes_and_says_so(house, asker):
    item = house.docketed(asker)
    motion = house.put(item)
    house.vote(motion, voters=3)

    done = house.change(item, asker, purpose="To sign.")

    db.session.refresh(motion)
    assert (done.voided, item.state, motion.carried) == (True, State.SCHEDULED, False)
    assert json.loads(motion.arithmetic) == [
        "Not counted: the text was changed materially: The purpose or the outcome sought is another."
    ]
    assert sorted(told("vote_void")) == sorted(member.id for member in house.members)
    with pytest.raises(NotOpen):
        house.vote(motion, voters=1)
    again = house.put(item)
    house.vote(again)
    assert house.close(again).sha256 == versions.current(item.id).sha256


def test_what_nobody_may_change_stays(house, asker):
    item = house.approved(asker)
    draft = house.submitted(asker)
    house.do(draft, Action.WITHDRAW, asker)
    with transaction():
        stranger = make.person(Role.SECRETARIAT)

    with pytest.raises(NotAllowed):
        house.change(item, stranger, notes="x")
    with pytest.raises(NotOpen):
        house.change(draft, asker, notes="x")
    with pytest.raises(Incomplete) as refusal:
        house.change(item, asker, why="")
    assert set(refusal.value.at) == {"title", "why"}
    with pytest.raises(Incomplete) as refusal:
        house.change(item, asker, legs=())
    assert set(refusal.value.at) == {"legs"}
    with pytest.raises(Stale), transaction():
        changes.change(item, visibility.subject(item.id), replace(said(item), notes="x"), item.version - 1,
                       why="y", by=make.actor(asker), now=house.later())  # fmt: skip
    assert versions.current(item.id).number == 1


def test_a_change_close_to_departure_is_not_called_late(house, asker):
    item = house.approved(asker)
    house.now += timedelta(days=80)

    done = house.change(item, asker, notes="Bring cables.")

    assert done.findings == ()


def test_an_engagement_that_is_postponed_by_little_moves_at_once_and_by_much_asks_the_board(house, asker):
    item = house.approved(asker)

    def postponed(first_on):
        with transaction():
            return changes.postpone(item, visibility.subject(item.id), first_on, item.version, why="The host asked.",
                                    by=make.actor(asker), now=house.later())  # fmt: skip

    assert postponed(STARTS + timedelta(2)).amendment is None
    amendment = postponed(STARTS + timedelta(30)).amendment
    assert (item.starts_on, amendment.starts_on) == (STARTS + timedelta(2), STARTS + timedelta(30))
    with pytest.raises(Incomplete):
        postponed(item.starts_on)
    house.do(amendment, Action.SUBMIT, asker)
    house.do(amendment, Action.PLACE, house.screener)
    house.decided(amendment)
    db.session.expire_all()
    assert (item.starts_on, item.ends_on) == (STARTS + timedelta(30), STARTS + timedelta(35))
    assert db.session.scalars(select(Trip.departs_on)).all() == [STARTS + timedelta(30)]


def test_cancelling_ends_its_trips_and_what_would_have_changed_it(house, asker):
    item = house.approved(asker)
    amendment = house.change(item, asker, purpose="To sign.").amendment
    house.do(amendment, Action.SUBMIT, asker)
    house.do(amendment, Action.PLACE, house.screener)
    motion = house.put(amendment)

    house.do(item, Action.CANCEL, asker, reason="The host called off.")

    db.session.expire_all()
    assert (item.state, amendment.state, motion.carried) == (State.CANCELLED, State.WITHDRAWN, False)
    assert db.session.scalars(select(Trip)).one().cancelled_at is not None


def test_an_amendment_that_is_returned_is_revised_and_judged_anew(house, asker):
    item = house.approved(asker)
    amendment = house.change(item, asker, purpose="To sign.").amendment
    house.do(amendment, Action.SUBMIT, asker)
    house.do(amendment, Action.RETURN, house.screener, reason="Sign what?")

    with transaction():
        amendments.revise(
            amendment, visibility.subject(amendment.id), replace(said(item), purpose="To sign the annex."),
            amendment.version, why="Named the annex.", by=make.actor(asker), now=house.later(),
        )  # fmt: skip
    house.do(amendment, Action.SUBMIT, asker)

    now = versions.current(amendment.id)
    assert (now.number, now.content["after"]["purpose"]) == (2, "To sign the annex.")
    with pytest.raises(NotOpen), transaction():
        amendments.revise(
            amendment, visibility.subject(amendment.id), said(item), amendment.version, why="x",
            by=make.actor(asker), now=house.later(),
        )  # fmt: skip


def test_nobody_votes_on_an_amendment_that_would_let_them_travel(house, asker):
    item = house.approved(asker)
    member = house.members[1]
    amendment = house.change(
        item, asker, why_this_many="Two know it.",
        travellers=(ContentTraveller(asker.id, is_lead=True), ContentTraveller(member.id)),
    ).amendment  # fmt: skip
    house.do(amendment, Action.SUBMIT, asker)
    house.do(amendment, Action.PLACE, house.screener)
    motion = house.put(amendment)

    with pytest.raises(NotAllowed, match="your own"):
        house.vote(motion, voters=2)


def test_an_amendment_is_seen_as_its_engagement_is_and_its_draft_is_private(house, asker):
    with transaction():
        anybody, added = make.person(), make.person()
    item = house.approved(asker)
    amendment = house.change(
        item, asker, why_this_many="Two know it.",
        travellers=(ContentTraveller(asker.id, is_lead=True), ContentTraveller(added.id)),
    ).amendment  # fmt: skip

    def sees(who):
        listed = db.session.scalars(
            select(Amendment.id).where(visibility.visible(visibility.scope(make.actor(who)))), {"me": who.id}
        ).all()
        found = visibility.find(amendment.id, by=make.actor(who))
        assert bool(listed) is bool(found)
        return bool(found)

    assert [sees(who) for who in (asker, added, anybody, house.screener)] == [True, True, False, False]
    house.do(amendment, Action.SUBMIT, asker)
    assert [sees(who) for who in (asker, added, anybody, house.screener)] == [True, True, True, True]


def test_what_is_material_is_changed_by_a_dated_row_and_judged_by_the_rule_of_its_day(house, asker):
    item = house.approved(asker)
    with transaction():
        admin = make.person(Role.ADMINISTRATOR)
        material_rules.change(
            "purpose", applies=False, limit=None, starts_on=TODAY + timedelta(5), source="The board, 3 March",
            by=make.actor(admin), now=house.now, today=TODAY,
        )  # fmt: skip

    assert house.change(item, asker, purpose="To sign.").amendment is not None
    house.now += timedelta(days=6)
    assert changes.judge(said(item), replace(said(item), purpose="To dance."), (house.now).date()) == []
    with pytest.raises(Incomplete) as refusal, transaction():
        material_rules.change("cost_over", applies=True, limit=None, starts_on=TODAY, source="", by=make.actor(admin),
                              now=house.now, today=TODAY)  # fmt: skip
    assert set(refusal.value.at) == {"starts_on", "limit", "source"}
    with pytest.raises(NotAllowed), transaction():
        material_rules.change("cost_over", applies=True, limit=5, starts_on=TODAY + timedelta(90), source="x",
                              by=make.actor(asker), now=house.now, today=TODAY)  # fmt: skip


def test_the_mover_alone_withdraws_a_motion_and_its_votes_are_void(house, asker):
    from engage.services import board

    item = house.docketed(asker)
    motion = house.put(item)
    house.vote(motion, Choice.NO, voters=2)

    with pytest.raises(NotAllowed), transaction():
        board.withdraw(motion, reason="x", by=make.actor(house.screener), now=house.later())
    with pytest.raises(Incomplete), transaction():
        board.withdraw(motion, reason="", by=make.actor(house.chair), now=house.later())
    with transaction():
        board.withdraw(motion, reason="Too soon.", by=make.actor(house.chair), now=house.later())
    with pytest.raises(NotOpen), transaction():
        board.withdraw(motion, reason="x", by=make.actor(house.chair), now=house.later())

    assert json.loads(motion.arithmetic) == ["Not counted: withdrawn by its mover. Too soon."]
    assert item.state is State.SCHEDULED
    house.put(item)
    assert db.session.scalar(select(Motion.round).order_by(Motion.round.desc()).limit(1)) == 2


def test_a_stranger_to_the_kinds_finds_the_right_one(house, asker):
    item = house.approved(asker)
    amendment = house.change(item, asker, purpose="To sign.").amendment

    assert isinstance(visibility.find(item.id, by=make.actor(asker))[0], Engagement)
    assert isinstance(visibility.find(amendment.id, by=make.actor(asker))[0], Amendment)
    assert items.KINDS.keys() == set(type(item.kind))
