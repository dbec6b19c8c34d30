"""The only place where tests draw the shipped templates without an application: pages from plain values."""

from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pages import Page

from engage import shipped
from engage.web.forms import kind

ROOMS = [SimpleNamespace(label="Engagements", url="/engagements", current=True)]
GIVEN = {
    "me": SimpleNamespace(name="Amara Osei", is_authenticated=True, roles=frozenset()),
    "navigation": ROOMS,
    "unread": 3,
    "demonstration": False,
    "csrf_token": "token",
    "site": SimpleNamespace(name="Engage", official_banner=False),
    "request": SimpleNamespace(path="/engagements"),
}


def environment() -> Environment:
    """The shipped templates, as strict as the application is with them, with plain filters."""
    drawn = Environment(
        loader=FileSystemLoader(shipped("templates")),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn.filters.update(kind=kind)
    drawn.filters.update(day=lambda d: f"day {d.isoformat()}", moment=lambda d: f"moment {d.isoformat()}")
    drawn.globals.update(asset=lambda path: f"/static/{path}?0", get_flashed_messages=lambda **_: [])
    return drawn


DRAWN = environment()


def draw(source: str, **given: object) -> Page:
    """A whole page with `source` as its main part."""
    page = (
        '{% extends "base.html" %}{% import "macros/form.html" as form %}{% import "macros/ui.html" as ui %}'
        '{% import "macros/calendar.html" as calendar %}{% block title %}A page{% endblock %}'
        "{% block main %}<h1>A page</h1>" + source + "{% endblock %}"
    )
    return Page(DRAWN.from_string(page).render(**{**GIVEN, **given}))
