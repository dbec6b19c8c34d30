"""The part of the story about getting ready: sessions with a waiting list, and a waiver that two people signed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.training import Course
from engage.models.trips import Trip
from engage.rules.readiness import Standing
from engage.seed.demonstration.stage import Stage
from engage.services import briefings, readiness, sessions, waivers

Scene = tuple[datetime, Callable[[datetime], Any]]
AHEAD = timedelta(days=9)  # from the day the story is loaded to the session
SIGNED_UP = ("traveller", "staff-02", "staff-03")


def scenes(stage: Stage) -> Iterator[Scene]:
    """A session of two seats that three people want, and the waiver."""
    yield stage.moment(6, 2), partial(_session, stage)
    yield stage.moment(2, 12), partial(_waiver, stage)


def _session(stage: Stage, now: datetime) -> None:
    day = stage.today + AHEAD
    starts = datetime.combine(day, time(10), stage.zone).astimezone(UTC)
    plan = briefings.Plan(
        starts_at=starts, ends_at=starts + timedelta(hours=1), zone=str(stage.zone), seats=2,
        place="Conference room B and online", note="Bring your itinerary. Nothing that is said is written down here.",
    )  # fmt: skip
    course = db.session.scalar(select(Course.id).where(Course.code == "PREBRIEF")) or 0
    held = briefings.hold(course, plan, by=stage.actor("training", now), now=now)
    for minutes, name in enumerate(SIGNED_UP, start=1):
        briefings.sign_up(held.id, by=stage.actor(name, now), now=now + timedelta(minutes=minutes))


def _waiver(stage: Stage, now: datetime) -> None:
    """For the next traveller who lacks the online course; where nobody does, nothing is waived."""
    today = sessions.office_day(now, str(stage.zone))
    trips = db.session.scalars(
        select(Trip.id).where(Trip.departs_on > stage.today, Trip.cancelled_at.is_(None)).order_by(Trip.departs_on)
    ).all()
    for trip_id, verdict in sorted(readiness.verdicts(trips, today).items()):
        for item in verdict.missing:
            if item.requirement.key == "training:CTAT:" and item.state is not Standing.WAITING:
                wanted = waivers.Wanted(
                    key="training:CTAT:", ends_on=item.requirement.through,
                    reason="The learning system is down until after departure; the briefing in person covers it.",
                )  # fmt: skip
                made = waivers.propose(trip_id, wanted, by=stage.actor("training", now), now=now)
                waivers.sign(made.id, by=stage.actor("chair", now), now=now + timedelta(minutes=20))
                return
