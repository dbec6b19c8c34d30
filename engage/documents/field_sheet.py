"""The only place that words the field sheet: one page, for the screen and as PDF, in the order in which others ask."""

from datetime import date, datetime
from typing import Any

from engage.documents import pdf
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.services.field_sheet import FieldSheet

KINDS = {
    ClearanceKind.COUNTRY: "Country clearance", ClearanceKind.THEATER: "Theater clearance", ClearanceKind.VISA: "Visa",
    ClearanceKind.MEDICAL: "Medical clearance", ClearanceKind.PASSPORT: "Passport",
}  # fmt: skip
STATUSES = {
    ClearanceStatus.REQUESTED: "requested", ClearanceStatus.GRANTED: "granted",
    ClearanceStatus.RESTRICTED: "granted with a restriction", ClearanceStatus.REFUSED: "refused",
}  # fmt: skip
PASSPORT = "Ask the traveller: passport numbers are never kept here."
Parts = list[tuple[str, list[tuple[str, str]]]]


def parts(sheet: FieldSheet) -> Parts:
    """Headings, each with pairs of a field and what to type there; as eCC, APACS and booking tools ask for it."""
    said = sheet.content
    return [
        ("1. Traveller and contact", _people(sheet)),
        ("2. Purpose", [
            ("Title", said["title"]),
            ("Kind", said["nature"].label if said["nature"] else "Not chosen yet"),
            ("Purpose", said["purpose"] or "Not said yet"),
            ("Why in person", said["why_not_virtual"] or "Not said"),
            ("Event", f"{said['event']['name']}, from {_day(said['event']['starts_on'])}" if said["event"] else "None"),
            ("Forum", f"{said['forum']['name']} ({said['forum']['code']})" if said["forum"] else "None"),
        ]),
        ("3. Itinerary", _stays(said)),
        ("4. Whom the party meets", [(p["country"] or "Multilateral", p["name"]) for p in said["partners"]]
         or [("Partners", "None is named")]),
        ("5. Funding", _costs(said)),
        ("6. Approval", _approval(sheet)),
        ("7. Clearances on record", [
            (f"{KINDS[row.kind]}, {row.country}", _clearance(row)) for row in sheet.clearances
        ] or [("Clearances", "None is recorded yet")]),
    ]  # fmt: skip


def as_pdf(sheet: FieldSheet, made_at: datetime) -> bytes:
    """The sheet as one tagged page."""
    made = parts(sheet)
    data = {
        "kind": "Field sheet",
        "foot": f"Engagement {sheet.head.id}, {sheet.head.state.label.lower()}. {sheet.head.marking.label}. {PASSPORT}",
        "marking": f"{sheet.head.marking.label}: {sheet.head.marking.meaning}",
        "parts": [{"title": title, "facts": [list(pair) for pair in pairs]} for title, pairs in made],
        "long": sum(len(label) + len(text) + 30 for _, pairs in made for label, text in pairs),
    }
    return pdf.render("field_sheet", data, title=sheet.head.title, made_at=made_at)


def _people(sheet: FieldSheet) -> list[tuple[str, str]]:
    pairs = [
        (
            "Lead" if row.is_lead else "Traveller",
            ", ".join(part for part in (row.name or row.name_given, row.office, row.email) if part),
        )
        for row in sheet.party
    ] or [("Travellers", "Nobody travels")]
    head = sheet.head
    asked = ", ".join(part for part in (head.requester, head.office, head.email) if part)
    return [*pairs, ("Passport number", PASSPORT), ("Point of contact", asked or "Nobody yet")]


def _stays(said: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = []
    for number, leg in enumerate(said["legs"], start=1):
        place = f"{leg['city']}, {leg['country']}" if leg["city"] else leg["country"]
        stop = "; a stop on the way" if leg.get("transit") else ""
        nights = (leg["departs_on"] - leg["arrives_on"]).days
        stay = f"{nights} night{'' if nights == 1 else 's'}"
        pairs.append((
            f"Stay {number}",
            f"{place}: arrives {_day(leg['arrives_on'])}, departs {_day(leg['departs_on'])} ({stay}{stop})",
        ))  # fmt: skip
    if not pairs:
        pairs = [("Days", f"{_day(said['starts_on'])} to {_day(said['ends_on'])}" if said["starts_on"] else "Not yet")]
    return pairs


def _costs(said: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = [
        (cost["what"] or "Not said", f"${cost['amount']:,.2f}, {cost['funder']}"
         + (" (from outside the federal government)" if cost["non_federal"] else ""))
        for cost in said["costs"]
    ]  # fmt: skip
    return [*pairs, ("Total, whole party", f"${said['total']:,.2f}")]


def _approval(sheet: FieldSheet) -> list[tuple[str, str]]:
    made = sheet.decision
    if made is None:
        return [("State", f"{sheet.head.state.label}: not decided yet")]
    return [
        ("Decision", f"{made.id}: {made.outcome.label}"), ("Decided on", _day(made.decided_at.date())),
        ("Authority", made.authority),
    ]  # fmt: skip


def _clearance(row: Any) -> str:
    said = [STATUSES[row.status], row.name]
    if row.reference:
        said.append(f"reference {row.reference}")
    if row.decided_on:
        said.append(f"answered {_day(row.decided_on)}")
    if row.valid_until:
        said.append(f"good until {_day(row.valid_until)}")
    if row.restriction:
        said.append(f"restriction: {row.restriction}")
    return "; ".join(said)


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else "not known"
