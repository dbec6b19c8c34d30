"""The only place that shows two texts of one request side by side."""

from datetime import date
from decimal import Decimal
from typing import Any

from engage.rules.canonical import ABSENT, differences
from engage.web.requests.forms import EngagementForm

WORDS = {
    "legs": "Stay", "costs": "Cost line", "travellers": "Traveller", "partners": "Partner", "objectives": "Objective",
    "nature": "Kind of meeting", "firmness": "How sure it is", "asks": "Asked of the board", "late": "Late",
    "total": "Total", "requester": "Requester", "email": "e-mail", "what": "what for", "funder": "who pays",
    "non_federal": "paid from outside", "goal_title": "goal", "lead": "leads",
    "transit": "only a stop on the way",
}  # fmt: skip
# Numbers of rows say nothing to a reader, and what follows from a named row differs with its name.
DOLLARS = frozenset({"amount", "total"})
UNSAID = frozenset({"id", "country_code", "goal"})


def contents(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What differs between two versions, as (where, before, after), in words."""
    found = []
    for path, before, after in differences(old, new):
        name = path.rpartition(".")[2]
        if name not in UNSAID:
            found.append((_where(path), _word(before, name in DOLLARS), _word(after, name in DOLLARS)))
    return found


def _where(path: str) -> str:
    said: list[str] = []
    for part in path.split("."):
        if part.isdigit():
            said[-1] = f"{said[-1]} {int(part) + 1}"
        else:
            said.append(WORDS.get(part, part.replace("_", " ")))
    words = ", ".join(said)
    return words[:1].upper() + words[1:]


def _word(value: Any, is_money: bool) -> str:
    if value is ABSENT or value is None or value in ("", [], {}):
        return "(nothing)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"${Decimal(value):,.2f}" if is_money else str(value)


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
