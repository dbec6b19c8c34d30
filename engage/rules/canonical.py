"""The only place that writes a record as canonical text, so that equal content has one text and one digest.

After the idea of RFC 8785 (JSON Canonicalization Scheme): sorted keys, no blanks, UTF-8; text in Unicode
normal form C (UAX #15). Binary floating point has no place in a record that is hashed, so it is refused.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any


class _Absent:
    """What a path holds in a record that does not have it: false, and empty when printed."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


def canonical_json(value: Any) -> str:
    """The one JSON text of `value`: mappings, lists, text, whole numbers, booleans, None, dates, Decimals.

    Moments are written in UTC, Decimals as plain text without needless zeros, so equal values have equal
    text. Raises TypeError for anything else (floats, sets, objects) and ValueError for a moment without a
    zone, a Decimal that is no number, or two keys that are one in normal form.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """The SHA-256 of `text` in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What changed from `old` to `new`, as (path, before, after): ("legs.0.city", "Riga", "Tallinn").

    A path that one side lacks has ABSENT there. Two records without differences have the same canonical text.
    """
    before, after = dict(_leaves(_plain(old))), dict(_leaves(_plain(new)))
    changed = []
    for path in sorted(before.keys() | after.keys(), key=_in_order):
        was, becomes = before.get(path, ABSENT), after.get(path, ABSENT)
        if type(was) is not type(becomes) or was != becomes:  # True is not 1 here
            changed.append((".".join(str(part) for part in path), was, becomes))
    return changed


def _plain(value: Any) -> Any:
    """`value` in nothing but dicts, lists, normal text, integers, booleans and None."""
    match value:
        case None | bool():
            return value
        case str():
            return unicodedata.normalize("NFC", str(value))
        case int():
            return int(value)
        case Decimal():
            return _plain_decimal(value)
        case datetime():  # before date: a datetime is one
            if value.tzinfo is None:
                raise ValueError("A moment without a time zone has no canonical form.")
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case Mapping():
            return _plain_mapping(value)
        case list() | tuple():
            return [_plain(member) for member in value]
    raise TypeError(f"{type(value).__name__} has no canonical form.")


def _plain_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("A Decimal that is no number has no canonical form.")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    plain = {}
    for key, member in value.items():
        if not isinstance(key, str):
            raise TypeError("The keys of a canonical record are text.")
        name = _plain(key)
        if name in plain:
            raise ValueError(f"Two keys are {name!r} in normal form.")
        plain[name] = _plain(member)
    return plain


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value that holds no others, with its path; an empty mapping or list is such a value."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from _leaves(member, (*path, key))
    elif isinstance(value, list) and value:
        for place, member in enumerate(value):
            yield from _leaves(member, (*path, place))
    else:
        yield path, value


def _in_order(path: tuple[str | int, ...]) -> list[tuple[bool, str | int]]:
    """Sorts the tenth leg after the second."""
    return [(isinstance(part, str), part) for part in path]
