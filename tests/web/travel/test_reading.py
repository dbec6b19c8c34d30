"""Reading a guide for a trip and acknowledging exactly the text that was shown."""

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.models.guidance import Acknowledgement
from engage.rules.policy import Role
from engage.services import guidance, readiness
from engage.services.transaction import transaction


@pytest.fixture
def going(store):
    with transaction():
        return prepare.trip(make.person(name="Ada Okonkwo"))


@pytest.fixture
def reader(store, going):
    return store.get(make.Person, going.person_id)


def rightly(version):
    """Every point ticked and every question answered as the page wants it."""
    content = version.content
    return {
        "must_know": [str(place) for place in range(len(content["must_know"]))],
        **{f"question_{place}": str(question["answer"]) for place, question in enumerate(content["check"])},
    }


def publish(version, material=True, **changes):
    with transaction():
        return guidance.publish(
            version.guide_id, changes.pop("title", "Estonia, anew"), version.content | changes, based_on=version.id,
            material=material, note="Cards are given with both hands.", by=make.actor(make.person(Role.CONTENT_OWNER)),
            now=make.NOON,
        )  # fmt: skip


def test_a_traveller_reads_ticks_answers_and_it_is_kept(visitor, store, going, reader):
    version = prepare.version_of("EE")
    here = f"/trips/{going.id}/guides/{version.guide_id}"
    page = visitor.sign_in(reader).get(here)
    assert version.content["sections"]["greetings"] in page.text
    visitor.submit(rightly(version))
    assert "Met Estonia: international affairs etiquette" in visitor.follow().text
    assert [(a.person_id, a.guide_version_id, a.sha256) for a in store.scalars(select(Acknowledgement))] == [
        (reader.id, version.id, version.sha256)
    ]
    page = visitor.get(here)
    assert "You acknowledged this version on Mon 2 Mar 2026, 12:00 EST." in page.text
    assert [form for form in page.forms if form["action"] != "/sign-out"] == []


def test_a_second_click_changes_nothing(visitor, store, going, reader):
    version = prepare.version_of("EE")
    here = f"/trips/{going.id}/guides/{version.guide_id}"
    said = rightly(version) | {"version_id": str(version.id), "sha256": version.sha256}
    visitor.sign_in(reader)
    visitor.post(here, said)
    visitor.post(here, said)
    assert len(store.scalars(select(Acknowledgement)).all()) == 1


def test_a_wrong_answer_says_why_leads_to_the_section_and_keeps_the_ticks(visitor, store, going, reader):
    version = prepare.version_of("EE")
    question = version.content["check"][0]
    wrong = str((question["answer"] + 1) % len(question["options"]))
    visitor.sign_in(reader).get(f"/trips/{going.id}/guides/{version.guide_id}")
    page = visitor.submit(rightly(version) | {"question_0": wrong}, status=422)
    assert question["why"] in page.text
    assert f"#{question['section']}" in page.links
    assert page.html.count(" checked") == len(version.content["must_know"]) + len(version.content["check"])
    assert store.scalars(select(Acknowledgement)).all() == []


def test_a_point_left_out_is_named(visitor, store, going, reader):
    version = prepare.version_of("EE")
    visitor.sign_in(reader).get(f"/trips/{going.id}/guides/{version.guide_id}")
    page = visitor.submit(rightly(version) | {"must_know": ["0"]}, status=422)
    left = len(version.content["must_know"]) - 1
    assert f"Tick each point when you have read it: {left} are not ticked." in page.text


def test_the_version_that_was_open_when_a_new_one_came_is_refused_with_a_link_to_the_new_one(
    visitor, store, going, reader
):
    old = prepare.version_of("EE")
    here = f"/trips/{going.id}/guides/{old.guide_id}"
    visitor.sign_in(reader).get(here)
    publish(old, material=False)
    page = visitor.submit(rightly(old), status=409)
    assert "The guide has changed since you opened it, so nothing was noted." in page.text
    assert here in page.links
    assert store.scalars(select(Acknowledgement)).all() == []


@pytest.mark.parametrize(
    "shown", [{}, {"version_id": "x"}, {"version_id": "1", "sha256": "0" * 64}, {"version_id": "9" * 30, "sha256": "é"}]
)
def test_a_page_that_was_not_opened_is_refused(visitor, store, going, reader, shown):
    version = prepare.version_of("EE")
    visitor.sign_in(reader).post(f"/trips/{going.id}/guides/{version.guide_id}", rightly(version) | shown, status=409)
    assert store.scalars(select(Acknowledgement)).all() == []


@pytest.mark.parametrize(
    "typed", [{"must_know": ["99"]}, {"question_0": "99"}, {"question_0": "x"}, {"must_know": ["x"]}]
)
def test_answers_that_are_not_offered_are_a_422(visitor, store, going, reader, typed):
    version = prepare.version_of("EE")
    said = rightly(version) | {"version_id": str(version.id), "sha256": version.sha256} | typed
    visitor.sign_in(reader).post(f"/trips/{going.id}/guides/{version.guide_id}", said, status=422)
    assert store.scalars(select(Acknowledgement)).all() == []


def test_a_guide_the_trip_does_not_ask_for_is_not_here(visitor, going, reader):
    visitor.sign_in(reader)
    visitor.get(f"/trips/{going.id}/guides/{prepare.version_of('JP').guide_id}", status=404)
    visitor.get(f"/trips/{going.id}/guides/99999", status=404)


def test_others_may_read_along_but_not_acknowledge(visitor, store, going):
    version = prepare.version_of("EE")
    with transaction():
        secretariat = make.person(Role.SECRETARIAT)
    here = f"/trips/{going.id}/guides/{version.guide_id}"
    page = visitor.sign_in(secretariat).get(here)
    assert [form for form in page.forms if form["action"] != "/sign-out"] == []
    said = rightly(version) | {"version_id": str(version.id), "sha256": version.sha256}
    visitor.post(here, said, status=404)
    assert store.scalars(select(Acknowledgement)).all() == []


def test_after_a_material_change_the_page_says_what_changed_and_asks_again(visitor, going, reader):
    old = prepare.version_of("EE")
    with transaction():
        prepare.read(going, old)
    publish(old)
    page = visitor.sign_in(reader).get(f"/trips/{going.id}/guides/{old.guide_id}")
    assert (
        "This guide changed You acknowledged version 1; version 2 says: Cards are given with both hands. "
        "It must be read and acknowledged again."
    ) in page.text
    visitor.submit(rightly(old))
    items = readiness.verdict(going.id, make.TODAY).items
    assert [item.state.value for item in items if item.requirement.place == "Estonia"] == ["missing", "met"]


def test_script_in_a_guide_stays_words(visitor, going, reader):
    old = prepare.version_of("EE")
    hostile = (
        "Hello <script>alert(1)</script> <img src=x onerror=alert(1)> [here](javascript:alert(1)) "
        "![p](https://x.example/p.png) **bold** [there](https://example.org/)"
    )
    publish(
        old, sections=old.content["sections"] | {"greetings": hostile}, must_know=["<script>alert(2)</script>"],
        summary="<b onclick=alert(3)>x</b>",
    )  # fmt: skip
    for path in (f"/trips/{going.id}/guides/{old.guide_id}", "/guidance/EE", "/guidance/EE/versions/2"):
        page = visitor.sign_in(reader).get(path)
        assert "<script>" not in page.html.replace('<script src="', "")
        assert "<img src=x" not in page.html
        assert "onclick=alert" not in page.html.replace("&lt;b onclick=alert", "")
        assert "<strong>bold</strong>" in page.html
        assert not [link for link in page.links if link.startswith("javascript")]
        assert "https://example.org/" in page.links
