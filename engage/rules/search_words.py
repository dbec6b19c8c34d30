"""The only place that says how text becomes words to be found, and what a typed search asks for.

Words are folded: no case, no accents (Zürich is zurich, København is kobenhavn), so that whoever types without them
finds them too. Every word of a search must be there; each stands for all words that begin with it, unless the search
is in quotation marks.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

LONGEST_WORD = 40
MOST_WORDS = 250  # of one entry: the heaviest places come first
MOST_ASKED = 8  # words of a search; the rest is not looked at

_WORD = re.compile(r"\w+")
# Letters with a stroke or a tail have no accent to take off.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
# Found everywhere, so that they find nothing: not kept, and left out of a search that says anything else.
COMMON = frozenset(
    "a an and are as at be by for from in into is it its of on or our that the their this to was we were will with"
    .split()
)  # fmt: skip


class Kind(StrEnum):
    """What can be found."""

    ENGAGEMENT = "engagement"
    MATTER = "matter"
    DECISION = "decision"
    PERSON = "person"
    PARTNER = "partner"
    FORUM = "forum"
    GUIDE = "guide"

    @property
    def label(self) -> str:
        """The kind in words, for one."""
        return {"matter": "Board matter", "guide": "Etiquette guide"}.get(self.value, self.value.capitalize())

    @property
    def plural(self) -> str:
        """The kind in words, for several."""
        named = {"person": "People", "matter": "Board matters", "guide": "Etiquette guides"}
        return named.get(self.value, f"{self.value.capitalize()}s")


class Weight(IntEnum):
    """How much a word's place says: registers before items, names before what is written at length."""

    TEXT = 1
    NAMED = 2
    TITLE = 3
    OF_REGISTER = 10  # added to what stands in a register


REGISTERS = frozenset({Kind.PERSON, Kind.PARTNER, Kind.FORUM, Kind.GUIDE})


@dataclass(frozen=True)
class Asked:
    """One word of a search; not `whole`: every word that begins with it."""

    word: str
    whole: bool = False


def fold(text: str) -> str:
    """`text` without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_PLAIN)


def words(text: str) -> Iterator[str]:
    """The words of `text`, folded, each as often as it stands there."""
    for found in _WORD.finditer(fold(text)):
        if said := found[0].strip("_")[:LONGEST_WORD]:
            yield said


def weighed(kind: Kind, parts: Iterable[tuple[Weight, str]]) -> dict[str, int]:
    """The words by which something is found, each with its heaviest place; common words are left out."""
    found: dict[str, int] = {}
    more = Weight.OF_REGISTER if kind in REGISTERS else 0
    for weight, text in sorted(parts, key=lambda part: -part[0]):
        for word in words(text):
            if len(found) >= MOST_WORDS:
                return found
            if word not in COMMON or weight is Weight.TITLE:
                found.setdefault(word, weight + more)
    return found


def asked(typed: str) -> tuple[Asked, ...]:
    """What a search asks for, the longest words first; () when it says nothing that can be found.

    Signs have no meaning but quotation marks: what stands in them is looked for as it is.
    """
    found: dict[str, Asked] = {}
    for i, part in enumerate(re.split(r"[\"“”„«»]", typed)):
        for word in words(part):
            quoted = i % 2 == 1
            plain = word[:-1] if not quoted and len(word) > 4 and word.endswith("s") else word  # exercises: exercise
            found.setdefault(plain, Asked(plain, quoted))
    telling = [one for one in found.values() if one.word not in COMMON] or list(found.values())
    return tuple(sorted(telling, key=lambda one: (-len(one.word), one.word))[:MOST_ASKED])


def marked(text: str, search: tuple[Asked, ...]) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it is a word that the search asked for."""
    pieces, at = [], 0
    for found in _WORD.finditer(text):
        said = fold(found[0]).strip("_")
        if any(said == one.word if one.whole else said.startswith(one.word) for one in search):
            pieces += [(text[at : found.start()], False), (found[0], True)]
            at = found.end()
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]
