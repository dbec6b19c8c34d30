"""The only place that tells the demonstration's story, in the order of time, through the services."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import yaml
from sqlalchemy import select

from engage.extensions import db
from engage.models.training import Course
from engage.rules.policy import PROGRAM
from engage.seed.demonstration import between, briefings, changes, charters, partnering, returns, sittings
from engage.seed.demonstration.acts import ACTS, Step, Thread
from engage.seed.demonstration.script import content_of, content_of_unclaimed, request_rows
from engage.seed.demonstration.stage import HERE, Stage
from engage.services import advisories, engagements, grants, inbox, training
from engage.services.imports.known import Known, known
from engage.services.training import Claim

Scene = tuple[datetime, Callable[[datetime], Any]]


def tell(stage: Stage) -> None:
    """Play every scene at its moment; the trail, the spans and the inboxes then read in the order of time."""
    names = known()
    scenes = [
        *_advisories(stage),
        *_training(stage),
        *_absences(stage),
        *_engagements(stage, names),
        *_unclaimed(stage, names),
        *briefings.scenes(stage),
        *changes.scenes(stage),
        *sittings.scenes(stage),
        *between.scenes(stage),
        *charters.scenes(stage),
        *partnering.scenes(stage),
        *returns.scenes(stage),
        *_reading(stage),
    ]
    for moment, play in sorted(scenes, key=lambda scene: scene[0]):
        play(moment)


def _advisories(stage: Stage) -> Iterator[Scene]:
    for row in yaml.safe_load((HERE / "advisories.yaml").read_text(encoding="utf-8")):
        given = (row["country_code"], row["level"], stage.today - timedelta(days=row["days_ago"]), row["source"])

        def publish(now: datetime, given: Any = given) -> None:
            advisories.record(*given, by=PROGRAM, now=now)

        yield stage.moment(row["days_ago"]), publish


def _training(stage: Stage) -> Iterator[Scene]:
    courses = {code: number for number, code in db.session.execute(select(Course.id, Course.code))}
    for row in stage.story["training"]:
        course = row["course"]
        claim = Claim(
            course_id=courses[course], completed_on=stage.day(row["completed"]), evidence=f"{course} certificate"
        )
        claimed: dict[str, int] = {}

        def record(now: datetime, row: Any = row, claim: Claim = claim, claimed: dict[str, int] = claimed) -> None:
            claimed["id"] = training.claim_completion(claim, by=stage.actor(row["who"], now), now=now).id

        def verify(now: datetime, claimed: dict[str, int] = claimed) -> None:
            training.verify(claimed["id"], by=stage.actor("training", now), now=now)

        def decline(now: datetime, row: Any = row, claimed: dict[str, int] = claimed) -> None:
            training.decline(claimed["id"], row["reason"], by=stage.actor("training", now), now=now)

        yield stage.moment(row["recorded"]), record
        if "verified" in row:
            yield stage.moment(row["verified"], 1), verify
        if "declined" in row:
            yield stage.moment(row["declined"], 1), decline


def _absences(stage: Stage) -> Iterator[Scene]:
    for row in stage.story["absences"]:
        starts_on = stage.today + timedelta(days=row["in_days"])
        given = {"starts_on": starts_on, "ends_on": starts_on + timedelta(days=row["days"] - 1), "note": row["note"]}

        def say(now: datetime, who: str = row["who"], given: Any = given) -> None:
            grants.add_absence(stage.people[who], **given, by=stage.actor(who, now), now=now)

        yield stage.moment(20), say


def _engagements(stage: Stage, names: Known) -> Iterator[Scene]:
    rows = request_rows(stage)
    for part in stage.story["engagements"]:
        owner = part.get("owner") or stage.played_by(rows[part["request"]].submitted_by)
        thread = Thread(stage, owner, content_of(part, stage, rows, names))
        for place, step in enumerate(part["steps"]):
            yield stage.moment(step["days_ago"], place), partial(_take, thread, step)


def _take(thread: Thread, step: Step, now: datetime) -> None:
    by = thread.stage.actor(step.get("by", thread.owner), now)
    ACTS[step["act"]](thread, step, by, now)


def _unclaimed(stage: Stage, names: Known) -> Iterator[Scene]:
    for part in stage.story["unclaimed"]:
        source_ref, content = content_of_unclaimed(part, stage, names)

        def bring(now: datetime, content: Any = content, source_ref: str = source_ref) -> None:
            engagements.import_drafts([(source_ref, content)], requester_id=None, by=PROGRAM, now=now)

        yield stage.moment(part["days_ago"]), bring


def _reading(stage: Stage) -> Iterator[Scene]:
    """People read what had come by some day; what came later is unread."""

    def read(now: datetime) -> None:
        for name in stage.people:
            inbox.mark_all_read(by=stage.actor(name, now), now=now)

    yield stage.moment(stage.story["everybody_reads"], 20), read
