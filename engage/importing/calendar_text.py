"""The only place that takes an iCalendar file (RFC 5545) apart into components and properties.

Values stay text: nothing here computes a time zone or a recurrence, so no file can make it work for long, and
what one file says of a zone's name never reaches another's reading. Splitting one line is icalendar's work.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from engage.importing.sheet import Unreadable, has_control_characters

LINE_LIMIT_CHARACTERS = 100_000
PROPERTY_LIMIT = 5_000
DEPTH_LIMIT = 5


@dataclass(frozen=True)
class Property:
    """One property: its line, name in capitals, parameters in capitals, and value without escapes."""

    line: int
    name: str
    params: dict[str, str]
    value: str


@dataclass(frozen=True)
class Component:
    """What stands between BEGIN and END."""

    line: int
    name: str
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        """The first property of this name."""
        return next((prop for prop in self.properties if prop.name == name), None)

    def all(self, name: str) -> list[Property]:
        """Every property of this name, in order."""
        return [prop for prop in self.properties if prop.name == name]

    def text(self, name: str) -> str:
        """The value of the first property of this name; empty when there is none."""
        prop = self.first(name)
        return prop.value.strip() if prop else ""

    def within(self, name: str) -> list["Component"]:
        """The components of this name directly inside."""
        return [child for child in self.children if child.name == name]


def calendars(content: bytes) -> list[Component]:
    """The VCALENDAR components of a file. Raises Unreadable with the line, for a person."""
    top: list[Component] = []
    open_: list[Component] = []
    for number, line in _lines(content):
        prop = _property(number, line)
        if prop.name == "BEGIN":
            component = Component(number, prop.value.strip().upper())
            if not open_ and component.name != "VCALENDAR":
                raise Unreadable(f"This is not an iCalendar file: line {number} does not begin a VCALENDAR.")
            (open_[-1].children if open_ else top).append(component)
            open_.append(component)
            if len(open_) > DEPTH_LIMIT:
                raise Unreadable(f"Line {number}: components stand more than {DEPTH_LIMIT} deep.")
        elif not open_:
            raise Unreadable(f"This is not an iCalendar file: line {number} stands outside a VCALENDAR.")
        elif prop.name == "END":
            if prop.value.strip().upper() != open_[-1].name:
                raise Unreadable(f"Line {number}: this does not end the {_whose(open_)}.")
            open_.pop()
        else:
            open_[-1].properties.append(prop)
    if open_:
        raise Unreadable(f"The file is cut off: the {_whose(open_)} has no end.")
    if not top:
        raise Unreadable("This is not an iCalendar file: there is no VCALENDAR.")
    return top


def _whose(open_: list[Component]) -> str:
    return f"{open_[-1].name[:40]} of line {open_[-1].line}"


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Lines put together again, with the number of their first. A fold may cut a character: join bytes."""
    whole: list[tuple[int, list[bytes]]] = []
    for number, raw in enumerate(re.split(rb"\r\n|\n|\r", content.removeprefix(b"\xef\xbb\xbf")), start=1):
        if raw[:1] in (b" ", b"\t") and whole:
            whole[-1][1].append(raw[1:])
        elif raw.strip():
            whole.append((number, [raw]))
        if len(whole) > PROPERTY_LIMIT:
            raise Unreadable(f"The file has more than {PROPERTY_LIMIT:,} properties.")
    for number, parts in whole:
        try:
            line = b"".join(parts).decode("utf-8")
        except UnicodeDecodeError:
            raise Unreadable(f"The file is not UTF-8 (line {number}).") from None
        if len(line) > LINE_LIMIT_CHARACTERS:
            raise Unreadable(f"Line {number} is longer than {LINE_LIMIT_CHARACTERS:,} characters.")
        if has_control_characters(line):
            raise Unreadable(f"Line {number} holds a control character.")
        yield number, line


def _property(number: int, line: str) -> Property:
    try:
        name, params, value = Contentline(line).parts()
    except (ValueError, AssertionError):
        raise Unreadable(f"Line {number} is no iCalendar property.") from None
    flat = {key.upper(): ",".join(v) if isinstance(v, list) else str(v) for key, v in params.items()}
    return Property(number, name.upper(), flat, value)
