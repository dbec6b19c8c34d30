"""The search room: one box over engagements, people, partners, guides and decisions."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules import search_words
from engage.rules.search_words import Kind
from engage.services import search
from engage.web import access, keyset
from engage.web.forms import clean

bp = Blueprint("search", __name__)

LONGEST = 200  # characters of a search


@bp.get("/search")
def found() -> ResponseReturnValue:
    """What the reader may see that holds the words they typed, the best first."""
    me = access.me()
    typed = "".join(c for c in clean(request.args.get("q"))[:LONGEST] if c.isprintable())
    kind = next((kind for kind in Kind if kind.value == request.args.get("kind")), None)
    asked = search_words.asked(typed)
    after, first = _after()
    hits, more = search.find(asked, by=me, kinds=(kind,) if kind else (), after=after)
    rows = [
        (hit, search.path(hit, me) or _named(hit.title), search_words.marked(hit.title, asked),
         search_words.marked(hit.detail, asked))
        for hit in hits
    ]  # fmt: skip
    return render_template(
        "search/found.html", typed=typed, asked=asked, rows=rows, kind=kind, kinds=list(Kind), first=first,
        tabs=[(one, f"/search?{urlencode({'q': typed, 'kind': one.value})}") for one in Kind],
        everything=f"/search?{urlencode({'q': typed})}",
        next_url=keyset.following(after=f"{more[0]}_{more[1]}") if more else None,
        first_url=None if first else keyset.following(after=None),
    )  # fmt: skip


def _after() -> tuple[tuple[int, int], bool]:
    """Where the page begins, and whether that is the first."""
    at = keyset.read(str)
    if at is None:
        return search.LAST, True
    score = int(at[0]) if at[0].isascii() and at[0].isdecimal() and len(at[0]) < 5 else 0
    return (score, min(at[1], search.LAST[1])), False


def _named(name: str) -> str:
    """A person has no page that everybody reads: their name leads to the engagements that name them."""
    quoted = f'"{name}"'
    return f"/search?{urlencode({'q': quoted, 'kind': Kind.ENGAGEMENT.value})}"
