"""Beside "may see one" stands "which rows": they agree for everybody, in every state."""

from dataclasses import replace

import factories as make
import pytest
import sqlalchemy as sa

from engage.models.engagements import Item
from engage.rules.marking import Marking
from engage.rules.policy import Role, See, may
from engage.rules.workflow import State
from engage.services import amendments, contents, engagements, visibility
from engage.services.transaction import transaction


def test_the_query_keeps_what_the_policy_allows(store):
    with transaction():
        boss = make.person(Role.SUPERVISOR)
        office = make.office()
        asker = make.person(supervisor_id=boss.id, office_id=office.id)
        traveller = make.person()
        people = [boss, asker, traveller, make.person(), *(make.person(role) for role in Role)]
        for state in State:
            make.engagement(state, by=asker, travellers=[traveller])
            for marking in Marking:
                make.engagement(state, by=asker, travellers=[traveller], marking=marking)
        colleague = make.person(office_id=office.id)
        people.append(colleague)
        unclaimed = make.engagement(State.DRAFT, by=asker, travellers=[])
        unclaimed.requester_id = None
        elsewhere = make.engagement(State.APPROVED).travellers[0].person_id  # who travels there has no part in these
        people.append(store.get(make.Person, elsewhere))
    ids = list(store.scalars(sa.select(Item.id)))
    assert len(ids) == len(State) * (1 + len(Marking)) + 2
    together = visibility.subjects(ids)
    for who in map(make.actor, people):
        allowed = {i for i in ids if may(who, See.ENGAGEMENT, visibility.subject(i))}
        statement = sa.select(Item.id).where(visibility.visible(visibility.scope(who)))
        assert set(store.scalars(statement, {"me": who.id})) == allowed, who.roles
        found = {i: one[1] for i in ids if (one := visibility.find(i, by=who)) is not None}
        assert found == {i: together[i] for i in allowed} == {i: visibility.subject(i) for i in allowed}, who.roles


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.REQUESTER, {"approved", "approved_with_conditions"}),
        (Role.ADMINISTRATOR, {"approved", "approved_with_conditions"}),
        (Role.MEMBER, set(State) - {"draft"}),
        (Role.AUDITOR, set(State) - {"draft"}),
        (Role.SECRETARIAT, set(State) - {"draft"}),
    ],
)
def test_a_stranger_sees_by_role(store, role, seen):
    with transaction():
        who = make.person(role)
        for state in State:
            make.engagement(state)
    found = store.scalars(
        sa.select(Item.state).where(visibility.visible(visibility.scope(make.actor(who)))), {"me": who.id}
    )
    assert set(found) == seen


def test_an_amendment_bears_the_marking_of_what_it_changes(store):
    with transaction():
        requester = make.person()
        item = make.engagement(State.APPROVED, by=requester, marking=Marking.AMBER)
        make.version(item)
        asker = make.actor(requester)
        said = contents.asked_by(contents.content_of(item.id))
        wanted = replace(said, title="Another title")
        amendment = amendments.begin(item, wanted, why="It is called so now.", by=asker, now=make.NOON)
        first = amendment.marking
        engagements.write(item, replace(said, marking=Marking.RED), now=make.NOON)

    store.expire_all()
    assert (first, amendment.marking) == (Marking.AMBER, Marking.RED)


def test_what_may_not_be_seen_is_not_found(store):
    with transaction():
        hidden = make.engagement(State.DRAFT).id
        stranger = make.actor(make.person())
    assert visibility.find(hidden, by=stranger) is None
    assert visibility.find(hidden + 99, by=stranger) is None


def test_many_at_once_are_the_same_subjects_as_one_by_one(store):
    with transaction():
        items = [make.engagement(state, travellers=[make.person(), make.person()]) for state in State]
        ids = [item.id for item in items]

        assert visibility.subjects(ids) == {id_: visibility.subject(id_) for id_ in ids}
