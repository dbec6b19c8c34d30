"""The furniture of a page: what stands around a room's own words, and the pages of things gone wrong."""

from datetime import UTC, date, datetime
from enum import StrEnum
from types import SimpleNamespace

import pytest
from drawing import DRAWN, GIVEN, draw
from factories import person
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pages import Page
from sqlalchemy import text

from engage import shipped


class State(StrEnum):
    """Stands for any vocabulary with labels."""

    UNDER_REVIEW = "under_review"

    @property
    def label(self) -> str:
        """Its word."""
        return "Under review"


@pytest.mark.parametrize("state", [State.UNDER_REVIEW, "under_review"])
def test_a_state_is_a_word_and_a_shape(state):
    html = draw("{{ ui.state_tag(s) }}", s=state).html

    assert '<span class="engage-state engage-state--under_review">Under review</span>' in html


def test_the_verdict_says_it_in_words():
    assert "Cleared to travel" in draw('{{ ui.verdict(true, "All is met.") }}').text
    page = draw('{{ ui.verdict(false, "Two are open.", [("Read the guide", "/g"), ("Clearance", none)]) }}')

    assert "Not cleared Two are open. Read the guide Clearance" in page.text
    assert "/g" in page.links


def test_a_missing_fact_says_so_and_a_zero_does_not():
    text = draw('{{ ui.facts([("Forum", none), ("City", ""), ("Cost", 0)]) }}').text

    assert "Forum Not given City Not given Cost 0" in text


def test_a_tile_writes_a_long_number_readably():
    assert "1,204 Abroad" in draw('<ul>{{ ui.tile("Abroad", 1204, "/abroad") }}</ul>').text


def test_the_pager_is_absent_where_there_is_one_page():
    assert "Pages" not in draw("{{ ui.pager(none, none) }}").html
    assert draw('{{ ui.pager("/n", none) }}').links.count("/n") == 1
    assert "This is the last page." in draw('{{ ui.pager(none, "/f") }}').text


def test_the_checklist_dates_only_what_is_still_open():
    items = [
        SimpleNamespace(label="Guide", done=True, due=date(2026, 5, 1), url="/g", note=""),
        SimpleNamespace(label="Course", done=False, due=date(2026, 5, 2), url=None, note="Online"),
    ]

    assert "Done Guide To do Course Online by day 2026-05-02" in draw("{{ ui.checklist(x) }}", x=items).text


def test_the_timeline_tells_who_did_what_when():
    entry = SimpleNamespace(at=datetime(2026, 4, 2, 14, tzinfo=UTC), what="Submitted", who="Amara Osei", note="")
    text = draw("{{ ui.timeline([e]) }}", e=entry).text

    assert "Submitted Amara Osei · moment 2026-04-02T14:00:00+00:00" in text


def test_the_month_names_each_day_in_full_and_each_state_in_words():
    entry = SimpleNamespace(
        title="Summit", url="/e/1", state="approved", label="Approved", note="Kenya", continues=False
    )
    day = SimpleNamespace(
        date=date(2026, 5, 4), in_month=True, is_today=True, entries=[entry], more=2, more_url="/more", notes=[]
    )
    page = draw('{{ calendar.month("May 2026", [[d]], "/p", "/n") }}', d=day)
    page.check()

    assert "4 day 2026-05-04 today Summit Approved · Kenya 2 more on day 2026-05-04" in page.text


def test_the_rest_of_the_furniture_passes_the_page_checks():
    page = draw(
        '{{ ui.breadcrumbs([("Home", "/")], "Here") }}{{ ui.back("/", "Home") }}{{ ui.mark("warn", "Late") }}'
        '{{ ui.alert("info", "A", "b") }}{{ ui.alert("error", "", "b") }}'
        '{{ ui.empty("Nothing", "Yet.", "Ask", "/ask") }}{{ ui.step_indicator(["One", "Two"], 2) }}'
    )
    page.check()

    assert "Step 2 of 2: Two" in page.text


def test_the_menu_shows_the_rooms_and_the_account_of_whoever_is_signed_in():
    page = draw("")
    page.check()

    assert "Inbox 3 unread Amara Osei Sign out Home Engagements" in page.text
    assert [(form["action"], form["method"]) for form in page.forms] == [("/search", "get"), ("/sign-out", "post")]


def test_a_stranger_is_offered_the_sign_in_alone():
    page = draw("", me=SimpleNamespace(name="", is_authenticated=False), navigation=[], unread=0)

    assert page.forms == []
    assert "/sign-in" in page.links


def test_the_notices_above_the_header_are_there_only_when_asked_for():
    assert "fictional people" not in draw("").text
    assert "fictional people" in draw("", demonstration=True).text
    assert "official website" in draw("", site=SimpleNamespace(name="Engage", official_banner=True)).text


@pytest.mark.parametrize("code", [400, 403, 404, 409, 413, 422, 429, 500])
def test_every_error_page_says_what_to_do_next(code):
    page = Page(DRAWN.get_template(f"errors/{code}.html").render(**GIVEN))
    page.check()

    assert "What you can do" in page.text
    assert page.links.count("/") >= 1


def test_the_page_of_our_own_failure_needs_nothing_that_may_have_failed():
    bare = Environment(loader=FileSystemLoader(shipped("templates")), undefined=StrictUndefined, autoescape=True)

    Page(bare.get_template("errors/500.html").render()).check()


def test_a_failing_database_still_answers_with_the_page_of_our_own_failure(visitor, store):
    visitor.sign_in(person())
    store.execute(text("DROP TABLE outbox_message"))
    store.commit()

    assert "it is our fault" in visitor.get("/privacy", status=500).text


def test_a_stale_edit_shows_both_texts():
    differences = [("Purpose", "To agree.", "To agree & exercise.")]
    page = Page(DRAWN.get_template("errors/409.html").render(**GIVEN, differences=differences, return_url="/e/1"))

    assert "Purpose To agree. To agree & exercise." in page.text
    assert "/e/1" in page.links
