"""The library of guides, and how its owners publish."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.models.guidance import GuideVersion
from engage.rules.policy import Role
from engage.services import guidance
from engage.services.transaction import transaction


@pytest.fixture
def reader(store):
    with transaction():
        return make.person()


@pytest.fixture
def owner(store):
    with transaction():
        return make.person(Role.CONTENT_OWNER)


def test_the_library_lists_the_general_guide_and_each_country_once_by_name(visitor, reader):
    first = visitor.sign_in(reader).get("/guidance")
    assert "/guidance/general" in first.links
    second = visitor.get(next(link for link in first.links if "after=" in link))
    codes = [
        link.rpartition("/")[2] for page in (first, second) for link in page.links if link.startswith("/guidance/")
    ]
    assert codes[:3] == ["general", "AR", "AU"]
    assert len(codes) == len(set(codes)) == 70
    assert "/guidance/general" not in second.links


@pytest.mark.parametrize(("typed", "found"), [("jap", ["JP"]), ("united k", ["GB"]), ("%", []), ("zzz", [])])
def test_a_country_is_found_by_a_part_of_its_name(visitor, reader, typed, found):
    page = visitor.sign_in(reader).get("/guidance", status=200) and visitor.get(
        f"/guidance?name={typed.replace('%', '%25')}"
    )
    codes = [link.rpartition("/")[2] for link in page.links if link.startswith("/guidance/") and "general" not in link]
    assert codes == found


def test_a_guide_shows_its_text_and_what_maintained_data_says_of_the_country(visitor, reader):
    page = visitor.sign_in(reader).get("/guidance/JP")
    for words in (
        "Starter text: written from public sources, not yet reviewed by the protocol office.",
        "Time there now Tue 02:00 Tokyo",
        "Currency Japanese Yen (JPY)",
        "Calling code +81",
        "Weekend Saturday and Sunday",
        "Fri 20 Mar 2026 Vernal Equinox Day",
        "Days set by the moon are estimates",
    ):
        assert words in page.text


def test_a_country_without_a_guide_leads_to_the_general_one(visitor, reader):
    page = visitor.sign_in(reader).get("/guidance/NA")
    assert "No guide for Namibia yet Travellers owe the general guide instead." in page.text
    assert "/guidance/general" in page.links
    visitor.get("/guidance/general")


@pytest.mark.parametrize(
    "path", ["XX", "japan", "general/versions/2", "JP/versions/0", "JP/versions/99999999999", "NA/versions"]
)
def test_what_is_not_there_is_a_404(visitor, reader, path):
    visitor.sign_in(reader).get(f"/guidance/{path}", status=404)


def test_only_content_owners_write(visitor, reader):
    page = visitor.sign_in(reader).get("/guidance/JP")
    assert "/guidance/JP/edit" not in page.links
    visitor.get("/guidance/JP/edit", status=403)
    visitor.post("/guidance/JP/edit", {}, status=403)


CHANGE = {"section_greetings": "Bow, **then** speak.\n\n- first\n- second", "material": "yes", "note": "Shorter."}


def test_an_owner_previews_and_then_publishes(visitor, owner, store):
    old = prepare.version_of("JP")
    visitor.sign_in(owner).get("/guidance/JP/edit")
    page = visitor.submit(CHANGE, status=200)
    assert "Preview: Japan: etiquette for official visits" in page.text
    assert "<strong>then</strong>" in page.html
    assert prepare.version_of("JP").id == old.id

    visitor.submit({"publish": "1"})
    page = visitor.follow()
    assert "Version 2" in page.text
    assert "Starter text" not in page.text
    new = prepare.version_of("JP")
    assert (new.number, new.material, new.change_note, new.published_by_id) == (2, True, "Shorter.", owner.id)
    assert new.content == old.content | {
        "sections": old.content["sections"] | {"greetings": "Bow, **then** speak.\n\n- first\n- second"}
    }
    page = visitor.get("/guidance/JP/versions")
    assert "Version 2 In force" in page.text
    page = visitor.get("/guidance/JP/versions/1")
    assert "This version is no longer in force; version 2 is." in page.text
    assert old.sha256 in page.text


def test_a_question_is_changed_added_and_left_out(visitor, owner):
    old = prepare.version_of("JP")
    visitor.sign_in(owner).get("/guidance/JP/edit")
    visitor.submit(
        {
            "questions-0-question": "", "questions-1-answer": "1",
            "questions-3-question": "Who sits first?", "questions-3-section": "greetings",
            "questions-3-options": "The host\nThe guest", "questions-3-answer": "2", "questions-3-why": "Rank decides.",
            "material": "no", "note": "Questions.",
        },
        status=200,
    )  # fmt: skip
    visitor.submit({"publish": "1"})
    assert prepare.version_of("JP").content["check"] == [
        old.content["check"][1] | {"answer": 0},
        old.content["check"][2],
        {"section": "greetings", "question": "Who sits first?", "options": ["The host", "The guest"], "answer": 1,
         "why": "Rank decides."},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"note": ""}, "Say what changed, for those who read the guide before."),
        ({"must_know": ""}, "Give at least one point to remember."),
        ({"sources": "javascript:alert(1)"}, "Each source is an address on a line of its own"),
        ({"questions-0-answer": "9"}, "Question 1: say which of the answers is right, counted from 1."),
        ({"title": ""}, "Give the guide a title."),
    ],
)
def test_a_text_that_is_not_sound_is_refused_with_what_was_typed(visitor, owner, store, typed, said):
    visitor.sign_in(owner).get("/guidance/JP/edit")
    page = visitor.submit(CHANGE | typed | {"publish": "1"}, status=422)
    assert said in page.text
    assert "Bow, **then** speak." in page.text
    assert len(store.scalars(select(GuideVersion)).all()) == 70


@pytest.mark.parametrize(
    "typed",
    [
        {"section_dress": "x" * 4001},
        {"material": "perhaps"},
        {"material": ""},
        {"questions-0-section": "politics"},
        {"questions-0-answer": "first"},
        {"summary": "\u202e"},
    ],
)
def test_what_the_form_does_not_offer_is_a_422(visitor, owner, store, typed):
    visitor.sign_in(owner).get("/guidance/JP/edit")
    visitor.submit(CHANGE | typed | {"publish": "1"}, status=422)
    assert len(store.scalars(select(GuideVersion)).all()) == 70


def test_two_megabytes_are_refused(visitor, owner, store):
    visitor.sign_in(owner).get("/guidance/JP/edit")
    visitor.submit({"section_dress": "x" * 2_000_000, "publish": "1"}, status=422)
    assert len(store.scalars(select(GuideVersion)).all()) == 70


def test_of_two_owners_the_second_gets_both_texts(visitor, owner):
    visitor.sign_in(owner).get("/guidance/JP/edit")
    old = prepare.version_of("JP")
    with transaction():
        guidance.publish(
            old.guide_id, "Japan, by somebody else", old.content, based_on=old.id, material=False, note="Title.",
            by=make.actor(make.person(Role.CONTENT_OWNER)), now=make.NOON + timedelta(minutes=1),
        )  # fmt: skip
    page = visitor.submit(CHANGE | {"publish": "1"}, status=409)
    assert "Title Japan, by somebody else Japan: etiquette for official visits" in page.text
    assert "Bow, **then** speak." in page.text
    assert "/guidance/JP/edit" in page.links


def test_the_library_and_the_versions_cost_the_same_statements_however_many_there_are(visitor, owner, statements):
    visitor.sign_in(owner)
    counts = []
    for _ in range(3):
        statements.clear()
        visitor.get("/guidance")
        visitor.get("/guidance/JP/versions")
        visitor.get("/guidance/JP")
        counts.append(len(statements))
        old = prepare.version_of("JP")
        with transaction():
            guidance.publish(
                old.guide_id, f"{old.title}!", old.content, based_on=old.id, material=False, note="More.",
                by=make.actor(owner), now=make.NOON,
            )  # fmt: skip
    assert counts[0] == counts[1] == counts[2] <= 12
