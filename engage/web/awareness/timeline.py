"""Engagements as bars over time, by country or by person, and as days one after another."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import timeline
from engage.documents.timeline import Span
from engage.web import access
from engage.web.awareness import days, queries
from engage.web.awareness.forms import AgendaForm, TimelineForm
from engage.web.awareness.room import bp
from engage.web.keyset import following

WEEKS_SHOWN, WEEKS_STEP = 13, 4
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 1)


def _from(otherwise: date) -> date:
    """The day that the address begins with; a day that is none, or in no year of ours, has no page."""
    given = request.args.get("from", "")
    try:
        day = date.fromisoformat(given) if given else otherwise
    except ValueError:
        abort(404)
    return day if FIRST <= day <= LAST else abort(404)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@bp.get("/timeline")
def timeline_page() -> ResponseReturnValue:
    """Three months of engagements as bars, a row for each country or leader, and the same as a list."""
    form = TimelineForm(request.args)
    rows: list[queries.Row] = []
    cut, sound = False, form.validate()
    first = _monday(_from(form.seen.day))
    last = first + timedelta(weeks=WEEKS_SHOWN, days=-1)
    if sound:
        rows, cut = queries.month(access.me(), form.seen, first, last, form.chosen)
    grouped = _grouped(rows, by_person=form.by.data == "person")
    noted = days.notes(rows, first, last)
    drawing = timeline.draw(grouped, first, last, form.seen.day, noted)
    step = timedelta(weeks=WEEKS_STEP)
    return render_template(
        "awareness/timeline.html", form=form, drawing=drawing, grouped=grouped, size=timeline, first=first, last=last,
        cut=cut, noted=sorted(noted.items()), earlier=following(**{"from": first - step}),
        later=following(**{"from": first + step}),
    ), 200 if sound else 422  # fmt: skip


def _grouped(rows: Iterable[queries.Row], *, by_person: bool) -> list[tuple[str, list[Span]]]:
    """The rows of the timeline, by name: one that goes to two countries has a bar in each."""
    found: dict[str, list[Span]] = defaultdict(list)
    for row in rows:
        span = Span(
            row.title, f"/engagements/{row.id}", row.state.value, row.standing.label, row.starts_on,
            row.ends_on or row.starts_on,
        )  # fmt: skip
        names = [row.leader] if by_person else sorted(map(days.named, days.codes(row))) or ["No travel"]
        for name in names:
            found[name].append(span)
    return sorted(found.items(), key=lambda one: (one[0] == "No travel", one[0]))


@bp.get("/agenda")
def agenda() -> ResponseReturnValue:
    """A week, or four, day by day: what begins, what goes on, who rests, when the board meets."""
    form = AgendaForm(request.args)
    rows: list[queries.Row] = []
    cut, length, sound = False, 7, form.validate()
    first = _monday(_from(form.seen.day))
    if sound:
        length = int(form.length.data)
        rows, cut = queries.month(access.me(), form.seen, first, first + timedelta(days=length - 1), form.chosen)
    last = first + timedelta(days=length - 1)
    noted = days.notes(rows, first, last)
    listed = [
        (day, day == form.seen.day, [row for row in rows if row.starts_on <= day <= (row.ends_on or row.starts_on)],
         noted.get(day, []))
        for day in (first + timedelta(days=n) for n in range(length))
    ]  # fmt: skip
    step = timedelta(days=length)
    return render_template(
        "awareness/agenda.html", form=form, days=listed, first=first, last=last, cut=cut,
        earlier=following(**{"from": first - step}), later=following(**{"from": first + step}),
        now=following(**{"from": None}),
    ), 200 if sound else 422  # fmt: skip
