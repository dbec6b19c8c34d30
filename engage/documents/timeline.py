"""The only place that lays bars on a timeline: which lane, from where to where, on a drawing of fixed width."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

WIDTH = 1000  # of the drawing, names included
NAMES = 190  # of its left part, which holds the names
LANE, GAP, TOP = 22, 8, 28  # heights: of a bar with its space, between two rows, of the scale above them


@dataclass(frozen=True)
class Span:
    """Something with a first and a last day, both included."""

    title: str
    url: str
    tone: str  # the kind of its colour: a state's value
    word: str  # what the colour says
    first: date
    last: date


@dataclass(frozen=True)
class Bar:
    """A span as drawn."""

    span: Span
    x: float
    y: int
    width: float


@dataclass
class Line:
    """A row of the timeline: its name, its bars, and where it lies."""

    name: str
    y: int
    height: int = 0
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True)
class Drawing:
    """A whole timeline. `marks` are (x, label) of each month's first day; `today` is the x of today, if it is there.

    `noted` are days to know of, each with its x; `a_day` is the width of one.
    """

    lines: list[Line]
    marks: list[tuple[float, str]]
    today: float | None
    height: int
    noted: list[tuple[date, float]] = field(default_factory=list)
    a_day: float = 0.0


def draw(
    rows: Iterable[tuple[str, list[Span]]], first: date, last: date, today: date, noted: Iterable[date] = ()
) -> Drawing:
    """The timeline from `first` to `last`, both included; spans of a row that overlap lie in lanes of their own."""
    a_day = (WIDTH - NAMES) / ((last - first).days + 1)

    def at(day: date) -> float:
        return round(NAMES + (day - first).days * a_day, 1)

    lines, y = [], TOP
    for name, spans in rows:
        line, free = Line(name, y), list[date]()
        for span in sorted(spans, key=lambda one: (one.first, one.last, one.title)):
            lane = next((n for n, until in enumerate(free) if until < span.first), len(free))
            free[lane:lane + 1] = [span.last]
            begins, ends = max(span.first, first), min(span.last, last)
            width = max(round(at(ends + timedelta(days=1)) - at(begins), 1), 4.0)
            line.bars.append(Bar(span, at(begins), y + lane * LANE + 3, width))
        line.height = max(1, len(free)) * LANE
        y += line.height + GAP
        lines.append(line)
    firsts = [day for n in range((last - first).days + 1) if (day := first + timedelta(days=n)).day == 1]
    marks = [(at(day), f"{day:%b %Y}") for day in firsts]
    days = [(day, at(day)) for day in sorted(noted) if first <= day <= last]
    return Drawing(lines, marks, at(today) if first <= today <= last else None, y, days, round(a_day, 1))
