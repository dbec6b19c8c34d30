"""What a trip demands, on its pages: read by all, changed from a day on by content owners and administrators."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Engagement
from engage.models.norms import RequirementRule
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.services import clearing, markings, readiness, visibility
from engage.services.transaction import transaction

TOMORROW = make.TODAY + timedelta(days=1)
NEW = {"label": "Visa for Estonia", "asks_for": "clearance:visa", "lead_days": "60", "countries": "ee, lv",
       "natures": ["bilateral"], "waivable_by": ["chair", "secretariat"], "source": "Consular notice 4"}  # fmt: skip


@pytest.fixture
def owner(store):
    with transaction():
        return make.person(Role.CONTENT_OWNER)


def rows(code):
    return db.session.scalars(
        select(RequirementRule).where(RequirementRule.code == code).order_by(RequirementRule.starts_on)
    ).all()


def asked(trip, day):
    return [item.requirement.rule_code for item in readiness.verdict(trip.id, day).items]


def test_a_new_rule_asks_from_its_day_and_tells_whom_it_un_clears(visitor, owner):
    with transaction():
        going, to_latvia = prepare.ready(), prepare.trip(country="LT")
        clearing.sweep(make.NOON)
    visitor.sign_in(owner).get("/requirements/new")
    visitor.submit(NEW)
    assert "The rule is written." in visitor.follow().text

    (rule,) = rows("visa-for-estonia")
    assert (rule.countries, rule.natures, rule.waivable_by) == ("EE LV", "bilateral", "chair secretariat")
    assert "visa-for-estonia" not in asked(going, make.TODAY)
    assert "visa-for-estonia" in asked(going, TOMORROW)
    assert "visa-for-estonia" not in asked(to_latvia, TOMORROW)
    item = readiness.verdict(going.id, TOMORROW).missing[0]
    assert item.requirement.because == "Stay in Estonia; kind of engagement: bilateral."
    assert item.due_on == going.departs_on - timedelta(days=60)
    with transaction():
        assert clearing.sweep(make.NOON + timedelta(days=1)) == 1
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "trip_uncleared")).one()
    assert told.facts["missing"] == ["Visa clearance for Estonia is not recorded. Request it and record the answer."]


def test_a_rule_about_marked_engagements_follows_the_marking(visitor, owner):
    with transaction():
        going = prepare.ready()
        engagement = db.session.get_one(Engagement, going.engagement_id)
        asker = make.actor(db.session.get_one(Person, engagement.requester_id))
        clearing.sweep(make.NOON)
    visitor.sign_in(owner).get("/requirements/new")
    visitor.submit(NEW | {"label": "Talk before", "asks_for": "training:PREBRIEF", "natures": [],
                          "markings": ["red", "amber_strict"], "countries": ""})  # fmt: skip
    assert "the handling marking is TLP:AMBER+STRICT or TLP:RED" in visitor.get("/requirements").text
    assert "talk-before" not in asked(going, TOMORROW)

    with transaction():
        engagement = db.session.get_one(Engagement, going.engagement_id)
        subject = visibility.subject(engagement.id)
        markings.mark(engagement, subject, Marking.RED, engagement.version, why="Names.", by=asker, now=make.NOON)
    assert "talk-before" in asked(going, TOMORROW)
    with transaction():
        assert clearing.sweep(make.NOON + timedelta(days=1)) == 1
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "trip_uncleared")).one()
    assert told.facts["causes"] == ["The engagement is marked TLP:RED now."]


def test_a_change_begins_on_its_day_and_an_end_brings_no_older_row_back(visitor, owner):
    visitor.sign_in(owner).get("/requirements/ctat/change")
    visitor.submit({"lead_days": "45"})
    one, two = rows("ctat")
    assert (one.lead_days, one.ends_on) == (30, make.TODAY)
    assert (two.lead_days, two.starts_on, two.ends_on) == (45, TOMORROW, None)

    visitor.get("/requirements/ctat/end")
    visitor.submit({"last_on": TOMORROW.isoformat()})

    with transaction():
        going = prepare.trip()
    assert ["ctat" in asked(going, make.TODAY + timedelta(days=d)) for d in (0, 1, 2)] == [True, True, False]


@pytest.mark.parametrize(("changes", "field"), [
    ({"waivable_by": ["chair"]}, "waivable_by"),
    ({"waivable_by": ["board_member", "chair"]}, "waivable_by"),
    ({"countries": "ATLANTIS"}, "countries"),
    ({"lead_days": "-1"}, "lead_days"),
    ({"lead_days": "9" * 30}, "lead_days"),
    ({"min_days_abroad": "1000"}, "min_days_abroad"),
    ({"asks_for": "training:NONE"}, "asks_for"),
    ({"source": ""}, "source"),
    ({"label": "…"}, "label"),
    ({"label": "ctat"}, "label"),
    ({"starts_on": "2026-03-01"}, "starts_on"),
    ({"min_level": "5"}, "min_level"),
    ({"roles": ["emperor"]}, "roles"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(visitor, owner, changes, field):
    before = db.session.scalar(select(db.func.count(RequirementRule.id)))
    visitor.sign_in(owner).get("/requirements/new")

    visitor.submit({**NEW, **changes}, status=422)

    assert f'id="{field}-error"' in visitor.page.html
    assert db.session.scalar(select(db.func.count(RequirementRule.id))) == before


def test_others_read_and_change_nothing(visitor, store):
    with transaction():
        who = make.person(Role.SECRETARIAT)
    page = visitor.sign_in(who).get("/requirements")

    assert "In-person security training from 90 days abroad in 12 months" in page.text
    assert "/requirements/new" not in page.links
    for path in ("new", "ctat/change", "ctat/end"):
        visitor.get(f"/requirements/{path}", status=403)
    visitor.get("/requirements/nothing/change", status=403)
