"""The only place for `engage readiness`: everybody who is to travel, the verdict on each, and what is missing."""

from datetime import date, datetime
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.people import Person
from engage.models.trips import Trip
from engage.rules.workflow import APPROVED
from engage.services import readiness, sessions
from engage.services.transaction import begin_reading

_T, _I, _P = Trip.__table__.c, Item.__table__.c, Person.__table__.c
_GOING = (
    select(_T.id, _T.departs_on, _T.returns_on, _P.name, _I.title)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .join(Person.__table__, _P.id == _T.person_id)
    .where(_T.cancelled_at.is_(None), _I.state.in_(sorted(APPROVED)), _T.returns_on >= bindparam("day"))
    .order_by(_T.departs_on, _P.name, _T.id)
)


@click.command("readiness")
@click.option("--at", "day", type=click.DateTime(["%Y-%m-%d"]), help="A day, such as 2026-03-06; else today.")
@with_appcontext
def list_readiness(day: datetime | None) -> None:
    """List every traveller who is away or to leave on a day, cleared or not, and exactly what is missing."""
    today = sessions.office_day(current_app.config["CLOCK"](), current_app.config["SETTINGS"].home_zone)
    begin_reading()
    for line in lines(day.date() if day else today):
        click.echo(line)


def lines(day: date) -> list[str]:
    """The list as of the office's day, by departure. Eight statements, whatever the number of travellers."""
    trips: list[Any] = list(db.session.execute(_GOING, {"day": day}))
    verdicts = readiness.verdicts([trip.id for trip in trips], day)
    found = []
    for trip in trips:
        verdict = verdicts[trip.id]
        word = "CLEARED" if verdict.cleared else "NOT CLEARED"
        found.append(f"{word}: {trip.name}, {trip.departs_on} to {trip.returns_on}, {trip.title}")
        found += [f"    missing: {item.why} Due {item.due_on}." for item in verdict.missing]
        found += [f"    waived: {item.requirement.title}. {item.why}" for item in verdict.waived]
    cleared = sum(verdict.cleared for verdict in verdicts.values())
    return [*found, f"{len(trips)} to travel or away on {day}: {cleared} cleared, {len(trips) - cleared} not."]


COMMANDS = (list_readiness,)
