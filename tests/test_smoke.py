"""The house stands: it starts, signs in, and refuses what it should."""

import factories as make

from engage.services import audit
from engage.services.transaction import transaction


def test_a_visitor_without_a_session_is_asked_to_sign_in(visitor):
    visitor.client.get("/nothing-here")
    visitor.get("/nothing-here", 404)


def test_the_trail_is_whole_after_an_act(store):
    with transaction():
        who = make.person()
        audit.record("try", about=("person", who.id), by=make.actor(who), now=make.NOON, before=None, after="x")
    with transaction():
        audit.record("try", about=("person", who.id), by=make.actor(who), now=make.NOON)
    assert audit.verify() == audit.Verification(2, None, "")


def test_factories(store):
    with transaction():
        from engage.rules.workflow import State
        for s in State:
            make.engagement(s)
        make.board()
