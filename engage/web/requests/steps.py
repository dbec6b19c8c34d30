"""The only place that cuts the form of a request into steps, each savable alone, and puts them together again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from engage.rules.asking import Content, Direction
from engage.web.requests import typed
from engage.web.requests.forms import EngagementForm

CARRIED = ("once", "version", "csrf_token")


@dataclass(frozen=True)
class Step:
    """One page of the form: its word in the address, its title, what it is for, and the fields it asks."""

    word: str
    title: str
    hint: str
    fields: tuple[str, ...] = ()


ASKED = (
    Step("about", "What it is", "Title, kind of meeting, and who comes to whom.",
         ("title", "direction", "nature", "asks", "firmness", "marking")),
    Step("why", "Why", "What it is for, what you will come home with, and why a call would not do.",
         ("purpose", "outcome_sought", "why_not_virtual", "objectives", "media")),
    Step("with", "With whom", "Partners, the forum, the event.", ("partners", "forum", "event")),
    Step("where", "Where and when", "One stay for each city, in the order of the journey.",
         ("legs", "starts_on", "ends_on")),
    Step("who", "Who travels", "The lead, and everybody else; from the second up, why.",
         ("lead", "others", "why_this_many", "other_than_coach")),
    Step("costs", "What it costs", "Line by line, and who pays.", ("costs",)),
    Step("notes", "Late, and anything else", "Why it is late, where it is; notes for the secretariat.",
         ("late_reason", "notes", "missing")),
)  # fmt: skip
FILES = Step("files", "Invitation and agenda", "Attach what the board should be able to read.")
CLASHES = Step("clashes", "What gets in the way", "Other engagements, people, posts and holidays around your days.")
STEPS = (*ASKED, FILES, CLASHES)
BY_WORD: Mapping[str, Step] = {step.word: step for step in STEPS}


def of_field(name: str) -> Step:
    """The step that asks for a field, named as the rules name it: "legs-1-zone"."""
    whole = name.partition("-")[0]
    if whole == "clashes":
        return CLASHES
    return next((step for step in ASKED if whole in step.fields), ASKED[-1])


def following(step: Step) -> Step | None:
    """The step after this one; None after the last."""
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else None


def not_asked(step: Step, content: Content) -> bool:
    """Whether a step has nothing to ask of this request: nobody travels to it."""
    return content.direction is not Direction.OUTBOUND and step.word == "who"


def together(content: Mapping[str, Any], step: Step, sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """What the whole form would have sent: this step as it was sent, the others as they are saved."""
    whole = as_sent(EngagementForm(data=typed.prefill(dict(content))))
    kept = [(name, value) for name, value in whole.items(multi=True) if name.partition("-")[0] not in step.fields]
    mine = [
        (name, value) for name, value in sent.items(multi=True)
        if name in CARRIED or name.partition("-")[0] in step.fields
    ]  # fmt: skip
    return MultiDict([*kept, *mine])


def as_sent(form: EngagementForm) -> MultiDict[str, str]:
    """The fields of a form as a browser would send them; the token, the version and the once are not among them."""
    found: list[tuple[str, str]] = []
    for field in form:
        if field.short_name not in CARRIED and field.short_name != "missing":
            found += _sent(field)
    return MultiDict(found)


def _sent(field: Any) -> list[tuple[str, str]]:
    if hasattr(field, "entries"):
        return [pair for entry in field.entries for inner in entry.form for pair in _sent(inner)]
    if isinstance(field.data, bool):
        return [(field.name, "y")] if field.data else []
    if isinstance(field.data, list):
        return [(field.name, str(value)) for value in field.data]
    if hasattr(field, "_value"):
        return [(field.name, str(field._value() or ""))]
    return [(field.name, str(field.data or ""))]


def moved(sent: MultiDict[str, str], row: int, by: int) -> MultiDict[str, str]:
    """The stays with row `row` one place further up or down."""
    other = row + by

    def place(name: str) -> str:
        rows, _, rest = name.partition("-")
        number, _, inner = rest.partition("-")
        if rows == "legs" and number in (str(row), str(other)):
            return f"legs-{other if number == str(row) else row}-{inner}"
        return name

    return MultiDict([(place(name), value) for name, value in sent.items(multi=True)]) if other >= 0 else sent


def without(sent: MultiDict[str, str], rows: str, row: int) -> MultiDict[str, str]:
    """What was sent, with one row of stays or cost lines left out."""
    return MultiDict([(n, v) for n, v in sent.items(multi=True) if not n.startswith(f"{rows}-{row}-")])
