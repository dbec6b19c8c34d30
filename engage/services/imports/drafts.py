"""The only place that turns rows of requests and invitations into draft engagements; what is not sure is said."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from engage.importing.invitations import Invitation
from engage.importing.parsed import Parsed, Problem
from engage.importing.requests import RequestRow
from engage.rules.asking import Content
from engage.rules.canonical import digest
from engage.rules.completeness import unkeepable
from engage.rules.policy import Actor
from engage.services import draft_sets, engagements, markings, states
from engage.services.imports.invitation_content import content_of_invitation
from engage.services.imports.known import known, there_already
from engage.services.imports.plan import Entry, Plan
from engage.services.imports.request_content import content_of_request

REF_LIMIT = 200  # characters of Item.source_ref


def request_ref(row: RequestRow) -> str:
    """What names a request for ever, whoever imports it and however often."""
    return f"request:{row.request_ref.upper()}"


def invitation_ref(row: Invitation) -> str:
    """What names an event of somebody's calendar for ever."""
    ref = f"invitation:{row.uid}"
    return ref if len(ref) <= REF_LIMIT else f"invitation:{digest(row.uid)}"


def compare_requests(parsed: Parsed[RequestRow]) -> Plan:
    """The drafts that a file of requests would begin; a request that is here is its requester's, and stays."""
    names = known()
    rows = [(row, request_ref(row), f"{row.request_ref}, {row.title}") for row in parsed.rows]
    left = dict.fromkeys(there_already(ref for _, ref, _ in rows), ("here already, left as it is",))
    return _plan(parsed, rows, left, lambda row: content_of_request(row, names))


def compare_invitations(parsed: Parsed[Invitation]) -> Plan:
    """The drafts that an invitation would begin. A called-off event begins none."""
    names = known()
    rows = [(row, invitation_ref(row), row.title) for row in parsed.rows]
    there = there_already(ref for _, ref, _ in rows)
    problems = tuple(
        Problem(row.line, "STATUS", "The organiser called this event off, so there is nothing to draft.")
        for row, ref, _ in rows
        if row.cancelled and ref not in there
    )
    left = {
        ref: ("here already; the organiser called it off: withdraw or cancel it there",)
        if row.cancelled
        else ("here already, left as it is",)
        for row, ref, _ in rows
        if ref in there
    }
    plan = _plan(parsed, rows, left, lambda row: content_of_invitation(row, names))
    return replace(plan, problems=plan.problems + problems)


def _plan(parsed: Parsed[Any], rows: Iterable[tuple[Any, str, str]], left: dict[str, Any], content_of: Any) -> Plan:
    new, same, problems = [], [], list(parsed.problems)
    for row, ref, label in rows:
        if ref in left:
            same.append(Entry(row.line, label, left[ref]))
            continue
        content: Content = content_of(row)
        if _reads(parsed, row):
            problems += [Problem(row.line, field, why) for field, why in unkeepable(content).items()]
        new.append(Entry(row.line, label, tuple(content.missing.splitlines()), (ref, content)))
    asked = tuple(q for q in parsed.questions if q.line in {entry.line for entry in new})
    return Plan(tuple(new), (), tuple(same), tuple(problems), asked)


def _reads(parsed: Parsed[Any], row: Any) -> bool:
    """Whether the reader found nothing wrong with the row: a fault is said once."""
    return all(problem.line != row.line for problem in parsed.problems)


def write(plan: Plan, *, requester_id: int | None, by: Actor, now: datetime) -> None:
    """Begin the drafts, each with its span and its line in the trail."""
    if plan.new:
        engagements.import_drafts(_marked(plan, now), requester_id=requester_id, by=by, now=now)


def ready(plan: Plan, *, requester_id: int | None, by: Actor, now: datetime) -> Callable[[], list[int]]:
    """Make the drafts ready; what it gives writes them, in the caller's transaction, and gives their numbers."""
    drafts = draft_sets.ready(_marked(plan, now), requester_id=requester_id, by=by, now=now)
    return lambda: draft_sets.write(drafts, by=by) if drafts.told else []


def _marked(plan: Plan, now: datetime) -> list[tuple[str, Content]]:
    """The drafts with their references, marked as the organisation's default of the day says."""
    marking = markings.default_on(states.office_day(now)) if plan.new else None
    return [(ref, replace(said, marking=marking)) for ref, said in (entry.values for entry in plan.new)]
