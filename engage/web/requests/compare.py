"""The only place that shows two forms of one request side by side."""

from datetime import date
from typing import Any

from engage.web.requests.forms import EngagementForm


def forms(theirs: EngagementForm, mine: EngagementForm) -> list[tuple[str, str, str]]:
    """What differs between two forms, as (label, theirs, mine), both as text."""
    old, new = dict(_said(theirs)), dict(_said(mine))
    labels = [*new, *(label for label in old if label not in new)]
    return [
        (label, old.get(label) or "(nothing)", new.get(label) or "(nothing)")
        for label in labels
        if (old.get(label) or "") != (new.get(label) or "")
    ]


def _said(form: EngagementForm) -> list[tuple[str, str]]:
    found = []
    for field in form:
        if field.type == "Rows":
            for i, row in enumerate(field.entries, start=1):
                found += [(f"{row.label.text} {i}, {f.label.text.lower()}", _typed(f)) for f in row.form]
        elif field.type not in ("HiddenField", "CSRFTokenField") and field.short_name != "missing":
            found.append((field.label.text, _typed(field)))
    return found


def _typed(field: Any) -> str:
    if getattr(field, "choices", None):
        picked = field.data if isinstance(field.data, list) else [field.data]
        return "; ".join(c.label for c in field.choices if c.value in {str(p) for p in picked})
    if isinstance(field.data, bool):
        return "yes" if field.data else ""
    if isinstance(field.data, date):
        return field.data.isoformat()
    return "" if field.data is None else str(field.data)
