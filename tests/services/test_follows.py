"""Who follows something is told what is new there: once, in the daily message, and nothing that is hidden from them."""

import random
from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import select

from engage.models.engagements import Item
from engage.models.norms import Objective
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.partners import Forum
from engage.rules.follows import Followed, News, Stay, Text, of_stays, of_texts
from engage.rules.marking import Marking
from engage.rules.policy import Role, See, may
from engage.rules.workflow import APPROVED, Action, State
from engage.services import digests, follow_news, follows, items, partner_merges, reminders, visibility
from engage.services.transaction import transaction

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def stay(number, state):
    return Stay(number, state, NOON + number * HOUR)


def test_the_news_of_stays_are_approvals_and_what_becomes_of_them():
    seen = [State.DRAFT, State.SUBMITTED, State.SCHEDULED, State.APPROVED, State.UNDER_REVIEW,
            State.APPROVED_WITH_CONDITIONS, State.CANCELLED]  # fmt: skip
    found = list(of_stays(stay(n, state) for n, state in enumerate(seen)))
    assert [(e.news, e.key, e.seen_as) for e in found] == [
        (News.APPROVED, "stay:3", None), (News.REOPENED, "stay:4", State.APPROVED), (News.APPROVED, "stay:5", None),
        (News.CANCELLED, "stay:6", State.APPROVED_WITH_CONDITIONS),
    ]  # fmt: skip


def test_the_news_of_texts_are_other_days():
    days = [("2026-05-04", None), ("2026-05-04", None), ("2026-05-05", None)]
    found = list(of_texts(Text(n, one, NOON) for n, one in enumerate(days)))
    assert [(e.news, e.key) for e in found] == [(News.MOVED, "text:2")]


def follow(person, kind, key, now=NOON - DAY):
    follows.follow(Followed(kind), key, by=make.actor(person), now=now)


def told(store, now=NOON + 2 * HOUR):
    """What a sweep posts, by person and subject."""
    with transaction():
        follow_news.sweep(now)
        rows = store.execute(
            select(OutboxMessage.person_id, OutboxMessage.subject, OutboxMessage.delivery).where(
                OutboxMessage.template == "followed"
            ).order_by(OutboxMessage.id)
        )  # fmt: skip
        return [tuple(row) for row in rows]


def cancel(store, item_id, by, now):
    with transaction():
        item = store.get_one(Item, item_id)
        items.act(item, visibility.subject(item_id), Action.CANCEL, by=make.actor(by), now=now, reason="No host.")


def test_one_message_for_all_that_one_follows_and_none_for_the_party(store):
    with transaction():
        asker, fan, party = make.person(), make.person(), make.person()
        partner = make.partner("Zebra")
        forum = store.scalars(select(Forum).where(Forum.code == "CRI")).one()
        topic = store.scalars(select(Objective).limit(1)).one()
        for who in (asker, fan, party):
            for kind, key in (("country", "EE"), ("partner", partner.id), ("forum", forum.id), ("topic", topic.id)):
                follow(who, kind, key)
                follow(who, kind, key)
        made = make.engagement(State.APPROVED, by=asker, travellers=[party], title="Visit", starts=TODAY + 9 * DAY)
        made.partners, made.forum_id, made.objectives = [partner], forum.id, [topic]
        number = made.id
    assert len(follows.of(fan.id)) == 4
    store.rollback()
    cancel(store, number, asker, NOON)
    expected = [(fan.id, "Cancelled: Visit", Delivery.FOR_DIGEST)]
    assert told(store) == expected
    assert told(store, NOON + 5 * HOUR) == expected  # never doubled
    with transaction():
        follow_news.db.session.execute(follow_news.update(follow_news.FollowMark).values(trail_until=0))
    assert told(store, NOON + 6 * HOUR) == expected


def test_what_starts_today_is_told_and_what_happened_before_is_not(store):
    with transaction():
        fan, late = make.person(), make.person()
        follow(fan, "country", "EE")
        make.engagement(State.APPROVED, title="Today", starts=TODAY, days=2)
        make.engagement(State.APPROVED, title="Secret", starts=TODAY, marking=Marking.AMBER)
        make.engagement(State.SUBMITTED, title="Not approved", starts=TODAY)
        asker = make.person()
        gone = make.engagement(State.APPROVED, by=asker, title="Gone", starts=TODAY + 5 * DAY).id
    cancel(store, gone, asker, NOON)
    with transaction():
        follow(late, "country", "EE", NOON + HOUR)
    assert sorted((who, subject) for who, subject, _ in told(store)) == [
        (fan.id, "Approved: Today"), (fan.id, "Cancelled: Gone"), (fan.id, "Starts today: Today"),
        (late.id, "Starts today: Today"),
    ]  # fmt: skip


def test_news_whose_reader_lost_sight_of_it_do_not_leave(store):
    with transaction():
        fan, asker = make.person(), make.person()
        follow(fan, "country", "EE", NOON + HOUR)
        number = make.engagement(State.APPROVED, by=asker, title="Visit", starts=TODAY).id
    assert [subject for _, subject, _ in told(store)] == ["Starts today: Visit"]
    with transaction():
        row = store.scalars(select(OutboxMessage).where(OutboxMessage.template == "followed")).one()
        assert reminders.closed([row], now=NOON) == set()
        store.get_one(Item, number).marking = Marking.AMBER
        store.flush()
        assert reminders.closed([row], now=NOON) == {row.id}
        digests.gather(NOON + DAY)
        store.refresh(row)
        assert row.delivery is Delivery.SUPPRESSED


def test_who_follows_a_partner_that_is_merged_follows_the_other(store):
    with transaction():
        fan, keeper = make.person(), make.person(Role.SECRETARIAT)
        gone, kept = make.partner("Zebra"), make.partner("Zebra team")
        follow(fan, "partner", gone.id)
        follow(keeper, "partner", gone.id)
        follow(keeper, "partner", kept.id)
        merge = partner_merges.merge(gone, kept, "One house.", by=make.actor(keeper), now=NOON)
        assert [[row.partner_id for row in follows.of(who.id)] for who in (fan, keeper)] == [[kept.id], [kept.id]]
        assert follows.kind_and_key("partner", str(gone.id)) is None
        partner_merges.take_back(merge, by=make.actor(keeper), now=NOON)
        assert [len(follows.of(who.id)) for who in (fan, keeper)] == [1, 2]


@pytest.mark.parametrize("seed", range(3))
def test_for_random_people_and_engagements_nobody_is_told_what_they_may_not_see(store, seed):
    dice = random.Random(seed)
    with transaction():
        offices = [make.office(f"Office {n}") for n in range(2)]
        people = [make.person(*dice.sample(list(Role), dice.choice([0, 1])), office_id=dice.choice(offices).id)
                  for _ in range(12)]  # fmt: skip
        for who in people:
            follow(who, "country", "EE")
        made = [
            make.engagement(dice.choice([State.APPROVED, State.SUBMITTED, State.APPROVED_WITH_CONDITIONS, State.DRAFT]),
                            by=dice.choice(people), travellers=dice.sample(people, dice.choice([0, 1, 2])),
                            title=f"Number {n}", starts=TODAY + dice.choice([0, 4]) * DAY,
                            marking=dice.choice(list(Marking)))
            for n in range(14)
        ]  # fmt: skip
        ids = [item.id for item in made]
        starting = [item.id for item in made if item.state in APPROVED and item.starts_on == TODAY]
    found = told(store)
    subjects = visibility.subjects(ids)
    titles = {item.id: f"Starts today: {item.title}" for item in store.scalars(select(Item).where(Item.id.in_(ids)))}
    wanted = {
        (who.id, titles[number])
        for who in people
        for number in starting
        if may(make.actor(who), See.ENGAGEMENT, subjects[number])
        and who.id not in subjects[number].traveller_ids | {subjects[number].requester_id}
    }
    starts = [(who, subject) for who, subject, _ in found if subject.startswith("Starts")]
    assert sorted(starts) == sorted(wanted)
    assert len(starts) == len(set(starts))
