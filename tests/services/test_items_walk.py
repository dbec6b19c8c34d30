"""What must hold after any clicks by anyone on items of every kind at once: one story in state, spans, trail, texts."""

import json
import random
from collections import defaultdict
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
from engage.models.engagements import Item, ItemVersion, StateSpan
from engage.models.guidance import Guide, GuideVersion
from engage.models.matters import Amendment, GuideProposal, Reconsideration
from engage.models.trips import Trip
from engage.rules.asking import ContentTraveller
from engage.rules.canonical import digest
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.refusals import Refusal
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, DECIDED, FINAL, Action, State
from engage.services import (
    audit,
    changes,
    contents,
    deferrals,
    engagements,
    guidance,
    guide_proposals,
    items,
    matters,
    states,
    visibility,
)
from engage.services.transaction import transaction


class Walk:
    """A house with one item of each kind, and dice."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now = random.Random(seed), NOON
        with transaction():
            owner = make.person(Role.MEMBER, Role.SECRETARIAT, Role.CONTENT_OWNER, Role.LEADERSHIP)
            second = make.person()
            people = [owner, make.person(Role.SECRETARIAT), make.person(Role.CHAIR, Role.MEMBER), make.person()]
            self.owner, self.second = owner.id, second.id
            self.cast = {who.id: make.actor(who) for who in people}
            by = self.cast[owner.id]
            guide = db.session.scalars(select(Guide).order_by(Guide.id)).first()
            newest = guidance.current(guide.id)
            party = (ContentTraveller(owner.id, is_lead=True), ContentTraveller(second.id))
            said = replace(complete(owner), why_this_many="Two.", travellers=party)
            self.ids = [
                engagements.draft(said, by=by, now=NOON).id,
                matters.raise_matter("Asia", "Three.", "Whom?", by=by, now=NOON).id,
                matters.draft_priorities("2027", 2027, "Grow.", by=by, now=NOON).id,
                guide_proposals.propose(guide.id, newest.title, {**newest.content, "summary": "Short."},
                                        based_on=newest.id, note="Shorter.", by=by, now=NOON).id,
            ]  # fmt: skip

    def step(self) -> None:
        """One click of somebody on something; a refusal changes nothing."""
        self.now += timedelta(hours=self.dice.choice([1, 1, 9, 60]))
        self.ids = list(db.session.scalars(select(Item.id).order_by(Item.id)))
        item = states.get(self.dice.choice(self.ids))
        was, version = item.state, item.version
        act = self.dice.choice([*Action, *Action, Action.PLACE, *Outcome, *Outcome, "change", "postpone", "time"])
        try:
            with transaction():
                self._act(item, act)
        except Refusal:
            db.session.expire_all()
            now = states.get(item.id)
            assert (now.state, now.version) == (was, version)

    def _act(self, item: Item, act: object) -> None:
        by, subject = self.cast[self.dice.choice(sorted(self.cast))], visibility.subject(item.id)
        reason = self.dice.choice(["", "why", "why"])
        if isinstance(act, Outcome):
            split = item.kind is ItemKind.ENGAGEMENT and act is Outcome.APPROVE and self.dice.random() < 0.5
            said = contents.asked_by(contents.content_of(item.id)).travellers if split else ()
            going = {t.person_id for t in said}
            items.decide(
                item, act, reason=reason, by=by, now=self.now,
                defer_until=TODAY + timedelta(days=self.dice.randint(1, 90)),
                put_off=[self.second] if self.second in going and len(going) > 1 else [],
            )  # fmt: skip
        elif isinstance(act, Action):
            items.act(item, subject, act, by=by, now=self.now, reason=reason)
        elif act == "time":
            deferrals.bring_back(self.now)
        elif item.kind is ItemKind.ENGAGEMENT:
            said = contents.asked_by(contents.content_of(item.id))
            if act == "postpone":
                later = said.first_day + timedelta(days=self.dice.choice([1, 9]))
                changes.postpone(item, subject, later, item.version, why=reason, by=by, now=self.now)
            else:
                wanted = replace(said, **self.dice.choice([{"notes": str(self.now)}, {"purpose": str(self.now)}]))
                changes.change(item, subject, wanted, item.version, why=reason, by=by, now=self.now)


@pytest.mark.parametrize("seed", range(8))
def test_any_walk_over_every_kind_keeps_the_books(seed, store):
    walk = Walk(seed)
    for _ in range(70):
        walk.step()
    db.session.expire_all()

    moves = defaultdict(list)
    for line in db.session.scalars(select(AuditEvent).where(AuditEvent.about_kind == "item").order_by(AuditEvent.id)):
        details = json.loads(line.details)
        if "after" in details and details["after"] in list(State):
            moves[line.about_id].append(details["after"])
    for item in db.session.scalars(select(Item).order_by(Item.id)):
        spans = db.session.scalars(select(StateSpan).where(StateSpan.item_id == item.id).order_by(StateSpan.id)).all()
        assert [span.state.value for span in spans] == moves[item.id]
        assert (spans[-1].state, spans[-1].ended_at, spans[-1].started_at) == (item.state, None, item.state_since)
        assert all(a.ended_at == b.started_at for a, b in pairwise(spans))
        left = [a.state for a, b in pairwise(spans)]
        assert not set(left) & (FINAL - {State.DISAPPROVED})  # only a disapproval is taken up again
        assert (item.decided_at is not None) == (item.state in DECIDED | {State.CANCELLED})
        assert (item.deferred_until is not None) == (item.state is State.DEFERRED)
        texts = db.session.scalars(select(ItemVersion).where(ItemVersion.item_id == item.id).order_by("number")).all()
        assert [text.number for text in texts] == list(range(1, len(texts) + 1))
        assert [text.valid_to is None for text in texts] == [False] * (len(texts) - 1) + [True] * bool(texts)
        assert all(digest(text.content) == text.sha256 for text in texts)
        assert bool(texts) or item.state in (State.DRAFT, State.WITHDRAWN)

    engagement = states.get(walk.ids[0])
    live = set(db.session.scalars(select(Trip.person_id).where(Trip.cancelled_at.is_(None))))
    party = {t.person_id for t in contents.asked_by(contents.content_of(engagement.id)).travellers}
    assert live == (party if engagement.state in APPROVED else set())
    dates = set(db.session.execute(select(Trip.departs_on, Trip.returns_on).where(Trip.cancelled_at.is_(None))))
    assert {tuple(row) for row in dates} <= {(engagement.starts_on, engagement.ends_on)}
    for amendment in db.session.scalars(select(Amendment)):
        assert (amendment.applied_version_id is not None) == (amendment.state in APPROVED)
        assert engagement.state in APPROVED or amendment.state not in {State.SUBMITTED, State.SCHEDULED, State.DEFERRED}
    proposal = db.session.scalars(select(GuideProposal)).one()
    published = db.session.scalar(select(func.count(GuideVersion.id)).where(GuideVersion.id == proposal.published_id))
    assert bool(published) is (proposal.state in APPROVED)
    assert db.session.scalar(select(func.count(Reconsideration.id))) == 0  # only its own service writes one
    assert audit.verify().first_bad_id is None
