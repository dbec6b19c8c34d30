"""The only place that says which words of an invitation go where in an engagement."""

from collections.abc import Iterator
from datetime import date, datetime

from engage.importing.invitations import Contact, Invitation
from engage.rules.asking import Content, ContentLeg, EngagementKind, Firmness
from engage.rules.completeness import PROSE
from engage.services.imports.known import Known
from engage.services.imports.plan import in_words


def content_of_invitation(row: Invitation, known: Known) -> Content:
    """The event as a draft. Whoever was invited with us is no traveller of ours; the place is one stay.

    The stay has the event's own days, since an invitation says nothing of the journey; `missing` says so.
    """
    event = known.event(row.title, row.starts_on)
    legs: tuple[ContentLeg, ...] = ()
    missing = list(row.missing)
    if row.country_code:
        legs = (ContentLeg(row.country_code, row.city or "", row.place_zone, row.starts_on, row.ends_on),)
        missing.append("The days of arrival and departure: the stay has the event's own days.")
        if not row.city:
            missing.append("The city.")
    return Content(
        title=row.title,
        nature=EngagementKind(event.kind) if event else None,
        firmness=Firmness.TENTATIVE if row.status == "tentative" else Firmness.FIRM,
        notes=_fitting("\n".join(_notes(row)), row.description),
        missing="\n".join(missing),
        event_id=event.id if event else None,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        legs=legs,
    )


def _notes(row: Invitation) -> Iterator[str]:
    organiser = f" from {_name(row.organiser)}" if row.organiser else ""
    yield f"Imported from an invitation{organiser}."
    if row.location:
        yield f"Place: {row.location}."
    yield f"When: {_when(row)}."
    if row.url:
        yield f"Page: {row.url}"
    yield from row.remarks


def _fitting(facts: str, description: str) -> str:
    """Our facts first, then as much of the description as there is room for."""
    text = f"{facts}\n\n{description}".strip()
    return text if len(text) <= PROSE else text[: PROSE - 1] + "…"


def _name(contact: Contact) -> str:
    return f"{contact.name} ({contact.email})" if contact.name and contact.email else contact.name or contact.email


def _when(row: Invitation) -> str:
    first, last = (_moment(end) for end in (row.starts, row.ends))
    zone = f", {row.zone} time" if row.zone else ""
    return f"{first} to {last}{zone}" if first != last else f"{first}{zone}"


def _moment(end: datetime | date) -> str:
    return f"{in_words(end)}, {end:%H:%M}" if isinstance(end, datetime) else in_words(end)
