"""The awareness room: what is going on and what is planned, as a calendar and as a list."""

import calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.marking import Marking
from engage.services import holding
from engage.web import access, exports
from engage.web.awareness import ahead, clashes, measures, queries, saved, timeline, topics, world
from engage.web.awareness import days as noted
from engage.web.awareness.facts_queries import AsOf
from engage.web.awareness.forms import Filters
from engage.web.awareness.room import bp
from engage.web.keyset import cursor, following, read

__all__ = ["ahead", "bp", "clashes", "measures", "saved", "timeline", "topics", "world"]
SHOWN_A_DAY = 4
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


@dataclass(frozen=True)
class Entry:
    """An engagement on one day of the calendar."""

    title: str
    url: str
    state: str
    label: str
    note: str
    continues: bool  # it began on an earlier day of this page: a phone's agenda names it once


@dataclass
class Day:
    """One cell of the calendar."""

    date: date
    in_month: bool
    is_today: bool
    entries: list[Entry] = field(default_factory=list)
    notes: list[noted.Note] = field(default_factory=list)
    more: int = 0
    more_url: str = ""


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
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for row in rows:
        day, first_shown = max(row.starts_on, weeks[0][0]), max(row.starts_on, first)
        places = "; ".join(row.places)
        while day <= min(row.ends_on or row.starts_on, weeks[-1][-1]):
            by_day[day].append(
                Entry(row.title, f"/engagements/{row.id}", row.state, row.standing.label, places, day > first_shown)
            )
            day += timedelta(days=1)
    notes = noted.notes(rows, weeks[0][0], weeks[-1][-1])
    days = [[_day(d, first, form.seen.day, by_day[d], notes.get(d, [])) for d in week] for week in weeks]
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return render_template(
        "awareness/month.html",
        form=form, weeks=days, title=f"{first:%B %Y}", cut=cut, nothing=not rows, month=f"{first:%Y-%m}",
        previous_url=following(month=f"{before:%Y-%m}"), next_url=following(month=f"{after:%Y-%m}"),
        today_url=following(month=None),
        list_url=_list(first),
    ), 200 if sound else 422  # fmt: skip


def _day(day: date, first: date, marked: date, entries: list[Entry], notes: list[noted.Note]) -> Day:
    return Day(
        day, day.month == first.month, day == marked, entries[:SHOWN_A_DAY], notes,
        max(0, len(entries) - SHOWN_A_DAY), _list(day),
    )  # fmt: skip


def _list(first: date) -> str:
    """The register from a day on, seen on the same day as this page."""
    seen = request.args.get("as_of")
    return "/register?" + urlencode({"from": first} | ({"as_of": seen} if seen else {}))


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
