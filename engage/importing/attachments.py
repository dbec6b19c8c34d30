"""The only place that says what an uploaded file really is: its name, its first bytes and its parts must agree.

Nothing is opened before its size is known, and nothing that a browser could run is let in: no SVG, no HTML, no
macros, no scripts in a PDF. Pictures are drawn anew, which drops the place and time a camera wrote into them.
"""

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from engage.importing.calendar_text import calendars
from engage.importing.office_files import check_document, check_workbook
from engage.importing.pictures import redrawn
from engage.importing.sheet import Unreadable

LARGEST_BYTES = 5 * 1024 * 1024  # whatever the norm says; a whole request may hold 6 MB
NAME_LIMIT = 120
PDF_TAIL = 2048
# What makes a PDF act by itself (ISO 32000-2, 12.6.4): programs, starting others, and files hidden inside.
PDF_ACTIVE = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA)(?![A-Za-z0-9])")
PDF_DISGUISED = re.compile(rb"/[A-Za-z0-9]{0,40}#[A-Za-z0-9#]{1,80}")  # /J#61vaScript says the same
PDF_MOST_DISGUISED = 5_000
PDF_MOST_PACKED = 2_000  # lists of objects; each holds a hundred or more
PDF_UNPACKED_BYTES = 20 * 1024 * 1024  # of its lists of objects, all together
MARKUP = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<head", b"<body", b"<iframe", b"<!--")


@dataclass(frozen=True)
class Checked:
    """A file that is what it says: a clean name, its media type, and the bytes to keep."""

    name: str
    media_type: str
    content: bytes


def check(name: str, content: bytes) -> Checked:
    """What an uploaded file is. Raises Unreadable with a sentence for a person, having opened nothing unsafe."""
    name = clean_name(name)
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    if not content:
        raise Unreadable("The file is empty.")
    if len(content) > LARGEST_BYTES:
        raise Unreadable(f"The file is larger than {LARGEST_BYTES // 1024**2} MB.")
    if ending not in KINDS:
        raise Unreadable(f"Files of this kind are not kept here. Send one of these: {ACCEPTED_WORDS}.")
    media_type, starts, test = KINDS[ending]
    if starts and not content.startswith(starts):
        raise Unreadable(_other_than(ending, content))
    return Checked(name, media_type, test(content))


def clean_name(name: str) -> str:
    """A file's name without folders, control characters or tricks of writing direction; its ending is kept."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    words = " ".join(plain.split()).lstrip(".") or "file"
    stem, dot, ending = words.rpartition(".")
    if not dot:
        return words[:NAME_LIMIT]
    ending = ending[:10]
    return f"{stem.rstrip('. ')[: NAME_LIMIT - len(ending) - 1] or 'file'}.{ending}"


def _other_than(ending: str, content: bytes) -> str:
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in content[:4096].lower():
        return f"The name says {ending.upper()}, but this is an SVG drawing, which can hold programs."
    if head.startswith(MARKUP):
        return f"The name says {ending.upper()}, but this is a web page or XML."
    real = next((kind for kind, (_, starts, _t) in KINDS.items() if starts and content.startswith(starts)), None)
    if real:
        return f"The name says {ending.upper()}, but the content does not: it begins like {real.upper()}."
    return f"The name says {ending.upper()}, but the content is something else."


def _pdf(content: bytes) -> bytes:
    """A PDF with a header, a cross-reference that lies within it and an end, and nothing that acts by itself."""
    tail = content[-PDF_TAIL:]
    start = tail.rfind(b"startxref")
    digits = tail[start + 9 :].split(b"%%EOF")[0].strip() if start >= 0 and b"%%EOF" in tail[start:] else b""
    if not (digits.isdigit() and len(digits) < 12 and int(digits) < len(content)):
        raise Unreadable("The PDF is damaged or cut short. Make it again, and send that.")
    there = content[int(digits) : int(digits) + 40].lstrip()
    if not (there.startswith(b"xref") or b" obj" in there):
        raise Unreadable("The PDF is damaged: its list of contents is not where it says.")
    if any(_acts(part) for part in (content, *_packed(content))):
        raise Unreadable("The PDF holds a program, a form or another file. Print it to a plain PDF, and send that.")
    return content


def _acts(part: bytes) -> bool:
    disguised = {found[0] for found in PDF_DISGUISED.finditer(part)}
    if len(disguised) > PDF_MOST_DISGUISED:
        raise Unreadable("The PDF writes its names in a way that no program does. Print it to a plain PDF.")
    return bool(PDF_ACTIVE.search(part)) or any(PDF_ACTIVE.match(_HEX.sub(_letter, name)) for name in disguised)


_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")


def _letter(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _packed(content: bytes) -> Iterator[bytes]:
    """The lists of objects that a PDF packs, unpacked up to a bound; one that is damaged shows what can be read."""
    if content.count(b"/ObjStm") > PDF_MOST_PACKED:
        raise Unreadable("The PDF is packed in more pieces than any program writes. Print it to a plain PDF.")
    room, whole, at = PDF_UNPACKED_BYTES, memoryview(content), content.find(b"/ObjStm")
    while at >= 0:
        begins = content.find(b"stream", at, at + 400)
        begins += 6 + len(content[begins + 6 : begins + 8]) - len(content[begins + 6 : begins + 8].lstrip(b"\r\n"))
        packed = whole[begins:] if begins > at else whole[:0]
        try:
            part = zlib.decompressobj().decompress(packed, room) if packed else b""
        except zlib.error:
            part = b""
        yield part
        room -= len(part)
        if room <= 0:
            raise Unreadable("The PDF unpacks to far more than it should.")
        at = content.find(b"/ObjStm", at + 1)


def _text(content: bytes) -> bytes:
    """UTF-8 writing that no program would take for a page."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The text is UTF-16. Save it as UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The text is not UTF-8. Save it as UTF-8.") from None
    if any(unicodedata.category(c) == "Cc" and c not in "\n\r\t\f" for c in text):
        raise Unreadable("The text holds control characters, so it is not a text file.")
    if text.lstrip().lower().encode()[:512].startswith(MARKUP):
        raise Unreadable("The name says TXT, but this is a web page or XML.")
    return content


def _calendar(content: bytes) -> bytes:
    if not calendars(content):
        raise Unreadable("This is not an iCalendar file.")
    return content


OFFICE = "application/vnd.openxmlformats-officedocument."
# Ending -> what it is, how it begins, and the check that gives what to keep.
KINDS: dict[str, tuple[str, bytes | tuple[bytes, ...], Callable[[bytes], bytes]]] = {
    "pdf": ("application/pdf", b"%PDF-", _pdf),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n", lambda content: redrawn(content, "PNG")),
    "jpg": ("image/jpeg", b"\xff\xd8\xff", lambda content: redrawn(content, "JPEG")),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff", lambda content: redrawn(content, "JPEG")),
    "docx": (OFFICE + "wordprocessingml.document", b"PK\x03\x04", check_document),
    "xlsx": (OFFICE + "spreadsheetml.sheet", b"PK\x03\x04", check_workbook),
    "txt": ("text/plain", b"", _text),
    "ics": ("text/calendar", b"BEGIN:VCALENDAR", _calendar),
}
ACCEPTED_WORDS = "PDF, PNG, JPEG, DOCX, XLSX, TXT or ICS"
ACCEPTED = ",".join(f".{ending}" for ending in KINDS)  # as a file input wants it
