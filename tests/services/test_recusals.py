"""Asked before they read: what ties a member to an item, their word, and what stays hidden."""

from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import select

from engage.models.audit import AuditEvent
from engage.models.interests import Interest, Participation
from engage.models.partners import Forum
from engage.rules.policy import Role
from engage.rules.recusal import Bias, Ground, Position, position
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Choice, Outcome
from engage.services import board, interests, recusals, visibility
from engage.services.transaction import transaction

OFFICE = Ground(Bias.OFFICE, "Policy")
ABROAD = Ground(Bias.COUNTRY, "Estonia")


@pytest.mark.parametrize(("aside", "votes", "grounds", "answered", "stands"), [
    (True, True, [OFFICE], [], Position.ASIDE), (False, False, [OFFICE], [], Position.READS),
    (False, True, [], [], Position.READS), (False, True, [OFFICE], [], Position.ASKED),
    (False, True, [OFFICE], [[OFFICE.key]], Position.READS),
    (False, True, [OFFICE, ABROAD], [[OFFICE.key]], Position.ASKED),
    (False, True, [ABROAD], [[OFFICE.key, ABROAD.key]], Position.READS),
])  # fmt: skip
def test_where_a_member_stands(aside, votes, grounds, answered, stands):
    assert position(aside=aside, votes=votes, grounds=grounds, answered=answered) is stands


def docketed(**facts):
    item = make.engagement(make.State.SCHEDULED, **facts)
    make.version(item)
    return item


def stand(item, who):
    return recusals.stand(item.id, visibility.subject(item.id), by=make.actor(who), day=TODAY)


def declare(who, kind, named, **facts):
    given = {"why": "My brother works there.", "starts_on": TODAY, **facts}
    return interests.declare(kind, named, by=make.actor(who), now=NOON, **given)


@pytest.mark.parametrize("tie", ["office", "supervises", "country", "partner", "forum", "organisation"])
def test_each_tie_asks_the_member(store, tie):
    with transaction():
        _, (_, member, *_rest) = make.board()
        office = make.office()
        forum = store.scalars(select(Forum).limit(1)).one()
        requester = make.person(office_id=office.id)
        traveller = make.person(supervisor_id=member.id if tie == "supervises" else None)
        item = docketed(by=requester, travellers=[traveller], forum_id=forum.id)
        name = item.partners[0].name
        if tie == "office":
            member.office_id = office.id
        named = {"country": "Estonia", "partner": name, "forum": forum.code, "organisation": name}.get(tie)
        if named:
            declare(member, tie, named)
        store.flush()
    assert [ground.bias.value for ground in stand(item, member).grounds] == [tie]
    assert stand(item, member).position is Position.ASKED


def test_an_interest_counts_while_it_lasts(store):
    with transaction():
        _, (_, member, *_rest) = make.board()
        item = docketed()
        declare(member, "country", "EE", starts_on=TODAY + timedelta(days=1))
        assert stand(item, member).position is Position.READS
        now = declare(member, "country", "estonia", starts_on=TODAY)
        assert stand(item, member).position is Position.ASKED
        interests.end(now.id, ends_on=TODAY, by=make.actor(member), now=NOON)
        assert stand(item, member).position is Position.ASKED  # its last day
        with pytest.raises(NotOpen):
            interests.end(now.id, ends_on=TODAY, by=make.actor(member), now=NOON)


def test_nobody_votes_before_they_answered_and_the_word_is_kept(store):
    with transaction():
        _, (chair, member, *_rest) = make.board()
        item = docketed()
        motion = board.put_motion(item, visibility.subject(item.id), Outcome.APPROVE, by=make.actor(chair), now=NOON)
        declare(member, "country", "EE")
        with pytest.raises(NotAllowed, match="Say first"):
            board.cast(motion, Choice.YES, by=make.actor(member), now=NOON)
        with pytest.raises(Incomplete):
            recusals.take_part(item.id, reason="", by=make.actor(member), now=NOON)
        recusals.take_part(item.id, reason="A distant matter.", by=make.actor(member), now=NOON)
        with pytest.raises(NotOpen):
            recusals.take_part(item.id, reason="Again.", by=make.actor(member), now=NOON)
        board.cast(motion, Choice.YES, by=make.actor(member), now=NOON)
    (word,) = store.scalars(select(Participation))
    assert (word.person_id, word.reason, word.grounds) == (member.id, "A distant matter.", '["country:Estonia"]')
    assert "take_part" in store.scalars(select(AuditEvent.action)).all()


def test_a_new_tie_asks_anew(store):
    with transaction():
        _, (_, member, *_rest) = make.board()
        item = docketed()
        declare(member, "country", "EE")
        recusals.take_part(item.id, reason="Far away.", by=make.actor(member), now=NOON)
        declare(member, "partner", item.partners[0].name)
    assert stand(item, member).position is Position.ASKED


def test_the_secretariat_is_not_asked_for_it_never_votes(store):
    with transaction():
        office = make.office()
        secretary = make.person(Role.SECRETARIAT, office_id=office.id)
        item = docketed(by=make.person(office_id=office.id))
    assert stand(item, secretary).position is Position.READS


def test_asking_costs_one_statement_and_none_for_who_does_not_vote(store, statements):
    with transaction():
        _, (_, member, *_rest) = make.board()
        item = docketed()
        for _ in range(5):
            declare(member, "country", "EE")
        actor, secretary = make.actor(member), make.actor(make.person(Role.SECRETARIAT))
    subject = visibility.subject(item.id)
    statements.clear()
    recusals.stand(item.id, subject, by=actor, day=TODAY)
    assert len(statements) == 1
    recusals.stand(item.id, subject, by=secretary, day=TODAY)
    assert len(statements) == 1


@pytest.mark.parametrize(("kind", "named", "facts", "field"), [
    ("country", "Atlantis", {}, "named"), ("partner", "", {}, "named"), ("forum", "Nobody", {}, "named"),
    ("organisation", "ACME", {"why": ""}, "why"),
    ("organisation", "ACME", {"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
])  # fmt: skip
def test_an_interest_that_says_nothing_is_refused(store, kind, named, facts, field):
    with transaction():
        who = make.person()
        with pytest.raises(Incomplete) as refusal:
            declare(who, kind, named, **facts)
    assert list(refusal.value.at) == [field]
    assert store.scalars(select(Interest)).all() == []
