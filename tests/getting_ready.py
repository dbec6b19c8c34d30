"""What a trip needs, one step each, by the real services: guides that ship, a course, a clearance."""

from datetime import date, timedelta

import factories as make
from sqlalchemy import select

from engage.extensions import db
from engage.models.guidance import Guide, GuideVersion
from engage.models.people import Person
from engage.models.training import Course
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.rules.workflow import State
from engage.services import acknowledgements, guidance, training, trips


def version_of(code: str | None) -> GuideVersion:
    """The version in force of a country's guide; None is the general one."""
    this = Guide.country_code.is_(None) if code is None else Guide.country_code == code
    return guidance.current(db.session.scalar(select(Guide.id).where(this)))


def trip(traveller: Person | None = None, **facts: object) -> Trip:
    """A trip of an approved engagement, to Estonia from 31 May to 5 June 2026 unless told otherwise."""
    traveller = traveller or make.person()
    approved = make.engagement(State.APPROVED, by=traveller, **facts)
    return db.session.scalar(select(Trip).where(Trip.engagement_id == approved.id))


def read(going: Trip, version: GuideVersion, **how: object) -> bool:
    """The traveller acknowledges a version as its page asks: every point ticked, every answer right."""
    content = version.content
    asked = {
        "ticked": range(len(content["must_know"])),
        "answers": {place: question["answer"] for place, question in enumerate(content["check"])},
        "by": make.actor(db.session.get(Person, going.person_id)),
        "now": make.NOON,
    }
    return acknowledgements.acknowledge(going, version.id, version.sha256, **(asked | how))


def course(code: str) -> int:
    """The id of a shipped course."""
    return db.session.scalar(select(Course.id).where(Course.code == code))


def claim(traveller: Person, code: str = "CTAT", on: date = make.TODAY - timedelta(days=30)) -> int:
    """The traveller says that they completed a course; gives the completion's id."""
    said = training.Claim(course_id=course(code), completed_on=on, evidence="Transcript")
    return training.claim_completion(said, by=make.actor(traveller), now=make.NOON).id


def trained(traveller: Person, code: str = "CTAT", on: date = make.TODAY - timedelta(days=30)) -> int:
    """A completion claimed and verified; gives its id."""
    owner = make.person(Role.TRAINING_OWNER)
    completion_id = claim(traveller, code, on)
    training.verify(completion_id, by=make.actor(owner), now=make.NOON)
    return completion_id


def granted(going: Trip, country: str = "EE", **facts: object) -> None:
    """The chief of mission grants country clearance."""
    answer = {"status": ClearanceStatus.GRANTED, "reference": "CABLE-17", "decided_on": make.TODAY} | facts
    trips.record_clearance(
        going,
        trips.Recorded(kind=ClearanceKind.COUNTRY, country_code=country, **answer),
        by=make.actor(db.session.get(Person, going.person_id)),
        now=make.NOON,
    )


def ready(traveller: Person | None = None, **facts: object) -> Trip:
    """A trip whose traveller is cleared."""
    going = trip(traveller, **facts)
    read(going, version_of(None))
    read(going, version_of("EE"))
    trained(db.session.get(Person, going.person_id))
    granted(going)
    return going
