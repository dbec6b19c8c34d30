"""The map of the world, with its table, and the page of each country."""

import re
from datetime import timedelta

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import world
from engage.reference.holidays import ESTIMATED, holidays_in
from engage.services import advisories, follows
from engage.web import access
from engage.web.awareness import as_of, kept_queries, queries
from engage.web.awareness import place_queries as places
from engage.web.awareness.forms import MapForm
from engage.web.awareness.room import bp

AHEAD = timedelta(days=120)  # of the holidays that a country's page names
CODE = re.compile("[A-Z]{2}")
A_WEEK = 7 * 24 * 3600


@bp.get("/map")
def world_map() -> ResponseReturnValue:
    """Where engagements go: each country shaded by how many, and the same as a table."""
    form = MapForm(request.args)
    if not form.validate():
        return render_template("awareness/map.html", form=form, tallies=[], drawn=[], world=world, when=None), 422
    (when, goal), seen, text = form.chosen(), form.seen, form.as_of.data or ""
    tallies = places.tallies(access.me(), seen, when, goal)
    by_code = {one.code: one for one in tallies}
    drawn = [(shape, by_code[shape.code]) for shape in world.shapes() if shape.code in by_code]
    listed = [
        (one, places.list_url(when, seen, one.code, goal, as_of=text),
         [(standing, number, places.list_url(when, seen, one.code, goal, standing, text))
          for standing, number in one.numbers.items()])
        for one in tallies
    ]  # fmt: skip
    return render_template(
        "awareness/map.html", form=form, tallies=listed, drawn=drawn, world=world, when=when,
    )  # fmt: skip


@bp.get("/map/world.svg")
def backdrop() -> ResponseReturnValue:
    """The world without a number on it: the same for everybody, and kept by browsers."""
    drawing = world.backdrop() or abort(404)
    response = Response(drawing, mimetype="image/svg+xml")
    response.cache_control.max_age = A_WEEK
    return response


@bp.get("/countries/<code>")
def country(code: str) -> ResponseReturnValue:
    """One country: its advisory, who works with us there, and what goes on, as far as the reader may see it."""
    record = access.or_404(places.country(code) if CODE.fullmatch(code) else None)
    who, seen = access.me(), as_of.asked()
    today = seen.day
    ahead, more = queries.register(
        who, seen, today - queries.LONGEST, {"country": code, "since": today, "ahead": True}, None
    )
    promises, more_promises = kept_queries.promises(who, code, access.today())
    return render_template(
        "awareness/country.html", record=record, advisory=advisories.on(today, [code]).get(code),
        ahead=ahead, more=more is not None, past=places.past(who, code, seen), partners=places.partners(code),
        forums=places.forums(code), events=places.events(code, today), estimated=ESTIMATED,
        holidays=list(holidays_in(code, today, today + AHEAD).items()),
        follow=("country", code, follows.follows(who.id or 0, "country", code)),
        guide=kept_queries.guide(code), closed=kept_queries.closed(code, today), promises=promises,
        more_promises=more_promises,
        home=code == current_app.config["SETTINGS"].home_country,
    )  # fmt: skip
