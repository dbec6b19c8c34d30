"""The awareness room: what is going on and what is planned, as a calendar and as a list."""

import calendar
from datetime import date, timedelta
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.marking import Marking
from engage.services import holding
from engage.web import access, exports
from engage.web.awareness import ahead, clashes, grid, measures, priorities, queries, saved, timeline, topics, world
from engage.web.awareness.facts_queries import AsOf
from engage.web.awareness.forms import Filters
from engage.web.awareness.room import bp
from engage.web.keyset import cursor, following, read

__all__ = ["ahead", "bp", "clashes", "measures", "priorities", "saved", "timeline", "topics", "world"]
SHOWN_IN_A_WEEK = 60  # engagements of a day
COLUMNS = (
    exports.Column("Number", lambda one: one[0].id),
    exports.Column("Engagement", lambda one: exports.title(one[0].marking, one[0].title)),
    exports.Column("Marking", lambda one: one[0].marking.label),
    exports.Column("Standing", lambda one: one[0].standing.label),
    exports.Column("State", lambda one: one[0].state.label),
    exports.Column("Who holds it", lambda one: one[1] and one[1].who),
    exports.Column("Since", lambda one: one[1] and one[1].since),
    exports.Column("What comes next", lambda one: one[1] and one[1].next_what),
    exports.Column("Next date", lambda one: one[1] and one[1].next_on),
    exports.Column("Missing", lambda one: one[1] and one[1].missing),
    exports.Column("First day", lambda one: one[0].starts_on),
    exports.Column("Last day", lambda one: one[0].ends_on),
    exports.Column("Requester", lambda one: one[0].leader),
    exports.Column("Places", lambda one: "" if one[0].marking is Marking.RED else "; ".join(one[0].places)),
    exports.Column("Direction", lambda one: one[0].direction),
)


def _month(form: Filters) -> date:
    given = request.args.get("month", "")
    if not given:
        return form.seen.day.replace(day=1)
    try:
        first = date.fromisoformat(given + "-01")
    except ValueError:
        abort(404)
    if not 2000 <= first.year <= 2100:
        abort(404)
    return first


@bp.get("/calendar")
def month() -> ResponseReturnValue:
    """A month of engagements, present and planned."""
    form = Filters(request.args)
    del form.week  # a month is asked for by its own name
    rows: list[queries.Row] = []
    cut, sound = False, form.validate()
    first = _month(form)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    if sound:
        rows, cut = queries.month(access.me(), form.seen, weeks[0][0], weeks[-1][-1], form.chosen)
    days = grid.cells(rows, weeks, form.seen.day, first=first)
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return render_template(
        "awareness/month.html",
        form=form, weeks=days, title=f"{first:%B %Y}", cut=cut, nothing=not rows, month=f"{first:%Y-%m}",
        previous_url=following(month=f"{before:%Y-%m}"), next_url=following(month=f"{after:%Y-%m}"),
        today_url=following(month=None),
        list_url=grid.list_url(first),
    ), 200 if sound else 422  # fmt: skip


@bp.get("/week")
def week() -> ResponseReturnValue:
    """A week of engagements, all of each day, with who rests and when the board meets."""
    form = Filters(request.args)
    del form.week  # the address names the week by its first day
    rows: list[queries.Row] = []
    cut, sound = False, form.validate()
    day = _day_given("from") or form.seen.day
    if not 2000 <= day.year <= 2100:
        abort(404)
    first = day - timedelta(days=day.weekday())
    days = [first + timedelta(days=n) for n in range(7)]
    if sound:
        rows, cut = queries.month(access.me(), form.seen, first, days[-1], form.chosen)
    return render_template(
        "awareness/week.html", form=form, weeks=grid.cells(rows, [days], form.seen.day, shown=SHOWN_IN_A_WEEK),
        first=first, last=days[-1], cut=cut, nothing=not rows,
        previous_url=following(**{"from": first - timedelta(days=7)}),
        next_url=following(**{"from": first + timedelta(days=7)}), today_url=following(**{"from": None}),
        list_url=grid.list_url(first),
    ), 200 if sound else 422  # fmt: skip


def _day_given(name: str) -> date | None:
    """A day in the address, or None; anything else than a day has no page."""
    given = request.args.get(name)
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        abort(404)


@bp.get("/register")
def register() -> ResponseReturnValue:
    """The register of engagements from a day on, filtered, a page at a time."""
    given = _day_given("from")
    form = Filters(request.args)
    sound = form.validate()
    from_day = given or form.seen.day
    if not sound:
        return render_template(
            "awareness/register.html", form=form, rows=[], next_url=None, from_day=from_day, until=None
        ), 422
    if until := _day_given("until"):
        form.chosen["until"] = until
    if "since" in form.chosen:
        from_day = form.chosen["since"] - queries.LONGEST
    if exports.asked():
        chosen, me, seen = form.chosen, access.me(), form.seen

        def page(after: tuple[date, int] | None) -> tuple[list[tuple[queries.Row, holding.Holding | None]], Any]:
            found, more = queries.register(me, seen, from_day, chosen, after)
            held = _held(found, seen, None)
            return [(row, held.get(row.id)) for row in found], more

        return exports.answer("register", COLUMNS, exports.paged(page))
    rows, more = queries.register(access.me(), form.seen, from_day, form.chosen, read(date))
    next_url = following(after=cursor(*more)) if more else None
    return render_template(
        "awareness/register.html", form=form, rows=rows, next_url=next_url, from_day=from_day,
        until=form.chosen.get("until"),
        held=_held(rows, form.seen, access.me().id),
    )  # fmt: skip


def _held(rows: list[queries.Row], seen: AsOf, me: int | None) -> dict[int, holding.Holding]:
    """Who holds each row now; of a past day nobody is named, for who held it then is told on its own page."""
    return holding.lines([row.id for row in rows] if seen.at is None else [], day=access.today(), me=me)
