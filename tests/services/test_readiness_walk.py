"""A walk: dates, levels, versions, completions, clearances and waivers move at random; a naive model keeps pace.

The model is written as a person would explain the shipped rules, and shares nothing with the code that it checks.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.guidance import Guide
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.rules.policy import PROGRAM, Role
from engage.rules.refusals import Refusal
from engage.rules.trip_facts import ClearanceStatus
from engage.services import advisories, clearing, guidance, readiness, requirements, training, trips, waivers
from engage.services.transaction import transaction

STEPS = 50
PREBRIEF = requirements.Rule(label="Pre-brief from level 3", kind="training", target="PREBRIEF", source="Test",
                             lead_days=5, min_level=3, waivable_by="reviewer secretariat")  # fmt: skip
GOOD = {"training:CTAT:": {"CTAT", "FACT"}, "training:FACT:": {"FACT"}, "training:PREBRIEF:": {"PREBRIEF"}}


@dataclass
class Model:
    """What a careful clerk would write down: a stay in Estonia, a stop in Latvia on the way."""

    departs: date
    returns: date
    levels: dict = field(default_factory=dict)  # country -> {as_of: level}
    versions: dict = field(default_factory=lambda: {"": [True], "EE": [True], "LV": [True]})  # material?
    read: dict = field(default_factory=lambda: defaultdict(set))  # country -> numbers of versions read
    done: list = field(default_factory=list)  # (course, on, until)
    clearance: tuple = ()  # (status, until)
    waived: dict = field(default_factory=dict)  # key -> last day

    def missing(self, today):
        lacks = set()
        for place, key in (("", "guidance:general:"), ("EE", "guidance:country:EE"), ("LV", "guidance:country:LV")):
            last = max(n for n, material in enumerate(self.versions[place]) if material)
            if not any(n >= last for n in self.read[place]):
                lacks.add(key)
        asked = ["training:CTAT:"]
        if (self.returns - self.departs).days + 1 >= 90:
            asked.append("training:FACT:")
        if any(self.level(code, today) in (None, 3, 4) for code in ("EE", "LV")):
            asked.append("training:PREBRIEF:")
        for key in asked:
            if not any(c in GOOD[key] and on <= self.departs and until >= self.returns for c, on, until in self.done):
                lacks.add(key)
        status, until = self.clearance or ("", None)
        if status not in ("granted", "restricted") or (until is not None and until < self.returns):
            lacks.add("clearance:country:EE")
        return {key for key in lacks if not (key in self.waived and today <= self.waived[key])}

    def level(self, code, today):
        known = [(day, level) for day, level in self.levels.get(code, {}).items() if day <= today]
        return max(known)[1] if known else None


class Walk:
    """One trip, the people around it, and a clerk's book beside it."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.now = make.NOON
        with transaction():
            content, owner = Role.CONTENT_OWNER, Role.TRAINING_OWNER
            roles = (content, owner, Role.CHAIR, Role.SECRETARIAT, Role.REVIEWER)
            self.people = {role: make.actor(make.person(role)) for role in roles}
            self.trip = prepare.trip(days=6)
            leg = db.session.scalar(select(Leg).where(Leg.engagement_id == self.trip.engagement_id))
            db.session.add(Leg(engagement_id=leg.engagement_id, position=1, country_code="LV", city="Riga",
                               zone="Europe/Riga", arrives_on=leg.departs_on, departs_on=leg.departs_on,
                               transit=True))  # fmt: skip
            requirements.add(PREBRIEF, starts_on=self.today, by=self.people[content], now=self.now)
        self.traveller = make.actor(db.session.get(Person, self.trip.person_id))
        self.book = Model(self.trip.departs_on, self.trip.returns_on)

    @property
    def today(self):
        return self.now.date()

    def step(self):
        """One change of one fact, in the program and in the book."""
        unsettle = [self.pass_days, self.move, self.set_level, self.publish, self.revoke] * self.dice.choice([0, 1])
        act = self.dice.choice([
            *unsettle, self.waive, *[self.read] * 5, *[self.complete] * 3, *[self.clear] * 2,
        ])  # fmt: skip
        try:
            with transaction():
                noted = act()
        except Refusal:
            return act.__name__ + " (refused)"
        if noted:
            noted()
        return act.__name__

    def pass_days(self):
        self.now += timedelta(days=self.dice.randrange(1, 6))

    def move(self):
        first = self.today + timedelta(days=self.dice.randrange(20, 200))
        last = first + timedelta(days=self.dice.choice([2, 6, 88, 89, 90, 120]))
        stay, stop = db.session.scalars(
            select(Leg).where(Leg.engagement_id == self.trip.engagement_id).order_by(Leg.position)
        )
        stay.arrives_on, stay.departs_on = first, last
        stop.arrives_on = stop.departs_on = last
        db.session.flush()
        trips.open_for(self.trip.engagement_id, now=self.now)
        return lambda: vars(self.book).update(departs=first, returns=last)

    def set_level(self):
        code, level = self.dice.choice(["EE", "LV"]), self.dice.randrange(1, 5)
        advisories.record(code, level, self.today, "Test", by=PROGRAM, now=self.now)
        return lambda: self.book.levels.setdefault(code, {}).update({self.today: level})

    def publish(self):
        code, material = self.dice.choice(["", "EE", "LV"]), self.dice.random() < 0.5
        this = Guide.country_code == code if code else Guide.scope == "general"
        newest = guidance.current(db.session.scalar(select(Guide.id).where(this)))
        content = {**newest.content, "summary": f"{newest.content['summary']} {len(self.book.versions[code])}."}
        guidance.publish(newest.guide_id, newest.title, content, based_on=newest.id, material=material, note="More.",
                         by=self.people[Role.CONTENT_OWNER], now=self.now)  # fmt: skip
        return lambda: self.book.versions[code].append(material)

    def read(self):
        code = self.dice.choice(["", "EE", "LV"])
        prepare.read(self.trip, prepare.version_of(code or None), by=self.traveller, now=self.now)
        return lambda: self.book.read[code].add(len(self.book.versions[code]) - 1)

    def complete(self):
        course = self.dice.choice(["CTAT", "FACT", "PREBRIEF"])
        on = self.today - timedelta(self.dice.choice([1, 20, 60, 300, 2100, 2300]))
        claim = training.Claim(course_id=prepare.course(course), completed_on=on)
        owner = self.people[Role.TRAINING_OWNER]
        made = training.record_completion(self.traveller.email, claim, by=owner, now=self.now)
        until = made.valid_until
        return lambda: self.book.done.append((course, on, until))

    def clear(self):
        status = self.dice.choice([*ClearanceStatus, ClearanceStatus.GRANTED, ClearanceStatus.GRANTED])
        until = self.dice.choice([None, self.book.returns - timedelta(1), self.book.returns + timedelta(30)])
        decided = None if status is ClearanceStatus.REQUESTED else self.today
        answer = trips.Recorded(kind="country", country_code="EE", status=status, reference="CABLE-1",
                                valid_until=until, decided_on=decided, restriction="Tallinn only")  # fmt: skip
        trips.record_clearance(self.trip, answer, by=self.traveller, now=self.now)
        return lambda: setattr(self.book, "clearance", (status.value, until))

    def waive(self):
        key, one, two = self.dice.choice([
            ("training:CTAT:", Role.TRAINING_OWNER, Role.CHAIR),
            ("training:FACT:", Role.CHAIR, Role.TRAINING_OWNER),
            ("training:PREBRIEF:", Role.REVIEWER, Role.SECRETARIAT),
            ("clearance:country:EE", Role.CHAIR, Role.SECRETARIAT),
        ])  # fmt: skip
        ends = self.today + timedelta(days=self.dice.randrange(0, 15))
        wanted = waivers.Wanted(key=key, reason="Walk.", ends_on=ends)
        made = waivers.propose(self.trip.id, wanted, by=self.people[one], now=self.now)
        waivers.sign(made.id, by=self.people[two], now=self.now)
        return lambda: self.book.waived.update({key: ends})

    def revoke(self):
        open_ = [row for row in waivers.of_trip(self.trip.id) if row.second_at and not row.revoked_at]
        if not open_:
            return None
        row = self.dice.choice(open_)
        by = Role.TRAINING_OWNER if row.target in ("CTAT", "FACT") else Role.REVIEWER
        waivers.revoke(row.id, "Walk.", by=self.people[by], now=self.now)
        left = {waivers.key_of(other): other.ends_on for other in open_ if other.id != row.id}
        return lambda: setattr(self.book, "waived", {
            key: max(other.ends_on for other in open_ if other.id != row.id and waivers.key_of(other) == key)
            for key in left
        })  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_the_verdict_follows_every_change_and_is_told_once(store, seed):
    walk, taken = Walk(seed), []
    for _ in range(STEPS):
        taken.append(walk.step())
        with transaction():
            clearing.sweep(walk.now)

        verdict = readiness.verdict(walk.trip.id, walk.today)
        assert {item.requirement.key for item in verdict.missing} == walk.book.missing(walk.today), taken
        told = db.session.scalars(
            select(OutboxMessage.template)
            .where(OutboxMessage.person_id == walk.traveller.id, OutboxMessage.template.like("trip_%cleared"))
            .order_by(OutboxMessage.id)
        ).all()
        assert told == [("trip_cleared", "trip_uncleared")[n % 2] for n in range(len(told))], taken
        assert verdict.cleared is (len(told) % 2 == 1), taken
