"""The year's priorities as the board endorsed them, and what came of them: plan against actual, and what is missing."""

from datetime import date, timedelta
from urllib.parse import urlencode

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, may
from engage.rules.priorities import AimKind
from engage.rules.standing import Standing
from engage.services import matters, norms
from engage.web import access
from engage.web.awareness import as_of
from engage.web.awareness import priority_queries as queries
from engage.web.awareness.measure_queries import DIALS
from engage.web.awareness.priority_queries import Line
from engage.web.awareness.room import bp

# What a column counts, and the state under which the register lists the same.
COLUMNS: tuple[tuple[str, tuple[Standing, ...], str], ...] = (
    ("Idea or draft", (Standing.IDEA, Standing.TENTATIVE, Standing.DRAFT), "drafts"),
    ("Being decided", (Standing.IN_PROGRESS,), "in_progress"),
    ("Approved", (Standing.APPROVED,), "approved"),
    ("Done", (Standing.UNDER_WAY, Standing.COMPLETE), "done"),
    ("Not going ahead", (Standing.ENDED,), "ended"),
)
TITLES = {AimKind.GOAL: "Goals", AimKind.OBJECTIVE: "Objectives", AimKind.COUNTRY: "Countries of priority",
          AimKind.PARTNER: "Partners of priority"}  # fmt: skip


@bp.get("/priorities")
def priorities() -> ResponseReturnValue:
    """A year's priorities beside its engagements, as far as the reader may see them; seen on any day."""
    seen, who = as_of.asked(), access.me()
    year = _year(request.args.get("year", "") or str(seen.day.year))
    first, last = date(year, 1, 1), date(year, 12, 31)
    plan = matters.priorities_of(year, seen.at)
    found = queries.lines(plan.id if plan else None)
    for kind, lines in found.items():
        queries.count(who, seen, first, last, kind, lines)
    for kind in (AimKind.COUNTRY, AimKind.PARTNER):
        queries.contacts(who, seen, kind, found[kind])
    months = max(1, norms.on(seen.day, DIALS)["contact_months"])
    lapsed = seen.day - timedelta(days=months * 365 // 12)
    return render_template(
        "awareness/priorities.html", year=year, plan=plan, titles=TITLES, columns=[label for label, _, _ in COLUMNS],
        tables={kind: [(line, _numbers(line, first, last)) for line in lines] for kind, lines in found.items()},
        most=max((max(line.planned or 0, line.going) for line in found[AimKind.GOAL]), default=0) or 1,
        idle=[line for line in found[AimKind.OBJECTIVE] if not line.going],
        gaps=[line for kind in (AimKind.COUNTRY, AimKind.PARTNER) for line in found[kind]
              if line.last_on is None or line.last_on < lapsed],
        months=months, may_write=may(who, Do.RAISE_MATTER), done=(Standing.UNDER_WAY, Standing.COMPLETE),
        drawn=[kind for kind in AimKind if found[kind]],
    )  # fmt: skip


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and 2000 <= int(text) <= 2100):
        abort(404)
    return int(text)


def _numbers(line: Line, first: date, last: date) -> list[tuple[int, str]]:
    """Each number of a line with the address of the list that makes it up, seen on the same day."""
    asked: dict[str, object] = {line.kind.value: line.of, "from": first, "until": last}
    if request.args.get("as_of"):
        asked["as_of"] = request.args["as_of"]
    return [
        (line.number(*standings), "/register?" + urlencode(asked | {"standing": word}))
        for _, standings, word in COLUMNS
    ]
