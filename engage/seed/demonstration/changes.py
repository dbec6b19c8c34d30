"""The part of the story about what is not an engagement: a change made, one before the board, a matter, priorities."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Engagement, Item
from engage.rules.policy import Actor
from engage.rules.priorities import Aim, AimKind
from engage.rules.workflow import APPROVED, Action
from engage.seed.demonstration import acts
from engage.seed.demonstration.stage import Stage
from engage.services import changes, contents, items, matters, sessions, states, visibility

Scene = tuple[datetime, Callable[[datetime], Any]]
NOTE = "The host asks for a list of devices a week ahead."
OUTCOME = "Votes on two working documents, and an invitation to host the next meeting."


def scenes(stage: Stage) -> Iterator[Scene]:
    """Two changes of approved engagements, and what leadership puts before the board."""
    kept: dict[str, int] = {}
    yield stage.moment(12, 3), partial(_minor, stage)
    yield stage.moment(9, 4), partial(_material, stage, kept)
    yield stage.moment(8, 6), partial(_place, stage, kept, "amendment")
    yield stage.moment(9, 2), partial(_matter, stage, kept)
    yield stage.moment(7, 6), partial(_place, stage, kept, "matter")
    yield stage.moment(4, 6), partial(_priorities, stage)


def _ahead(stage: Stage) -> list[Engagement]:
    """The approved engagements that have not begun, the next first."""
    return list(
        db.session.scalars(
            select(Engagement)
            .where(Engagement.state.in_(sorted(APPROVED)), Engagement.starts_on > stage.today)
            .order_by(Engagement.starts_on, Engagement.id)
        )
    )


def _asker(stage: Stage, item: Item, now: datetime) -> Actor:
    return sessions.actor_for(item.requester_id or 0, today=sessions.office_day(now, str(stage.zone)))


def _minor(stage: Stage, now: datetime) -> None:
    item = _ahead(stage)[0]
    said = contents.asked_by(contents.content_of(item.id))
    wanted = replace(said, notes=f"{said.notes}\n{NOTE}")
    _changed(stage, item, wanted, "The host wrote.", now)


def _material(stage: Stage, kept: dict[str, int], now: datetime) -> None:
    item = _ahead(stage)[-1]
    wanted = replace(contents.asked_by(contents.content_of(item.id)), outcome_sought=OUTCOME)
    done = _changed(stage, item, wanted, "The committee offered us the next meeting.", now)
    if done.amendment is not None:
        kept["amendment"] = done.amendment.id
        _act(done.amendment.id, Action.SUBMIT, _asker(stage, item, now), now)


def _changed(stage: Stage, item: Engagement, wanted: Any, why: str, now: datetime) -> changes.Changed:
    subject = visibility.subject(item.id)
    assert subject is not None  # noqa: S101  it was just found
    return changes.change(item, subject, wanted, item.version, why=why, by=_asker(stage, item, now), now=now)


def _matter(stage: Stage, kept: dict[str, int], now: datetime) -> None:
    by = stage.actor("leadership", now)
    matter = matters.raise_matter(
        "Demonstration: which of two regional networks to join first",
        "Two regional networks of response teams have asked us to join as observers in the same quarter.\n\n"
        "Travel money allows one delegation. Staff see more exchange in the first, more standing in the second.",
        "Which invitation should the agency answer first, and what should the other be told?",
        by=by, now=now,
    )  # fmt: skip
    kept["matter"] = matter.id
    _act(matter.id, Action.SUBMIT, by, now)


def _priorities(stage: Stage, now: datetime) -> None:
    by, year = stage.actor("leadership", now), stage.today.year + 1
    statement = matters.draft_priorities(
        f"Demonstration: international priorities for {year}", year,
        "1. Partners whose networks carry our own traffic come first.\n"
        "2. Prefer exchanges that a joint exercise follows.\n"
        "3. One delegation to a meeting, unless the board sees why not.",
        aims=[Aim(AimKind.OBJECTIVE, 1, 6), Aim(AimKind.OBJECTIVE, 4, 4), Aim(AimKind.COUNTRY, "EE", 3),
              Aim(AimKind.COUNTRY, "JP", 2), Aim(AimKind.COUNTRY, "KE", None)],
        by=by, now=now,
    )  # fmt: skip
    _act(statement.id, Action.SUBMIT, by, now)


def _place(stage: Stage, kept: dict[str, int], name: str, now: datetime) -> None:
    if name in kept:
        acts.reviewed(stage, states.get(kept[name]), now)
        _act(kept[name], Action.PLACE, stage.actor("secretariat", now), now)


def _act(item_id: int, action: Action, by: Actor, now: datetime) -> None:
    subject = visibility.subject(item_id)
    assert subject is not None  # noqa: S101  it was just made
    items.act(states.get(item_id), subject, action, by=by, now=now)
