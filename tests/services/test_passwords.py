"""A password is judged by its length and by how easily it is guessed, and never by its kinds of letters."""

import statistics
import time

import pytest

from engage.rules.refusals import Incomplete
from engage.services import passwords

WHO = {"email": "anna.oberg@agency.gov", "name": "Anna Öberg"}


@pytest.mark.parametrize("password", [
    "a kettle sings at dawn", "kräftskiva i augusti", "forty two geese over ohio", "x" * 60 + " yes 2 & 3",
    "1984 was not a manual", "日本の秋は静かで美しいと思います",
])  # fmt: skip
def test_a_sentence_is_a_password(password):
    passwords.judge(password, **WHO)


@pytest.mark.parametrize(("password", "because"), [
    ("fourteen chars", "Use at least 15 characters. A sentence you can remember does well."),
    ("", "Use at least 15 characters. A sentence you can remember does well."),
    ("a kettle " * 15, "Use at most 128 characters."),
    ("passwordpassword", "easily guessed"), ("aaaaaaaaaaaaaaaaaaaa", "easily guessed"),
    ("ababababababababab", "easily guessed"), ("abcdefghijklmnopqrst", "easily guessed"),
    ("qwertyuiopasdfghjkl", "easily guessed"), ("12345678901234567890", "easily guessed"),
    ("Anna.Oberg@agency1", "easily guessed"), ("engage password 22", "easily guessed"),
    ("GovernanceEngage1!", "easily guessed"),
])  # fmt: skip
def test_what_is_short_long_or_easily_guessed_is_refused(password, because):
    with pytest.raises(Incomplete) as refusal:
        passwords.judge(password, **WHO)

    assert because in refusal.value.at["password"]


def test_only_the_right_password_matches_and_its_hash_is_argon2id():
    kept = passwords.hashed("a kettle sings at dawn")

    assert kept.startswith("$argon2id$v=19$m=65536,")
    assert passwords.matches("a kettle sings at dawn", kept)
    assert not passwords.matches("a kettle sings at dusk", kept)
    assert not passwords.matches("", kept)
    assert not passwords.matches("anything", None)
    assert not passwords.matches("anything", "plain text")


def test_the_same_letters_from_another_keyboard_are_the_same_password():
    composed, decomposed = "kr\u00e4ftskiva i augusti", "kra\u0308ftskiva i augusti"

    assert passwords.matches(decomposed, passwords.hashed(composed))


def test_what_lies_beyond_the_longest_password_counts():
    longest = "a kettle sings at dawn, " * 6
    kept = passwords.hashed(longest[: passwords.LONGEST])

    assert passwords.matches(longest[: passwords.LONGEST], kept)
    assert not passwords.matches(longest[: passwords.LONGEST] + "!", kept)


def test_a_person_who_is_not_there_takes_as_long_as_one_who_is():
    kept, times = passwords.hashed("a kettle sings at dawn"), {"there": [], "not there": []}

    for _ in range(9):
        for who, hash_ in (("there", kept), ("not there", None)):
            start = time.process_time()
            passwords.matches("a wrong guess at it", hash_)
            times[who].append(time.process_time() - start)

    there, not_there = (statistics.median(times[who]) for who in ("there", "not there"))
    assert not_there == pytest.approx(there, rel=0.5)
