"""Whoever was cleared and is no more is told why, once; a changed fact touches exactly the trips it concerns."""

import random
from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.documents import letters
from engage.extensions import db
from engage.models.clearing import ReadinessWatch
from engage.models.engagements import Leg
from engage.models.guidance import Guide
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.rules.policy import PROGRAM, Role
from engage.services import advisories, advisory_checks, clearing, guidance, waivers
from engage.services.transaction import transaction


def sweep(days=0):
    with transaction():
        return clearing.sweep(make.NOON + timedelta(days=days))


def told(person_id):
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.person_id == person_id).order_by(OutboxMessage.id)
    )
    return [row for row in rows if row.template in ("trip_cleared", "trip_uncleared")]


def words(message):
    return letters.text(message.template, message.facts, person_name="Ann", leads_to="/trips/1")


@pytest.fixture
def cleared(store):
    """A traveller who was told that they are cleared."""
    with transaction():
        going = prepare.ready()
    assert sweep() == 1
    return going


def test_a_traveller_is_told_once_that_they_are_cleared(cleared):
    assert sweep() == 0
    assert sweep(days=1) == 0

    assert [message.template for message in told(cleared.person_id)] == ["trip_cleared"]
    assert "you are cleared to travel" in words(told(cleared.person_id)[0])


def test_a_new_guide_un_clears_its_readers_and_says_what_changed(cleared):
    with transaction():
        other = prepare.ready(country="EE")
        away = prepare.trip(country="LV")
    sweep()
    publish("EE")

    assert sweep() == 2

    message = told(cleared.person_id)[-1]
    assert message.template == "trip_uncleared"
    assert "Estonia" in message.facts["causes"][0]
    assert message.facts["missing"][0].endswith("changed after it was acknowledged. Read it again and acknowledge it.")
    assert "NO LONGER CLEARED" in words(message)
    assert len(told(other.person_id)) == 2
    assert told(away.person_id) == []
    assert sweep() == 0


def publish(code, material=True):
    owner = make.actor(make.person(Role.CONTENT_OWNER))
    this = Guide.country_code.is_(None) if code is None else Guide.country_code == code
    with transaction():
        newest = guidance.current(db.session.scalar(select(Guide.id).where(this)))
        content = {**newest.content, "summary": newest.content["summary"] + " More."}
        guidance.publish(
            newest.guide_id, newest.title, content, based_on=newest.id, material=material, note="More.", by=owner,
            now=make.NOON,
        )  # fmt: skip


def test_a_minor_version_un_clears_nobody(cleared):
    publish("EE", material=False)

    assert sweep() == 0


def test_becoming_ready_again_is_told_as_well(cleared):
    publish("EE")
    sweep()
    with transaction():
        prepare.read(cleared, prepare.version_of("EE"))

    assert sweep() == 1

    assert [m.template for m in told(cleared.person_id)] == ["trip_cleared", "trip_uncleared", "trip_cleared"]


def test_what_changes_and_changes_back_between_two_sweeps_is_no_news(cleared):
    publish("EE")
    with transaction():
        prepare.read(cleared, prepare.version_of("EE"))

    assert sweep() == 0


def test_a_waiver_that_ends_un_clears_by_the_next_day(store):
    with transaction():
        going = prepare.trip()
        prepare.read(going, prepare.version_of(None))
        prepare.read(going, prepare.version_of("EE"))
        prepare.granted(going)
        owner, chair = (make.actor(make.person(role)) for role in (Role.TRAINING_OWNER, Role.CHAIR))
        wanted = waivers.Wanted(key="training:CTAT:", reason="Full.", ends_on=make.TODAY + timedelta(days=10))
        waivers.sign(waivers.propose(going.id, wanted, by=owner, now=make.NOON).id, by=chair, now=make.NOON)

    assert [sweep(days) for days in (0, 10, 11, 11)] == [1, 0, 1, 0]

    first, second = told(going.person_id)
    assert first.facts["waived"][0].startswith("Security training for foreign travel: Waived through")
    assert second.facts["missing"][0].startswith("No completion of")


def test_an_advisory_that_rises_tells_those_who_are_there_and_the_duty_officer(store):
    with transaction():
        advisories.record("EE", 1, date(2026, 1, 1), "Test", by=PROGRAM, now=make.NOON)
        there = prepare.trip(starts=make.TODAY - timedelta(days=2))
        elsewhere = prepare.trip(starts=make.TODAY - timedelta(days=2), country="LV")
        later = prepare.trip()
        officer = make.person(Role.DUTY_OFFICER)
    with transaction():
        advisories.record("EE", 3, make.TODAY, "Test", by=make.actor(officer), now=make.NOON)
        assert not advisories.record("EE", 3, make.TODAY, "Test", by=make.actor(officer), now=make.NOON)

    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "advisory_risen")).all()
    assert {row.person_id: row.facts["abroad"] for row in rows} == {
        there.person_id: "You are there today.",
        officer.id: "1 of our travellers is there today.",
    }
    assert not {elsewhere.person_id, later.person_id} & {row.person_id for row in rows}
    assert "rose from level 1 to level 3 (Reconsider travel), as of 2 March 2026" in letters.text(
        "advisory_risen", rows[0].facts, person_name="Ann", leads_to="/abroad"
    )


def test_advisories_are_checked_at_approval_and_twice_before_departure_each_once(store):
    with transaction():
        advisories.record("EE", 1, date(2026, 1, 1), "Test", by=PROGRAM, now=make.NOON)
        going = prepare.trip()  # departs 90 days from now

    def check(days):
        with transaction():
            return advisory_checks.sweep(make.NOON + timedelta(days=days))

    assert [check(0), check(0), check(75), check(76), check(76)] == [1, 0, 0, 1, 0]
    with transaction():
        advisories.record("EE", 2, make.TODAY + timedelta(days=80), "Test", by=PROGRAM,
                          now=make.NOON + timedelta(days=80))  # fmt: skip
    assert [check(87), check(88)] == [1, 0]

    steps = [(row.step, row.levels, row.risen) for row in advisory_checks.of_trip(going.id)]
    assert steps == [("approval", {"EE": 1}, False), ("14", {"EE": 1}, False), ("3", {"EE": 2}, True)]
    (told_,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "advisory_risen"))
    assert (told_.person_id, told_.facts["before"], told_.facts["level"]) == (going.person_id, 1, 2)


def test_a_sweep_costs_the_same_statements_for_1_3_and_30_trips(store, statements):
    counts, made = [], 0
    for many in (1, 3, 30):
        with transaction():
            while made < many:
                prepare.trip()
                made += 1
        sweep()
        with transaction():
            db.session.execute(db.text("UPDATE readiness_watch SET ask_again = true"))
        statements.clear()
        sweep()
        counts.append(len(statements))

    assert counts[0] == counts[1] == counts[2]


@pytest.mark.parametrize("seed", range(3))
def test_publishing_a_version_touches_exactly_the_trips_whose_countries_and_dates_it_covers(store, seed):
    dice = random.Random(seed)
    concerned = set()
    with transaction():
        for _ in range(12):
            country, starts = dice.choice(["EE", "LV"]), make.TODAY + timedelta(days=dice.randrange(-30, 60))
            going = prepare.trip(country=country, starts=starts)
            transit = dice.random() < 0.3
            if transit:
                db.session.add(
                    Leg(engagement_id=going.engagement_id, position=1, country_code="EE", city="Tallinn",
                        zone="Europe/Tallinn", arrives_on=going.returns_on, departs_on=going.returns_on, transit=True)
                )  # fmt: skip
            if dice.random() < 0.2:
                going.cancelled_at = make.NOON
            elif going.returns_on >= make.TODAY and (transit or country == "EE"):
                concerned.add(going.id)
    sweep()
    publish("EE")

    touched = set(db.session.scalars(select(ReadinessWatch.trip_id).where(ReadinessWatch.ask_again)))
    assert touched == concerned


def test_the_command_lists_everybody_with_what_is_missing_on_a_day(store, app):
    with transaction():
        ready, open_ = prepare.ready(), prepare.trip()
        prepare.trip(starts=make.TODAY - timedelta(days=30))
        names = [db.session.get(Person, trip.person_id).name for trip in (ready, open_)]
    db.session.remove()

    said = app.test_cli_runner().invoke(args=["readiness", "--at", "2026-03-02"]).output

    assert f"CLEARED: {names[0]}, 2026-05-31 to 2026-06-05" in said
    assert f"NOT CLEARED: {names[1]}, 2026-05-31 to 2026-06-05" in said
    assert "missing: No completion of Counter Threat Awareness Training (online) is recorded. Due 2026-05-01." in said
    assert said.endswith("2 to travel or away on 2026-03-02: 1 cleared, 1 not.\n")
    assert "0 to travel or away" in app.test_cli_runner().invoke(args=["readiness", "--at", "2026-07-01"]).output
