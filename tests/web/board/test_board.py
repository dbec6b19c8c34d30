"""The board room over HTTP: what members, the chair and the secretariat see there and may do."""

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.models.board import Ballot, Condition, Decision, Motion, Recusal
from engage.models.engagements import Item
from engage.rules.authority import Power
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import authority, board, emergencies, stand_ins, visibility
from engage.services.transaction import transaction


class Case:
    """A board of seven with one item on its docket; the chair has put a motion on it unless told otherwise."""

    def __init__(self, outcome=Outcome.APPROVE, moved=True, **facts):
        with transaction():
            _, (self.chair, *self.members) = make.board()
            self.secretary = make.person(Role.SECRETARIAT, name="Ada Secretary")
            self.item = make.engagement(State.SCHEDULED, **facts)
            make.version(self.item)
            self.id, self.title = self.item.id, self.item.title
            self.motion = self._put(outcome) if moved else None
        self.url = f"/board/items/{self.id}"

    def _put(self, outcome):
        asked = {"reason": "It serves goal 1."}
        if outcome is Outcome.APPROVE_WITH_CONDITIONS:
            asked["conditions"] = "Brief the post.\nTake one phone."
        motion = board.put_motion(
            self.item, visibility.subject(self.id), outcome, by=make.actor(self.secretary), now=NOON, **asked
        )
        self.motion_id = motion.id
        return motion

    def say(self, *choices):
        """Votes of the first members, in their order."""
        with transaction():
            for who, choice in zip(self.members, choices, strict=False):
                board.cast(self.motion, choice, reason="So I think.", by=make.actor(who), now=NOON)

    def vote(self, choice="yes", reason=""):
        """The fields of a ballot, as the form sends them."""
        return {"motion": str(self.motion_id), "choice": choice, "reason": reason}


YES, NO, ABSTAIN = Choice


def count(store, what):
    return store.scalar(select(func.count()).select_from(what))


def test_a_member_finds_the_vote_reads_the_paper_and_votes(store, visitor):
    case = Case()
    page = visitor.sign_in(case.members[0]).get("/board")
    assert "Waiting for your vote" in page.text
    assert case.url in page.links

    page = visitor.get(case.url)
    for words in (
        "To agree a joint exercise.",
        "Tallinn, Estonia",
        "$1,200.00",
        "Airfare",
        "Version 1",
        "4 needed, 0 voted",
    ):
        assert words in page.text
    visitor.submit({"choice": "yes", "reason": ""})
    page = visitor.follow()
    assert "Your vote is counted: yes." in page.text
    assert "4 needed, 1 voted" in page.text

    visitor.submit({"choice": "no", "reason": "I read on."})
    assert [(b.choice, b.reason) for b in store.scalars(select(Ballot))] == [(NO, "I read on.")]
    assert "You voted no" in visitor.get("/board").text


def test_a_no_without_a_reason_comes_back_with_the_error_at_its_field(store, visitor):
    case = Case()
    visitor.sign_in(case.members[0]).get(case.url)
    page = visitor.submit({"choice": "no", "reason": ""}, 422)
    assert "Reason: Say why you vote no." in page.text
    assert page.forms[-1]["fields"]["choice"] == "no"
    page = visitor.submit({"choice": "perhaps", "reason": "I cannot say."}, 422)
    assert "Your vote: Choose yes, no or abstain." in page.text
    assert page.forms[-1]["fields"]["motion"] == str(case.motion_id)
    assert count(store, Ballot) == 0


def test_the_same_ballot_twice_is_one_vote(store, visitor):
    case = Case()
    visitor.sign_in(case.members[0])
    visitor.post(case.url, case.vote())
    visitor.post(case.url, case.vote())
    assert count(store, Ballot) == 1


@pytest.mark.parametrize("kept_out", ["asks", "travels", "recused", "administrator", "secretariat", "no seat"])
def test_who_may_not_vote_is_told_why_and_is_refused_by_the_rule(store, visitor, kept_out):
    with transaction():
        who = make.person(*{
            "administrator": (Role.MEMBER, Role.ADMINISTRATOR), "secretariat": (Role.SECRETARIAT,)
        }.get(kept_out, (Role.MEMBER, Role.CHAIR)))  # fmt: skip
    asked = {"asks": {"by": who, "travellers": []}, "travels": {"travellers": [who]}}.get(kept_out, {})
    case = Case(**asked)
    with transaction():
        if kept_out != "no seat" and kept_out != "secretariat":
            last = store.scalars(select(make.SeatHolding).order_by(make.SeatHolding.id.desc())).first()
            last.person_id = who.id
        if kept_out == "recused":
            board.recuse(case.id, reason="My brother works there.", by=make.actor(who), now=NOON)
    why = {
        "asks": "This item is your own", "travels": "This item is your own", "recused": "You stepped aside",
        "no seat": "You hold no seat",
    }.get(kept_out, "Only members of the board vote")  # fmt: skip

    page = visitor.sign_in(who).get(case.url)
    assert why in page.text
    assert page.acts == []
    refused = "You are recused" if kept_out == "recused" else why
    assert refused in visitor.post(case.url, case.vote(), 403).text
    assert count(store, Ballot) == 0


def test_a_ballot_on_a_closed_motion_is_a_conflict(store, visitor):
    case = Case()
    case.say(YES, YES, NO, NO)
    with transaction():
        make.time_is_up()
        board.close(case.motion, by=make.actor(case.chair), now=NOON)
    page = visitor.sign_in(case.members[0]).post(case.url, case.vote("no", "Too late."), 409)
    assert "The vote on this motion is closed." in page.text


@pytest.mark.parametrize("motion", ["", "999999", "x", "9" * 18, "٣"])
def test_a_ballot_on_no_motion_of_the_item_is_a_conflict(visitor, motion):
    case = Case()
    visitor.sign_in(case.members[0]).post(case.url, case.vote() | {"motion": motion}, 409)
    visitor.post("/board/items/99999", case.vote(), 404)


def test_a_ballot_on_what_the_voter_may_not_see_is_refused_as_on_what_does_not_exist(store, visitor):
    case = Case()
    with transaction():
        draft = make.engagement(State.DRAFT)
        make.version(draft)
    visitor.sign_in(case.members[0])
    answers = [visitor.post(f"/board/items/{number}", case.vote(), 404).text for number in (draft.id, 99999)]
    assert answers[0].replace(f"/{draft.id}", "/99999") == answers[1]
    visitor.sign_in(make.person()).post(case.url, case.vote(), 403)
    assert count(store, Ballot) == 0


def test_whom_somebody_stood_in_for_reads_how_their_seat_voted_and_that_their_own_vote_wins(store, visitor):
    case = Case()
    with transaction():
        principal, deputy = case.members[0], make.person(Role.MEMBER, name="Dee Deputy")
        authority.delegate(
            principal_id=principal.id, holder_id=deputy.id, power=Power.VOTE, kinds=frozenset(ItemKind),
            most_cost=None, starts_on=TODAY, ends_on=TODAY, reason="Away.", by=make.actor(principal), now=NOON,
        )  # fmt: skip
        seat = next(seat for seat in board.seats_on(1, TODAY) if seat.holder_id == principal.id)
        stand_ins.cast_for(case.motion, seat.id, NO, reason="So we agreed.", by=make.actor(deputy), now=NOON)
    stands = "Dee Deputy voted no for your seat, standing in for you. It counts unless you vote"
    assert stands in visitor.sign_in(principal).get(case.url).text
    assert stands not in visitor.sign_in(case.members[1]).get(case.url).text
    visitor.sign_in(principal).post(case.url, case.vote())
    page = visitor.get(case.url).text
    assert ("Dee Deputy voted" in page, "You have voted" in page) == (False, True)
    assert store.execute(select(Ballot.person_id, Ballot.choice)).all() == [(principal.id, YES)]


def test_a_matter_says_what_it_settles(store, visitor):
    case = Case(moved=False)
    with transaction():
        made = emergencies.decide_at_once(case.id, version=1, reason="Now.", by=make.actor(case.chair), now=NOON)
        number = made.matter_id
    page = visitor.sign_in(case.members[0]).get(f"/board/items/{number}").text
    assert ("Emergency decision to ratify" in page, "Matter for advice" in page) == (True, False)
    docket = visitor.get("/board").text
    assert ("Matter for decision." in docket, "Matter for advice" in docket) == (True, False)


def test_the_chair_puts_a_motion_with_conditions_and_one_at_a_time(store, visitor):
    case = Case(moved=False)
    visitor.sign_in(case.chair).get(case.url)
    page = visitor.get(case.url + "/motion")
    assert "votes are asked for by Thu 5 Mar 2026, 12:00 EST" in page.text
    page = visitor.submit({"outcome": "approve_with_conditions", "reason": "Go."}, 422)
    assert "Conditions: Write at least one condition" in page.text
    assert visitor.submit({"outcome": "defer", "reason": "Wait.", "defer_until": "2026-02-30"}, 422).text.count(
        "Write the day as year, month and day"
    ) == 2  # fmt: skip
    visitor.submit({"outcome": "defer", "reason": "Wait.", "defer_until": "2026-03-02"}, 422)
    visitor.submit({"outcome": "", "closes_on": "9999-12-31"}, 422)
    visitor.submit(
        {"outcome": "approve_with_conditions", "reason": "Go.", "conditions": "Brief the post.\r\nTake one phone.",
         "defer_until": "", "closes_on": "2026-03-04"},
    )  # fmt: skip
    page = visitor.follow()
    assert "Motion 1: approve with conditions" in page.text
    assert "Please vote by Wed 4 Mar 2026, 12:00 EST" in page.text
    visitor.get(case.url + "/motion", 409)
    assert count(store, Motion) == 1


def test_a_double_click_puts_one_motion(store, visitor):
    case = Case(moved=False)
    visitor.sign_in(case.chair)
    sent = {"once": "a" * 32, "outcome": "approve"}
    visitor.post(case.url + "/motion", sent)
    visitor.post(case.url + "/motion", sent)
    assert visitor.response.headers["Location"] == case.url
    assert count(store, Motion) == 1


def test_members_and_whose_item_it_is_neither_put_nor_close(store, visitor):
    with transaction():
        chair = make.person(Role.CHAIR, Role.MEMBER)
    case = Case(by=chair)
    for who in (chair, case.members[0]):
        visitor.sign_in(who)
        for act, sent in (("motion", {"outcome": "approve"}), ("close", {"motion": str(case.motion_id)})):
            visitor.get(f"{case.url}/{act}", 403)
            visitor.post(f"{case.url}/{act}", {"once": "b" * 32, **sent}, 403)
    assert store.get(Motion, case.motion_id).closed_at is None


def test_without_a_quorum_the_close_is_refused_with_the_sums_and_nothing_changes(store, visitor):
    case = Case()
    case.say(YES, YES, YES)
    page = visitor.sign_in(case.chair).get(case.url + "/close")
    assert "Too few seats have voted" in page.text
    assert page.acts == []
    page = visitor.post(case.url + "/close", {"once": "c" * 32, "motion": str(case.motion_id)}, 409)
    assert "There is no quorum, so the vote stays open. 7 seats: 7 count." in page.text
    assert store.get(Motion, case.motion_id).closed_at is None
    assert store.get(Item, case.id).state is State.SCHEDULED
    assert count(store, Decision) == 0


def test_closing_decides_and_the_decision_shows_its_sums_ballots_and_conditions(store, visitor):
    case = Case(Outcome.APPROVE_WITH_CONDITIONS)
    case.say(YES, YES, YES, NO)
    with transaction():
        make.time_is_up()
    page = visitor.sign_in(case.secretary).get(case.url + "/close")
    assert "Votes to come could still change this" in page.text
    visitor.submit({})
    page = visitor.follow()
    decision = store.scalars(select(Decision)).one()
    for words in (
        "The motion carried: this is the decision.", "Approve with conditions", "It serves goal 1.", decision.sha256,
        "in force from 1 January 2024", "more than half of 4 votes is 3, so the motion carries.",
        "So I think.", "Brief the post.", "Take one phone.",
    ):  # fmt: skip
        assert words in page.text
    first, _ = store.scalars(select(Condition).order_by(Condition.id))

    visitor.get(f"/board/conditions/{first.id}")
    assert "Say what shows that the condition is met" in visitor.send(
        f"/board/conditions/{first.id}", {"evidence": ""}, 422
    ).text
    visitor.send(f"/board/conditions/{first.id}", {"evidence": "Cable 26 TALLINN 12."})
    assert "Cable 26 TALLINN 12." in visitor.follow().text
    assert "It is settled." in visitor.get(f"/board/conditions/{first.id}").text
    visitor.sign_in(case.members[0]).get(f"/board/conditions/{first.id}")
    visitor.post(f"/board/conditions/{first.id}", {"once": "a" * 32, "evidence": "So I say."}, 403)

    assert "Approve with conditions" in visitor.get("/board").text
    assert f"/board/decisions/{decision.id}" in visitor.get("/board/decisions").links
    assert "This is approved with conditions." in visitor.get(case.url).text


def test_closing_a_lost_motion_leaves_the_item_for_another(store, visitor):
    case = Case()
    case.say(YES, YES, NO, NO)
    with transaction():
        make.time_is_up()
    visitor.sign_in(case.chair).get(case.url + "/close")
    visitor.submit({})
    page = visitor.follow()
    assert "The motion is lost." in page.text
    assert "2 yes, 2 no, 0 abstained: more than half of 4 votes is 3, so the motion is lost." in page.text
    assert case.url + "/motion" in page.links
    visitor.get(case.url + "/close", 409)


def test_stepping_aside_takes_the_vote_out_and_says_so(store, visitor):
    case = Case()
    case.say(YES)
    visitor.sign_in(case.members[0]).get(case.url)
    visitor.get(case.url + "/recuse")
    assert "Say why you step aside" in visitor.submit({"reason": " "}, 422).text
    visitor.submit({"reason": "My brother works there."})
    page = visitor.follow()
    assert "You stepped aside from this item" in page.text
    assert "My brother works there." in page.text
    assert (count(store, Ballot), count(store, Recusal)) == (0, 1)
    visitor.sign_in(case.secretary).get(case.url + "/recuse", 403)


def test_what_is_not_there_is_not_found(visitor):
    case = Case()
    with transaction():
        draft = make.engagement(State.DRAFT)
    visitor.sign_in(case.members[0])
    for url in (f"/board/items/{draft.id}", "/board/items/99999", "/board/decisions/99999", "/board/conditions/99999"):
        visitor.get(url, 404)


def test_requesters_do_not_enter_the_room(visitor):
    case = Case()
    with transaction():
        who = make.person()
    visitor.sign_in(who)
    for url in ("/board", case.url, "/board/decisions"):
        visitor.get(url, 403)


def _docketed(number):
    """So many items on the docket, each third with a motion, and as many decisions."""
    with transaction():
        _, (chair, *members) = make.board()
        for _ in range(number):
            item = make.engagement(State.SCHEDULED)
            make.version(item)
            motion = board.put_motion(
                item, visibility.subject(item.id), Outcome.APPROVE, by=make.actor(chair), now=NOON
            )
            for who in members[:4]:
                board.cast(motion, YES, by=make.actor(who), now=NOON)
            board.close(motion, by=make.actor(chair), now=NOON)
        for i in range(number):
            item = make.engagement(State.SCHEDULED)
            make.version(item)
            if i % 3 == 0:
                board.put_motion(item, visibility.subject(item.id), Outcome.APPROVE, by=make.actor(chair), now=NOON)
    return members[-1], item.id


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_lists_cost_the_same_statements_however_many_rows(visitor, statements, number):
    who, item_id = _docketed(number)
    visitor.sign_in(who)
    for url, most in (("/board", 8), ("/board/decisions", 4), (f"/board/items/{item_id}", 15)):
        statements.clear()
        visitor.get(url)
        assert len(statements) <= most, f"{url}: {len(statements)} statements"


def test_the_docket_pages_through_everything_once(visitor, store):
    who, _ = _docketed(40)
    page = visitor.sign_in(who).get("/board")
    asked = set(store.scalars(select(Motion.item_id).where(Motion.closed_at.is_(None))))
    seen = [link for link in page.links if link.startswith("/board/items/")]
    while following := [link for link in page.links if "after=" in link]:
        page = visitor.get(following[0])
        seen += [link for link in page.links if link.startswith("/board/items/")]
    docketed = set(store.scalars(select(Item.id).where(Item.state == State.SCHEDULED)))
    assert len(seen) == len(set(seen)) == len(docketed) == 40
    assert {int(link.rsplit("/", 1)[1]) for link in seen[: len(asked)]} == asked

    page = visitor.get("/board/decisions")
    seen = [link for link in page.links if link.startswith("/board/decisions/")]
    page = visitor.get(next(link for link in page.links if "after=" in link))
    seen += [link for link in page.links if link.startswith("/board/decisions/")]
    assert len(set(seen)) == 40


def test_voting_and_closing_cost_a_fixed_number_of_statements(visitor, statements):
    case = Case()
    case.say(YES, YES, YES)
    visitor.sign_in(case.members[4])
    statements.clear()
    visitor.post(case.url, case.vote())
    assert len(statements) == 11
    visitor.sign_in(case.chair)
    statements.clear()
    visitor.post(case.url + "/close", {"once": "d" * 32, "motion": str(case.motion_id)})
    assert len(statements) <= 42


def test_the_address_of_an_engagement_leads_to_an_item_of_another_kind(visitor):
    case = Case(moved=False)
    with transaction():
        made = emergencies.decide_at_once(case.id, version=1, reason="Now.", by=make.actor(case.chair), now=NOON)
        number = made.matter_id
    visitor.sign_in(case.chair).get(f"/engagements/{number}", 302)
    assert visitor.follow().text.count("Matter for decision") > 0
