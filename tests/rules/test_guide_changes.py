"""What a new version asks of those who read an earlier one."""

from hypothesis import given
from hypothesis import strategies as st

from engage.rules.guide_changes import PARTS, Edition, Mark, Reread, changed, is_material, to_reread, unmarked
from engage.rules.guide_text import drawn, right, unread

TEXT = {"summary": "Be kind.", "sections": {"greetings": "Bow.", "dress": "Suit."}, "must_know": ["One", "Two"]}
marks = st.dictionaries(st.sampled_from(sorted(PARTS)), st.sampled_from(Mark), max_size=4)
editions = st.lists(st.builds(lambda m: Edition(2, is_material(m), m), marks), max_size=5)


def test_the_parts_that_differ_are_named_in_the_order_of_a_guide():
    other = {"summary": "Be brave.", "sections": {"greetings": "Bow.", "dining": "Eat."}, "must_know": ["One"]}
    assert changed(TEXT, other) == ("summary", "dining", "dress", "must_know")
    assert changed(TEXT, TEXT) == ()


def test_every_changed_part_wants_a_mark():
    assert unmarked(("dress", "summary"), {"summary": Mark.MINOR}) == {
        "mark_dress": "“Dress” changed: say what that asks of its readers."
    }


def test_what_asks_to_be_read_again():
    minor, dress = Edition(2, False, {"dining": Mark.MINOR}), Edition(3, True, {"dress": Mark.REREAD})
    gifts, whole = Edition(4, True, {"gifts_and_hospitality": Mark.REREAD}), Edition(5, True, {"dress": Mark.WHOLE})
    assert to_reread([]) == Reread()
    assert not to_reread([minor])
    assert to_reread([minor, dress, gifts]) == Reread(parts=frozenset({"dress", "gifts_and_hospitality"}))
    assert to_reread([dress, whole]) == Reread(whole=True)
    assert to_reread([Edition(2, True, {})]) == Reread(whole=True)  # published before parts were marked


@given(editions, editions)
def test_who_skipped_versions_reads_what_any_of_them_asked(first, second):
    both, one, two = to_reread(first + second), to_reread(first), to_reread(second)
    assert both.whole == (one.whole or two.whole)
    assert both.whole or both.parts == one.parts | two.parts
    assert bool(both) == any(edition.material for edition in first + second)


CHECK = {
    "must_know": ["One"],
    "check": [
        {"section": slug, "question": f"{slug}?", "options": ["a", "b"], "answer": n % 2, "why": "So."}
        for n, slug in enumerate(("greetings", "dress", "dining", "greetings", "dress", "dining"))
    ],
}


@given(st.integers(0, 9), st.text(max_size=9), st.sets(st.sampled_from(["greetings", "dress", "dining"])))
def test_questions_are_drawn_once_alike_each_time_and_from_what_changed_first(most, seed, first):
    asked = drawn(CHECK, most, seed, first)
    assert asked == drawn(CHECK, most, seed, first)
    assert list(asked) == sorted(set(asked))
    assert len(asked) == min(most, 6)
    hits = sum(question["section"] in first for question in CHECK["check"])
    assert sum(CHECK["check"][place]["section"] in first for place in asked) == min(most, hits)


def test_two_trips_meet_different_questions():
    assert len({drawn(CHECK, 2, f"{trip}:same") for trip in range(40)}) > 5


def test_only_what_was_asked_is_judged_and_counted():
    asked = (1, 4)
    assert unread(CHECK, {0}, {1: 1, 4: 0}, asked) == {}
    assert list(unread(CHECK, {0}, {1: 0, 0: 0}, asked)) == ["question_1", "question_4"]
    assert right(CHECK, {1: 1, 4: 1, 0: 0}, asked) == 1
