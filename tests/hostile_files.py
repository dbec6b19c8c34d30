"""Files as people send them, and as somebody might who means harm; made here, byte by byte."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def pdf(extra: bytes = b"") -> bytes:
    """A PDF of one page."""
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R" + extra + b">>endobj\n"
    body += b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    return body + b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def packed_pdf() -> bytes:
    """A PDF that hides a script in a packed list of objects."""
    inside = zlib.compress(b"<</S /JavaScript /JS (app.alert(1))>>")
    start = b"%%PDF-1.5\n3 0 obj<</Type/ObjStm/N 1/First 0/Filter/FlateDecode/Length %d>>stream\n" % len(inside)
    body = start + inside + b"\nendstream endobj\n"
    return body + b"4 0 obj<<>>endobj\nstartxref\n%d\n%%%%EOF" % (len(body))


def picture(kind: str = "PNG", **saving: object) -> bytes:
    """A small picture."""
    made = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(made, kind, **saving)
    return made.getvalue()


def located() -> bytes:
    """A photograph whose camera wrote where it stood."""
    exif = Image.Exif()
    exif[0x0110] = "Camera of a traveller"
    exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 26.0, 13.0), 3: "E", 4: (24.0, 45.0, 11.0)})
    return picture("JPEG", exif=exif)


def huge_png() -> bytes:
    """A PNG of a few bytes that says it is 60,000 points wide and high."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk


def package(parts: Mapping[str, str | bytes], main: str = "word/document.xml") -> bytes:
    """An office file of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": TYPES, main: "<document/>", **parts}.items():
            archive.writestr(name, content)
    return made.getvalue()


ENTITIES = '<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a>&y;</a>'
EXTERNAL = (
    '<Relationships><Relationship Id="a" TargetMode="External" Target="http://127.0.0.1/x.dotm" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
)
MACROS = TYPES.replace("wordprocessingml.document.main+xml", "ms-word.document.macroEnabled.main+xml")
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"

SOUND = {
    "paper.pdf": pdf(),
    "map.png": picture(),
    "badge.jpg": picture("JPEG"),
    "badge.JPEG": picture("JPEG"),
    "letter.docx": package({}),
    "list.xlsx": package({}, main="xl/workbook.xml"),
    "note.txt": "Café at nine.\n".encode(),
    "visit.ics": CALENDAR,
}
REFUSED = {
    "drawing.svg": SVG,
    "page.html": b"<html></html>",
    "archive.zip": package({}),
    "program.exe": b"MZ",
    "nothing.pdf": b"",
    "no-ending": pdf(),
    "svg-named.pdf": SVG,
    "svg-named.png": SVG,
    "page-named.txt": b"  <!DOCTYPE html><script>alert(1)</script>",
    "xml-named.txt": b"<?xml version='1.0'?><svg/>",
    "png-named.pdf": picture(),
    "pdf-named.png": pdf(),
    "cut.pdf": pdf()[:-20],
    "page-before.pdf": b"<html>" + pdf(),
    "astray.pdf": pdf().replace(b"startxref\n", b"startxref\n9999999"),
    "script.pdf": pdf(b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "hidden-script.pdf": pdf(b"/OpenAction<</S/J#61vaScript/JS(x)>>"),
    "packed-script.pdf": packed_pdf(),
    "launch.pdf": pdf(b"/OpenAction<</S/Launch/F(calc.exe)>>"),
    "carries.pdf": pdf(b"/Names<</EmbeddedFiles 4 0 R>>"),
    "huge.png": huge_png(),
    "cut.png": picture()[:40],
    "head-only.jpg": b"\xff\xd8\xff\xe0 not a picture",
    "bomb.docx": package({"word/bomb.xml": b"0" * 30_000_000}),
    "many.docx": package({f"word/{n}.xml": "" for n in range(2_100)}),
    "entities.docx": package({"word/document.xml": ENTITIES}),
    "macros.docx": package({"[Content_Types].xml": MACROS}),
    "program.docx": package({"word/vbaProject.bin": b"x"}),
    "fetches.docx": package({"word/_rels/settings.xml.rels": EXTERNAL}),
    "climbs.docx": package({"../../etc/passwd": "x"}),
    "workbook-named.docx": package({}, main="xl/workbook.xml"),
    "cut.docx": package({})[:-30],
    "broken.docx": package({"word/document.xml": "<a><b></a>"}),
    "document-named.xlsx": package({}),
    "zip-bytes.xlsx": b"PK\x03\x04" + b"\0" * 100,
    "utf16.txt": "note".encode("utf-16"),
    "latin.txt": "café".encode("latin-1"),
    "nul.txt": b"a\0b",
    "not.ics": b"BEGIN:VCARD\r\nEND:VCARD\r\n",
    "open.ics": b"BEGIN:VCALENDAR\r\n",
    "large.txt": b"a" * (5 * 1024 * 1024 + 1),
}
