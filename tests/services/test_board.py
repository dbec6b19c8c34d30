"""What the board may do, and what follows from a vote."""

import json
from datetime import date, datetime, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.documents import letters
from engage.models.audit import AuditEvent
from engage.models.board import Ballot, Charter, Condition, Decision, Motion, Recusal, SeatHolding
from engage.models.engagements import Item, ItemVersion
from engage.models.outbox import OutboxMessage
from engage.models.people import RoleGrant
from engage.rules.asking import Asks
from engage.rules.policy import Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, QuorumLacking, Stale
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import Action, State
from engage.services import board, conditions, items, visibility
from engage.services.transaction import transaction

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN


def docketed(**facts):
    """An item on the docket, with the version that the board judges."""
    item = make.engagement(State.SCHEDULED, **facts)
    make.version(item)
    return item


def put(item, outcome=Outcome.APPROVE, *, by, **facts):
    """A motion on `item`, put by the person `by`."""
    return board.put_motion(item, visibility.subject(item.id), outcome, by=make.actor(by), now=NOON, **facts)


def vote(motion, *choices):
    """The seats' votes on `motion`: pairs of a person and what they say."""
    for who, choice in choices:
        board.cast(motion, choice, reason="As I see it.", by=make.actor(who), now=NOON)


def close(motion, by):
    make.time_is_up()
    return board.close(motion, by=make.actor(by), now=NOON)


def trail(store):
    """The acts on items in the trail, oldest first, with what they note."""
    return [
        (line.action, line.actor_id, json.loads(line.details))
        for line in store.scalars(select(AuditEvent).where(AuditEvent.about_kind == "item").order_by(AuditEvent.id))
    ]


def test_the_tally_alone_decides_and_the_decision_cites_the_text_it_judged(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        item = docketed()
        text = store.scalar(select(ItemVersion).where(ItemVersion.item_id == item.id))
        motion = put(item, reason="It serves goal 1.", by=chair)
        vote(motion, (chair, YES), (a, YES), (b, NO), (c, ABSTAIN))
        decision = close(motion, chair)

    assert (item.state, motion.carried, motion.closed_by_id) == (State.APPROVED, True, chair.id)
    assert (decision.sha256, decision.item_version_id) == (text.sha256, text.id)
    assert (decision.outcome, decision.reason) == (Outcome.APPROVE, "It serves goal 1.")
    assert decision.authority == (
        "Charter of the International Engagement Governance Board, in force from 1 January 2024"
    )
    assert board.sums(decision.arithmetic) == board.sums(motion.arithmetic) == [
        "7 seats: 7 count.",
        "Quorum is more than half of 7: 4 needed, 4 voted.",
        "2 yes, 1 no, 1 abstained: more than half of 3 votes is 2, so the motion carries.",
    ]  # fmt: skip


def test_a_tie_loses_and_the_item_waits_on_the_docket_for_another_motion(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        item = docketed()
        first = put(item, by=chair)
        vote(first, (chair, YES), (a, YES), (b, NO), (c, NO))
        assert close(first, chair) is None
        second = put(item, Outcome.DISAPPROVE, reason="It is too dear.", by=chair)

    assert (first.carried, item.state, second.round) == (False, State.SCHEDULED, 2)
    assert store.scalar(select(func.count()).select_from(Decision)) == 0


def test_without_a_quorum_nothing_is_decided_and_nothing_changes(store):
    with transaction():
        _, (chair, a, b, *_rest) = make.board()
        item = docketed()
        motion = put(item, by=chair)
        vote(motion, (chair, YES), (a, YES), (b, YES))
    lines = len(trail(store))

    with pytest.raises(QuorumLacking) as refusal, transaction():
        close(motion, chair)

    assert str(refusal.value) == (
        "There is no quorum, so the vote stays open. 7 seats: 7 count. Quorum is more than half of 7: "
        "4 needed, 3 voted, so there is no quorum. "
        "3 yes, 0 no, 0 abstained: without a quorum nothing is decided."
    )
    assert (motion.closed_at, motion.carried, item.state) == (None, None, State.SCHEDULED)
    assert store.scalar(select(func.count()).select_from(Decision)) == 0
    assert len(trail(store)) == lines


def test_the_secretariat_puts_and_closes_but_never_votes(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        secretary = make.person(Role.SECRETARIAT)
        item = docketed()
        motion = put(item, by=secretary)
        with pytest.raises(NotAllowed, match="Only members of the board vote"):
            board.cast(motion, YES, by=make.actor(secretary), now=NOON)
        vote(motion, (chair, YES), (a, YES), (b, YES), (c, YES))
        close(motion, secretary)

    assert item.state is State.APPROVED


def test_an_administrator_never_votes_and_their_seat_counts_as_vacant(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        motion = put(docketed(), by=chair)
        store.add(RoleGrant(person_id=c.id, role=Role.ADMINISTRATOR, starts_on=TODAY))
        store.flush()
        with pytest.raises(NotAllowed, match="administrators never do"):
            board.cast(motion, YES, by=make.actor(c), now=NOON)
        vote(motion, (chair, YES), (a, YES), (b, YES))
        with pytest.raises(QuorumLacking, match="7 seats, 1 vacant: 6 count"):
            close(motion, chair)


@pytest.mark.parametrize("interest", ["asks", "travels"])
def test_nobody_votes_puts_or_closes_on_their_own_item(store, interest):
    with transaction():
        _, (chair, a, b, c, d, *_rest) = make.board()
        item = docketed(by=chair, travellers=[]) if interest == "asks" else docketed(travellers=[chair])
        with pytest.raises(NotAllowed, match="may not put a motion"):
            put(item, by=chair)
        motion = put(item, by=make.person(Role.SECRETARIAT))
        with pytest.raises(NotAllowed, match="This item is your own"):
            board.cast(motion, YES, by=make.actor(chair), now=NOON)
        vote(motion, (a, YES), (b, YES), (c, YES), (d, YES))
        with pytest.raises(NotAllowed, match="may not close"):
            close(motion, chair)
        decision = close(motion, make.person(Role.SECRETARIAT))

    assert board.sums(decision.arithmetic)[:2] == [
        "7 seats, 1 recused: 6 count.",
        "Quorum is more than half of 6: 4 needed, 4 voted.",
    ]


def test_who_steps_aside_takes_the_ballot_out_and_may_not_vote_again(store):
    with transaction():
        _, (chair, a, *_rest) = make.board()
        item = docketed()
        motion = put(item, by=chair)
        vote(motion, (a, YES))
        with pytest.raises(Incomplete, match="Say why you step aside"):
            board.recuse(item.id, reason="", by=make.actor(a), now=NOON)
        board.recuse(item.id, reason="My brother works there.", by=make.actor(a), now=NOON)
        board.recuse(item.id, reason="Said twice.", by=make.actor(a), now=NOON)
        with pytest.raises(NotAllowed, match="You are recused"):
            vote(motion, (a, NO))

    assert store.scalar(select(func.count()).select_from(Ballot)) == 0
    assert store.scalars(select(Recusal.reason)).all() == ["My brother works there."]
    assert trail(store)[-1] == (
        "recuse",
        a.id,
        {
            "reason": "My brother works there.",
            "ballot_taken_out": {
                "motion": motion.id,
                "person": a.id,
                "choice": "yes",
                "reason": "As I see it.",
            },
        },
    )


def test_only_members_step_aside_and_only_before_the_decision(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        decided = make.engagement(State.APPROVED)
        make.version(decided)
        with pytest.raises(NotAllowed):
            board.recuse(docketed().id, reason="I know them.", by=make.actor(make.person()), now=NOON)
        with pytest.raises(NotOpen, match="nothing to step aside from"):
            board.recuse(decided.id, reason="I know them.", by=make.actor(chair), now=NOON)


def test_a_vote_may_change_until_the_close_and_each_change_is_in_the_trail(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        motion = put(docketed(), by=chair)
        board.cast(motion, YES, by=make.actor(a), now=NOON)
        board.cast(motion, YES, by=make.actor(a), now=NOON)
        board.cast(motion, NO, reason="I read on.", by=make.actor(a), now=NOON)
        vote(motion, (chair, YES), (b, YES), (c, YES))
        close(motion, chair)
        with pytest.raises(NotOpen, match="closed"):
            vote(motion, (a, YES))

    said = [(d["before"], d["after"]) for act, who, d in trail(store) if (act, who) == ("vote", a.id)]
    yes, no = (
        {"person": a.id, "choice": "yes", "reason": ""},
        {"person": a.id, "choice": "no", "reason": "I read on."},
    )
    assert said == [(None, yes), (yes, no)]
    assert store.scalar(select(func.count()).where(Ballot.person_id == a.id)) == 1


def test_a_no_says_why(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        motion = put(docketed(), by=chair)
        with pytest.raises(Incomplete) as refusal:
            board.cast(motion, NO, by=make.actor(chair), now=NOON)
    assert refusal.value.at == {"reason": "Say why you vote no."}


def test_a_member_without_a_seat_on_the_day_may_not_vote(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        motion = put(docketed(), by=chair)
        with pytest.raises(NotAllowed, match="You hold no seat"):
            board.cast(motion, YES, by=make.actor(make.person(Role.MEMBER)), now=NOON)


def test_who_follows_on_a_seat_takes_over_its_one_ballot(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        motion = put(docketed(), by=chair)
        vote(motion, (chair, YES), (a, YES), (b, YES), (c, NO))
        follower = make.person(Role.MEMBER)
        leaving = store.scalar(select(SeatHolding).where(SeatHolding.person_id == c.id))
        leaving.ends_on = TODAY - timedelta(days=1)
        store.add(SeatHolding(seat_id=leaving.seat_id, person_id=follower.id, starts_on=TODAY))
        store.flush()
        with pytest.raises(QuorumLacking, match="4 needed, 3 voted"):
            close(motion, chair)
        vote(motion, (follower, ABSTAIN))
        close(motion, chair)

    assert store.scalar(select(func.count()).select_from(Ballot)) == 4
    assert board.sums(motion.arithmetic)[2].startswith("3 yes, 0 no, 1 abstained")


@pytest.mark.parametrize("lost", ["disabled", "role", "never held"])
def test_a_seat_whose_holder_could_not_vote_is_vacant(store, lost):
    with transaction():
        _, (*_rest, last) = make.board(seats=6 if lost == "never held" else 7)
        if lost == "disabled":
            last.disabled_at = NOON
        if lost == "role":
            for grant in store.scalars(select(RoleGrant).where(RoleGrant.person_id == last.id)):
                grant.ends_on = TODAY - timedelta(days=1)
        store.flush()
        held = board.seats_on(1, TODAY)
    assert [seat.holder_id is None for seat in held] == [False] * 6 + [True]


def test_the_outcomes_that_need_a_reason_conditions_or_a_day_are_refused_at_their_fields(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        item = docketed()

        def refused(outcome, **facts):
            with pytest.raises(Incomplete) as refusal:
                put(item, outcome, by=chair, **facts)
            return refusal.value.at

        later = "Name the day to defer to, or an event: a day after today."
        assert refused(Outcome.DISAPPROVE) == {"reason": "Say why the board should disapprove."}
        assert refused(Outcome.RETURN) == {"reason": "Say why the board should return."}
        assert refused(Outcome.DEFER, reason="Wait.") == {"defer_until": later}
        assert refused(Outcome.DEFER, reason="Wait.", defer_until=TODAY) == {"defer_until": later}
        assert refused(Outcome.APPROVE_WITH_CONDITIONS, reason="Go.", conditions=" \n ") == {
            "conditions": "Write at least one condition, each on a line of its own."
        }
        assert refused(Outcome.APPROVE, closes_at=NOON) == {
            "closes_on": "Name a day after today, so that members have time to vote."
        }
    assert store.scalar(select(func.count()).select_from(Motion)) == 0


def test_conditions_come_with_the_decision_and_the_secretariat_records_what_met_them(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        secretary = make.person(Role.SECRETARIAT)
        item = docketed()
        motion = put(
            item, Outcome.APPROVE_WITH_CONDITIONS, reason="Useful.", by=chair,
            conditions="Brief the post.\n\n Take one phone. ",
        )  # fmt: skip
        vote(motion, (chair, YES), (a, YES), (b, YES), (c, YES))
        decision = close(motion, chair)
        first, second = store.scalars(select(Condition).order_by(Condition.id))
        with pytest.raises(NotAllowed):
            conditions.verify(first, evidence="A cable.", by=make.actor(a), now=NOON)
        with pytest.raises(Incomplete):
            conditions.verify(first, evidence="", by=make.actor(secretary), now=NOON)
        conditions.verify(first, evidence="A cable.", by=make.actor(secretary), now=NOON)
        with pytest.raises(NotOpen):
            conditions.verify(first, evidence="Again.", by=make.actor(secretary), now=NOON)

    assert item.state is State.APPROVED_WITH_CONDITIONS
    assert (first.text, first.met_by_id, first.evidence) == ("Brief the post.", secretary.id, "A cable.")
    assert (second.text, second.met_at, second.decision_id) == ("Take one phone.", None, decision.id)


def test_a_deferral_names_its_day(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        item = docketed()
        motion = put(item, Outcome.DEFER, reason="Wait for the host.", defer_until=date(2026, 4, 1), by=chair)
        vote(motion, (chair, YES), (a, YES), (b, YES), (c, YES))
        close(motion, chair)
    assert (item.state, item.deferred_until) == (State.DEFERRED, date(2026, 4, 1))


def test_one_motion_is_open_at_a_time_and_only_on_the_docket(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        item = docketed()
        put(item, by=chair)
        with pytest.raises(NotOpen, match="A motion is open"):
            put(item, by=chair)
        submitted = make.engagement(State.SUBMITTED)
        make.version(submitted)
        with pytest.raises(NotOpen):
            put(submitted, by=chair)
        with pytest.raises(NotAllowed):
            put(docketed(), by=make.person(Role.MEMBER))


def test_every_member_who_may_vote_is_asked_once(store):
    with transaction():
        _, (chair, a, b, c, *rest) = make.board()
        item = docketed(by=a, travellers=[b])
        board.recuse(item.id, reason="I know them.", by=make.actor(c), now=NOON)
        motion = put(item, by=chair)
    asked = store.execute(select(OutboxMessage.key, OutboxMessage.facts).order_by(OutboxMessage.id)).all()
    assert [key for key, _ in asked] == [f"vote_open:{motion.id}:{p.id}" for p in (chair, *rest)]
    assert asked[0].facts["vote_by"] == "Thursday 5 March 2026, 12:00 EST"


def test_votes_are_asked_for_by_the_norms_business_days_across_weekend_and_holiday(store):
    def asked_by(day):
        return board.closing_moment(board.the_board(), datetime(*day, 17, tzinfo=NOON.tzinfo))

    assert asked_by((2026, 3, 2)) == datetime(2026, 3, 5, 17, tzinfo=NOON.tzinfo)
    assert asked_by((2026, 3, 5)) == datetime(2026, 3, 10, 16, tzinfo=NOON.tzinfo)  # noon, after the clocks went
    assert asked_by((2026, 7, 1)) == datetime(2026, 7, 7, 17, tzinfo=NOON.tzinfo)  # over Independence Day


def test_a_motion_on_a_text_that_changed_or_left_the_docket_decides_nothing(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        edited, returned = docketed(), docketed()
        first, second = put(edited, by=chair), put(returned, by=chair)
        vote(first, (chair, YES), (a, YES), (b, YES), (c, YES))
        vote(second, (chair, YES), (a, YES), (b, YES), (c, YES))
        make.version(edited)
        store.execute(Item.__table__.update().where(Item.id == returned.id).values(state=State.RETURNED))
        with pytest.raises(Stale):
            close(first, chair)
        with pytest.raises(Stale):
            vote(first, (a, NO))
        with pytest.raises(NotOpen, match="no longer on the docket"):
            close(second, chair)
        with pytest.raises(NotOpen, match="no longer on the docket"):
            vote(second, (a, NO))
    assert store.scalar(select(func.count()).select_from(Decision)) == 0


def test_an_item_that_leaves_the_docket_takes_its_motion_with_it(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        item = docketed()
        motion = put(item, by=chair)
        board.void_open_motion(item.id, reason="withdrawn", by=make.actor(chair), now=NOON)
        board.void_open_motion(item.id, reason="withdrawn", by=make.actor(chair), now=NOON)
    assert (motion.carried, motion.closed_at, board.sums(motion.arithmetic)) == (
        False, NOON, ["Not counted: withdrawn"],
    )  # fmt: skip
    assert [act for act, _, _ in trail(store)] == ["put_motion", "void_motion"]


def test_the_charter_in_force_when_the_item_was_submitted_rules_the_vote(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        old = docketed()
        store.add(
            Charter(
                board_id=1, title="New charter", starts_on=TODAY + timedelta(days=1), quorum_share="1/2",
                quorum_at_least=3, threshold_share="2/3", recused_leave_the_base=True,
                vacant_leave_the_base=True, chair_votes=False, source="Made for a test",
            )
        )  # fmt: skip
        tomorrow = NOON + timedelta(days=1)
        new = docketed()
        new.submitted_at = tomorrow
        store.flush()
        chair_, subject = make.actor(chair), visibility.subject
        first = board.put_motion(old, subject(old.id), Outcome.APPROVE, by=chair_, now=tomorrow)
        second = board.put_motion(new, subject(new.id), Outcome.APPROVE, by=chair_, now=tomorrow)
        with pytest.raises(NotAllowed, match="the chair does not vote"):
            vote(second, (chair, YES))
    titles = [store.get(Charter, motion.charter_id).title for motion in (first, second)]
    assert titles == ["Charter of the International Engagement Governance Board", "New charter"]


@pytest.mark.parametrize(("asks", "words"), [(Asks.DECISION, "Approve"), (Asks.ADVICE, "Advice of the board: approve")])
def test_advice_is_called_advice(asks, words):
    assert board.verdict(asks, Outcome.APPROVE) == words


def test_withdrawing_an_item_closes_its_vote_without_a_decision(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        item = docketed(by=a)
        motion = put(item, by=chair)
        vote(motion, (chair, YES), (b, YES), (c, YES))
        items.act(item, visibility.subject(item.id), Action.WITHDRAW, by=make.actor(a), now=NOON, reason="Off.")
        with pytest.raises(NotOpen):
            close(motion, chair)
    assert (item.state, motion.carried, motion.closed_by_id) == (State.WITHDRAWN, False, a.id)
    assert board.sums(motion.arithmetic) == ["Not counted: it left the docket: withdrawn."]


@pytest.mark.parametrize("role", list(Role))
def test_what_the_policy_says_of_voting_putting_and_closing_is_what_the_services_do(store, role):
    """Each role alone, on the same seat: the service refuses exactly whom the policy does not let."""
    with transaction():
        _, (chair, a, b, c, *rest) = make.board()
        who = make.person(role)
        store.scalar(select(SeatHolding).where(SeatHolding.person_id == rest[-1].id)).person_id = who.id
        store.flush()
        item, other = docketed(), docketed()
        motion = put(item, by=chair)
        vote(motion, (chair, YES), (a, YES), (b, YES), (c, YES))
        subject, actor = visibility.subject(item.id), make.actor(who)

        def refused(act):
            try:
                act()
            except NotAllowed:
                return True
            return False

        assert refused(lambda: put(other, by=who)) is not may(actor, Do.PUT_MOTION, subject)
        assert refused(lambda: vote(motion, (who, YES))) is not may(actor, Do.VOTE, subject)
        assert refused(lambda: close(motion, who)) is not may(actor, Do.CLOSE_VOTE, subject)


def test_the_letters_say_what_is_put_by_when_and_what_came_of_it(store):
    with transaction():
        _, (chair, a, b, c, *_rest) = make.board()
        chair.name = "Ruth Okafor"
        store.flush()
        item = docketed(title="Exercise in Tallinn")
        motion = put(
            item, Outcome.APPROVE_WITH_CONDITIONS, reason="Useful.", conditions="Brief the post.\nOne phone.", by=chair
        )
        vote(motion, (chair, YES), (a, YES), (b, YES), (c, YES))
        close(motion, chair)

    def letter(template):
        facts = store.scalar(
            select(OutboxMessage.facts).where(OutboxMessage.key == f"{template}:{motion.id}:{chair.id}")
        )
        return letters.text(template, facts, person_name="Ruth Okafor", leads_to=letters.path(facts, "item", item.id))

    address = letters.current_app.config["SETTINGS"].url + f"/board/items/{item.id}"
    assert (
        letter("vote_open")
        == f"""Hello Ruth Okafor,

A motion was put to the board, and your vote is asked for.

Exercise in Tallinn
Motion: Approve with conditions
Condition: Brief the post.
Condition: One phone.
Reason: Useful.
Put by: Ruth Okafor
Please vote by: Thursday 5 March 2026, 12:00 EST

Read the paper, then vote yes, no or abstain; a no says why. You may change your vote until it is closed.
If you should not take part, recuse yourself there.

{address}
"""
    )
    assert (
        letter("vote_closed")
        == f"""Hello Ruth Okafor,

The vote on this motion is closed: it carried.

Exercise in Tallinn
Motion: Approve with conditions
7 seats: 7 count.
Quorum is more than half of 7: 4 needed, 4 voted.
4 yes, 0 no, 0 abstained: more than half of 4 votes is 3, so the motion carries.

{address}
"""
    )
