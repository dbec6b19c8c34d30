"""The part of the story about the board's rules: a charter of late, one to come, a condition to waive."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.board import Condition
from engage.seed.demonstration.stage import Stage
from engage.services import charters, condition_waivers, seats

Scene = tuple[datetime, Callable[[datetime], Any]]
SOURCE = "Demonstration: adopted by the board in its meeting"
RECORDS = "Have the vaccination records"


def scenes(stage: Stage) -> Iterator[Scene]:
    """From lately on a supervisor speaks first; from next month on more changes. A condition is asked to be waived."""
    yield stage.moment(20, 6), partial(_second, stage)
    yield stage.moment(3, 13), partial(_waive, stage)
    yield stage.moment(1, 11), partial(_third, stage)


def _adopt(stage: Stage, edition: str, starts_on: Any, now: datetime, **changed: Any) -> None:
    board = seats.the_board()
    said = charters.said_by(charters.all_of(board)[0])
    title = f"{said['title'].partition(',')[0]}, {edition} edition"
    charters.add(
        said | changed | {"title": title, "source": SOURCE}, starts_on=starts_on, by=stage.actor("admin", now), now=now
    )


def _second(stage: Stage, now: datetime) -> None:
    _adopt(stage, "second", stage.day(2), now, endorsement=True)


def _third(stage: Stage, now: datetime) -> None:
    thresholds = '{"guide_version": {"cast": "2/3", "of": null, "second": null}}'
    _adopt(stage, "third", stage.today + timedelta(days=30), now, thresholds=thresholds, reviews_together=False)


def _waive(stage: Stage, now: datetime) -> None:
    condition = db.session.scalars(select(Condition).where(Condition.text.startswith(RECORDS))).one()
    reason = "The medical office is closed for its move until after departure; both travellers carry their records."
    condition_waivers.ask(condition, reason=reason, by=stage.actor("secretariat", now), now=now)
