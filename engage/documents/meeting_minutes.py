"""The only place that prints minutes as PDF: drafts say that they are drafts, sealed ones carry their digest."""

import json
from datetime import datetime
from typing import Any

from engage.documents import pdf


def as_pdf(
    said: dict[str, Any], *, made_at: datetime, sha256: str = "", addenda: list[Any] | None = None
) -> bytes:
    """Minutes as a tagged document; with `sha256` they are sealed. The same minutes make the same bytes."""
    data = {
        "kind": "Minutes" if sha256 else "Minutes: draft",
        "foot": f"SHA-256 {sha256}" if sha256 else "A draft: not approved, not sealed.",
        "facts": [[label, text or "–"] for label, text in said["facts"]],
        "parts": said["parts"],
        "approved": said.get("approved", ""),
        "addenda": [
            {"title": f"Addendum {one.number}", "text": one.text, "digest": f"SHA-256 {one.sha256}"}
            for one in addenda or ()
        ],
    }
    return pdf.render("minutes", data, title=said["title"], made_at=made_at)


def of_sealed(record: Any, addenda: list[Any]) -> bytes:
    """Sealed minutes with their addenda."""
    newest = max([record.sealed_at, *(one.added_at for one in addenda)])
    return as_pdf(json.loads(record.content), made_at=newest, sha256=record.sha256, addenda=addenda)
