"""The duty officer sees who is where today; nobody else does, and each look is in the trail."""

from datetime import timedelta

import factories as make
import sqlalchemy as sa

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services.transaction import transaction


def test_who_is_abroad_today_by_country(visitor):
    with transaction():
        officer = make.person(Role.DUTY_OFFICER)
        for name, start in (("Gone yesterday", -1), ("Goes today", 0), ("Goes tomorrow", 1), ("Was away", -30)):
            make.engagement(
                State.APPROVED, travellers=[make.person(name=name)], starts=make.TODAY + timedelta(days=start)
            )
    page = visitor.sign_in(officer).get("/abroad")
    assert "2 people in 1 country" in page.text
    assert [word for word in page.words if word in ("Gone yesterday", "Goes today", "Goes tomorrow", "Was away")] == [
        "Goes today", "Gone yesterday",
    ]  # fmt: skip
    assert "Mon 2 Mar 2026, 19:00 EET" in page.text


def test_nobody_abroad_says_so(visitor):
    with transaction():
        officer = make.person(Role.DUTY_OFFICER)
    assert "Nobody is abroad" in visitor.sign_in(officer).get("/abroad").text


def test_each_look_is_in_the_trail(visitor):
    with transaction():
        officer = make.person(Role.DUTY_OFFICER)
    visitor.sign_in(officer).get("/abroad")
    looks = db.session.scalars(sa.select(AuditEvent.actor_id).where(AuditEvent.action == "look_abroad")).all()
    assert looks == [officer.id]


def test_others_have_no_door(visitor):
    with transaction():
        leader = make.person(Role.LEADERSHIP)
    visitor.sign_in(leader).get("/abroad", 403)
