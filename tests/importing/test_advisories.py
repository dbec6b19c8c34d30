"""The published advisories, in both forms; what is hostile is refused, what is unknown is named."""

import json
from datetime import date

import pytest

from engage.importing.advisories import AdvisoryRow, parse_advisories
from engage.importing.sheet import Unreadable

LINK = "https://travel.example/estonia"
JSON = json.dumps([
    {"Title": "Estonia - Level 1: Exercise Normal Precautions", "Link": LINK, "Published": "2026-02-03T19:00:00-05:00"},
    {"Title": "Burma (Myanmar) - Level 4: Do Not Travel", "Link": "javascript:alert(1)", "Published": "2026-01-05"},
    {"Title": "Jordan - Level 2: Exercise Increased Caution", "Published": "2025-01-05", "Updated": "2026-01-06"},
    {"Title": "Jordan - Level 3: Reconsider Travel", "Published": "2026-02-01"},
    {"Title": "Worldwide Caution", "Published": "2026-01-05"},
    {"Title": "Atlantis - Level 2: Exercise Increased Caution", "Published": "2026-01-05"},
    {"Title": "Latvia - Level 1: Exercise Normal Precautions", "Published": "soon"},
    "nothing",
]).encode()
RSS = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Advisories</title>
<item><title>Estonia - Level 1: Exercise Normal Precautions</title><pubDate>Tue, 03 Feb 2026 19:00:00 EST</pubDate>
<link>{LINK}</link><description>&lt;script&gt;</description></item></channel></rss>""".encode()
ELSEWHERE = "Travel advisories of the Department of State, loaded from a file"


def test_the_json_form_gives_the_newest_of_each_country_and_names_what_is_left_out():
    found = parse_advisories(JSON)

    assert found.rows == (
        AdvisoryRow("EE", 1, date(2026, 2, 3), LINK),
        AdvisoryRow("JO", 3, date(2026, 2, 1), ELSEWHERE),
        AdvisoryRow("MM", 4, date(2026, 1, 5), ELSEWHERE),
    )
    assert found.left_out == (
        "“Worldwide Caution”: it names no level from 1 to 4.",
        "“Atlantis - Level 2: Exercise Increased Caution”: no country is known by this name. Record it by hand.",
        "“Latvia - Level 1: Exercise Normal Precautions”: its day of publication cannot be read.",
    )


def test_the_rss_form_says_the_same():
    assert parse_advisories(RSS).rows == (AdvisoryRow("EE", 1, date(2026, 2, 3), LINK),)


@pytest.mark.parametrize("content", [
    b"", b"nonsense", b"[]", b"{}", b'"text"', b"[" * 100_000, b"\xff\xfe[]", b"<rss>", b"<rss></rss>",
    b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><item><title>&b;</title></item></rss>',
    b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><rss></rss>',
    json.dumps([{"Title": "Estonia - Level 9"}]).encode(),
    json.dumps([{"Title": "x"}] * 1001).encode(),
    b"[" + b" " * (5 * 1024 * 1024) + b"]",
])  # fmt: skip
def test_what_is_no_published_file_is_refused_in_a_sentence(content):
    with pytest.raises(Unreadable, match=r"\.$"):
        parse_advisories(content)
