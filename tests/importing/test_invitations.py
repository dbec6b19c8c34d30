"""Invitations of four mail programs to the letter, and of those who mean harm."""

# ruff: noqa: E501  # one case of a table is one line

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engage.importing.invitations import Contact, Invitation, parse_invitation

INVITES = Path(__file__).parents[2] / "engage" / "seed" / "real" / "invites"


def one(source, **answers):
    """The one event of a sound file."""
    parsed = parse_invitation(source, answers=answers)
    assert parsed.problems == ()
    (invitation,) = parsed.rows
    return invitation


def calendar(*lines, event=True, method="REQUEST"):
    """An invitation that is sound but for `lines`, which come first and so replace what follows of their name."""
    given = {line.partition(":")[0].partition(";")[0] for line in lines}
    usual = [
        "UID:u1",
        "SUMMARY:Talks",
        "LOCATION:Tallinn\\, Estonia",
        "DTSTART;TZID=Europe/Tallinn:20260527T090000",
    ]
    body = [*lines, *(line for line in usual if line.partition(":")[0].partition(";")[0] not in given)]
    if event:
        body = ["BEGIN:VEVENT", *body, "END:VEVENT"]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *body, "END:VCALENDAR", ""]
    ).encode()


def test_an_outlook_invitation_with_a_windows_zone():
    cycon = one(INVITES / "outlook-cycon-2025.ics")

    assert cycon.starts == datetime(2025, 5, 27, 6, 0, tzinfo=UTC)
    assert cycon.ends == datetime(2025, 5, 30, 14, 0, tzinfo=UTC)
    assert (cycon.starts.hour, cycon.zone, cycon.place_zone) == (9, "Europe/Kyiv", "Europe/Tallinn")
    assert (cycon.starts_on, cycon.ends_on, cycon.all_day) == (date(2025, 5, 27), date(2025, 5, 30), False)
    assert (cycon.title, cycon.location, cycon.city, cycon.country_code) == (
        "CyCon 2025",
        "Tallinn, Estonia",
        "Tallinn",
        "EE",
    )
    assert cycon.description.endswith("on the conference site: http://www.cycon.org")
    assert cycon.uid == (
        "040000008200E00074C5B7101A82E00800000000D0A1B2C3D4E5DB01000000000000000010000000"
        "AABBCCDDEEFF00112233445566778899"
    )
    assert (cycon.organiser, cycon.attendees) == (
        Contact("Conference office", "office@conference.example"),
        (
            Contact("International Affairs desk", "desk@agency.example", "individual", "req-participant"),
            Contact("traveller-01", "traveller-01@agency.example", "individual", "req-participant"),
            Contact("Meeting room, hall", "room@agency.example", "room", "non-participant"),
        ),
    )


def test_a_google_invitation_with_html_breaks_and_its_own_boilerplate():
    summit = one(INVITES / "google-counter-ransomware-summit-2025.ics")

    assert summit.starts == datetime(2025, 10, 24, 9, 0, tzinfo=ZoneInfo("Asia/Singapore"))
    assert summit.ends == datetime(2025, 10, 24, 17, 30, tzinfo=ZoneInfo("Asia/Singapore"))
    assert (summit.zone, summit.city, summit.country_code) == ("Asia/Singapore", "Singapore", "SG")
    assert (summit.sequence, summit.method, summit.status, summit.cancelled) == (
        1,
        "REQUEST",
        "confirmed",
        False,
    )
    assert summit.description == (
        "5th International Counter Ransomware Initiative Summit, Singapore.\n\n"
        "Please reply with your delegation list (head of delegation plus two).\n"
        "Join details are not provided: this is an in-person meeting."
    )


def test_whole_days_end_on_the_day_before_the_file_says():
    assert one(INVITES / "allday-itu-pp-26.ics") == Invitation(
        line=6,
        uid="pp26-placeholder-0001",
        sequence=2,
        method="PUBLISH",
        title="ITU Plenipotentiary Conference 2026 (PP-26)",
        description=(
            "ITU Plenipotentiary Conference 2026 (PP-26), Doha, Qatar. Last meeting of the 2026 Council session on "
            "7 November. Three weeks; delegations may rotate."
        ),
        location="Doha, Qatar",
        country_code="QA",
        city="Doha",
        place_zone="Asia/Qatar",
        starts=date(2026, 11, 9),
        ends=date(2026, 11, 27),
        all_day=True,
        zone=None,
        organiser=None,
        attendees=(),
        url="https://pp.itu.int/2026/en/about/about-pp26/",
        status="tentative",
        cancelled=False,
        remarks=(),
        missing=(),
    )


def test_folded_lines_of_several_scripts_and_quoted_names():
    days = one(INVITES / "folded-unicode-geant-security-days-2025.ics")

    assert days.starts == datetime(2025, 4, 8, 8, 30, tzinfo=ZoneInfo("Europe/Prague"))
    assert days.ends == datetime(2025, 4, 10, 16, 30, tzinfo=ZoneInfo("Europe/Prague"))
    assert (days.zone, days.country_code, days.city) == ("Europe/Prague", "CZ", None)
    assert days.title == "GÉANT Security Days 2025 – pozvánka / invitation, Praha"
    assert days.location == "Praha, Česká republika; přesné místo bude upřesněno"
    assert 'semicolons; a back-slash \\ and a quoted "term"' in days.description
    assert "(ěščřžýáíé, ß, ñ, 日本, Ελλάδα, Україна, 🛡️)" in days.description
    assert "\n\n  • 8 April: programme to follow\n" in days.description
    assert days.organiser == Contact("Příjem účastníků, GÉANT Security Days", "registrace@udalosti.example")
    assert days.attendees[0] == Contact(
        "Řehoř Ďábelský; vzorové jméno", "vzor@udalosti.example", "individual", "chair"
    )


@pytest.mark.parametrize("path", sorted(INVITES.glob("*.ics")), ids=lambda path: path.stem)
def test_no_real_invitation_leaves_a_question_or_a_remark(path):
    parsed = parse_invitation(path)

    assert (parsed.problems, parsed.questions) == ((), ())
    assert [(row.missing, row.remarks) for row in parsed.rows] == [((), ())]


@pytest.mark.parametrize(
    ("lines", "starts", "ends", "zone"),
    [
        (["DTSTART:20260527T060000Z"], "2026-05-27T09:00+03:00", "2026-05-27T09:00+03:00", "Europe/Tallinn"),
        (["DTSTART:20260527T090000"], "2026-05-27T09:00+03:00", "2026-05-27T09:00+03:00", "Europe/Tallinn"),
        (["DURATION:PT90M"], "2026-05-27T09:00+03:00", "2026-05-27T10:30+03:00", "Europe/Tallinn"),
        (["DTSTART;TZID=Europe/Kiev:20260527T0900"], "2026-05-27T09:00+03:00", "2026-05-27T09:00+03:00", "Europe/Kyiv"),
        (
            ["DTEND;TZID=Europe/Paris:20260527T090000"],
            "2026-05-27T09:00+03:00",
            "2026-05-27T10:00+03:00",
            "Europe/Tallinn",
        ),
    ],
)  # fmt: skip
def test_times_are_told_in_a_zone_that_is_sure(lines, starts, ends, zone):
    event = one(calendar(*lines))

    assert (event.starts.isoformat("T", "minutes"), event.ends.isoformat("T", "minutes"), event.zone) == (
        starts,
        ends,
        zone,
    )


@pytest.mark.parametrize(
    ("lines", "starts_on", "ends_on"),
    [
        (["DTSTART;VALUE=DATE:20260527"], date(2026, 5, 27), date(2026, 5, 27)),
        (["DTSTART;VALUE=DATE:20260527", "DTEND;VALUE=DATE:20260527"], date(2026, 5, 27), date(2026, 5, 27)),
        (["DTSTART;VALUE=DATE:20260527", "DURATION:P1W"], date(2026, 5, 27), date(2026, 6, 2)),
        (["DTEND;TZID=Europe/Tallinn:20260528T000000"], date(2026, 5, 27), date(2026, 5, 27)),
        (["DTEND;TZID=Europe/Tallinn:20260528T000001"], date(2026, 5, 27), date(2026, 5, 28)),
    ],
)
def test_the_days_of_an_event(lines, starts_on, ends_on):
    event = one(calendar(*lines))

    assert (event.starts_on, event.ends_on) == (starts_on, ends_on)


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        (
            ["DTSTART;TZID=Customized Time Zone:20260527T090000"],
            "The hours: the time zone “Customized Time Zone” is not known here.",
        ),
        (
            ["DTSTART:20260527T090000", "LOCATION:Shenzhen\\, China"],
            "The hours: the times are local to a place whose time zone is not known.",
        ),
        (
            ["DTSTART;TZID=EST:20260527T090000"],
            "The hours: the time zone “EST” is not known here.",
        ),
    ],
)
def test_hours_whose_zone_is_not_sure_are_left_out_and_the_days_kept(lines, missing):
    (event,) = parse_invitation(calendar(*lines)).rows

    assert (event.starts, event.ends, event.zone, event.all_day) == (
        date(2026, 5, 27),
        date(2026, 5, 27),
        None,
        False,
    )
    assert event.missing[0] == missing


def test_a_zone_described_with_other_offsets_than_its_name_has_is_not_believed():
    zone = ["BEGIN:VTIMEZONE", "TZID:FLE Standard Time", "BEGIN:STANDARD", "TZOFFSETTO:-0500", "END:STANDARD",
            "END:VTIMEZONE"]  # fmt: skip
    event = [
        "BEGIN:VEVENT",
        "UID:u",
        "LOCATION:Kyiv",
        "DTSTART;TZID=FLE Standard Time:20260527T090000",
        "END:VEVENT",
    ]

    (hostile,) = parse_invitation(calendar(*zone, *event, event=False)).rows
    (honest,) = parse_invitation(calendar(*event, event=False)).rows

    assert hostile.missing[0] == (
        "The hours: the file describes the time zone “FLE Standard Time” with other offsets than Europe/Kyiv has."
    )
    assert honest.zone == "Europe/Kyiv"


def test_a_place_that_is_not_sure_is_asked_for():
    content = calendar("LOCATION:Grand Hotel")
    first = parse_invitation(content)

    assert [(q.line, q.key, q.about) for q in first.questions] == [
        (4, "country:grand hotel", "In which country is Grand Hotel?")
    ]
    assert (first.rows[0].country_code, first.rows[0].missing) == (None, ("The country.",))

    answers = {"country:grand hotel": "CN"}
    (asked,) = parse_invitation(content, answers=answers).questions
    assert (asked.key, asked.options) == ("zone:CN:grand hotel", ("Asia/Shanghai", "Asia/Urumqi"))

    settled = parse_invitation(content, answers=answers | {asked.key: "Asia/Shanghai"})
    assert (settled.questions, settled.rows[0].missing, settled.rows[0].place_zone) == (
        (),
        (),
        "Asia/Shanghai",
    )


def test_a_series_is_taken_once_and_says_so():
    series = one(calendar("RRULE:FREQ=SECONDLY;COUNT=999999999"))

    assert series.remarks == ("It repeats; only the first meeting is taken.",)


def test_changes_of_a_series_and_older_states_are_not_events_of_their_own():
    master = [
        "BEGIN:VEVENT",
        "UID:u",
        "SEQUENCE:{0}",
        "SUMMARY:{1}",
        "DTSTART;VALUE=DATE:20260527",
        "END:VEVENT",
    ]
    change = [
        "BEGIN:VEVENT",
        "UID:u",
        "RECURRENCE-ID:20260603T000000Z",
        "DTSTART;VALUE=DATE:20260604",
        "END:VEVENT",
    ]
    lines = [line.format(2, "New") for line in master] + change + [line.format(1, "Old") for line in master]

    assert [row.title for row in parse_invitation(calendar(*lines, event=False)).rows] == ["New"]
    assert [row.remarks for row in parse_invitation(calendar(*change, event=False)).rows] == [
        ("It is one meeting of a series; only this one is taken.",)
    ]


def test_a_cancellation_is_told():
    assert one(calendar(method="CANCEL")).cancelled
    assert one(calendar("STATUS:CANCELLED")).cancelled


def test_html_becomes_plain_text_and_what_only_looks_like_it_stays():
    html = one(calendar("DESCRIPTION:<p>One&nbsp;&amp; two</p><script src=x>alert(1)</script><b>3</b>"))
    plain = one(calendar("DESCRIPTION:1 < 2\\, mail <a.b@c.example> & so on"))
    twin = one(calendar("X-ALT-DESC;FMTTYPE=text/html:<html><body>Hello</body></html>"))

    assert html.description == "One & two\nalert(1)3"
    assert plain.description == "1 < 2, mail <a.b@c.example> & so on"
    assert twin.description == "Hello"


def test_what_is_too_long_is_cut_and_says_so():
    event = one(
        calendar("DESCRIPTION:" + "x" * 6000, "SUMMARY:" + "y" * 300, *["ATTENDEE:mailto:a@b.example"] * 201)
    )

    assert (len(event.description), len(event.title), len(event.attendees)) == (5000, 200, 200)
    assert event.remarks == (
        "The title was too long and is cut.",
        "The description was too long and is cut.",
        "Of 201 invited the first 200 are kept.",
    )


def test_addresses_that_are_none_are_dropped():
    event = one(calendar("URL:javascript:alert(1)", "ORGANIZER;CN=X:mailto:not an address"))

    assert (event.url, event.organiser) == ("", Contact("X", ""))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file: This is not an iCalendar file: there is no VCALENDAR."),
        (b"PK\x03\x04", "The file: Line 1 holds a control character."),
        (b"hello", "The file: Line 1 is no iCalendar property."),
        (b"SUMMARY:x", "The file: This is not an iCalendar file: line 1 stands outside a VCALENDAR."),
        (
            b"BEGIN:VCARD\nEND:VCARD",
            "The file: This is not an iCalendar file: line 1 does not begin a VCALENDAR.",
        ),
        (b"BEGIN:VCALENDAR\n", "The file: The file is cut off: the VCALENDAR of line 1 has no end."),
        (b"BEGIN:VCALENDAR\nEND:VEVENT", "The file: Line 2: this does not end the VCALENDAR of line 1."),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR", "The file: The file holds no event (VEVENT)."),
        (b"BEGIN:VCALENDAR\nX:\xff\nEND:VCALENDAR", "The file: The file is not UTF-8 (line 2)."),
        (b"x" * (256 * 1024 + 1), "The file: The file is larger than 256 KB."),
        (b"X:" + b"x" * 100_000, "The file: Line 1 is longer than 100,000 characters."),
        (b"X:1\n" * 5001, "The file: The file has more than 5,000 properties."),
        (b"BEGIN:VCALENDAR\n" * 6, "The file: Line 6: components stand more than 5 deep."),
        (calendar(method="REPLY"), "Line 1, METHOD: This is a reply, not an invitation."),
        (calendar("UID:"), "Line 4, UID: An event needs a UID of at most 200 characters."),
        (calendar("UID:" + "x" * 201), "Line 4, UID: An event needs a UID of at most 200 characters."),
        (calendar("SEQUENCE:1e9"), "Line 4, SEQUENCE: This is not a whole number."),
        (calendar("DTSTART:soon"), "Line 5, DTSTART: “soon” is no date of an iCalendar file."),
        (calendar("DTSTART:20260230"), "Line 5, DTSTART: There is no such time as 20260230."),
        (calendar("DTSTART:16010101T000000Z"), "Line 5, DTSTART: The year 1601 lies outside 1990 to 2100."),
        (calendar("DTEND:20260526T090000Z"), "Line 5, DTEND: The event ends before it starts."),
        (calendar("DTEND:20290526T090000Z"), "Line 5, DTEND: The event lasts longer than a year."),
        (
            calendar("DTSTART:20260527", "DTEND:20260528T090000Z"),
            "Line 5, DTEND: One of start and end is a time of day, the other a whole day.",
        ),
        (calendar("DURATION:P"), "Line 5, DURATION: “P” is no length of time."),
        (calendar("DURATION:P999W"), "Line 5, DURATION: The event lasts longer than a year."),
        (
            calendar("DTSTART:20260527", "DURATION:PT1H"),
            "Line 5, DURATION: An event of whole days cannot last part of a day.",
        ),
        (
            b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 51 + b"END:VCALENDAR",
            "Line 1, VEVENT: There are more than 50 events.",
        ),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_file_that_cannot_be_taken_says_why(content, problem):
    parsed = parse_invitation(content)

    assert (parsed.rows, [str(found) for found in parsed.problems]) == ((), [problem])


@pytest.mark.parametrize(
    "line",
    [
        "DESCRIPTION:" + "<" * 90_000,
        "DESCRIPTION:" + "<p " * 30_000,
        "DESCRIPTION:" + "-::~:~::-\\n" * 8_000,
        "X;" + 'A="b";' * 15_000 + ":v",
        "X;A=" + '"' * 90_000,
        "LOCATION:" + ",;" * 40_000,
        "X:" + "\\" * 90_000,
    ],
    ids=lambda line: line[:25],
)
def test_a_line_made_to_be_slow_is_not(line):
    assert parse_invitation(calendar(line)) is not None


LINES = st.lists(
    st.sampled_from(
        ["BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "UID:1", "DTSTART:20260527", "DTEND:20260527T1200Z",
         "DURATION:PT1H", "DTSTART;TZID=FLE Standard Time:20260329T033000", "LOCATION:, ;", "RRULE:FREQ=SECONDLY",
         "BEGIN:VTIMEZONE", "END:VTIMEZONE", "TZOFFSETTO:+9999", "ORGANIZER:", "ATTENDEE;CN=:mailto:", " x", "DESCRIPTION:<br>"]
    )
    | st.text(max_size=40),
    max_size=30,
).map(lambda lines: "\r\n".join(lines).encode("utf-8", "replace"))  # fmt: skip


@given(st.binary(max_size=300) | LINES | LINES.map(lambda body: calendar(*body.decode().split("\r\n"))))
@example(
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:21001231T235959Z\r\nDURATION:P366D\r\nEND:VEVENT\r\nEND:VCALENDAR"
)
@settings(deadline=None, max_examples=300)
def test_no_bytes_make_it_raise(content):
    parsed = parse_invitation(content)

    assert parsed.rows or parsed.problems
    assert all(row.starts_on <= row.ends_on for row in parsed.rows)
