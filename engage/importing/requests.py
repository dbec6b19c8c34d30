"""The only place that reads a file of engagement requests as staff typed them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from engage.importing.cells import WORD_LIMIT, Cells, day, dollars, refuse_repeats
from engage.importing.costs import CostRow, Estimate, read_costs, share
from engage.importing.legs import StayRow, plan, read_legs
from engage.importing.parsed import Parsed, Question
from engage.importing.registers import EVENT_KINDS
from engage.importing.sheet import Source, read_csv

REQUEST_COLUMNS = (
    "request_ref", "submitted_on", "requesting_office", "submitted_by", "title", "event_name", "event_kind",
    "city", "country_code", "event_starts_on", "event_ends_on", "forum_code", "partners", "lead_traveller",
    "travellers", "legs", "cost_estimate_usd", "cost_breakdown_usd", "funder", "nonfederal_usd", "purpose",
    "desired_outcome", "objective_refs", "why_not_virtual", "late_reason", "notes", "source_url",
)  # fmt: skip

NO_ANSWERS: Mapping[str, str] = MappingProxyType({})
GOAL = re.compile(r"goal\s*(\d{1,3})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class RequestRow:
    """One request for an engagement; it becomes a draft.

    `kind` is a value of EngagementKind or empty. `event_starts_on` and `event_ends_on` are both included.
    Partners and travellers are names, the lead among the travellers; `goals` are numbers of the strategic
    plan. `missing` says in sentences what the file does not settle and nobody has answered.
    """

    line: int
    request_ref: str
    submitted_on: date | None
    office: str
    submitted_by: str
    title: str
    event_name: str
    kind: str
    city: str
    country_code: str | None
    event_starts_on: date | None
    event_ends_on: date | None
    forum_code: str
    partners: tuple[str, ...]
    lead_traveller: str
    travellers: tuple[str, ...]
    stays: tuple[StayRow, ...]
    costs: tuple[CostRow, ...]
    cost_estimate: Decimal | None
    non_federal: Decimal
    funder: str
    goals: tuple[int, ...]
    purpose: str
    outcome_sought: str
    why_not_virtual: str
    late_reason: str
    notes: str
    source_url: str
    missing: tuple[str, ...]


def parse_requests(source: Source, *, answers: Mapping[str, str] = NO_ANSWERS) -> Parsed[RequestRow]:
    """The requests of a file, each with its stays and cost lines; a reference stands there once.

    `answers` settles questions of an earlier reading by their key. A row with an open question is among the
    rows all the same, its `missing` naming what it lacks: without answers it can only become an incomplete
    draft.
    """
    sheet = read_csv(source, required=REQUEST_COLUMNS)
    problems, rows = list(sheet.problems), []
    questions: list[Question] = []
    for sheet_row in sheet.rows:
        row, asked = _request(Cells(sheet_row, problems), answers)
        rows.append(row)
        questions += asked
    refuse_repeats(
        [(r.line, "request_ref", r.request_ref.casefold()) for r in rows if r.request_ref], problems
    )
    return Parsed(tuple(rows), tuple(problems), tuple(questions))


def _request(cells: Cells, answers: Mapping[str, str]) -> tuple[RequestRow, tuple[Question, ...]]:
    ref = cells.line("request_ref", required=True, limit=WORD_LIMIT)
    city, country_code = cells.line("city"), cells.country("country_code")
    starts_on, ends_on = cells.span("event_starts_on", "event_ends_on")
    legs = cells.value("legs", read_legs) or ()
    trip = plan(legs, line=cells.number, city=city, country_code=country_code, answers=answers)
    total = cells.value("cost_estimate_usd", dollars)
    non_federal = cells.value("nonfederal_usd", dollars) or Decimal(0)
    funder = cells.line("funder")
    costs = _costs(cells, ref, total, non_federal, funder, answers)
    lead, travellers = _travellers(cells)
    row = RequestRow(
        line=cells.number,
        request_ref=ref,
        submitted_on=cells.value("submitted_on", day),
        office=cells.line("requesting_office"),
        submitted_by=cells.line("submitted_by"),
        title=cells.line("title", required=True),
        event_name=cells.line("event_name"),
        kind=cells.choice("event_kind", EVENT_KINDS, required=False),
        city=city,
        country_code=country_code,
        event_starts_on=starts_on,
        event_ends_on=ends_on,
        forum_code=cells.line("forum_code", limit=WORD_LIMIT),
        partners=cells.parts("partners"),
        lead_traveller=lead,
        travellers=travellers,
        stays=trip.stays,
        costs=costs.lines,
        cost_estimate=total,
        non_federal=non_federal,
        funder=funder,
        goals=_goals(cells),
        purpose=cells.prose("purpose"),
        outcome_sought=cells.prose("desired_outcome"),
        why_not_virtual=cells.prose("why_not_virtual"),
        late_reason=cells.prose("late_reason"),
        notes=cells.prose("notes"),
        source_url=cells.address("source_url"),
        missing=trip.missing + costs.missing,
    )
    return row, trip.questions + costs.questions


def _costs(
    cells: Cells,
    ref: str,
    total: Decimal | None,
    non_federal: Decimal,
    funder: str,
    answers: Mapping[str, str],
) -> Estimate:
    """The cost lines; an estimate that is not their sum, or an outside part larger than it, is a fault."""
    items = cells.value("cost_breakdown_usd", read_costs)
    if items is None:
        unsaid = total and not cells.raw("cost_breakdown_usd")
        return Estimate(missing=("The cost by line.",) if unsaid else ())
    added = sum((amount for _, amount in items), Decimal(0))
    if total is not None and added != total:
        cells.refuse("cost_breakdown_usd", f"The items add up to {added:,}, the estimate says {total:,}.")
    if non_federal > added:
        reason = f"The part paid by others, {non_federal:,}, is more than the cost, {added:,}."
        cells.refuse("nonfederal_usd", reason)
        return Estimate()
    return share(items, line=cells.number, ref=ref, funder=funder, non_federal=non_federal, answers=answers)


def _travellers(cells: Cells) -> tuple[str, tuple[str, ...]]:
    lead, travellers = cells.line("lead_traveller"), cells.parts("travellers")
    if lead and not travellers:
        return lead, (lead,)
    if lead and lead not in travellers:
        cells.refuse("lead_traveller", f"{lead} is not among the travellers.")
    return lead, travellers


def _goals(cells: Cells) -> tuple[int, ...]:
    found = []
    for part in cells.parts("objective_refs"):
        match = GOAL.fullmatch(part)
        if match:
            found.append(int(match[1]))
        else:
            cells.refuse("objective_refs", f"“{part[:40]}”: write goal 1; goal 2.")
    return tuple(dict.fromkeys(found))
