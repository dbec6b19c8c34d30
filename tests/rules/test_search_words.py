"""How text becomes words to be found, and what a typed search asks for."""

import pytest

from engage.rules.search_words import MOST_ASKED, MOST_WORDS, Kind, Weight, asked, marked, weighed, words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Zürich, ÅLESUND!", ["zurich", "alesund"]), ("København Łódź Þór", ["kobenhavn", "lodz", "thor"]),
        ("CERT-EE's a_b __", ["cert", "ee", "s", "a_b"]), ("שלום ٣ 東京 🚀", ["שלום", "٣", "東京"]), ("", []),
        ("x" * 90, ["x" * 40]), ("Straße ﬁnal", ["strasse", "final"]),
    ],
)  # fmt: skip
def test_words_have_neither_case_nor_accents(text, said):
    assert list(words(text)) == said


def test_a_word_counts_where_it_says_most_and_common_words_count_in_titles_alone():
    parts = [(Weight.TEXT, "the range in Tallinn and the law"), (Weight.TITLE, "Law of the sea")]

    assert weighed(Kind.ENGAGEMENT, parts) == {"law": 3, "of": 3, "the": 3, "sea": 3, "range": 1, "tallinn": 1}
    assert weighed(Kind.PARTNER, [(Weight.TITLE, "CERT")]) == {"cert": 13}
    assert len(weighed(Kind.GUIDE, [(Weight.TEXT, " ".join(map(str, range(999))))])) == MOST_WORDS


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("exercises in Zürich", [("exercise", False), ("zurich", False)]), ('"Exercises"', [("exercises", True)]),
        ("the", [("the", False)]), ("", []), ("AND OR ( * : ' --", [("and", False), ("or", False)]),
        ("🚀🚀", []), ('say "joint range" ok', [("joint", True), ("range", True), ("say", False), ("ok", False)]),
    ],
)  # fmt: skip
def test_a_search_asks_for_what_tells_most(typed, said):
    assert [(one.word, one.whole) for one in asked(typed)] == sorted(said, key=lambda one: (-len(one[0]), one[0]))


def test_a_long_search_is_cut():
    assert len(asked(" ".join(f"word{i}" for i in range(50)))) == MOST_ASKED


def test_what_was_asked_for_is_marked_and_nothing_is_lost():
    text = "Zürich: <b>Übungen</b> & exercising"
    pieces = marked(text, asked("zurich exercise"))

    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, hit in pieces if hit] == ["Zürich"]
    assert [piece for piece, hit in marked(text, asked("exerc ubung")) if hit] == ["Übungen", "exercising"]
