"""Forums, partners, events and people, as real files have them and as files go wrong."""

# ruff: noqa: E501  # one case of a table is one line

from datetime import date
from pathlib import Path

import pytest

from engage.importing.people import GrantRow, PersonRow, parse_people
from engage.importing.registers import (
    EVENT_COLUMNS,
    EVENT_KINDS,
    FORUM_COLUMNS,
    PARTNER_COLUMNS,
    EventRow,
    parse_events,
    parse_forums,
    parse_partners,
)
from engage.models.engagements import EngagementKind
from engage.rules.policy import ReviewKind, Role

REAL = Path(__file__).parents[2] / "engage" / "seed" / "real"


@pytest.mark.parametrize(
    ("name", "parse", "count"),
    [("forums", parse_forums, 42), ("partners", parse_partners, 88), ("events", parse_events, 73)],
)
def test_the_real_registers_are_read_whole(name, parse, count):
    parsed = parse(REAL / f"{name}.csv")

    assert (len(parsed.rows), parsed.problems, parsed.questions) == (count, (), ())


def test_the_real_files_end_their_lines_as_they_came():
    assert {
        path.name: path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
        for path in REAL.glob("**/*.[ci]*s*")
    } == {path.name: True for path in REAL.glob("**/*.[ci]*s*")}


def test_an_event_is_read_to_the_letter():
    events = {event.name: event for event in parse_events(REAL / "events.csv").rows}

    assert events["CYBERUK 2025"] == EventRow(
        line=31,
        name="CYBERUK 2025",
        series="CYBERUK",
        organiser="NCSC-UK",
        city="Manchester",
        country_code="GB",
        starts_on=date(2025, 5, 7),
        ends_on=None,
        kind="conference",
        url="https://www.ukpol.co.uk/category/technology/page/2",
        source_url="https://www.ukpol.co.uk/category/technology/page/2",
    )
    assert events["Cyber Europe 2024"].country_code is None


def test_the_kinds_of_events_are_those_of_engagements():
    assert set(EVENT_KINDS) == {kind.value for kind in EngagementKind}


def said(parse, columns, *lines):
    content = ",".join(columns) + "\n" + "\n".join(lines)
    return [str(problem) for problem in parse(content.encode()).problems]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",Forum,standards,,,,,", "Line 2, code: This is missing."),
        ("F,,standards,,,,,", "Line 2, name: This is missing."),
        ("F" * 41 + ",Forum,standards,,,,,", "Line 2, code: This is longer than 40 characters."),
        ("F,Forum,standards,ZZ,,,,", "Line 2, secretariat_country: “ZZ” is no country code; write two letters of ISO 3166-1, such as EE."),
        ("F,Forum,standards,,many,,,", "Line 2, member_count: Write a whole number."),
        ("F,Forum,standards,,,,ftp://x.example,", "Line 2, url: Write a web address that begins with https:// or http://."),
        ("F,Forum,standards,,,,javascript:alert(1),", "Line 2, url: Write a web address that begins with https:// or http://."),
        ("F,Forum,standards,,,,http://[x,", "Line 2, url: Write a web address that begins with https:// or http://."),
    ],
)  # fmt: skip
def test_a_bad_forum_is_named(row, problem):
    assert said(parse_forums, FORUM_COLUMNS, row) == [problem]


def test_a_kind_that_is_none_is_named_with_those_that_are():
    assert said(parse_partners, PARTNER_COLUMNS, "P,,EE,club,yes,,") == [
        "Line 2, kind: “club” is none of national_csirt, gov_csirt, cyber_agency, ministry, regulator, "
        "standards_body, ngo."
    ]


def test_a_row_may_not_repeat_another():
    assert said(parse_forums, FORUM_COLUMNS, "F,One,standards,,,,,", "f,Two,standards,,,,,") == [
        "Line 3, code: This is on line 2 too."
    ]
    assert said(parse_partners, PARTNER_COLUMNS, "P,,EE,ngo,yes,,", "P,,LV,ngo,,,", "p,,EE,ngo,no,,") == [
        "Line 4, name: This is on line 2 too."
    ]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "problem"),
    [
        ("", "", "Line 2, starts_on: This is missing."),
        ("", "2026-01-02", "Line 2, starts_on: There is a last day but no first."),
        (
            "2026-01-02",
            "2026-01-01",
            "Line 2, ends_on: The last day 2026-01-01 is before the first, 2026-01-02.",
        ),
        ("1/2/2026", "", "Line 2, starts_on: Write the day as 2026-03-14."),
        ("2026-02-30", "", "Line 2, starts_on: There is no such day as 2026-02-30."),
    ],
)
def test_bad_days_of_an_event_are_named(starts_on, ends_on, problem):
    row = f"Event,,,,,{starts_on},{ends_on},csirt,,"

    assert said(parse_events, EVENT_COLUMNS, row) == [problem]


def test_a_spreadsheet_s_midnight_is_a_day():
    content = ",".join(EVENT_COLUMNS) + "\nEvent,,,,,2026-01-02 00:00:00,2026-01-03T00:00,CSIRT,,"
    (event,) = parse_events(content.encode()).rows

    assert (event.starts_on, event.ends_on, event.kind) == (date(2026, 1, 2), date(2026, 1, 3), "csirt")


def test_people_are_read_with_their_roles():
    parsed = parse_people(
        b"email,name,office,supervisor_email,home_zone,roles\n"
        b"Ann@Example.gov, Ann  Doe ,Legal,boss@example.gov,US/Eastern,supervisor; Reviewer:security;supervisor\n"
        b"bob@example.gov,Bob,,,,\n"
    )

    assert parsed.problems == ()
    assert parsed.rows == (
        PersonRow(
            line=2,
            email="ann@example.gov",
            name="Ann Doe",
            office="Legal",
            supervisor_email="boss@example.gov",
            home_zone="America/New_York",
            roles=(GrantRow(Role.SUPERVISOR), GrantRow(Role.REVIEWER, ReviewKind.SECURITY)),
        ),
        PersonRow(3, "bob@example.gov", "Bob", "", "", "", ()),
    )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",Ann,,,,", "Line 2, email: This is missing."),
        ("ann,Ann,,,,", "Line 2, email: Write an e-mail address, such as name@example.gov."),
        ("ann@example.gov,,,,,", "Line 2, name: This is missing."),
        ("a@example.gov,Ann,,A@example.gov,,", "Line 2, supervisor_email: Nobody is their own supervisor."),
        ("a@example.gov,Ann,,,Mars/Base,", "Line 2, home_zone: “Mars/Base” is no time zone; write one such as America/New_York."),
        ("a@example.gov,Ann,,,,chair:legal", "Line 2, roles: Only a reviewer has a kind, not “chair”."),
        (
            "a@example.gov,Ann,,,,reviewer",
            "Line 2, roles: Say of which kind: reviewer:security, reviewer:legal, reviewer:finance, reviewer:records, "
            "reviewer:front_office.",
        ),
    ],
)  # fmt: skip
def test_a_bad_person_is_named(row, problem):
    assert said(parse_people, ("email", "name", "office", "supervisor_email", "home_zone", "roles"), row) == [
        problem
    ]


def test_a_person_stands_there_once():
    assert said(parse_people, ("email", "name"), "a@example.gov,Ann", "A@example.gov,Ann") == [
        "Line 3, email: This is on line 2 too."
    ]
