"""The only place that reads travel advisories as the Department of State publishes them: its JSON, or its RSS feed.

Both say level and country in a title such as "Estonia - Level 1: Exercise Normal Precautions". What has no level or
no country that we know is left out, and named.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from engage.importing.sheet import FILE_LIMIT_BYTES, Unreadable, file_text, has_control_characters
from engage.reference.places import country_named

MOST = 1_000  # advisories of one file
LINK_LIMIT = 500
TITLE = re.compile(r"(?P<name>.{2,120}?)\s*[-–—:]\s*Level\s*(?P<level>[1-4])\b", re.IGNORECASE)
ALIASES = {"burma": "MM", "mainland china": "CN", "the kyrgyz republic": "KG", "kyrgyz republic": "KG"}
EXTRA = re.compile(r"\s*(\(.*\)|travel advisory)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class AdvisoryRow:
    """One advisory: the country's ISO code, its level, the day it was published, and where."""

    country_code: str
    level: int
    as_of: date
    source: str


@dataclass(frozen=True)
class Advisories:
    """What a file says, one advisory a country, the newest; and what was left out, a sentence each."""

    rows: tuple[AdvisoryRow, ...]
    left_out: tuple[str, ...]


def parse_advisories(content: bytes) -> Advisories:
    """The advisories of a published file. Raises Unreadable with a sentence for a person."""
    text = file_text(content, FILE_LIMIT_BYTES).strip()
    entries = _of_rss(text) if text.startswith("<") else _of_json(text)
    if len(entries) > MOST:
        raise Unreadable(f"The file has more than {MOST:,} entries; the published one has about 210.")
    newest: dict[str, AdvisoryRow] = {}
    left_out = []
    for title, published, link in entries:
        row = _row(title, published, link)
        if isinstance(row, str):
            left_out.append(row)
        elif row.country_code not in newest or _rank(newest[row.country_code]) < _rank(row):
            newest[row.country_code] = row
    if not newest:
        raise Unreadable("No advisory was found in the file. It should be the published JSON or RSS form.")
    return Advisories(tuple(sorted(newest.values(), key=lambda row: row.country_code)), tuple(left_out))


def _rank(row: AdvisoryRow) -> tuple[date, int]:
    return row.as_of, row.level


def _of_json(text: str) -> list[tuple[str, str, str]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("The file is neither JSON nor RSS.") from None
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list)), [])
    if not isinstance(found, list):
        raise Unreadable("The JSON is not a list of advisories.")
    named = [{str(key).lower(): value for key, value in entry.items()} for entry in found if isinstance(entry, dict)]
    return [
        (_said(entry, "title"), _said(entry, "updated") or _said(entry, "published"), _said(entry, "link"))
        for entry in named
    ]


def _said(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""


def _of_rss(text: str) -> list[tuple[str, str, str]]:
    try:
        root = defusedxml.ElementTree.fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable("The file declares a document type or entities, which the published feed does not.") from None
    except (defusedxml.ElementTree.ParseError, ValueError, RecursionError):
        raise Unreadable("The file is not sound XML.") from None
    return [
        tuple((item.findtext(name) or "").strip() for name in ("title", "pubDate", "link"))  # type: ignore[misc]
        for item in root.iter("item")
    ]


def _row(title: str, published: str, link: str) -> AdvisoryRow | str:
    """The advisory, or a sentence that says why it is left out."""
    shown = "".join(c for c in title if c.isprintable())[:80] or "An entry without a title"
    said = TITLE.match(title)
    if said is None:
        return f"“{shown}”: it names no level from 1 to 4."
    name = said["name"].strip()
    bare = EXTRA.sub("", name)
    code = country_named(name) or country_named(bare) or ALIASES.get(bare.casefold())
    if code is None:
        return f"“{shown}”: no country is known by this name. Record it by hand."
    day = _day(published)
    if day is None:
        return f"“{shown}”: its day of publication cannot be read."
    return AdvisoryRow(code, int(said["level"]), day, _link(link))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text[:4].isdigit() else parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _link(link: str) -> str:
    try:
        sound = urlsplit(link).scheme in ("http", "https") and len(link) <= LINK_LIMIT
    except ValueError:
        sound = False
    plain = sound and not has_control_characters(link)
    return link if plain else "Travel advisories of the Department of State, loaded from a file"
