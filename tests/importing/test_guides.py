"""Etiquette guides: those that ship, and those that cannot be taken."""

# one case of a table is one line

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.importing.guides import SECTIONS, parse_guide

SHIPPED = sorted((Path(__file__).parents[2] / "engage" / "seed" / "etiquette").glob("*.yaml"))


def test_seventy_guides_ship():
    assert len(SHIPPED) == 70


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_each_shipped_guide_is_sound_and_keeps_every_word(path):
    parsed = parse_guide(path)
    (guide,) = parsed.rows
    plain = yaml.safe_load(path.read_text(encoding="utf-8"))

    assert parsed.problems == ()
    assert (guide.country_code or "GENERAL").casefold() == path.stem.casefold()
    assert guide.scope == ("country" if guide.country_code else "general")
    assert tuple(guide.sections) == SECTIONS
    assert guide.content() == {
        key: plain[key] for key in ("summary", "sections", "must_know", "check", "sources")
    }
    assert (guide.title, guide.status, guide.reviewed) == (plain["title"], "starter", date(2026, 11, 22))


def test_answers_count_from_zero():
    (japan,) = parse_guide(next(path for path in SHIPPED if path.stem == "jp")).rows

    assert [question.options[question.answer] for question in japan.check] == [
        "Read it, then lay it on the table in seating order",
        "Sato-san",
        "It may be difficult for them; follow up privately at working level",
    ]


def guide(**fields):
    """A guide that is sound but for `fields`; None leaves one out."""
    question = {"section": "dress", "question": "Which?", "options": ["a", "b"], "answer": 1, "why": "So."}
    whole = {
        "country": "EE",
        "title": "Estonia",
        "summary": "Short.",
        "sections": dict.fromkeys(SECTIONS, "Text."),
        "must_know": ["Be on time."],
        "check": [question | fields.pop("question", {})],
        "sources": ["https://x.example/"],
        "reviewed": "2026-11-22",
        "status": "starter",
    } | fields
    return yaml.safe_dump({k: v for k, v in whole.items() if v is not None}, sort_keys=False).encode()


def test_the_sound_guide_is_sound():
    assert parse_guide(guide()).problems == ()


def test_norway_needs_no_quotation_marks():
    assert parse_guide(guide().replace(b"country: EE", b"country: NO")).rows[0].country_code == "NO"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"country": "Estonia"}, "country: This is no country code; write two letters of ISO 3166-1, such as EE."),
        ({"title": None}, "title: This is missing."),
        ({"title": ["x"]}, "title: This must be text."),
        ({"title": "x" * 201}, "title: This is longer than 200 characters."),
        ({"colour": "x"}, "colour: This field is not known here."),
        ({"sections": "x"}, "sections: The twelve sections are missing."),
        ({"sections": dict.fromkeys(SECTIONS[1:], "x")}, "sections.greetings: This is missing."),
        ({"sections": dict.fromkeys((*SECTIONS, "jokes"), "x")}, "sections.jokes: This section is not known here."),
        ({"must_know": []}, "must_know: This must be a list of 1 to 20 texts."),
        ({"check": []}, "check: This must be a list of 1 to 20 questions."),
        ({"check": ["x"]}, "check.1: A question has section, question, options, answer and why, and nothing else."),
        ({"question": {"answer": 2}}, "check.1: The answer is the number of an option, counted from 0 to 1."),
        ({"question": {"answer": -1}}, "check.1: The answer is the number of an option, counted from 0 to 1."),
        ({"question": {"answer": "b"}}, "check.1: The answer is the number of an option, counted from 0 to 1."),
        ({"question": {"section": "jokes"}}, "check.1: It is not about one of the twelve sections."),
        ({"question": {"options": ["a", "a"]}}, "check.1: Two options are the same."),
        ({"sources": ["see mail"]}, "sources: “see mail”: Write a web address that begins with https:// or http://."),
        ({"reviewed": "lately"}, "reviewed: Write the day of the last review, such as 2026-11-22."),
        ({"status": "fine"}, "status: “fine” is none of starter, reviewed."),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_field(fields, problem):
    parsed = parse_guide(guide(**fields))

    assert parsed.rows == ()
    assert [f"{found.column}: {found.reason}" for found in parsed.problems] == [problem]


def test_a_fault_of_a_field_stands_at_its_line():
    assert [found.line for found in parse_guide(guide(country="XX", title=["x"], summary=None)).problems] == [
        1,
        2,
        0,
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file: The file is not a list of named fields, such as title and summary."),
        (b"- a", "The file: The file is not a list of named fields, such as title and summary."),
        (
            b"a: &x [1]\nb: *x",
            "The file: The file uses YAML anchors or aliases (& and *); write the text out.",
        ),
        (b"[" * 5000, "The file: The file is nested more than 6 deep."),
        (b"? [a]\n: b", "The file: Line 1: a field's name must be plain text."),
        (b"a: 1\n---\nb: 1", "Line 2: The file is not sound YAML: but found another document."),
        (b"\xff", "The file: The file is not UTF-8 (line 1). Save it as UTF-8."),
        (b"a: \x07", "The file: The file holds a control character."),
        (b"x" * (64 * 1024 + 1), "The file: The file is larger than 64 KB."),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_file_that_cannot_be_taken_says_why(content, problem):
    assert [str(found) for found in parse_guide(content).problems] == [problem]


def test_a_field_written_twice_is_named_at_its_line():
    assert [str(found) for found in parse_guide(guide() + b"title: Again\n").problems] == [
        "Line 31, title: This is there twice."
    ]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@settings(deadline=None)
def test_no_bytes_make_it_raise(content):
    assert parse_guide(content).problems
