"""The only place that turns Markdown into the blocks that a PDF template sets: text stays text, only marks change."""

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = ("https://", "http://", "mailto:")

_reader = MarkdownIt("commonmark", {"html": False}).disable(["image", "code", "fence", "hr", "html_block"])


def blocks(text: str, *, under: int = 0) -> list[dict[str, Any]]:
    """The blocks of a Markdown text, as `#blocks` of house.typ reads them.

    `under` is the level of the paper's own heading that the text stands below; no level is skipped, since a tagged
    document may not. Kinds: paragraph and heading (with `runs`), list and steps (with `items`, each a list of
    blocks), quote. A run is a text with its marks: strong, em, href (web and mail addresses only), break. What
    documents/markdown.py shows on screen, this shows on paper.
    """
    tokens = _reader.parse(text)
    made, _ = _read(tokens, 0)
    _rank(made, [], under)
    return made


def _rank(made: list[dict[str, Any]], above: list[int], under: int) -> None:
    """Number the headings by what stands above them, in the order of reading."""
    for block in made:
        if block["kind"] == "heading":
            while above and above[-1] >= block["level"]:
                above.pop()
            above.append(block["level"])
            block["level"] = under + len(above)
        for inside in block.get("items", [block["blocks"]] if "blocks" in block else []):
            _rank(inside, above, under)


def _read(tokens: list[Token], at: int, until: str = "") -> tuple[list[dict[str, Any]], int]:
    """The blocks from `at` up to the token `until`, and where that stands."""
    made: list[dict[str, Any]] = []
    while at < len(tokens) and tokens[at].type != until:
        token = tokens[at]
        if token.type == "paragraph_open":
            made.append({"kind": "paragraph", "runs": _runs(tokens[at + 1])})
            at += 2
        elif token.type == "heading_open":
            made.append({"kind": "heading", "level": int(token.tag[1]), "runs": _runs(tokens[at + 1])})
            at += 2
        elif token.type == "blockquote_open":
            inside, at = _read(tokens, at + 1, "blockquote_close")
            made.append({"kind": "quote", "blocks": inside})
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            items, at = _items(tokens, at + 1, token.type.replace("open", "close"))
            start = int(token.attrs.get("start", 1))
            steps = {"kind": "steps", "start": start, "items": items}
            made.append(steps if token.type.startswith("ordered") else {"kind": "list", "items": items})
        at += 1
    return made, at


def _items(tokens: list[Token], at: int, until: str) -> tuple[list[list[dict[str, Any]]], int]:
    items = []
    while tokens[at].type != until:
        inside, at = _read(tokens, at + 1, "list_item_close")
        items.append(inside)
        at += 1
    return items, at


def _runs(inline: Token) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    marks: dict[str, Any] = {}
    for token in inline.children or []:
        if token.type in ("strong_open", "em_open"):
            marks[token.tag] = True
        elif token.type in ("strong_close", "em_close"):
            marks.pop(token.tag, None)
        elif token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            if address.startswith(SCHEMES):
                marks["href"] = address
        elif token.type == "link_close":
            marks.pop("href", None)
        elif token.type == "hardbreak":
            made.append({"text": "", "break": True})
        elif token.type == "softbreak":
            made.append({"text": " ", **marks})
        elif token.content:
            made.append({"text": token.content, **marks})
    return made
