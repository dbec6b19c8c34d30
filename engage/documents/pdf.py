"""The only place that makes PDF: a house template and facts as JSON become a tagged document (PDF/UA-1).

Same facts, same moment, same bytes: no clock is read, and only the fonts that ship inside the compiler are used,
so that a page looks alike on every machine. Those fonts show Latin, Greek, Cyrillic, Hebrew, Armenian, Georgian
and Arabic letters. PDF/UA forbids a letter that no font can show; such a letter becomes UNSHOWN, and the foot of
the document says so.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent / "typst"
UNSHOWN = "\u25af"  # an empty box, which both fonts have
NOTE = f"{UNSHOWN} stands for a letter that the fonts of this paper lack. The page on screen shows it."
MOST_TRIES = 4  # each finds every letter that is missing; a later one meets what a replacement brought to light

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")


class CannotBePrinted(Exception):
    """The template and the facts do not fit; `str()` of this says where."""


def render(template: str, data: Mapping[str, Any], *, title: str, made_at: datetime, language: str = "en") -> bytes:
    """The PDF that engage/documents/typst/<template>.typ makes of `data`, which JSON must be able to say.

    `title` names the document for its reader and for a screen reader; `made_at` (aware) is written into it as its
    date, so give the moment of the facts, not of the printing. Text is never evaluated. Raises CannotBePrinted.
    """
    told = {**_clean(data), "title": _clean(title) or "Untitled", "language": language, "unshown": ""}
    for _ in range(MOST_TRIES):
        try:
            return _compile(template, told, made_at)
        except typst.TypstError as error:
            missing = _missing(str(error))
            if not missing:
                raise CannotBePrinted(f"{template}: {error}") from error
            told = {**_without(told, missing), "unshown": NOTE}
    every = re.compile(r"[^\x00-\x7f\u00a0-\u017f\u2010-\u2026]")
    return _compile(template, {**_replace(told, every), "unshown": NOTE}, made_at)


def _compile(template: str, told: Mapping[str, Any], made_at: datetime) -> bytes:
    made: bytes = typst.compile(
        HERE / f"{template}.typ", root=HERE, format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True,
        font_paths=[], timestamp=int(made_at.timestamp()), sys_inputs={"data": json.dumps(told, sort_keys=True)},
    )  # fmt: skip
    return made


def _clean(said: Any) -> Any:
    """The same facts without what is no letter: control characters and halves of surrogate pairs."""
    if isinstance(said, str):
        whole = said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return _CONTROLS.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(said, Mapping):
        return {key: _clean(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [_clean(value) for value in said]
    return said


def _missing(complaint: str) -> list[str]:
    """The texts that no font could show, the longest first."""
    found = {_ESCAPE.sub(lambda code: chr(int(code[1], 16)), text) for text in _MISSING.findall(complaint)}
    return sorted(found, key=lambda text: (-len(text), text))


def _without(told: Mapping[str, Any], missing: list[str]) -> dict[str, Any]:
    replaced: dict[str, Any] = _replace(told, re.compile("|".join(re.escape(text) for text in missing)))
    return replaced


def _replace(said: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(said, str):
        return pattern.sub(UNSHOWN, said)
    if isinstance(said, Mapping):
        return {key: _replace(value, pattern) for key, value in said.items()}
    if isinstance(said, list):
        return [_replace(value, pattern) for value in said]
    return said
