"""The library of guides, and how its owners publish."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.extensions import db
from engage.models.guidance import GuideVersion
from engage.models.partners import Forum
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


def test_a_minor_change_asks_nobody_to_read_again(visitor, owner):
    visitor.sign_in(owner).get("/guidance/JP/edit")
    visitor.submit(CHANGE, status=200)
    visitor.submit({"publish": "1", "mark_greetings": "minor"})
    new = prepare.version_of("JP")
    assert (new.number, new.material, new.marks) == (2, False, {"greetings": "minor"})
    page = visitor.get("/guidance/JP/versions/1/against/2")
    assert "Versions 1 and 2, side by side" in page.text
    assert "Greetings Version 1" in page.text
    assert "Dress" not in page.text
    assert "/guidance/JP/versions/1/against/2" in visitor.get("/guidance/JP/versions").links
    visitor.get("/guidance/JP/versions/1/against/3", status=404)


def forum(name):
    """A forum on the register."""
    made = Forum(code="teams", name=name, kind="network")
    db.session.add(made)
    db.session.flush()
    return made


FIRST = {
    "summary": "Greet first.", "section_greetings": "Shake hands.", "must_know": "Greet first.",
    "sources": "https://example.org/", "sources_greetings": "https://example.org/greetings",
}  # fmt: skip


def test_an_owner_begins_the_guide_of_a_country_that_has_none(visitor, owner):
    page = visitor.sign_in(owner).get("/guidance/NA")
    assert "/guidance/NA/edit" in page.links
    page = visitor.get("/guidance/NA/edit")
    assert "Nobody has written this guide yet." in page.text
    visitor.submit({"summary": ""}, status=200)
    page = visitor.submit({"publish": "1"}, status=422)
    assert "Say in a sentence or two what matters most." in page.text
    visitor.submit(FIRST, status=200)
    visitor.submit({"publish": "1"})
    page = visitor.follow()
    assert "Namibia: etiquette for official visits" in page.text
    assert "https://example.org/greetings" in page.links
    version = prepare.version_of("NA")
    assert (version.number, version.starter, version.published_by_id) == (1, False, owner.id)
    assert version.content["section_sources"] == {"greetings": ["https://example.org/greetings"]}


@pytest.mark.parametrize("kind", ["partner", "forum"])
def test_a_partner_and_a_forum_may_have_a_guide_of_their_own(visitor, owner, store, kind):
    with transaction():
        body = make.partner(name="Forum of Teams") if kind == "partner" else forum("Forum of Teams")
    code = f"{kind}-{body.id}"
    page = visitor.sign_in(owner).get(f"/guidance/{code}")
    assert "No guide for Forum of Teams yet" in page.text
    visitor.get(f"/guidance/{code}/edit")
    visitor.submit(FIRST, status=200)
    visitor.submit({"publish": "1"})
    assert "Forum of Teams: etiquette for official visits" in visitor.follow().text
    assert f"/guidance/{code}" in visitor.get("/guidance").links
    visitor.get(f"/guidance/{code}/versions/1")


@pytest.mark.parametrize("code", ["partner-0", "partner-999999", "forum-x", "partner-", "team-1", "forum-99999999999"])
def test_a_body_nobody_knows_has_no_page(visitor, owner, code):
    visitor.sign_in(owner).get(f"/guidance/{code}", status=404)
    visitor.get(f"/guidance/{code}/edit", status=404)


def test_sections_have_owners_and_days_of_review(visitor, owner, store):
    visitor.sign_in(owner).get("/guidance/JP/care")
    visitor.submit({"owner_": str(owner.id), "review_by_": "2026-12-01", "review_by_dress": "2026-03-20"})
    assert "to be reviewed by Tue 1 Dec 2026" in visitor.follow().text
    page = visitor.get("/guidance/work")
    assert "Dress Fri 20 Mar 2026" in page.text
    assert "The whole guide" not in page.text
    visitor.get("/guidance/JP/care")
    page = visitor.submit({"review_by_dress": "2026-03-01"}, status=422)
    assert "This day is past. Name today or a later day." in page.text
    page = visitor.submit({"owner_dress": "9999"}, status=422)


def test_a_country_travelled_to_without_a_guide_waits_for_its_owners(visitor, owner, store):
    with transaction():
        prepare.trip(make.person(), country="NA")
    page = visitor.sign_in(owner).get("/guidance/work")
    assert "Namibia" in page.text
    assert "/guidance/NA/edit" in page.links
    assert "70 of the guides in force are still starter text" in page.text


def test_what_waits_is_for_content_owners(visitor, reader):
    visitor.sign_in(reader).get("/guidance/work", status=403)
    visitor.get("/guidance/JP/care", status=403)


def test_only_content_owners_write(visitor, reader):
    page = visitor.sign_in(reader).get("/guidance/JP")
    assert "/guidance/JP/edit" not in page.links
    visitor.get("/guidance/JP/edit", status=403)
    visitor.post("/guidance/JP/edit", {}, status=403)


CHANGE = {"section_greetings": "Bow, **then** speak.\n\n- first\n- second", "note": "Shorter."}


def test_an_owner_previews_and_then_publishes(visitor, owner, store):
    old = prepare.version_of("JP")
    visitor.sign_in(owner).get("/guidance/JP/edit")
    page = visitor.submit(CHANGE, status=200)
    assert "Preview: Japan: etiquette for official visits" in page.text
    assert "<strong>then</strong>" in page.html
    assert prepare.version_of("JP").id == old.id

    assert "“Greetings” changed" in page.text
    assert "“Dress” changed" not in page.text
    page = visitor.submit({"publish": "1"}, status=422)
    assert "“Greetings” changed: say what that asks of its readers." in page.text
    visitor.submit({"publish": "1", "mark_greetings": "reread"})
    page = visitor.follow()
    assert "Version 2" in page.text
    assert "Starter text" not in page.text
    new = prepare.version_of("JP")
    assert (new.number, new.material, new.marks, new.change_note, new.published_by_id) == (
        2, True, {"greetings": "reread"}, "Shorter.", owner.id,
    )  # fmt: skip
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
            "note": "Questions.",
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
    page = visitor.submit(CHANGE | {"mark_greetings": "minor"} | typed | {"publish": "1"}, status=422)
    assert said in page.text
    assert "Bow, **then** speak." in page.text
    assert len(store.scalars(select(GuideVersion)).all()) == 70


@pytest.mark.parametrize(
    "typed",
    [
        {"section_dress": "x" * 4001},
        {"mark_greetings": "perhaps"},
        {"questions-0-section": "politics"},
        {"questions-0-answer": "first"},
        {"summary": "\u202e"},
    ],
)
def test_what_the_form_does_not_offer_is_a_422(visitor, owner, store, typed):
    visitor.sign_in(owner).get("/guidance/JP/edit")
    visitor.submit(CHANGE | {"mark_greetings": "minor"} | typed | {"publish": "1"}, status=422)
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
    page = visitor.submit(CHANGE | {"mark_greetings": "minor", "publish": "1"}, status=409)
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
    assert counts[0] == counts[1] == counts[2] <= 15
