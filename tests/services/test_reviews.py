"""Further reviews by rule: asked for when needed, given by who may, in order or together, and never skipped."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import factories as make
import pytest
from asking import complete
from factories import NOON, TODAY
from sqlalchemy import select, update

from engage.extensions import db
from engage.models.board import Charter
from engage.models.outbox import OutboxMessage
from engage.models.reviews import Review
from engage.rules.asking import Content, ContentCost, Direction, EngagementKind
from engage.rules.policy import ReviewKind, Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.reviews import LOOKED_AT, Facts, Finding, Rule, needed
from engage.rules.workflow import Action, State
from engage.services import engagements, items, reviews, visibility
from engage.services.duties import requests as duties
from engage.services.transaction import transaction

PLAIN = Content(title="T", costs=(ContentCost("Air", Decimal(9000)),))
FIRES = {
    "advisory": (Facts(PLAIN, advisory=3), 3), "of_concern": (Facts(PLAIN, of_concern=True), None),
    "non_federal": (Facts(replace(PLAIN, costs=(ContentCost("Bed", Decimal(1), "Host", True),))), None),
    "other_than_coach": (Facts(replace(PLAIN, other_than_coach=True)), None), "cost": (Facts(PLAIN), 8999),
    "conference": (Facts(replace(PLAIN, nature=EngagementKind.CONFERENCE)), 8999),
    "inbound": (Facts(replace(PLAIN, direction=Direction.INBOUND)), None), "senior": (Facts(PLAIN, senior=True), None),
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(LOOKED_AT))
def test_each_rule_fires_on_its_fact_alone(code):
    facts, limit = FIRES.get(code, (Facts(PLAIN), None))
    rule = Rule(code, "A label", ReviewKind.LEGAL, limit, 5)

    assert [need.kind for need in needed(facts, [rule])] == [ReviewKind.LEGAL]
    assert needed(Facts(replace(PLAIN, costs=())), [rule]) == [] or code == "every"


def test_two_rules_of_one_kind_make_one_review_with_the_shorter_time():
    rules = [Rule("every", "One", ReviewKind.LEGAL, None, 5), Rule("cost", "Two", ReviewKind.LEGAL, 10, 3)]

    (need,) = needed(Facts(PLAIN), rules)
    assert (need.days, need.why) == (3, "One: yes\nTwo: $9,000.00")


@pytest.fixture
def people(store):
    with transaction():
        found = {
            "asks": make.person(), "legal": make.reviewer(ReviewKind.LEGAL), "both": make.reviewer(*ReviewKind),
            "desk": make.person(Role.SECRETARIAT),
        }  # fmt: skip
    return found


def submitted(asks, **changes):
    """A request that somebody outside pays for in part, with a premium class: law and money look at it."""
    with transaction():
        costs = (ContentCost("Air", Decimal(900)), ContentCost("Bed", Decimal(300), "Host", True))
        wanted = complete(asks, **{"costs": costs, "other_than_coach": True, **changes})
        item = engagements.draft(wanted, by=make.actor(asks), now=NOON)
        act(item, Action.SUBMIT, asks)
    return item


def act(item, action, who, reason="", at=NOON):
    items.act(item, visibility.subject(item.id), action, by=make.actor(who), now=at, reason=reason)


def give(item, kind, who, finding=Finding.CLEAR, note=""):
    row = next(r for r in reviews.of_item(item.id) if r.kind is kind and r.done_at is None)
    subject = visibility.subject(item.id)
    reviews.give(item, reviews.find(row.id), subject, finding, note, by=make.actor(who), now=NOON, today=TODAY)


def test_reviews_come_before_the_docket_and_an_objection_stops_nothing(people):
    item = submitted(people["asks"])
    assert item.state is State.UNDER_REVIEW
    rows = reviews.of_item(item.id)
    assert [(r.kind, str(r.due_on)) for r in rows] == [
        (ReviewKind.LEGAL, "2026-03-09"), (ReviewKind.FINANCE, "2026-03-05")
    ]  # fmt: skip
    told = db.session.scalars(select(OutboxMessage.person_id).where(OutboxMessage.template == "review_asked")).all()
    assert sorted(told) == sorted([people["legal"].id, people["both"].id, people["both"].id])
    owed = {(d.owner_id, d.about_id) for d in duties.REVIEW.open(Review.id > 0, TODAY)}
    assert owed == {(people["legal"].id, rows[0].id), (people["both"].id, rows[0].id), (people["both"].id, rows[1].id)}
    with transaction(), pytest.raises(NotOpen, match="Reviews are still to come: legal and ethics, finance"):
        act(item, Action.PLACE, people["desk"])
    with transaction():
        with pytest.raises(NotAllowed):
            give(item, ReviewKind.FINANCE, people["legal"])
        with pytest.raises(Incomplete):
            give(item, ReviewKind.LEGAL, people["legal"], Finding.OBJECTION)
        give(item, ReviewKind.LEGAL, people["legal"], Finding.OBJECTION, "The host's letter is missing.")
        give(item, ReviewKind.FINANCE, people["both"])
        act(item, Action.PLACE, people["desk"])
    assert item.state is State.SCHEDULED


def test_one_after_another_where_the_charter_says_so(people):
    with transaction():
        db.session.execute(update(Charter).values(reviews_together=False))
    item = submitted(people["asks"])
    assert [r.begun_at is None for r in reviews.of_item(item.id)] == [False, True]
    with transaction():
        with pytest.raises(NotOpen, match="before it"):
            give(item, ReviewKind.FINANCE, people["both"])
        give(item, ReviewKind.LEGAL, people["both"])
        assert [str(r.due_on) for r in reviews.of_item(item.id)][1] == "2026-03-05"
        give(item, ReviewKind.FINANCE, people["both"])


def test_what_is_returned_is_asked_for_again_but_what_was_given_on_the_same_grounds_stands(people):
    item = submitted(people["asks"])
    with transaction():
        give(item, ReviewKind.LEGAL, people["legal"])
        act(item, Action.RETURN, people["desk"], "Which class?")
        act(item, Action.SUBMIT, people["asks"], at=NOON + timedelta(days=3))
    found = [(r.kind, r.finding) for r in reviews.of_item(item.id)]
    assert found == [
        (ReviewKind.LEGAL, Finding.CLEAR), (ReviewKind.FINANCE, Finding.MOOT), (ReviewKind.FINANCE, None)
    ]  # fmt: skip


def test_nobody_reviews_their_own_journey(people):
    with transaction():
        item_of = people["both"]
    item = submitted(item_of)
    with transaction(), pytest.raises(NotAllowed):
        give(item, ReviewKind.LEGAL, item_of)


def test_a_review_in_hand_is_owed_by_one(people):
    item = submitted(people["asks"])
    with transaction():
        row = reviews.find(reviews.of_item(item.id)[0].id)
        subject = visibility.subject(item.id)
        reviews.take(row, subject, by=make.actor(people["legal"]), now=NOON, today=TODAY)
        with pytest.raises(NotOpen):
            reviews.take(row, subject, by=make.actor(people["both"]), now=NOON, today=TODAY)
    owed = {d.owner_id for d in duties.REVIEW.open(Review.id == row.id, TODAY)}
    assert owed == {people["legal"].id}


def test_the_clock_stands_still_while_questions_are_open(people):
    """Asked for in time, returned, and answered after the last safe day: it is not late."""
    starts = TODAY + timedelta(days=50)
    leg = replace(complete(people["asks"]).legs[0], arrives_on=starts, departs_on=starts)
    item = submitted(people["asks"], legs=(leg,), costs=(ContentCost("Air", Decimal(1)),), other_than_coach=False)
    with transaction():
        act(item, Action.RETURN, people["desk"], "Why?")
        act(item, Action.SUBMIT, people["asks"], at=NOON + timedelta(days=20))
    assert item.state is State.SUBMITTED
