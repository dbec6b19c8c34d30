"""Canonical text: equal content, one text; and what changed between two records."""

import json
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.rules.canonical import ABSENT, canonical_json, differences, digest


class Funder(StrEnum):
    """A word, as models keep them."""

    HOST = "host"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ("Cafe\u0301", '"Café"'),
        ("10 m\u00b2", '"10 m\u00b2"'),  # another character, not another form of 2
        ({"e\u0301": 1}, '{"é":1}'),
        (date(2026, 3, 5), '"2026-03-05"'),
        (time(9, 30), '"09:30:00"'),
        (datetime(2026, 3, 5, 23, 30, tzinfo=timezone(timedelta(hours=-5))), '"2026-03-06T04:30:00+00:00"'),
        (Decimal("1200.50"), '"1200.5"'),
        (Decimal("1200.00"), '"1200"'),
        (Decimal("1E+3"), '"1000"'),
        (Decimal("-0.00"), '"0"'),
        (Funder.HOST, '"host"'),
        (("a", "b"), '["a","b"]'),
        ('line\nbreak "quoted"', '"line\\nbreak \\"quoted\\""'),
    ],
)
def test_each_value_has_one_text(value, text):
    assert canonical_json(value) == text


@pytest.mark.parametrize("value", [1.0, float("nan"), {1, 2}, b"bytes", object(), {1: "number as key"}])
def test_what_has_no_single_text_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json({"deep": [value]})


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("Infinity"), datetime(2026, 3, 5), {"é": 1, "e\u0301": 2}]
)
def test_what_cannot_be_compared_is_refused(value):
    with pytest.raises(ValueError):
        canonical_json({"deep": [value]})


def test_the_digest_is_the_sha_256_of_the_text():
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_differences_name_each_change_by_its_path():
    old = {"title": "Exchange", "legs": [{"city": "Riga", "nights": 2}], "cost": Decimal("10.50")}
    new = {"title": "Exchange", "legs": [{"city": "Tallinn", "nights": 2}, {"city": "Oslo"}], "cost": "10.5"}

    assert differences(old, new) == [("legs.0.city", "Riga", "Tallinn"), ("legs.1.city", ABSENT, "Oslo")]


def test_differences_tell_nothing_from_null_and_one_from_true():
    old, new = {"a": None, "n": 1}, {"n": True}

    assert differences(old, new) == [("a", None, ABSENT), ("n", 1, True)]
    assert (bool(ABSENT), str(ABSENT)) == (False, "")


def test_the_tenth_of_a_list_comes_after_the_second():
    changes = differences({"legs": ["x"] * 11}, {"legs": ["y"] * 11})

    assert [path for path, _, _ in changes] == [f"legs.{n}" for n in range(11)]


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.decimals(allow_nan=False, allow_infinity=False)
)
keys = st.text(max_size=3).map(lambda text: unicodedata.normalize("NFC", text))
records = st.dictionaries(
    keys,
    st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


def rearranged(value, dice):
    """The same record with its keys in another order and its text decomposed."""
    match value:
        case dict():
            return {k: rearranged(value[k], dice) for k in dice.sample(list(value), len(value))}
        case list():
            return [rearranged(member, dice) for member in value]
        case str():
            return unicodedata.normalize("NFD", value)
    return value


@given(records, st.randoms())
def test_equal_content_has_one_text(record, dice):
    assert canonical_json(rearranged(record, dice)) == canonical_json(record)


@given(records)
def test_canonical_text_read_back_is_canonical(record):
    text = canonical_json(record)
    assert canonical_json(json.loads(text)) == text
    assert len(digest(text)) == 64


@given(records, records)
def test_there_are_differences_exactly_when_the_texts_differ(old, new):
    assert (differences(old, new) == []) == (canonical_json(old) == canonical_json(new))


@given(records, records)
def test_differences_read_backwards_are_the_same_changes(old, new):
    assert differences(new, old) == [(path, after, before) for path, before, after in differences(old, new)]
