"""The only place that looks into an uploaded DOCX or XLSX: measured entry by entry before anything is believed."""

import io
import zipfile
import zlib
from xml.sax import ContentHandler, SAXException
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from defusedxml import DefusedXmlException

from engage.importing.sheet import Unreadable

MOST_ENTRIES = 2_000
MOST_BYTES = 50 * 1024 * 1024  # unpacked, all entries together
MOST_RATIO = 200  # unpacked to packed, of an entry over RATIO_FROM bytes
RATIO_FROM = 1024 * 1024
LONGEST_XML = 30 * 1024 * 1024
CHUNK = 64 * 1024
# Links to things elsewhere that the office program would fetch or run by itself when the file is opened.
FETCHED = ("attachedTemplate", "oleObject", "frame", "subDocument", "externalLinkPath", "package")


def check_document(content: bytes) -> bytes:
    """A Word document without macros. Raises Unreadable."""
    return _check(content, "word/document.xml", "DOCX")


def check_workbook(content: bytes) -> bytes:
    """An Excel workbook without macros. Raises Unreadable."""
    return _check(content, "xl/workbook.xml", "XLSX")


def _check(content: bytes, main: str, word: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _measure(archive, word)
            names = set(archive.namelist())
            if main not in names or "[Content_Types].xml" not in names:
                raise Unreadable(f"The name says {word}, but the content is another kind of package.")
            _read_xml(archive, "[Content_Types].xml", _NoMacros())
            _read_xml(archive, main, ContentHandler())
            for name in sorted(name for name in names if name.endswith(".rels")):
                _read_xml(archive, name, _NothingFetched())
    except Unreadable:
        raise
    except DefusedXmlException:
        raise Unreadable(f"The {word} declares entities, which no office program writes.") from None
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, SAXException, OSError, ValueError, EOFError, KeyError,
        NotImplementedError, RuntimeError, zlib.error,
    ):  # fmt: skip
        raise Unreadable(f"The {word} is damaged. Save it again, and send that.") from None
    return content


def _measure(archive: zipfile.ZipFile, word: str) -> None:
    """Refuse a bomb by what the list of contents says; what it hides is met when the parts are read."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Unreadable(f"The {word} has more than {MOST_ENTRIES:,} parts.")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Unreadable(f"The {word} unpacks to more than {MOST_BYTES // 1024**2} MB.")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if name in seen or name.startswith(("/", "\\")) or "\\" in name or ".." in name.split("/"):
            raise Unreadable(f"The {word} is damaged: its parts have unsound names.")
        seen.add(name)
        if entry.flag_bits & 0x1:
            raise Unreadable(f"The {word} is locked with a password. Send it without one.")
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise Unreadable(f"The {word} unpacks to far more than it should.")
        if name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs", ".html", ".htm")):
            raise Unreadable(f"The {word} holds a program. Save it without macros, and send that.")


def _read_xml(archive: zipfile.ZipFile, name: str, handler: ContentHandler) -> None:
    """Read one part as XML in a stream of bounded length; entities and document types are refused."""
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    read = 0
    with archive.open(name) as part:
        while piece := part.read(CHUNK):
            read += len(piece)
            if read > LONGEST_XML:
                raise Unreadable("A part of the file unpacks to more than it should.")
            parser.feed(piece)
    parser.close()


class _NoMacros(ContentHandler):
    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        kind = (attrs.get("ContentType") or "").lower()
        if "macroenabled" in kind or "vbaproject" in kind:
            raise Unreadable("The file holds macros. Save it without them, and send that.")


class _NothingFetched(ContentHandler):
    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        if attrs.get("TargetMode") == "External" and (attrs.get("Type") or "").endswith(FETCHED):
            raise Unreadable("The file fetches something from elsewhere when it is opened. Save it without links.")
