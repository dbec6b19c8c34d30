"""The only place that makes plain text of what mail programs put into a description."""

import html
import re

READ_LIMIT_CHARACTERS = 20_000

BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/ul|/ol|/h[1-6])\b[^<>]{0,300}>", re.IGNORECASE)
TAGS = re.compile(
    r"<\s*/?(?:a|abbr|address|b|big|blockquote|body|center|code|div|em|font|h[1-6]|head|hr|html|i|img|li|link|meta|ol|"
    r"p|pre|s|script|small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|title|tr|tt|u|ul|o:p)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
SPACES = re.compile(r"[^\S\n]")
JOINERS = "\u200c\u200d\u200e\u200f"  # invisible, and part of how some languages are written
# What a well-known calendar adds below a description for its own use.
RULED_SECTION = re.compile(r"^-::~[:~]{3,}::-\n.{0,2000}?\n-::~[:~]{3,}::-$", re.MULTILINE | re.DOTALL)


def plain_text(text: str, limit_characters: int) -> tuple[str, bool]:
    """Text without HTML, blank runs and a calendar's own boilerplate; and whether it had to be cut."""
    cut = len(text) > READ_LIMIT_CHARACTERS
    text = text[:READ_LIMIT_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    text = RULED_SECTION.sub("", text)
    if BREAKS.search(text) or TAGS.search(text):
        text = html.unescape(TAGS.sub("", BREAKS.sub("\n", text)))
    text = "".join(c for c in SPACES.sub(" ", text) if c == "\n" or c.isprintable() or c in JOINERS)
    lines = (line.rstrip() for line in text.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(text) > limit_characters:
        return text[: limit_characters - 1].rstrip() + "…", True
    return text, cut
