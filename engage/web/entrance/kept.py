"""The only place that carries what was typed over a session that ended, or a page that stood open too long."""

import json
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import HTTPException

from engage.web import access

MOST_FIELDS = 200
MOST_BYTES = 500_000
UNSHOWN = frozenset({"once", "version", "next"})  # sent again, but of no interest to read


@dataclass(frozen=True)
class Kept:
    """A form that was sent in vain. Passwords and files are asked for again, never carried."""

    path: str
    fields: tuple[tuple[str, str], ...]
    passwords: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def packed(self) -> str:
        """All of it as one text, for a hidden field of the sign-in form."""
        return json.dumps([self.path, self.fields, self.passwords, self.files])

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What a person typed, with the names of its fields in words."""
        return [
            (name.replace("_", " ").replace("-", ", ").capitalize(), value)
            for name, value in self.fields
            if value.strip() and name not in UNSHOWN
        ]


def from_own_page() -> bool:
    """Whether a page of ours sent this request, by the browser's word. Another site's form is never carried on:
    a person signing in would send it with their own rights.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return request.headers.get("Origin") in (request.host_url.rstrip("/"), access.settings().url)


def of_request() -> Kept | None:
    """What this POST carries, when a page of ours sent it and it is not too much to carry."""
    path = access.own_path(request.full_path.rstrip("?"))
    if path is None or not from_own_page():
        return None
    try:
        typed, files = request.form, request.files
    except HTTPException:  # too large to be read at all
        return None
    fields = tuple(
        (name, value)
        for name, value in typed.items(multi=True)
        if name != "csrf_token" and "password" not in name.lower()
    )
    passwords = tuple(dict.fromkeys(name for name in typed if "password" in name.lower()))
    return _if_bearable(Kept(path, fields, passwords, tuple(dict.fromkeys(files))))


def carried() -> Kept | None:
    """What a sign-in form carries along in its field `kept`; None when nothing, or nothing that we packed."""
    try:
        path, fields, passwords, files = json.loads(request.form.get("kept", ""))
        pairs = tuple((name, value) for name, value in fields)
        words = [path, *passwords, *files, *(word for pair in pairs for word in pair)]
    except (ValueError, TypeError, RecursionError):
        return None
    if not all(isinstance(word, str) for word in words) or access.own_path(path) is None:
        return None
    return _if_bearable(Kept(path, pairs, tuple(passwords), tuple(files)))


def _if_bearable(kept: Kept) -> Kept | None:
    size = sum(len(name.encode(errors="replace")) + len(value.encode(errors="replace")) for name, value in kept.fields)
    count = len(kept.fields) + len(kept.passwords) + len(kept.files)
    return kept if count <= MOST_FIELDS and size <= MOST_BYTES else None
