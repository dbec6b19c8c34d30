"""The only place that turns Markdown into HTML: no raw HTML goes in, and an allow-list looks at what comes out."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "h3", "h4", "h5", "h6"}
ATTRIBUTES = {"a": {"href"}}
SCHEMES = {"https", "http", "mailto"}

_reader = MarkdownIt("commonmark", {"html": False}).disable(["image", "code", "fence", "hr", "html_block"])


@lru_cache(maxsize=4_000)
def to_html(text: str) -> Markup:
    """The HTML of a Markdown text: paragraphs, lists, emphasis, quotations and links, and nothing that could run.

    Headings are moved down below those of the page: "#" is an h3.
    """
    tokens = _reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    drawn = _reader.renderer.render(tokens, _reader.options, {})
    return Markup(  # noqa: S704 - just cleaned
        nh3.clean(drawn, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow")
    )
