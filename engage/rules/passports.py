"""The only place that says what looks like a passport number: such numbers are refused.

A guard against a slip, not against intent: the shapes of travel document numbers (ICAO 9303: up to nine
characters; U.S. passports are nine digits, or a letter and eight digits) written as a word of their own.
"""

import re

_SHAPE = re.compile(r"[A-Z]{0,2}\d{6,9}[A-Z]?")


def looks_like_passport_number(text: str) -> bool:
    """Whether the whole of `text`, or a word in it, has the shape of a passport number."""
    upper = text.upper()
    words = [word.strip(".,;:()[]#\"'") for word in upper.split()]
    return any(_SHAPE.fullmatch(word) for word in (*words, "".join(words)))
