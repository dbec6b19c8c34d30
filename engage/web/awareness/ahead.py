"""What lies ahead within 30, 60 or 90 days: on a page, on paper, as a workbook and as CSV, out of the same tables."""

from datetime import date, timedelta
from urllib.parse import urlencode

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import figures
from engage.documents.figures import Table
from engage.documents.tables import XLSX
from engage.rules.standing import Standing
from engage.services import commitment_lists, outlook
from engage.services.outlook import HORIZONS, Ahead
from engage.services.visibility import scope
from engage.web import access
from engage.web.awareness.room import bp
from engage.web.downloads import PDF, attachment

DRAWN = 12  # countries in the drawing; the table has them all
AGREED, DECIDING = Standing.APPROVED, Standing.IN_PROGRESS


def register_url(first: date, until: date, standing: Standing, **narrowed: str) -> str:
    """The list that a number of what lies ahead counts."""
    return "/register?" + urlencode({"from": first, "until": until, "standing": standing, **narrowed})


@bp.get("/ahead")
def ahead() -> ResponseReturnValue:
    """What begins within 30, 60 or 90 days, approved and being decided, as far as the reader may see it."""
    days = _days(request.args.get("days", "90"))
    found, today = _Ahead(days), access.today()
    until = today + timedelta(days=days)

    def linked(ahead: Ahead, first: date, last: date, **narrowed: str) -> list[tuple[int, str]]:
        return [
            (ahead.agreed, register_url(first, last, AGREED, **narrowed)),
            (ahead.deciding, register_url(first, last, DECIDING, **narrowed)),
        ]

    who = access.me()
    return render_template(
        "awareness/ahead.html", days=days, horizons=HORIZONS, until=until,
        sums=[
            (one, ahead, linked(ahead, today, found.outlook.until[one])) for one, ahead in found.outlook.sums.items()
        ],
        weeks=[(week, linked(week.ahead, week.first, week.last)) for week in found.outlook.weeks],
        countries=[(one, linked(one.ahead, today, until, country=one.key)) for one in found.countries],
        goals=[(one, linked(one.ahead, today, until, goal=one.key)) for one in found.goals], drawn=DRAWN,
        promises=commitment_lists.due_by(scope(who), who.id or 0, until, today), shown=commitment_lists.SHOWN,
    )  # fmt: skip


@bp.get("/ahead/<name>.<any(pdf, xlsx, csv):kind>")
def ahead_file(name: str, kind: str) -> ResponseReturnValue:
    """The same tables on paper, as a workbook or as CSV."""
    days, now = _days(name), access.clock()
    title, tables = f"The next {days} days", _Ahead(days).tables()
    file = f"ahead-{access.today()}-{days}.{kind}"
    if kind == "csv":
        return attachment(figures.as_csv(tables), file, "text/csv; charset=utf-8")
    if kind == "xlsx":
        return attachment(figures.as_xlsx(tables, title, now), file, XLSX)
    return attachment(figures.as_pdf(tables, title, "Counts what its reader may see.", now), file, PDF)


def _days(name: str) -> int:
    return int(name) if name in map(str, HORIZONS) else abort(404)


class _Ahead:
    """What lies ahead as the reader of this request may see it."""

    def __init__(self, days: int) -> None:
        who, today = access.me(), access.today()
        seen_by = scope(who)
        self.outlook = outlook.of(seen_by, who.id, today, days)
        self.countries = outlook.countries(seen_by, who.id, today, days)
        self.goals = outlook.goals(seen_by, who.id, today, days)

    def tables(self) -> list[Table]:
        """All of them, as files have them."""
        sums = tuple(
            (f"Within {days} days", one.agreed, one.deciding, one.travellers, float(one.cost))
            for days, one in self.outlook.sums.items()
        )
        weeks = tuple((one.first.isoformat(), one.ahead.agreed, one.ahead.deciding) for one in self.outlook.weeks)
        heads = ("Approved", "Being decided")
        return [
            Table("In sum", "In sum", ("When", *heads, "Travellers", "Estimated cost, USD"), sums),
            Table("By week", "Engagements by the week in which they begin", ("Week from", *heads), weeks, (1, 2)),
            *(
                Table(f"By {name.lower()}", f"Engagements by {name.lower()}", (name, *heads),
                      tuple((one.name, one.ahead.agreed, one.ahead.deciding) for one in shares), (1, 2))
                for name, shares in (("Country", self.countries), ("Goal", self.goals))
            ),
        ]  # fmt: skip
