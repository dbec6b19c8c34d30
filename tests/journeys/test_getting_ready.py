"""Getting ready to travel, over HTTP: a newcomer, a frequent traveller, an advisory that rises, a waiver that ends."""

import io
from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import hostile_files
import pytest
from journeys.test_first_journey import acknowledge, enter, links  # noqa: F401
from sqlalchemy import select

from engage.extensions import db
from engage.models.people import Person
from engage.models.training import SignUp
from engage.rules.policy import PROGRAM, Role
from engage.services import advisories, advisory_checks, clearing
from engage.services.transaction import transaction

MOST_BYTES = 100_000  # of a traveller's page, before fonts


def tick(app, days=0):
    """The clock of the job runner, and of every page, some days on."""
    now = make.NOON + timedelta(days=days)
    app.config["CLOCK"] = lambda: now
    with transaction():
        advisory_checks.sweep(now)
        clearing.sweep(now)


def read_everything(visitor, trip):
    for link in links(visitor.get(f"/trips/{trip}"), rf"/trips/{trip}/guides/\d+"):
        acknowledge(visitor, link)


def grant(visitor, trip, country="EE"):
    visitor.get(f"/trips/{trip}/clearance?kind=country&country={country}")
    visitor.submit({"status": "granted", "reference": "CABLE-9", "decided_on": "2026-03-01"})


def subjects(visitor):
    return visitor.get("/inbox").text


def light(visitor, path):
    page = visitor.get(path)
    assert len(page.html.encode()) < MOST_BYTES, path
    return page


@pytest.fixture
def people(store):
    with transaction():
        roles = (Role.TRAINING_OWNER, Role.CHAIR, Role.SECRETARIAT, Role.DUTY_OFFICER, Role.CONTENT_OWNER)
        return {role: make.person(role, name=role.label) for role in roles}


def test_the_first_deployment_of_a_newcomer(app, people, enter):  # noqa: F811
    """Everything is missing at first; each thing is done once, and the last of them clears."""
    with transaction():
        newcomer = make.person(name="Nell Newcomer")
        trip = prepare.trip(newcomer).id
        advisories.record("EE", 1, date(2026, 1, 5), "Test", by=PROGRAM, now=make.NOON)
    nell, terry = enter(newcomer), enter(people[Role.TRAINING_OWNER])
    page = light(nell, f"/trips/{trip}")
    assert "Not cleared to travel: 4 things are missing." in page.text
    assert "Rule" in page.text or "Why this is asked" in page.text

    read_everything(nell, trip)
    grant(nell, trip)

    # Her certificate is first a drawing named PDF, then a real one.
    light(nell, "/training")
    form = {"course_id": str(prepare.course("CTAT")), "completed_on": "2026-02-20"}
    drawing = (io.BytesIO(hostile_files.SVG), "c.pdf")
    assert "SVG drawing" in nell.submit({**form, "certificate": drawing}, status=422).text
    nell.submit({**form, "completed_on": "2026-03-03"}, status=422)
    nell.submit({**form, "certificate": (io.BytesIO(hostile_files.pdf()), "c.pdf")})
    assert "is recorded, but nobody has verified it" in nell.get(f"/trips/{trip}").text

    terry.get("/training/queue")
    (claim,) = links(terry.page, r"/training/claims/\d+")
    (certificate,) = links(terry.get(claim), r"/files/\d+")
    with terry.client.get(certificate) as answer:
        assert answer.data == hostile_files.pdf()
    terry.post(f"{claim}/verify")

    assert "Nothing that is needed for this trip is missing." in nell.get(f"/trips/{trip}").text
    tick(app)
    assert "Cleared to travel" in subjects(nell)
    for path in ("/trips", f"/trips/{trip}", "/training", "/training/sessions", "/inbox"):
        light(nell, path)


def test_a_frequent_traveller_with_partly_valid_training(app, people, enter):  # noqa: F811
    """What lapses during the trip does not count; the days abroad add up until the longer course is asked for."""
    with transaction():
        frequent = make.person(name="Fred Frequent")
        prepare.trained(frequent, "CTAT", date(2020, 6, 2))  # good through 2 June 2026, the middle of the trip
        prepare.trip(frequent, starts=date(2026, 1, 1), days=55, country="LV")
        trip = prepare.trip(frequent).id
        advisories.record("EE", 1, date(2026, 1, 5), "Test", by=PROGRAM, now=make.NOON)
    fred = enter(frequent)
    read_everything(fred, trip)
    grant(fred, trip)
    text = fred.get(f"/trips/{trip}").text
    assert "valid until 2 June 2026, but the trip ends on 5 June 2026. Renew the training" in text
    assert "FACT" not in text

    # A third trip before it brings the days abroad to ninety: now the course in person is asked for.
    with transaction():
        prepare.trip(frequent, starts=date(2026, 3, 20), days=34, country="LV")
    text = fred.get(f"/trips/{trip}").text
    assert "97 days abroad in 12 months" in text
    assert "In-person security training" in text

    # He takes it in a session; being checked in records it, and in person stands for online.
    owner = enter(people[Role.TRAINING_OWNER])
    owner.get("/training/sessions/new")
    owner.submit({"course_id": str(prepare.course("FACT")), "starts_on": "2026-03-09", "starts_at": "09:00",
                  "ends_on": "2026-03-13", "ends_at": "17:00", "place": "Training center", "seats": "1"})  # fmt: skip
    session = owner.response.headers["Location"]
    with transaction():
        other = make.person(name="Olga Other")
    first = enter(other)
    first.post(f"{session}/sign-up")
    fred.post(f"{session}/sign-up")
    assert "You are number 1 on the waiting list." in fred.get(session).text
    first.post(f"{session}/leave")
    assert "You have a seat" in subjects(fred)
    app.config["CLOCK"] = lambda: make.NOON + timedelta(days=10)
    entry = db.session.scalar(select(SignUp.id).where(SignUp.person_id == frequent.id))
    owner = enter(people[Role.TRAINING_OWNER])
    owner.post(f"{session}/people/{entry}/check-in")
    fred = enter(frequent)
    assert "Nothing that is needed for this trip is missing." in fred.get(f"/trips/{trip}").text


def test_an_advisory_is_raised_while_somebody_is_away(app, people, enter):  # noqa: F811
    """Whoever is there and the duty officer are told at once; who prepares for it is un-cleared by the rule."""
    with transaction():
        advisories.record("EE", 1, date(2026, 1, 5), "Test", by=PROGRAM, now=make.NOON)
        away = prepare.ready(make.person(name="Ada Away"), starts=make.TODAY - timedelta(days=1))
        ahead = prepare.ready(make.person(name="Pat Preparing"))
        elsewhere = prepare.ready(make.person(name="Eli Elsewhere"))
        for leg in db.session.scalars(select(make.Leg).where(make.Leg.engagement_id == elsewhere.engagement_id)):
            leg.country_code = "LV"
        ids = [db.session.get(Person, trip.person_id) for trip in (away, ahead, elsewhere)]
    editor, duty = enter(people[Role.CONTENT_OWNER]), enter(people[Role.DUTY_OFFICER])
    editor.get("/requirements/prebrief-level-3/change")
    editor.submit({"blocks": "y", "starts_on": "2026-03-02"})
    tick(app)

    duty.get("/advisories/record?country=EE")
    duty.submit({"level": "3", "as_of": "2026-03-02", "source": "Cable 88"})
    tick(app)

    ada, pat, eli = (enter(who) for who in ids)
    assert "Advisory for Estonia: now level 3" in subjects(ada)
    assert "Advisory for Estonia: now level 3" in subjects(duty)
    assert "No longer cleared to travel" in subjects(pat)
    assert "Advisory for Estonia" not in subjects(pat) + subjects(eli)
    assert "advisory level 3" in light(pat, f"/trips/{ahead.id}").text
    (message,) = [link for link in links(pat.get("/inbox"), r"/inbox/\d+") if "NO LONGER" in pat.get(link).text]
    assert "The travel advisory for Estonia rose from level 1 to level 3" in pat.get(message).text


def test_a_waiver_and_its_end(app, people, enter):  # noqa: F811
    """Two sign, the verdict prints it, and on the day after its last the traveller is told."""
    with transaction():
        traveller = make.person(name="Wim Waived")
        trip = prepare.trip(traveller).id
        advisories.record("EE", 1, date(2026, 1, 5), "Test", by=PROGRAM, now=make.NOON)
    wim = enter(traveller)
    read_everything(wim, trip)
    grant(wim, trip)
    terry, chair = enter(people[Role.TRAINING_OWNER]), enter(people[Role.CHAIR])
    terry.get(f"/trips/{trip}/waivers/new?key=training:CTAT:")
    terry.submit({"reason": "No seat before departure.", "ends_on": "2026-03-12"})
    tick(app)
    assert "Not cleared" in wim.get(f"/trips/{trip}").text
    (asked,) = links(chair.get("/inbox"), r"/inbox/\d+")
    assert "Training owner (training owner) proposes to waive" in chair.get(asked).text
    chair.get(f"/trips/{trip}/waivers")
    chair.submit({})

    tick(app)
    text = light(wim, f"/trips/{trip}").text
    assert "Cleared to travel Nothing that is needed for this trip is missing." in text
    assert "Waived through 12 March 2026 by Training owner (training owner) and Chair (chair): No seat before" in text
    assert "Cleared to travel" in subjects(wim)

    tick(app, days=10)
    assert "No longer cleared" not in subjects(enter(traveller))
    tick(app, days=11)
    assert "No longer cleared to travel" in subjects(enter(traveller))
