"""The only place that reads the files of the registers: forums, partners and events."""

from dataclasses import dataclass
from datetime import date

from engage.importing.cells import WORD_LIMIT, Cells, refuse_repeats
from engage.importing.parsed import Parsed
from engage.importing.sheet import Source, read_csv

FORUM_KINDS = (
    "multilateral", "multistakeholder", "bilateral", "csirt_network", "capacity_building", "standards",
    "law_enforcement", "defence", "exercise", "training", "conference_series",
)  # fmt: skip
PARTNER_KINDS = (
    "national_csirt", "gov_csirt", "cyber_agency", "ministry", "regulator", "standards_body", "ngo",
)  # fmt: skip
EVENT_KINDS = ("conference", "multilateral", "bilateral", "exercise", "training", "standards", "csirt")
MEMBERSHIP = ("yes", "no", "unknown")

FORUM_COLUMNS = (
    "code", "name", "kind", "secretariat_country", "member_count", "cadence", "url", "source_url",
)  # fmt: skip
PARTNER_COLUMNS = ("name", "short_name", "country_code", "kind", "first_member", "url", "source_url")
PARTNER_OPTIONAL = ("forums",)
EVENT_COLUMNS = (
    "name", "series", "organiser", "city", "country_code", "starts_on", "ends_on", "kind", "url",
    "source_url",
)  # fmt: skip


@dataclass(frozen=True)
class ForumRow:
    """A body or series in which partners meet."""

    line: int
    code: str
    name: str
    kind: str
    secretariat_country: str | None
    member_count: int | None
    cadence: str
    url: str
    source_url: str


@dataclass(frozen=True)
class PartnerRow:
    """A foreign or multilateral organisation.

    `first_member` is yes, no or unknown; `forums` are the codes of others that it belongs to.
    """

    line: int
    name: str
    short_name: str
    country_code: str | None
    kind: str
    first_member: str
    url: str
    source_url: str
    forums: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventRow:
    """One edition of a meeting that somebody else holds; both days included, the last None when not known."""

    line: int
    name: str
    series: str
    organiser: str
    city: str
    country_code: str | None
    starts_on: date
    ends_on: date | None
    kind: str
    url: str
    source_url: str


def parse_forums(source: Source) -> Parsed[ForumRow]:
    """The forums of a file; a code stands there once."""
    sheet = read_csv(source, required=FORUM_COLUMNS)
    problems, rows = list(sheet.problems), []
    for row in sheet.rows:
        cells = Cells(row, problems)
        rows.append(
            ForumRow(
                line=row.line,
                code=cells.line("code", required=True, limit=WORD_LIMIT),
                name=cells.line("name", required=True),
                kind=cells.choice("kind", FORUM_KINDS),
                secretariat_country=cells.country("secretariat_country"),
                member_count=cells.value("member_count", _count),
                cadence=cells.line("cadence"),
                url=cells.address("url"),
                source_url=cells.address("source_url"),
            )
        )
    refuse_repeats([(row.line, "code", row.code.casefold()) for row in rows if row.code], problems)
    return Parsed(tuple(rows), tuple(problems))


def parse_partners(source: Source) -> Parsed[PartnerRow]:
    """The partners of a file; a name stands there once for a country."""
    sheet = read_csv(source, required=PARTNER_COLUMNS, optional=PARTNER_OPTIONAL)
    problems, rows = list(sheet.problems), []
    for row in sheet.rows:
        cells = Cells(row, problems)
        rows.append(
            PartnerRow(
                line=row.line,
                name=cells.line("name", required=True),
                short_name=cells.line("short_name"),
                country_code=cells.country("country_code"),
                kind=cells.choice("kind", PARTNER_KINDS),
                first_member=cells.choice("first_member", MEMBERSHIP, required=False) or "unknown",
                url=cells.address("url"),
                source_url=cells.address("source_url"),
                forums=cells.parts("forums"),
            )
        )
    refuse_repeats(
        [(row.line, "name", (row.name.casefold(), row.country_code)) for row in rows if row.name], problems
    )
    return Parsed(tuple(rows), tuple(problems))


def parse_events(source: Source) -> Parsed[EventRow]:
    """The events of a file; a name stands there once for a first day, which must be there."""
    sheet = read_csv(source, required=EVENT_COLUMNS)
    problems, rows = list(sheet.problems), []
    for row in sheet.rows:
        cells = Cells(row, problems)
        starts_on, ends_on = cells.span("starts_on", "ends_on")
        if not cells.raw("starts_on") and not cells.raw("ends_on"):
            cells.refuse("starts_on", "This is missing.")
        event = EventRow(
            line=row.line,
            name=cells.line("name", required=True),
            series=cells.line("series"),
            organiser=cells.line("organiser"),
            city=cells.line("city"),
            country_code=cells.country("country_code"),
            starts_on=starts_on or date.min,  # never written: the missing day is a problem
            ends_on=ends_on,
            kind=cells.choice("kind", EVENT_KINDS),
            url=cells.address("url"),
            source_url=cells.address("source_url"),
        )
        if starts_on:
            rows.append(event)
    refuse_repeats(
        [(row.line, "name", (row.name.casefold(), row.starts_on)) for row in rows if row.name], problems
    )
    return Parsed(tuple(rows), tuple(problems))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError("Write a whole number.")
    return int(text)
