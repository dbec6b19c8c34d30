"""The only place that says which words of a typed request go where in an engagement."""

from collections.abc import Iterator

from engage.importing.requests import RequestRow
from engage.rules.asking import Content, ContentCost, ContentLeg, ContentTraveller, EngagementKind
from engage.services.imports.known import Known
from engage.services.imports.plan import in_words


def content_of_request(row: RequestRow, known: Known) -> Content:
    """The request as a draft holds it. What names nothing here is not guessed at: `missing` says it."""
    event = known.event(row.event_name, row.event_starts_on)
    forum_id = known.forums.get(row.forum_code.casefold())
    partners = {name: known.partners.get(name.casefold(), []) for name in row.partners}
    travellers = {name: known.people.get(name.casefold(), []) for name in row.travellers}
    persons = {name: ids[0] if len(ids) == 1 else None for name, ids in travellers.items()}
    objectives = {goal: known.objectives.get(goal, []) for goal in row.goals}
    missing = [
        *row.missing,
        *(
            f"The stay in {stay.city} from {in_words(stay.arrives_on)} to {in_words(stay.departs_on)}: add it once "
            "its country is known."
            for stay in row.stays
            if stay.country_code is None
        ),
        *([f"The forum {row.forum_code} is not in the register."] if row.forum_code and forum_id is None else []),
        *(
            [f"The event “{row.event_name}” of {in_words(row.event_starts_on)} is not in the register."]
            if row.event_name and event is None
            else []
        ),
        *_unclear("partner", partners, "is not in the register", "is the name of several"),
        *_unclear("traveller", travellers, "is nobody's name or address here", "may be several people"),
        *(f"Choose an objective under goal {goal}." for goal, ids in objectives.items() if len(ids) != 1),
    ]
    return Content(
        title=row.title,
        nature=EngagementKind(row.kind) if row.kind else None,
        purpose=row.purpose,
        outcome_sought=row.outcome_sought,
        why_not_virtual=row.why_not_virtual,
        late_reason=row.late_reason,
        notes="\n".join(_notes(row, event is not None)),
        missing="\n".join(dict.fromkeys(missing)),
        forum_id=forum_id,
        event_id=event.id if event else None,
        starts_on=row.event_starts_on,
        ends_on=row.event_ends_on if row.event_starts_on else None,
        objective_ids=tuple(ids[0] for ids in objectives.values() if len(ids) == 1),
        partner_ids=tuple(ids[0] for ids in partners.values() if len(ids) == 1),
        legs=tuple(
            ContentLeg(stay.country_code, stay.city, stay.zone, stay.arrives_on, stay.departs_on)
            for stay in row.stays
            if stay.country_code
        ),
        travellers=tuple(_travellers(row, persons)),
        costs=tuple(ContentCost(cost.what, cost.amount, cost.funder, cost.non_federal) for cost in row.costs),
    )


def _unclear(what: str, found: dict[str, list[int]], none: str, several: str) -> Iterator[str]:
    for name, ids in found.items():
        if len(ids) != 1:
            yield f"The {what} “{name}” {several if ids else none}."


def _travellers(row: RequestRow, persons: dict[str, int | None]) -> Iterator[ContentTraveller]:
    """Each traveller; two names of one person are one traveller."""
    seen: set[int] = set()
    lead = persons.get(row.lead_traveller)
    for name, person_id in persons.items():
        if person_id in seen:
            continue
        if person_id is not None:
            seen.add(person_id)
        leads = name == row.lead_traveller or (person_id is not None and person_id == lead)
        yield ContentTraveller(person_id, "" if person_id else name, leads)


def _notes(row: RequestRow, event_is_known: bool) -> Iterator[str]:
    """What was typed and has no place of its own, and where it came from."""
    if row.notes:
        yield row.notes
    if row.event_name and not event_is_known:
        days = " to ".join(in_words(day) for day in (row.event_starts_on, row.event_ends_on) if day)
        yield f"Event: {', '.join(part for part in (row.event_name, row.city, days, row.source_url) if part)}."
    if row.cost_estimate and not row.costs:
        yield f"Cost as typed: {row.cost_estimate:,} US dollars."
    if ";" in row.funder:
        yield f"Funding as typed: {row.funder}."
    typed = f", typed on {in_words(row.submitted_on)}" if row.submitted_on else ""
    by = f" by {row.submitted_by}" if row.submitted_by else ""
    office = f", {row.office}" if row.office else ""
    yield f"Imported from request {row.request_ref}{typed or (', typed' if by else '')}{by}{office}."
