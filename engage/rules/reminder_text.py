"""The only place for the placeholders of a reminder's words: which there are, and how they are filled in.

Nothing of Python's or Jinja's formatting is used: a placeholder is a word in braces, and nothing else is.
"""

import re
from collections.abc import Mapping

# What a rule may say, and what it becomes.
PLACEHOLDERS: Mapping[str, str] = {
    "title": "the name of the record",
    "what": "what is to be done, as a phrase: vote on “Exercise in Tallinn”",
    "anchor": "the day from which the rule counts",
    "when": "how far from that day: 3 days before",
    "days": "the same as a number without its sign",
    "owner": "the person who owes it",
    "reader": "the person who reads this message",
    "missing": "what is missing, a line each; nothing where nothing is known",
}
_BRACED = re.compile(r"\{([a-z_]+)\}")
LONGEST_SUBJECT = 200
LONGEST_TEXT = 4000


def wrong_with_text(text: str, *, one_line: bool = False) -> str:
    """Why a text cannot stand, as one sentence; "" when it can. A subject is `one_line`."""
    if one_line and re.search(r"[\r\n\x00-\x1f\x7f\u2028\u2029]", text):
        return "A subject is one line: take the line break out."
    unknown = sorted({name for name in _BRACED.findall(text) if name not in PLACEHOLDERS})
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        return f"Nobody knows the placeholder {{{unknown[0]}}}. There are {known}."
    if re.search(r"[{}]", _BRACED.sub("", text)):
        return "A brace stands only around the name of a placeholder, such as {title}."
    return ""


def fill(text: str, facts: Mapping[str, str]) -> str:
    """`text` with each placeholder replaced by its fact, once: what a fact says is never read as a placeholder."""
    return _BRACED.sub(lambda found: facts.get(found[1], ""), text)
