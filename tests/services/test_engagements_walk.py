"""What must hold after any clicks by anyone: the state, its history, the trail and the versions tell one story."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import factories as make
import pytest
from asking import complete
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.engagements import Engagement, ItemVersion, StateSpan
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.rules.refusals import Refusal
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, DECIDED, FINAL, Action, State
from engage.services import audit, engagements, items, visibility
from engage.services.transaction import transaction


@pytest.mark.parametrize("seed", range(12))
def test_any_walk_keeps_the_books(seed, store):
    dice = random.Random(seed)  # a failure replays from its seed
    owner = make.person(Role.MEMBER, Role.SECRETARIAT)  # she may screen, but not her own
    people = [owner, make.person(Role.SECRETARIAT), make.person(Role.CHAIR, Role.MEMBER), make.person(Role.AUDITOR)]
    cast = {who.id: make.actor(who) for who in people}
    owner_id, content = owner.id, complete(owner)
    with transaction():
        item = engagements.draft(content, by=cast[owner_id], now=NOON)
    believed, taken = State.DRAFT, [(owner_id, "draft", State.DRAFT)]

    for hour in range(1, 30):
        who = cast[dice.choice(sorted(cast))]
        step = dice.choice([*Action, *Action, *Outcome, "revise"])
        reason, now = dice.choice(["", "why"]), NOON + timedelta(hours=hour)
        subject = visibility.subject(item.id)
        try:
            with transaction():
                match step:
                    case Action():
                        items.act(item, subject, step, by=who, now=now, reason=reason)
                    case Outcome():
                        until = TODAY + timedelta(days=9) if step is Outcome.DEFER else None
                        items.decide(item, step, reason=reason, by=who, now=now, defer_until=until)
                    case _:
                        said = replace(content, purpose=f"Purpose {hour}.")
                        engagements.revise(item, subject, said, item.version, by=who, now=now)
        except Refusal:
            assert db.session.get_one(Engagement, item.id).state is believed  # a refusal changes nothing
        else:
            assert believed not in FINAL  # nothing leaves a final state
            believed = db.session.get_one(Engagement, item.id).state
            verb = f"decide_{step}" if isinstance(step, Outcome) else str(step)
            taken.append((who.id, verb, believed))

    moves = [line for line in taken if line[1] != "revise"]
    trail = db.session.scalars(select(AuditEvent).where(AuditEvent.about_kind == "item").order_by(AuditEvent.id)).all()
    told = [(e.actor_id, e.action, json.loads(e.details).get("after")) for e in trail]
    assert told == [(who, verb, None if verb == "revise" else after.value) for who, verb, after in taken]
    spans = db.session.scalars(select(StateSpan).order_by(StateSpan.id)).all()
    assert [(s.by_id, s.state) for s in spans] == [(who, after) for who, _, after in moves]
    assert [(a.ended_at, a.ended_at is None) for a, _ in pairwise(spans)] == [
        (b.started_at, False) for _, b in pairwise(spans)
    ]
    assert (spans[-1].ended_at, spans[-1].state, spans[-1].started_at) == (None, believed, item.state_since)
    versions = db.session.scalars(select(ItemVersion.number).order_by(ItemVersion.number)).all()
    assert versions == list(range(1, 1 + sum(verb == "submit" for _, verb, _ in taken)))
    assert db.session.scalar(select(func.count(ItemVersion.id)).where(ItemVersion.valid_to.is_(None))) == bool(versions)
    assert (item.decided_at is not None) == (believed in DECIDED | {State.CANCELLED})
    live = db.session.scalar(select(func.count(Trip.id)).where(Trip.cancelled_at.is_(None)))
    assert live == (believed in APPROVED)
    assert audit.verify().first_bad_id is None
