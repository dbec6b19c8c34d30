"""The only place that sets the demonstration's stage: its people and seats, and its clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import yaml
from flask import current_app
from sqlalchemy import select, update

from engage.extensions import db
from engage.models.board import Seat, SeatHolding
from engage.models.people import Person
from engage.rules.policy import PROGRAM, Actor
from engage.services import audit, imports, passwords, sessions
from engage.services.people import COMMAND_LINE

HERE = Path(__file__).parent
OPENS = time(8, 30)  # in the office's time; each later step of one day comes twenty minutes after
STEP = timedelta(minutes=20)


@dataclass(frozen=True)
class Stage:
    """The day on which the story is loaded, its people by the front of their address, and the story's own words."""

    today: date
    zone: ZoneInfo
    people: dict[str, int]
    story: dict[str, Any]

    @classmethod
    def set(cls, *, began: datetime, now: datetime, password: str) -> Self:
        """Bring the people, who all have `password`, and seat the board, as of `began`."""
        content = (HERE / "people.csv").read_bytes()
        imports.take("people", content, by=COMMAND_LINE, now=began, name="people.csv")
        db.session.execute(update(Person).values(password_hash=passwords.hashed(password)))
        ids = {email.partition("@")[0]: number for number, email in db.session.execute(select(Person.id, Person.email))}
        for person_id in ids.values():
            audit.record("set_password", about=("person", person_id), by=PROGRAM, now=began)
        story = yaml.safe_load((HERE / "story.yaml").read_text(encoding="utf-8"))
        stage = cls(
            today=sessions.office_day(now, current_app.config["SETTINGS"].home_zone),
            zone=ZoneInfo(current_app.config["SETTINGS"].home_zone), people=ids, story=story,
        )  # fmt: skip
        stage._seat(began)
        return stage

    def _seat(self, began: datetime) -> None:
        seats = db.session.scalars(select(Seat.id).order_by(Seat.id))
        since = sessions.office_day(began, str(self.zone))
        for seat_id, name in zip(seats, self.story["seats"], strict=True):
            db.session.add(SeatHolding(seat_id=seat_id, person_id=self.people[name], starts_on=since))
            audit.record("seat", about=("seat", seat_id), by=PROGRAM, now=began, person=self.people[name])

    def day(self, days_ago: int) -> date:
        """The working day that lies so many days back, or the one before."""
        found = self.today - timedelta(days=days_ago)
        return found - timedelta(days=max(0, found.weekday() - 4))

    def moment(self, days_ago: int, step: int = 0) -> datetime:
        """The moment of a step of that day, aware UTC. `days_ago` is at least 1, so it is past."""
        return (datetime.combine(self.day(days_ago), OPENS, self.zone) + step * STEP).astimezone(UTC)

    def actor(self, name: str, now: datetime) -> Actor:
        """Somebody of the story as they were at `now`."""
        return sessions.actor_for(self.people[name], today=sessions.office_day(now, str(self.zone)))

    def played_by(self, placeholder: str) -> str:
        """Who stands for a placeholder of the real rows."""
        return str(self.story["cast"].get(placeholder, placeholder))
