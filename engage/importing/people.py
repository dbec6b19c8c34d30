"""The only place that reads a file of people."""

from dataclasses import dataclass

from engage.importing.cells import LINE_LIMIT, Cells, email, refuse_repeats
from engage.importing.parsed import Parsed
from engage.importing.sheet import Source, read_csv
from engage.reference.zones import zone_named
from engage.rules.policy import ReviewKind, Role

REQUIRED = ("email", "name")
OPTIONAL = ("office", "supervisor_email", "home_zone", "roles")


@dataclass(frozen=True)
class GrantRow:
    """A role to be granted; a reviewer's says of which kind."""

    role: Role
    review_kind: ReviewKind | None = None


@dataclass(frozen=True)
class PersonRow:
    """Somebody who works with the program. `home_zone` is empty when the file does not say."""

    line: int
    email: str
    name: str
    office: str
    supervisor_email: str
    home_zone: str
    roles: tuple[GrantRow, ...]


def parse_people(source: Source) -> Parsed[PersonRow]:
    """The people of a file; an address stands there once.

    Roles are separated by `;`, a reviewer's kind follows a colon: `supervisor;reviewer:security`.
    """
    sheet = read_csv(source, required=REQUIRED, optional=OPTIONAL)
    problems, rows = list(sheet.problems), []
    for row in sheet.rows:
        cells = Cells(row, problems)
        if not cells.raw("email"):
            cells.refuse("email", "This is missing.")
        person = PersonRow(
            line=row.line,
            email=cells.value("email", _address) or "",
            name=cells.line("name", required=True),
            office=cells.line("office"),
            supervisor_email=cells.value("supervisor_email", _address) or "",
            home_zone=cells.value("home_zone", _zone) or "",
            roles=_grants(cells),
        )
        if person.email and person.email == person.supervisor_email:
            cells.refuse("supervisor_email", "Nobody is their own supervisor.")
        rows.append(person)
    refuse_repeats([(row.line, "email", row.email) for row in rows if row.email], problems)
    return Parsed(tuple(rows), tuple(problems))


def _address(text: str) -> str:
    if len(text) > LINE_LIMIT:
        raise ValueError(f"This is longer than {LINE_LIMIT} characters.")
    return email(text)


def _zone(text: str) -> str:
    zone = zone_named(text)
    if not zone:
        raise ValueError(f"“{text[:40]}” is no time zone; write one such as America/New_York.")
    return zone


def _grants(cells: Cells) -> tuple[GrantRow, ...]:
    found = []
    for part in cells.parts("roles"):
        try:
            found.append(_grant(part))
        except ValueError as fault:
            cells.refuse("roles", str(fault))
    return tuple(dict.fromkeys(found))


def _grant(text: str) -> GrantRow:
    name, _, kind = (part.strip().replace(" ", "_") for part in text.casefold().partition(":"))
    if name not in set(Role):
        raise ValueError(f"“{text[:40]}” is none of the roles: {', '.join(Role)}.")
    role = Role(name)
    if role is Role.REVIEWER:
        if kind not in set(ReviewKind):
            raise ValueError(f"Say of which kind: {', '.join(f'reviewer:{known}' for known in ReviewKind)}.")
        return GrantRow(role, ReviewKind(kind))
    if kind:
        raise ValueError(f"Only a reviewer has a kind, not “{name}”.")
    return GrantRow(role)
