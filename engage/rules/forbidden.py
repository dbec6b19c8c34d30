"""The only place that says which text may not be kept: what carries a classification marking, or a passport number.

A guard against a slip, not against intent. Markings are looked for in the shapes in which they are written: banner
lines and portion marks (32 CFR 2001.20 to 2001.24 and the CAPCO register), the block that says who classified it,
and the levels of NATO, the European Union and the United Kingdom. The plain words "secret" and "confidential" are
not markings, nor are TLP, CUI or UNCLASSIFIED.
"""

import re

_LEVEL = r"(?:TOP[ ]SECRET|SECRET|CONFIDENTIAL)"
_MARKINGS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (rf"(?<![/\w]){_LEVEL}\s*//\s*[A-Z][\w /,-]*", 0),  # SECRET//NOFORN
        (rf"^[ \t]*\W{{0,3}}{_LEVEL}\W{{0,3}}[ \t]*$", re.MULTILINE),  # a banner: the level alone on its line
        (r"\((?:TS|S|C)(?:\s?//[A-Z][A-Z0-9 /,-]*)\)", 0),  # (S//NF), (C//REL TO USA, GBR)
        (r"\(TS\)", 0),
        (r"^[ \t]*(?:\d+\.[ \t]*)?\((?:S|C)\)[ \t]+(?=[A-Z][a-z])", re.MULTILINE),  # a paragraph's own
        (r"\bTOP SECRET\b(?! CLEARANCE)(?! clearance)", 0),
        (r"\b(?:COSMIC TOP SECRET|NATO (?:SECRET|CONFIDENTIAL|RESTRICTED)|(?:EU|UE|UK) (?:TOP )?SECRET)\b", 0),
        (r"\b(?:SECRET|CONFIDENTIEL|RESTREINT|CONFIDENTIAL|RESTRICTED) UE(?:/EU \w+)?\b", 0),
        (rf"(?i:\b(?:marked|classified|classification)\b)[\s:,(“\"]{{0,4}}(?:(?i:as|at|is)\s+)?[“\"]?{_LEVEL}\b", 0),
        (r"\b(?:classified as|classification:)\s+(?:top secret|secret|confidential)\b", re.IGNORECASE),
        (r"\b(?:declassify on|classified by|derived from)\s*:", re.IGNORECASE),
        (r"(?<!UNCLASSIFIED//)(?<!UNCLASSIFIED/)(?<!U//)(?<!CUI//)\b(?:NOFORN|ORCON)\b", 0),
    )
)
_LISTED = re.compile(r"\((?:A|B)\)")  # in such a list, (C) is its third letter
_PORTION = re.compile(r"^\s*(?:\d+\.\s*)?\([SC]\)\s+$")
_ADDRESS = re.compile(r"https?://\S+|[^\s@]{1,64}@\S+")  # bounded: two million letters must not cost their square
_NUMBERS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"\bpassports?\b(?:[^.\n]|\bn[or]\.){0,30}?\b(?=\w{0,12}\d{6})[A-Z]{0,2}\d{6,9}[A-Z]?\b", re.IGNORECASE),
        (r"(?<![\w-])[A-Z]\d{8}(?![\w-])", 0),  # a letter and eight digits: U.S. passports since 2021
        (r"(?<![\w-])[A-Z]{2}\d{7}(?![\w-])", 0),  # two letters and seven digits: Italy, Poland, Ukraine …
        (r"(?<![\w.,$€£+/-])(?!\d{6}000)\d{9}(?![\w.,/-]?\d)(?!\w)", 0),  # nine digits on their own, not a round sum
        (r"\bP[A-Z<][A-Z]{3}(?=[A-Z]*<)[A-Z<]{10,}", 0),  # the machine-readable line (ICAO 9303)
    )
)

CLASSIFIED = (
    "carries a classification marking (“{}”). Nothing classified may be kept here. Take out the classified part and "
    "its marking, or write it where it belongs; if it came to this machine by mistake, tell your security office."
)
PASSPORT = (
    "looks like a passport number, which is never kept here, or holds one: take it out. The clearance and booking "
    "systems ask the traveller for it themselves."
)


def marking_in(text: str) -> str:
    """The first classification marking in `text`, as it is written there; "" when there is none."""
    listed = _LISTED.search(text) is not None
    for pattern in _MARKINGS:
        for found in pattern.finditer(text):
            if not (listed and _PORTION.match(found[0])):
                return found[0].strip()[:60]
    return ""


def passport_number_in(text: str) -> bool:
    """Whether running text holds what looks like a passport number."""
    plain = _ADDRESS.sub(" ", text)
    return any(pattern.search(plain) for pattern in _NUMBERS)


def forbidden(text: str) -> str:
    """Why `text` may not be kept, as a sentence that begins with "This"; "" when it may."""
    if marking := marking_in(text):
        return "This " + CLASSIFIED.format(marking)
    return "This " + PASSPORT if passport_number_in(text) else ""
