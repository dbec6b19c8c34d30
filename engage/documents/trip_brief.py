"""The only place that prints a traveller's brief: on paper (PDF), as one file for a bad line, as a calendar."""

from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

from flask import render_template
from icalendar import Calendar, Event
from markupsafe import Markup

from engage.documents import pdf
from engage.documents.blocks import blocks
from engage.documents.markdown import to_html
from engage.models.engagements import Leg
from engage.services.trip_brief import Brief

STYLE = Path(__file__).parent / "offline.css"
KIND = "Traveller's brief"


def foot(brief: Brief, url: str) -> str:
    """What every copy says of its age, and how to find out whether it is still true."""
    return (
        f"Facts of {_day(brief.as_of)}, digest {brief.digest[:16]}. This copy goes stale when anything in it changes: "
        f"check it at {url}?of={brief.digest[:16]} before you leave."
    )


def as_pdf(brief: Brief, url: str) -> bytes:
    """The brief on paper, tagged. The same facts on the same day make the same bytes."""
    guides = [
        guide | {"sections": [one | {"text": blocks(one["text"], under=2)} for one in guide["sections"]]}
        for guide in brief.facts["guides"]
    ]
    data = brief.facts | {"guides": guides, "kind": KIND, "foot": foot(brief, url)}
    return pdf.render("brief", data, title=f"{brief.title}: {brief.traveller}", made_at=brief.made_at)


def as_file(brief: Brief, url: str) -> bytes:
    """The brief as one HTML file that needs nothing else: no line, no font, no picture, no script."""
    body = render_template("travel/brief_body.html", brief=brief, to_html=to_html, foot=foot(brief, url), level=1)
    style = Markup(STYLE.read_text(encoding="utf-8"))  # noqa: S704  our own sheet
    return (
        Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            "<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
        )
        .format(title=f"{brief.title}: {brief.traveller}", style=style, body=Markup(body))  # noqa: S704  just rendered
        .encode()
    )


def as_calendar(brief: Brief, legs: list[Leg], *, trip_id: int, edition: int, host: str, url: str) -> bytes:
    """The trip as iCalendar, one day-long event a stay; `edition` rises whenever the engagement changes.

    A cancelled trip says CANCELLED under the same ids, so that a calendar takes it out.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Engage//International engagements//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for leg, stay in zip(legs, brief.facts["journey"], strict=True):
        event = Event()
        event.add("uid", f"trip-{trip_id}-stay-{leg.position}@{host}")
        event.add("dtstamp", brief.made_at.astimezone(UTC))
        event.add("sequence", edition)
        event.add("status", "CANCELLED" if brief.facts["cancelled"] else "CONFIRMED")
        event.add("summary", f"{brief.title}: {stay['place']}")
        event.add("dtstart", leg.arrives_on)
        event.add("dtend", leg.departs_on + timedelta(days=1))
        event.add("location", stay["place"])
        event.add("description", f"{stay['clock']}. {brief.facts['verdict']['sentence']} {url}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def shown(brief: Brief, url: str) -> dict[str, Any]:
    """What a page needs to show the brief on screen."""
    return {"brief": brief, "to_html": to_html, "foot": foot(brief, url), "level": 0}
