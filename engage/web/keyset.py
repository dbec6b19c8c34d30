"""The only place that writes and reads the cursor of a list: the last row's sort value and id."""

from datetime import date, datetime
from typing import Any

from flask import abort, request


def cursor(value: date | datetime | str | None, last_id: int) -> str:
    """The cursor that stands for a row in an address."""
    text = value.isoformat() if isinstance(value, date | datetime) else value or ""
    return f"{text}_{last_id}"


def read(kind: type[date] | type[datetime] | type[str], name: str = "after") -> tuple[Any, int] | None:
    """The cursor of this request, or None on the first page; a malformed one is a 400."""
    given = request.args.get(name)
    if not given:
        return None
    text, _, last_id = given[:300].rpartition("_")
    try:
        number = int(last_id)
        value: Any = kind.fromisoformat(text) if issubclass(kind, date) else text
    except ValueError:
        abort(400)
    if not 0 <= number < 2**63 or (isinstance(value, datetime) and value.tzinfo is None) or "\x00" in text:
        abort(400)
    return value, number


def following(**changes: Any) -> str:
    """This page's own address with `changes` in its query; None takes a name out."""
    from urllib.parse import urlencode

    query = {k: v for k, v in request.args.items() if k not in changes}
    query |= {k: v for k, v in changes.items() if v is not None}
    return request.path + ("?" + urlencode(query) if query else "")
