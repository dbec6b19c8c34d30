"""The only place that reads and writes a ladder of reminders as people type it: one step a line."""

import re
from collections.abc import Iterable

from engage.rules.schedule import FURTHEST_DAYS, Audience, Step, Unit

EXAMPLE = "5 business days before: person"
_LINE = re.compile(
    r"(?:(?P<days>\d{1,4})\s+(?P<unit>business|working|calendar)?\s*days?\s+(?P<way>before|after)|on\s+the\s+day|that\s+day)"
    r"\s*[:,]?\s*(?:to\s+)?(?:the\s+)?(?P<to>person|supervisor|secretariat|duty[ _]officer)\.?",
    re.IGNORECASE,
)


def read(text: str) -> tuple[Step, ...]:
    """The steps that `text` names, in its order. Raises ValueError with a sentence that names the line."""
    steps = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(
                f"Line {number}, “{line[:60]}”, is no step. Write one such as “{EXAMPLE}” or “on the day: supervisor”."
            )
        days = int(found["days"] or 0)
        if days > FURTHEST_DAYS:
            raise ValueError(f"Line {number} is more than two years away.")
        unit = Unit.BUSINESS if (found["unit"] or "").lower() in ("business", "working") and days else Unit.CALENDAR
        to = Audience(found["to"].lower().replace(" ", "_"))
        steps.append(Step(-days if (found["way"] or "").lower() == "before" else days, to, unit))
    return tuple(steps)


def write(steps: Iterable[Step]) -> str:
    """The steps as `read` takes them, a line each."""
    return "\n".join(line(step) for step in steps)


def line(step: Step) -> str:
    """One step in words: "5 business days before: person"."""
    return f"{step.in_words if step.offset_days else 'on the day'}: {step.to.label.lower()}"
