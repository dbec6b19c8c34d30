"""The only place that says in words what differs between two texts of one item."""

from decimal import Decimal
from typing import Any

from engage.rules.canonical import ABSENT, differences

WORDS = {
    "legs": "Stay", "costs": "Cost line", "travellers": "Traveller", "partners": "Partner", "objectives": "Objective",
    "nature": "Kind of meeting", "firmness": "How sure it is", "asks": "Asked of the board", "late": "Late",
    "total": "Total", "requester": "Requester", "email": "e-mail", "what": "what for", "funder": "who pays",
    "non_federal": "paid from outside", "goal_title": "goal", "lead": "leads", "must_know": "Point to remember",
    "check": "Question", "sections": "Section", "starts_on": "First day", "ends_on": "Last day",
    "transit": "only a stop on the way", "marking": "Handling marking",
    "other_than_coach": "Other than coach", "media": "Press",
}  # fmt: skip
# Numbers of rows say nothing to a reader, and what follows from a named row differs with its name.
DOLLARS = frozenset({"amount", "total"})
UNSAID = frozenset({"id", "country_code", "goal", "email"})


def contents(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What differs between two texts, as (where, before, after), in words."""
    found = []
    for path, before, after in differences(old, new):
        name = path.rpartition(".")[2]
        if name not in UNSAID:
            found.append((_where(path), _word(before, name in DOLLARS), _word(after, name in DOLLARS)))
    return found


def asked(content: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What an item that changes something else would change; nothing for the others."""
    return contents(content["before"], content["after"]) if "before" in content else []


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
