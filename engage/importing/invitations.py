"""The only place that reads an iCalendar invitation into the facts a draft needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from engage.importing.calendar_text import Component, Property, calendars
from engage.importing.calendar_times import Fault, when
from engage.importing.cells import ADDRESS_LIMIT, EMAIL, LINE_LIMIT, PROSE_LIMIT, address, single_line
from engage.importing.parsed import Parsed, Problem, Question
from engage.importing.plain_text import plain_text
from engage.importing.sheet import Unreadable, file_bytes
from engage.reference.countries import country, fold
from engage.reference.places import Place, read_place, zone_for
from engage.reference.zones import zones_of

FILE_LIMIT_BYTES = 256 * 1024
EVENT_LIMIT = 50
CONTACT_LIMIT = 200
METHODS = frozenset({"", "PUBLISH", "REQUEST", "ADD", "CANCEL"})
NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Contact:
    """Somebody an invitation names. `kind` is individual, group, room, resource or unknown."""

    name: str
    email: str
    kind: str = "individual"
    role: str = ""


@dataclass(frozen=True)
class Invitation:
    """One event of an invitation; it becomes a draft.

    `starts` and `ends` are both moments with a zone, or both days, the last included; `zone` is the zone of
    the moments, None for days. `starts_on` and `ends_on` are days in that zone. `country_code`, `city` and
    `place_zone` are there only when the location surely says so, or somebody answered. `remarks` tell what
    was not taken over, `missing` what a draft lacks.
    """

    line: int
    uid: str
    sequence: int
    method: str
    title: str
    description: str
    location: str
    country_code: str | None
    city: str | None
    place_zone: str | None
    starts: datetime | date
    ends: datetime | date
    all_day: bool
    zone: str | None
    organiser: Contact | None
    attendees: tuple[Contact, ...]
    url: str
    status: str
    cancelled: bool
    remarks: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def starts_on(self) -> date:
        """The first day."""
        return self.starts.date() if isinstance(self.starts, datetime) else self.starts

    @property
    def ends_on(self) -> date:
        """The last day, included; a meeting that ends at midnight does not reach into the day that begins."""
        if not isinstance(self.ends, datetime):
            return self.ends
        last = self.ends - timedelta(microseconds=1) if self.ends > self.starts else self.ends
        return last.date()


def parse_invitation(source: bytes | Path, *, answers: Mapping[str, str] = NO_ANSWERS) -> Parsed[Invitation]:
    """The events of an invitation file, usually one. Never raises for what the file holds.

    Of a series only its first meeting is taken, and of several states of one event (same UID) the latest.
    `answers` settles questions of an earlier reading by their key.
    """
    try:
        found = calendars(file_bytes(source, FILE_LIMIT_BYTES))
    except Unreadable as refusal:
        return Parsed.refused([Problem(0, "", str(refusal))])

    problems: list[Problem] = []
    questions: dict[str, Question] = {}
    taken: dict[str, Invitation] = {}
    for calendar in found:
        method = calendar.text("METHOD").upper()
        if method not in METHODS:
            reason = f"This is a {method[:20].lower()}, not an invitation."
            problems.append(Problem(calendar.line, "METHOD", reason))
            continue
        for event in _events(calendar, problems):
            try:
                invitation, asked = _invitation(event, method, calendar, answers)
            except Fault as fault:
                problems.append(Problem(fault.line or event.line, fault.name, str(fault)))
                continue
            questions |= {question.key: question for question in asked}
            known = taken.get(invitation.uid)
            if not known or known.sequence <= invitation.sequence:
                taken[invitation.uid] = invitation
    if not taken and not problems:
        problems.append(Problem(0, "", "The file holds no event (VEVENT)."))
    return Parsed(tuple(taken.values()), tuple(problems), tuple(questions.values()))


def _events(calendar: Component, problems: list[Problem]) -> list[Component]:
    """The events to take: not the exceptions of a series, unless the file holds nothing else."""
    events = calendar.within("VEVENT")
    if len(events) > EVENT_LIMIT:
        problems.append(Problem(calendar.line, "VEVENT", f"There are more than {EVENT_LIMIT} events."))
        return []
    return [event for event in events if not event.first("RECURRENCE-ID")] or events[:1]


def _invitation(
    event: Component, method: str, calendar: Component, answers: Mapping[str, str]
) -> tuple[Invitation, list[Question]]:
    """One event with the questions it leaves. Raises Fault."""
    uid = single_line(event.text("UID"))
    if not uid or len(uid) > LINE_LIMIT:
        raise Fault("UID", f"An event needs a UID of at most {LINE_LIMIT} characters.", event.line)
    remarks: list[str] = []
    location, _ = plain_text(event.text("LOCATION"), LINE_LIMIT)
    location = single_line(location)
    place, asked = _place(uid, location, event.line, answers)
    times = when(event, calendar.within("VTIMEZONE"), place.zone if place else None)
    missing = list(times.missing)
    if not place:
        missing.append("The country.")
    elif not place.zone:
        missing.append(f"The time zone of {place.city or location}.")
    title = single_line(plain_text(event.text("SUMMARY"), 2 * LINE_LIMIT)[0])
    if not title:
        missing.append("A title.")
    if len(title) > LINE_LIMIT:
        title, remarks = title[: LINE_LIMIT - 1] + "…", ["The title was too long and is cut."]
    description, cut = plain_text(_described(event), PROSE_LIMIT)
    remarks += ["The description was too long and is cut."] if cut else []
    remarks += _series(event)
    contacts = event.all("ATTENDEE")
    if len(contacts) > CONTACT_LIMIT:
        remarks.append(f"Of {len(contacts)} invited the first {CONTACT_LIMIT} are kept.")
    status = event.text("STATUS").lower()
    organiser = event.first("ORGANIZER")
    invitation = Invitation(
        line=event.line,
        uid=uid,
        sequence=_sequence(event),
        method=method,
        title=title or "Invitation without a title",
        description=description,
        location=location,
        country_code=place.country_code if place else None,
        city=place.city if place else None,
        place_zone=place.zone if place else None,
        starts=times.starts,
        ends=times.ends,
        all_day=times.all_day,
        zone=times.zone,
        organiser=_contact(organiser) if organiser else None,
        attendees=tuple(_contact(prop) for prop in contacts[:CONTACT_LIMIT]),
        url=_address(event.text("URL")),
        status=status if status in ("confirmed", "tentative", "cancelled") else "",
        cancelled=method == "CANCEL" or status == "cancelled",
        remarks=(*remarks, *times.remarks),
        missing=tuple(missing),
    )
    return invitation, asked


def _place(
    uid: str, location: str, line: int, answers: Mapping[str, str]
) -> tuple[Place | None, list[Question]]:
    """Where it is, from the location when that is sure, else from the answers; and what must be asked."""
    place = read_place(location)
    where = location or "this event"
    if not place:
        key = f"country:{fold(location) or uid}"
        answer = country(answers.get(key, "").strip().upper())
        if not answer:
            return None, [Question(line, key, f"In which country is {where}?")]
        place = Place(answer.code, None, zone_for(answer.code, location))
    if place.zone:
        return place, []
    key = f"zone:{place.country_code}:{fold(place.city or location)}"
    options = tuple(zones_of(place.country_code))
    if answers.get(key) in options:
        return Place(place.country_code, place.city, answers[key]), []
    question = Question(line, key, f"Which time zone has {place.city or where}?", options)
    return place, [question] if options else []


def _described(event: Component) -> str:
    """The description; the HTML twin some programs send, when there is no other."""
    return event.text("DESCRIPTION") or event.text("X-ALT-DESC")


def _series(event: Component) -> list[str]:
    if event.first("RRULE") or event.first("RDATE"):
        return ["It repeats; only the first meeting is taken."]
    if event.first("RECURRENCE-ID"):
        return ["It is one meeting of a series; only this one is taken."]
    return []


def _sequence(event: Component) -> int:
    text = event.text("SEQUENCE")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Fault("SEQUENCE", "This is not a whole number.", event.line)
    return int(text)


def _contact(prop: Property) -> Contact:
    scheme, _, rest = prop.value.strip().partition(":")
    mail = rest.strip() if scheme.casefold() == "mailto" else ""
    name = single_line(plain_text(prop.params.get("CN", ""), LINE_LIMIT)[0])
    return Contact(
        name=name,
        email=mail.lower() if EMAIL.fullmatch(mail) else "",
        kind=prop.params.get("CUTYPE", "individual").lower()[:20],
        role=prop.params.get("ROLE", "").lower()[:20],
    )


def _address(text: str) -> str:
    try:
        return address(text) if len(text) <= ADDRESS_LIMIT else ""
    except ValueError:
        return ""
