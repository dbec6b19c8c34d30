"""Reading a guide for a trip and acknowledging exactly the text that was shown."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.models.guidance import Acknowledgement, CheckTry
from engage.rules.guide_changes import Mark
from engage.rules.policy import Role
from engage.services import assistants, guidance, readiness
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


def publish(version, material=True, marks=None, **changes):
    with transaction():
        return guidance.publish(
            version.guide_id, changes.pop("title", "Estonia, anew"), version.content | changes, based_on=version.id,
            material=material, marks=marks, note="Cards are given with both hands.", now=make.NOON,
            by=make.actor(make.person(Role.CONTENT_OWNER)),
        )  # fmt: skip


def with_cards(version, text="Cards are given with both hands."):
    """The sections of a version with other words on business cards."""
    return {"sections": version.content["sections"] | {"business_cards": text}}


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
    assert page.acts == []


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
    assert page.acts == []
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


def test_a_later_trip_shows_only_what_changed_since_ones_own_last_acknowledgement(visitor, store, going, reader):
    first = prepare.version_of("EE")
    with transaction():
        prepare.read(going, first)
        later = prepare.trip(reader, starts=make.TODAY + timedelta(days=200))
    here = f"/trips/{later.id}/guides/{first.guide_id}"
    page = visitor.sign_in(reader).get(here)
    assert "You acknowledged this very text for an earlier trip." in page.text
    assert "What changed" not in page.text

    second = publish(first, marks={"business_cards": Mark.REREAD}, **with_cards(first))
    third = publish(second, marks={"dress": Mark.MINOR}, sections=second.content["sections"] | {"dress": "A suit."})
    page = visitor.get(here)
    assert "What changed since version 1" in page.text
    assert "Business cards Read again Cards are given with both hands." in page.text
    assert "Dress Minor A suit." in page.text
    assert "The whole guide" in page.text
    visitor.submit(rightly(third))
    assert [(a.trip_id, a.guide_version_id) for a in store.scalars(select(Acknowledgement))] == [
        (going.id, first.id), (later.id, third.id),
    ]  # fmt: skip


def test_a_minor_change_leaves_the_acknowledgement_standing(visitor, going, reader):
    old = prepare.version_of("EE")
    with transaction():
        prepare.read(going, old)
    publish(old, marks={"business_cards": Mark.MINOR}, **with_cards(old))
    page = visitor.sign_in(reader).get(f"/trips/{going.id}/guides/{old.guide_id}")
    assert "A minor change: the acknowledgement stands." in page.text


def test_the_score_of_the_first_try_is_kept_with_the_acknowledgement(visitor, store, going, reader):
    version = prepare.version_of("EE")
    visitor.sign_in(reader).get(f"/trips/{going.id}/guides/{version.guide_id}")
    question = version.content["check"][0]
    wrong = str((question["answer"] + 1) % len(question["options"]))
    visitor.submit(rightly(version) | {"question_0": wrong}, status=422)
    visitor.submit(rightly(version))
    (kept,) = store.scalars(select(Acknowledgement))
    assert (kept.score, kept.questions) == (2, 3)
    assert [(one.score, one.questions, one.by_id) for one in store.scalars(select(CheckTry))] == [(2, 3, reader.id)]
    assert "2 of 3 right at the first try" in visitor.follow().text


def test_an_assistant_acknowledges_in_the_travellers_name_for_the_days_granted(visitor, store, app, going, reader):
    version = prepare.version_of("EE")
    here = f"/trips/{going.id}/guides/{version.guide_id}"
    with transaction():
        helper = make.person(name="Ida Aide", email="ida@example.gov")
    visitor.sign_in(helper).get(here, status=404)
    visitor.sign_in(reader).get("/account/assistants")
    typed = {"email": "nobody@example.gov", "starts_on": "2026-03-01", "ends_on": "2028-01-01"}
    page = visitor.submit(typed, status=422)
    assert "Nobody who may sign in has this e-mail address." in page.text
    assert "Name today or a later day." in page.text
    assert "A year is the longest" in page.text
    visitor.submit({"email": "ida@example.gov", "starts_on": "2026-03-02", "ends_on": "2026-03-03"})
    assert "Ida Aide" in visitor.follow().text

    page = visitor.sign_in(helper).get("/trips")
    assert f"/trips/{going.id}" in page.links
    page = visitor.get(here)
    assert "You act for Ada Okonkwo, who named you as assistant. The record will say so." in page.text
    visitor.submit(rightly(version))
    (kept,) = store.scalars(select(Acknowledgement))
    assert (kept.person_id, kept.by_id) == (reader.id, helper.id)
    assert "through Ida Aide" in visitor.sign_in(reader).get(f"/trips/{going.id}").text

    app.config["CLOCK"] = lambda: make.NOON + timedelta(days=2)
    visitor.sign_in(helper).get(here, status=404)


def test_an_assistant_released_is_one_no_more(visitor, store, going, reader):
    with transaction():
        helper = make.person(email="ida@example.gov")
        grant = assistants.name("ida@example.gov", starts_on=make.TODAY, ends_on=make.TODAY, by=make.actor(reader),
                                now=make.NOON)  # fmt: skip
    visitor.sign_in(helper).get(f"/trips/{going.id}")
    visitor.post(f"/account/assistants/{grant.id}/release", {}, status=409)  # not theirs to end
    visitor.sign_in(reader).post(f"/account/assistants/{grant.id}/release", {})
    visitor.sign_in(helper).get(f"/trips/{going.id}", status=404)
