"""Conditions: whose they are, by when, what satisfies them, and who may say so."""

from datetime import date, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engage.models.board import Condition, ConditionStep
from engage.models.outbox import OutboxMessage
from engage.rules.conditions import Standing, Step, Term, due_day, may_verify, standing
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Choice, Outcome
from engage.services import (
    board,
    condition_lists,
    condition_waivers,
    conditions,
    readiness,
    seats,
    states,
    visibility,
    waiting,
)
from engage.services.transaction import transaction


class Case:
    """An approval of an engagement under these terms, with its people."""

    def __init__(self, *terms: Term, lines: str = "Brief the post.", members=None):
        self.members = members or make.board()[1]
        self.chair, self.secretary = self.members[0], make.person(Role.SECRETARIAT)
        self.requester = make.person()
        self.item = make.engagement(make.State.SCHEDULED, by=self.requester, travellers=[self.requester])
        make.version(self.item)
        motion = board.put_motion(
            self.item, visibility.subject(self.item.id), Outcome.APPROVE_WITH_CONDITIONS, reason="Useful.",
            conditions=lines, terms=conditions.written(terms), by=make.actor(self.chair), now=NOON,
        )  # fmt: skip
        for member in self.members[:4]:
            board.cast(motion, Choice.YES, by=make.actor(member), now=NOON)
        self.decision = board.close(motion, by=make.actor(self.chair), now=NOON)

    @property
    def conditions(self) -> list[Condition]:
        asked = select(Condition).where(Condition.item_id == self.item.id).order_by(Condition.id)
        return list(make.db.session.scalars(asked))

    def held(self) -> list[str]:
        """What the traveller's verdict says of conditions."""
        (trip,) = make.db.session.scalars(select(make.Trip).where(make.Trip.engagement_id == self.item.id))
        missing = readiness.verdict(trip.id, TODAY).missing
        return [item.why for item in missing if item.requirement.kind == "condition"]


@pytest.mark.parametrize(("days", "on", "day"), [
    (None, None, date(2026, 6, 1)), (14, None, date(2026, 5, 18)), (0, None, date(2026, 6, 1)),
    (None, date(2026, 4, 1), date(2026, 4, 1)),
])  # fmt: skip
def test_a_condition_is_due_by_departure_days_before_it_or_on_a_day(days, on, day):
    assert due_day(date(2026, 6, 1), days, on) == day


def test_without_a_departure_only_an_absolute_day_is_known():
    assert due_day(None, 14, None) is None
    assert due_day(None, None, TODAY) == TODAY


@pytest.mark.parametrize(("given", "verified", "waived", "stands"), [
    (False, False, False, Standing.OPEN), (True, False, False, Standing.GIVEN), (True, True, False, Standing.VERIFIED),
    (False, False, True, Standing.WAIVED), (True, True, True, Standing.WAIVED),
])  # fmt: skip
def test_where_a_condition_stands(given, verified, waived, stands):
    assert standing(given=given, verified=verified, waived=waived) is stands
    assert stands.settled is (stands in (Standing.VERIFIED, Standing.WAIVED))


@pytest.mark.parametrize(("person", "may"), [(1, False), (2, False), (3, True), (None, False)])
def test_neither_the_owner_nor_somebody_with_an_interest_verifies(person, may):
    assert may_verify(person, 1, frozenset({2})) is may


def test_the_terms_of_a_motion_become_its_conditions(store):
    with transaction():
        other = make.person()
        case = Case(Term(other.id, 14), Term(None, None, date(2026, 4, 1), blocking=False), lines="One.\nTwo.\nThree.")
    told = [(c.text, c.owner_id, c.due_days_before, c.due_on, c.blocking) for c in case.conditions]
    assert told == [
        ("One.", other.id, 14, None, True), ("Two.", case.requester.id, None, date(2026, 4, 1), False),
        ("Three.", case.requester.id, None, None, True),
    ]  # fmt: skip
    owed = store.scalars(select(OutboxMessage.person_id).where(OutboxMessage.template == "condition_owed")).all()
    assert sorted(owed) == sorted([other.id, case.requester.id, case.requester.id])
    assert [line.due for line in condition_lists.of_item(case.item.id)] == [
        case.item.starts_on - timedelta(days=14), date(2026, 4, 1), case.item.starts_on,
    ]  # fmt: skip


@pytest.mark.parametrize(("term", "sentence"), [
    (Term(due_days_before=14, due_on=TODAY + timedelta(days=9)), "not both"), (Term(due_on=TODAY), "after today"),
    (Term(due_days_before=-1), "between 0 and 365"), (Term(due_days_before=400), "between 0 and 365"),
    (Term(owner_id=999_999), "an account"),
])  # fmt: skip
def test_terms_that_cannot_be_kept_are_refused_with_a_sentence(store, term, sentence):
    assert sentence in conditions.refuse_terms([Term(), term], TODAY)
    assert conditions.refuse_terms([Term(), term], TODAY).startswith("Condition 2:")


def test_evidence_alone_satisfies_nothing_and_another_verifies_it(store):
    with transaction():
        case = Case()
        (condition,) = case.conditions
        assert case.held() == ["Brief the post."]
        conditions.give(condition, "Briefed on Monday.", by=make.actor(case.requester), now=NOON)
        assert case.held() == ["Brief the post."]
        with pytest.raises(NotAllowed):
            conditions.verify(condition, by=make.actor(case.requester), now=NOON)
        with pytest.raises(NotAllowed):
            conditions.verify(condition, by=make.actor(case.members[1]), now=NOON)
        conditions.verify(condition, by=make.actor(case.secretary), now=NOON)
    assert case.held() == []
    assert (condition.given_by_id, condition.met_by_id) == (case.requester.id, case.secretary.id)
    assert [s.step for s in store.scalars(select(ConditionStep).order_by(ConditionStep.id))] == [
        Step.GIVEN, Step.VERIFIED,
    ]  # fmt: skip


def test_refused_evidence_opens_the_condition_again_with_a_reason(store):
    with transaction():
        case = Case()
        (condition,) = case.conditions
        with pytest.raises(NotOpen, match="nothing to refuse"):
            conditions.refuse(condition, "No.", by=make.actor(case.secretary), now=NOON)
        conditions.give(condition, "Briefed.", by=make.actor(case.requester), now=NOON)
        with pytest.raises(Incomplete):
            conditions.refuse(condition, "", by=make.actor(case.secretary), now=NOON)
        conditions.refuse(condition, "By whom?", by=make.actor(case.secretary), now=NOON)
        assert condition_lists.line(condition.id).standing is Standing.OPEN
        conditions.give(condition, "By Robin, on Monday.", by=make.actor(case.requester), now=NOON)
        conditions.verify(condition, by=make.actor(case.chair), now=NOON)
    assert [(one.step, one.said) for one in condition_lists.steps(condition.id)] == [
        (Step.VERIFIED, ""), (Step.GIVEN, "By Robin, on Monday."), (Step.REFUSED, "By whom?"), (Step.GIVEN, "Briefed."),
    ]  # fmt: skip
    settled = select(OutboxMessage.subject).where(OutboxMessage.template == "condition_settled")
    assert [line.split(":")[0] for line in store.scalars(settled.order_by(OutboxMessage.id))] == [
        "Open again", "Verified",
    ]  # fmt: skip


def test_a_secretary_who_owns_a_condition_may_not_verify_it(store):
    with transaction():
        case = Case(Term(None))
        (condition,) = case.conditions
        conditions.hand_on(condition, case.secretary.id, by=make.actor(case.chair), now=NOON)
        conditions.give(condition, "Done.", by=make.actor(case.secretary), now=NOON)
        with pytest.raises(NotAllowed, match="somebody else"):
            conditions.verify(condition, by=make.actor(case.secretary), now=NOON)
        conditions.verify(condition, by=make.actor(case.chair), now=NOON)
    assert condition.owner_id == case.secretary.id


def test_handing_on_asks_for_the_evidence_anew(store):
    with transaction():
        case = Case()
        (condition,) = case.conditions
        conditions.give(condition, "Done.", by=make.actor(case.requester), now=NOON)
        conditions.hand_on(condition, case.members[2].id, by=make.actor(case.secretary), now=NOON)
        assert (condition.given_at, condition.evidence) == (None, "")
        with pytest.raises(NotAllowed):
            conditions.give(condition, "Mine.", by=make.actor(case.requester), now=NOON)


def test_what_does_not_block_holds_nobody(store):
    with transaction():
        case = Case(Term(blocking=False))
    assert case.held() == []
    assert [line.blocking for line in condition_lists.owed()[0]] == [False]


def test_the_database_lets_no_owner_verify(store):
    with transaction():
        case = Case()
        (condition,) = case.conditions
    owner = case.requester.id
    condition.given_at, condition.met_at, condition.given_by_id, condition.met_by_id = NOON, NOON, owner, owner
    with pytest.raises(IntegrityError):
        store.flush()
    store.rollback()


def test_the_lists_of_conditions_cost_one_statement_however_many_there_are(store, statements):
    counts, members = [], make.board()[1]
    for many in (1, 3, 20):
        with transaction():
            case = Case(members=members, lines="\n".join(f"Line {n}." for n in range(many)))
            item_id = case.item.id
        statements.clear()
        assert len(condition_lists.of_item(item_id)) == many
        condition_lists.owed()
        counts.append(len(statements))
    assert counts == [2, 2, 2]


def asked_to_waive(store):
    with transaction():
        case = Case(Term())
        matter = condition_waivers.ask(
            case.conditions[0], reason="The post is closed.", by=make.actor(case.secretary), now=NOON
        )
        return case, matter


def decided(case, matter, outcome, **facts):
    with transaction():
        item = states.get(matter.id)
        motion = board.put_motion(
            item, visibility.subject(item.id), outcome, by=make.actor(case.chair), now=NOON, **facts
        )
        for member in case.members[:5]:
            board.cast(motion, Choice.YES, by=make.actor(member), now=NOON)
        return board.close(motion, by=make.actor(case.chair), now=NOON)


def test_the_board_alone_waives_a_condition_and_clearance_waits_until_it_does(store):
    case, matter = asked_to_waive(store)
    assert case.held()
    assert condition_waivers.asked(case.conditions[0].id) == matter.id
    with pytest.raises(NotOpen, match="asked to waive this condition already"), transaction():
        condition_waivers.ask(case.conditions[0], reason="Again.", by=make.actor(case.secretary), now=NOON)

    decision = decided(case, matter, Outcome.APPROVE)
    (condition,) = case.conditions
    assert (condition.waived_at, condition.waived_by_id) == (NOON, decision.id)
    assert case.held() == []
    assert store.scalars(select(ConditionStep.step)).all() == [Step.WAIVED]


def test_a_waiver_that_the_board_declines_changes_nothing(store):
    case, matter = asked_to_waive(store)
    decided(case, matter, Outcome.DISAPPROVE, reason="It is needed.")

    assert case.conditions[0].waived_at is None
    assert case.held()
    assert condition_waivers.asked(case.conditions[0].id) is None


def test_whoever_travels_asked_or_owns_the_condition_has_no_vote_on_its_waiver(store):
    with transaction():
        members = make.board()[1]
        case = Case(Term(owner_id=members[2].id), members=members)
        store.add(make.Traveller(engagement_id=case.item.id, position=1, person_id=members[3].id))
        store.flush()
        matter = condition_waivers.ask(case.conditions[0], reason="Closed.", by=make.actor(case.secretary), now=NOON)
        motion = board.put_motion(
            matter, visibility.subject(matter.id), Outcome.APPROVE, by=make.actor(case.chair), now=NOON
        )
    for barred in (members[2], members[3]):
        with pytest.raises(NotAllowed, match="recused from this item"), transaction():
            board.cast(motion, Choice.YES, by=make.actor(barred), now=NOON)


@pytest.mark.parametrize("joins", ["the party", "the condition", "nobody"])
def test_whoever_joins_after_a_waiver_was_asked_stands_aside_from_then(store, joins):
    case, matter = asked_to_waive(store)
    member = case.members[5]
    with transaction():
        motion = board.put_motion(
            matter, visibility.subject(matter.id), Outcome.APPROVE, by=make.actor(case.chair), now=NOON
        )
        for who in (*case.members[1:4], member):
            board.cast(motion, Choice.YES, by=make.actor(who), now=NOON)
    with transaction():
        if joins == "the party":
            for position, who in ((1, member), (2, case.members[6])):
                store.add(make.Traveller(engagement_id=case.item.id, position=position, person_id=who.id))
        elif joins == "the condition":
            conditions.hand_on(case.conditions[0], member.id, by=make.actor(case.secretary), now=NOON)

    subject = visibility.subject(matter.id)
    joined = {"nobody": set(), "the condition": {member.id}, "the party": {member.id, case.members[6].id}}[joins]
    aside = {case.requester.id} | joined
    assert subject.recused_ids == aside
    assert visibility.subjects([matter.id, case.item.id])[matter.id] == subject
    assert visibility.find(matter.id, by=make.actor(member))[1] == subject
    tally = board.count(motion, seats.charter_on(1, TODAY), subject, board.seats_on(1, TODAY), TODAY)
    assert (tally.yes, tally.recused) == (4 - bool(joined), len(joined))
    asked = [
        len(make.db.session.execute(waiting.VOTES, {"me": who.id, "today": TODAY}).all())
        for who in (member, case.members[6])
    ]
    assert asked == [0, 1 if joins != "the party" else 0]
    if joins != "nobody":
        with pytest.raises(NotAllowed, match="recused from this item"), transaction():
            board.cast(motion, Choice.NO, reason="So.", by=make.actor(member), now=NOON)


@pytest.mark.parametrize(("reason", "refused"), [("", Incomplete), ("x" * 5001, Incomplete)])
def test_a_waiver_is_asked_for_with_a_reason(store, reason, refused):
    with transaction():
        case = Case(Term())
    with pytest.raises(refused), transaction():
        condition_waivers.ask(case.conditions[0], reason=reason, by=make.actor(case.secretary), now=NOON)
    with pytest.raises(NotAllowed), transaction():
        condition_waivers.ask(case.conditions[0], reason="Please.", by=make.actor(case.requester), now=NOON)


def test_the_secretariat_asks_for_a_waiver_on_the_page_of_the_condition(store, visitor):
    with transaction():
        case = Case(Term())
        number = case.conditions[0].id
    visitor.sign_in(case.secretary).get(f"/board/conditions/{number}")
    visitor.send(f"/board/conditions/{number}/waive", {"once": "w1"}, status=422)
    assert "Say why the board should waive it." in visitor.page.text
    visitor.send(f"/board/conditions/{number}/waive", {"once": "w2", "reason": "Closed."})
    assert "The board is asked to waive it." in visitor.follow().text
    assert "The matter before the board" in visitor.get(f"/board/conditions/{number}").text
