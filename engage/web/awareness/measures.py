"""The quarter's measures: on a page, on paper, as a workbook and as CSV, out of the same tables."""

from urllib.parse import urlencode

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import figures
from engage.documents.figures import Cell, Table
from engage.documents.tables import XLSX
from engage.rules import quarters
from engage.rules.policy import See, may
from engage.rules.quarters import Quarter
from engage.rules.standing import Standing
from engage.services import commitment_lists, kept_duties, outcome_counts, quarter_flow
from engage.services.kept_duties import Duty
from engage.services.outcome_counts import Count
from engage.services.quarter_flow import Flow, Stage
from engage.services.visibility import scope
from engage.web import access
from engage.web.awareness import measure_queries as queries
from engage.web.awareness.measure_queries import Aim
from engage.web.awareness.room import bp
from engage.web.downloads import PDF, attachment

# What a column of plan against actual counts, and the state under which the register lists the same.
COLUMNS: tuple[tuple[str, tuple[Standing, ...]], ...] = (
    ("Idea or draft", (Standing.IDEA, Standing.TENTATIVE, Standing.DRAFT)),
    ("Being decided", (Standing.IN_PROGRESS,)), ("Approved", (Standing.APPROVED,)),
    ("Under way", (Standing.UNDER_WAY,)), ("Complete", (Standing.COMPLETE,)),
    ("Not going ahead", (Standing.ENDED,)),
)  # fmt: skip
WORDS = {
    "submitted": "Submitted", "late": "of them late, with the reason", "returned": "Returned for information",
    "approved": "Approved", "disapproved": "Disapproved", "called_off": "Withdrawn or cancelled",
}  # fmt: skip


@bp.get("/measures")
def measures() -> ResponseReturnValue:
    """A quarter's measures beside the quarter before, as far as the reader may see what makes them up."""
    quarter = _quarter(request.args.get("quarter") or quarters.quarter_of(access.today()).name)
    found = _Measures(quarter)
    return render_template(
        "awareness/measures.html", quarter=quarter, flow=found.flow.rows, stages=found.stages,
        longest=max((one.slow for one in found.stages), default=0) or 1, goals=_linked(found.goals, quarter),
        most=max((one.total for one in found.goals), default=0) or 1, columns=[label for label, _ in COLUMNS],
        idle=[one for one in found.objectives if one.total == one.of(Standing.ENDED)], gaps=found.gaps,
        months=found.months, duties=found.duties, overdue=found.overdue, earlier=quarter.before, later=quarter.after,
        complete=Standing.COMPLETE, under_way=Standing.UNDER_WAY, outcomes=found.outcomes,
        outcomes_url=_outcomes_url(quarter),
    )  # fmt: skip


@bp.get("/measures/<name>.<any(pdf, xlsx, csv):kind>")
def measures_file(name: str, kind: str) -> ResponseReturnValue:
    """The same tables on paper, as a workbook or as CSV."""
    quarter, now = _quarter(name), access.clock()
    title, tables = f"Measures of {quarter.name}", _Measures(quarter).tables()
    file = f"measures-{quarter.name}.{kind}"
    if kind == "csv":
        return attachment(figures.as_csv(tables), file, "text/csv; charset=utf-8")
    if kind == "xlsx":
        return attachment(figures.as_xlsx(tables, title, now), file, XLSX)
    return attachment(figures.as_pdf(tables, title, "Counts what its reader may see.", now), file, PDF)


class _Measures:
    """A quarter's measures as the reader of this request may see them."""

    def __init__(self, quarter: Quarter) -> None:
        who, today, zone = access.me(), access.today(), access.settings().home_zone
        self.flow = _flow(
            quarter_flow.flow(who, quarter, zone), quarter_flow.flow(who, quarter.before, zone), quarter
        )
        self.stages = quarter_flow.stages(who, quarter, zone)
        self.goals = queries.aims(who, quarter, today, by_goal=True)
        self.objectives = queries.aims(who, quarter, today, by_goal=False)
        self.gaps, self.months = queries.gaps(who, today)
        self.duties = kept_duties.of(scope(who), who.id, quarter, today, people=may(who, See.COMPLIANCE))
        self.outcomes = outcome_counts.counts(who, quarter.first, quarter.first, ("goal",))["goal"]
        self.overdue = commitment_lists.overdue(who, today)

    def tables(self) -> list[Table]:
        """All of them, as files have them."""
        return [
            self.flow, _stages(self.stages), _duties(self.duties), _aims("Goals", self.goals),
            _aims("Objectives", self.objectives), _outcomes(self.outcomes),
            _gaps(self.gaps, self.months),
        ]  # fmt: skip


def _quarter(name: str) -> Quarter:
    return quarters.read(name) or abort(404)


def _linked(goals: list[Aim], quarter: Quarter) -> list[tuple[Aim, list[tuple[int, str]]]]:
    """Each goal with its numbers, each with its list; a number of several states has none of its own."""

    def url(goal: Aim, standings: tuple[Standing, ...]) -> str:
        if len(standings) > 1:
            return ""
        asked = {"goal": goal.id, "from": quarter.first, "until": quarter.last, "standing": standings[0]}
        return "/register?" + urlencode(asked)

    return [(goal, [(goal.of(*stood), url(goal, stood)) for _, stood in COLUMNS]) for goal in goals]


def _flow(now: Flow, before: Flow, quarter: Quarter) -> Table:
    rows = tuple((WORDS[name], getattr(now, name), getattr(before, name)) for name in WORDS)
    return Table("Requests", "Requests", ("What", quarter.name, quarter.before.name), rows)


def _stages(stages: list[Stage]) -> Table:
    rows = tuple((one.state.label, one.number, one.median, one.slow) for one in stages)
    columns = ("Stage", "Times", "Median", "Nine of ten")
    return Table("Days in each stage", "Days in each stage that was left", columns, rows, (2,))


def _duties(duties: list[Duty]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.name, one.owed, one.kept, one.let_off, one.late, one.open, one.overdue,
         "" if one.share is None else f"{one.share} %")
        for one in duties
    )  # fmt: skip
    columns = ("Duty", "Owed", "In time", "Waived or released", "Late", "Not yet due", "Overdue", "Kept of those due")
    return Table("Duties", "Duties of the quarter and how they were kept", columns, rows, (2, 6))


def _aims(name: str, aims: list[Aim]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.label, *(one.of(*stood) for _, stood in COLUMNS), float(one.cost)) for one in aims
    )
    columns = (name[:-1], *(label for label, _ in COLUMNS), "Estimated cost, USD")
    return Table(name, f"Plan against actual: {name.lower()}", columns, rows)


def _outcomes(outcomes: list[Count]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"Goal {one.place}: {one.name}", one.outcomes, one.number, one.nations, one.people) for one in outcomes
    )
    columns = ("Goal", "Outcomes", "Number", "Nations", "People")
    return Table("Outcomes", "Outcomes of what ended in the quarter, by goal", columns, rows, (1,))


def _outcomes_url(quarter: Quarter) -> str:
    """The quarter's outcomes themselves, by all that they are counted by; narrowed no further where it is long ago."""
    asked = {"first": quarter.first, "last": quarter.first}
    return "/outcomes?" + urlencode(asked) if quarter.first.year >= access.today().year - 1 else "/outcomes"


def _gaps(gaps: list[queries.Any], months: int) -> Table:
    rows = tuple((one.name, one.partners, one.last_on.isoformat() if one.last_on else "none known") for one in gaps)
    return Table("Without contact", f"Countries of partners without contact for {months} months",
                 ("Country", "Partners", "Last contact"), rows)  # fmt: skip
