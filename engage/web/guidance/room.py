"""The guidance room's blueprint, and how its routes are addressed."""

from typing import Any

from flask import Blueprint
from markupsafe import Markup

from engage.documents.markdown import to_html
from engage.rules.guide_changes import PARTS, text_of
from engage.rules.guide_text import SECTIONS
from engage.services import guide_places
from engage.services.guide_places import Place
from engage.web import access
from engage.web.guidance import queries

bp = Blueprint("guidance", __name__)


def place(code: str) -> tuple[str, Place | None, queries.Facts | None]:
    """The code as guides are addressed by it, what it stands for, and what is known of a country; else a 404."""
    if code == "general":
        return code, None, None
    code = code if "-" in code else code.upper()
    found = access.or_404(guide_places.place_of(code))
    return code, found, queries.facts(code, access.clock(), access.today()) if len(code) == 2 else None


def sections(content: Any) -> list[tuple[str, str, Markup, list[str]]]:
    """Slug, heading, HTML and own sources of each section that says something, in order."""
    own = content.get("section_sources", {})
    return [
        (slug, heading, to_html(content["sections"][slug]), own.get(slug, []))
        for slug, heading in SECTIONS.items()
        if content["sections"].get(slug)
    ]


def html(content: Any, part: str) -> Markup:
    """One part of a text, as its readers see it."""
    said = text_of(content, part)
    return to_html("\n".join(f"- {line}" for line in said.splitlines()) if part == "must_know" else said)


def differing(old: Any, new: Any) -> list[tuple[str, Markup, Markup]]:
    """Heading, old and new text of every part that differs."""
    return [
        (heading, html(old, part), html(new, part))
        for part, heading in PARTS.items()
        if text_of(old, part) != text_of(new, part)
    ]
