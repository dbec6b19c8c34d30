"""The only place that makes the story's engagements out of real rows, moved by whole weeks, and says so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.importing.invitations import Invitation, parse_invitation
from engage.importing.requests import RequestRow, parse_requests
from engage.models.norms import Objective
from engage.rules.asking import Asks, Content, Direction, EngagementKind, Firmness
from engage.rules.marking import Marking
from engage.seed.demonstration.stage import Stage
from engage.services.imports.invitation_content import content_of_invitation
from engage.services.imports.known import Known
from engage.services.imports.plan import in_words
from engage.services.imports.request_content import content_of_request

REAL = Path(__file__).parents[1] / "real"


def request_rows(stage: Stage) -> dict[str, RequestRow]:
    """The real requests by their reference, what they leave open answered."""
    parsed = parse_requests(REAL / "requests-real.csv", answers=stage.story["answers"])
    return {row.request_ref: row for row in parsed.rows}


def weeks_between(actual: date, wanted: date) -> int:
    """The whole weeks that bring `actual` nearest to `wanted`; the day of the week stays."""
    return round((wanted - actual).days / 7)


def content_of(part: Mapping[str, Any], stage: Stage, rows: Mapping[str, RequestRow], known: Known) -> Content:
    """What the engagement of one part of the story says when it is drafted."""
    if "request" in part:
        content = _from_request(rows[part["request"]], part, stage, known)
    else:
        content = _made_up(part["content"], stage, known)
    if "objectives" not in part:
        return content
    chosen = db.session.scalars(select(Objective.id).where(Objective.code.in_(part["objectives"])))
    return replace(
        content, objective_ids=tuple(chosen), why_this_many=part.get("why_this_many", ""), missing=""
    )  # the requester settled what was left open


def _from_request(row: RequestRow, part: Mapping[str, Any], stage: Stage, known: Known) -> Content:
    first = row.stays[0].arrives_on
    weeks = weeks_between(first, stage.today + timedelta(days=part["departs_in"]))
    later = timedelta(weeks=weeks)
    moved = replace(
        row,
        event_starts_on=None if row.event_starts_on is None else row.event_starts_on + later,
        event_ends_on=None if row.event_ends_on is None else row.event_ends_on + later,
        stays=tuple(
            replace(stay, arrives_on=stay.arrives_on + later, departs_on=stay.departs_on + later) for stay in row.stays
        ),
        lead_traveller=stage.played_by(row.lead_traveller),
        travellers=tuple(stage.played_by(name) for name in row.travellers),
        event_name="",  # its own days are other ones: the real event is named below
    )
    event = known.event(row.event_name, row.event_starts_on)
    days = " to ".join(in_words(day) for day in (row.event_starts_on, row.event_ends_on) if day)
    real = f"{row.event_name}, {row.city}, {days} ({row.source_url})"
    content = content_of_request(moved, known)
    said = f"Demonstration: {shifted(weeks)} from the real event, {real}."
    return replace(content, event_id=event and event.id, notes=f"{said}\n{content.notes}")


def content_of_unclaimed(part: Mapping[str, Any], stage: Stage, known: Known) -> tuple[str, Content]:
    """An invitation's source and what its draft says."""
    (row,) = parse_invitation(REAL / "invites" / part["file"]).rows
    weeks = weeks_between(row.starts_on, stage.today + timedelta(days=part["starts_in"]))
    later = timedelta(weeks=weeks)
    moved: Invitation = replace(row, starts=row.starts + later, ends=row.ends + later)
    event = known.event(row.title, row.starts_on)
    days = f"{in_words(row.starts_on)} to {in_words(row.ends_on)}"
    content = content_of_invitation(moved, known)
    said = f"Demonstration: {shifted(weeks)} from the real event, {row.title}, {days}."
    return f"demonstration:{part['file']}", replace(
        content, event_id=event and event.id, nature=EngagementKind(event.kind) if event else None,
        notes=f"{said}\n{content.notes}",
    )  # fmt: skip


def shifted(weeks: int) -> str:
    """How far dates were moved, in words."""
    if not weeks:
        return "dates not shifted"
    back = "" if weeks > 0 else "back "
    return f"dates shifted {back}by {abs(weeks)} week{'' if abs(weeks) == 1 else 's'}"


def _made_up(said: Mapping[str, Any], stage: Stage, known: Known) -> Content:
    starts_on = stage.today + timedelta(days=said["starts_in"])
    starts_on += timedelta(days=(7 - starts_on.weekday()) % 7 if starts_on.weekday() > 4 else 0)
    return Content(
        title=said["title"],
        nature=EngagementKind(said["nature"]),
        direction=Direction(said["direction"]),
        asks=Asks(said.get("asks", Asks.DECISION)),
        firmness=Firmness(said.get("firmness", Firmness.FIRM)),
        purpose=said["purpose"],
        outcome_sought=said["outcome_sought"],
        marking=Marking(said.get("marking", Marking.GREEN)),
        notes="Demonstration: made up.",
        partner_ids=tuple(known.partners[name.casefold()][0] for name in said.get("partners", ())),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=said["days"] - 1),
    )
